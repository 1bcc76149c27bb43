#!/usr/bin/env python3
"""From the start of `quarry generate` to the first token of a prompt of 16 tokens, beside llama.cpp doing the same.

    python tools/bench/opening.py MODEL.gguf --name Q4_0 [--runs 5] [--peer PYTHON] [--record results/opening.jsonl]
The seconds of Quarry are those of a whole process, from its start to the line it prints. Of llama.cpp, those from opening the
file on are told, in a Python that has loaded it already; without --peer it is left out. All memory is the most that was
resident. The runs take turns; the page cache is warm, because one run of each comes first.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from results import machine  # noqa: E402

PEER = """
import sys, time
from llama_cpp import Llama
begin = time.monotonic()
model = Llama(sys.argv[1], n_ctx=4096, n_threads=2, n_threads_batch=2, verbose=False, flash_attn=True)
model.eval(list(range(1, 17)))
print(time.monotonic() - begin)
"""

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("--name", required=True)
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--peer", help="a Python that has llama-cpp-python")
parser.add_argument("--record")
a = parser.parse_args()
size = os.path.getsize(a.model)
ours = [str(ROOT / "quarry"), "generate", a.model, "--tokens", ",".join(map(str, range(1, 17))), "--max-tokens", "1"]


def run(command):
    """Seconds to the first line, that line, seconds of processors, peak of resident bytes."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    seconds = time.monotonic() - begin
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0 or not line.strip():
        sys.exit(f"{' '.join(command)} ended with {status} and said {line!r}")
    return seconds, line, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


sides = {"quarry": ours}
if a.peer:
    sides["llama.cpp"] = [a.peer, "-c", PEER, a.model]
measured = {name: [] for name in sides}
for i in range(a.runs + 1):
    for name, command in sides.items():
        seconds, line, processors, resident = run(command)
        if i > 0:
            measured[name].append((float(line) if name == "llama.cpp" else seconds, processors, resident))

commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
entry = {"date": date.today().isoformat(), "commit": commit, "machine": machine(), "bench": "opening", "name": a.name,
         "runs": a.runs, "fileBytes": size}
for name, runs in measured.items():
    entry[name] = {"firstTokenSeconds": [round(r[0], 2) for r in runs],
                   "median": round(statistics.median(r[0] for r in runs), 2),
                   "processorSeconds": round(statistics.median(r[1] for r in runs), 2),
                   "peakResidentBytes": int(statistics.median(r[2] for r in runs)),
                   "residentOverFile": round(statistics.median(r[2] for r in runs) / size, 3)}
text = json.dumps(entry)
print(text)
if a.record:
    with open(a.record, "a") as out:
        out.write(text + "\n")
