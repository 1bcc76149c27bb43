#!/usr/bin/env python3
"""Quarry's engine beside llama.cpp: the same file, sizes, threads and minutes, in pairs that take turns.

Run with a Python that has llama-cpp-python, from anywhere:
    python tools/bench/engine.py MODEL.gguf --name Q4_0 [--pairs 3] [--prompt 512] [--generate 64] [--batch 1] \\
        [--depth 0] [--threads 2] [--trials 2] [--cache F16] [--quarry "--gemm native"] [--record results/engine.jsonl]
Prints, and with --record appends, one line of JSON: all figures of both, medians, and the median of the pairs' ratios.
"""
import argparse
import json
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from results import machine  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("--name", required=True)
for name, value in dict(pairs=3, prompt=512, generate=64, batch=1, depth=0, threads=2, trials=2).items():
    parser.add_argument("--" + name, type=int, default=value)
parser.add_argument("--cache", default="F16")
parser.add_argument("--quarry", default="")
parser.add_argument("--peer", default=sys.executable, help="the Python whose llama.cpp is measured")
parser.add_argument("--peer-name", default="llama.cpp")
parser.add_argument("--record")
a = parser.parse_args()

sizes = [f for name in ("prompt", "generate", "batch", "depth", "threads", "trials", "cache")
         for f in ("--" + name, str(getattr(a, name)))]
ours = [str(ROOT / "quarry"), "bench", a.model, "--json", *sizes, *a.quarry.split()]
peer = [a.peer, str(ROOT / "tools/bench/llama_peer.py"), a.model, *sizes]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


pairs = []
for i in range(a.pairs):
    order = [ours, peer] if i % 2 == 0 else [peer, ours]
    results = {id(c): run(c) for c in order}
    pairs.append((results[id(ours)], results[id(peer)]))
    print(f"pair {i + 1}: " + ", ".join(
        f"{k[:-len('TokensPerSecond')]} {pairs[-1][0][k]:.1f} to {pairs[-1][1][k]:.1f}"
        for k in ("prefillTokensPerSecond", "decodeTokensPerSecond"))
        + f", read {pairs[-1][0]['readGBps']:.1f} of {pairs[-1][0]['pureReadGBps']:.1f} GB/s", file=sys.stderr)


def median(side, key):
    return round(statistics.median(p[side][key] for p in pairs), 3)


keys = ["prefillTokensPerSecond", "decodeTokensPerSecond", "timeToFirstTokenMs", "openSeconds", "peakResidentBytes"]
line = {"date": date.today().isoformat(),
        "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                                 text=True).stdout.strip(),
        "machine": machine(), "bench": "engine", "name": a.name, "peer": a.peer_name, "pairs": a.pairs,
        "options": a.quarry, "kernel": pairs[0][0]["kernel"],
        **{name: getattr(a, name) for name in ("prompt", "generate", "batch", "depth", "threads", "cache")},
        "quarry": {k: median(0, k) for k in [*keys, "readGBps", "pureReadGBps"]},
        "llama.cpp": {k: median(1, k) for k in keys},
        "ratio": {k[:-len("TokensPerSecond")]: round(statistics.median(p[0][k] / p[1][k] for p in pairs), 3)
                  for k in ("prefillTokensPerSecond", "decodeTokensPerSecond")},
        "ofPureRead": round(statistics.median(p[0]["readGBps"] / p[0]["pureReadGBps"] for p in pairs), 3)}
print(json.dumps(line))
if a.record:
    with open(a.record, "a") as out:
        out.write(json.dumps(line) + "\n")
