#!/usr/bin/env python3
"""Keeps measured figures: from a finished build to a line in results/, from the lines to the tables in documents.

    tools/results.py record work results/nano.jsonl    appends the build in the folder work
    tools/results.py tables                            writes the tables into README.md and docs/ anew
    tools/results.py check                             fails if a table is not what results/ says
"""
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def machine():
    cpu = platform.processor() or platform.machine()
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
        memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) / 2**20
    except OSError:
        memory = 0
    return {"cpu": cpu, "cores": os.cpu_count(), "memoryGiB": round(memory, 1), "os": platform.system()}


def build(workdir):
    """The artifacts of the last finished build: those the report was made of, and the report itself."""
    manifests = [json.loads(p.read_text()) for p in Path(workdir).glob("artifacts/*/manifest.json")]
    report = max((m for m in manifests if m["stage"] == "report"), key=lambda m: m["created"])
    wanted = set(report["parents"].values())
    return [m for m in manifests if m["content"] in wanted and report["parents"].get(m["stage"]) == m["content"]] + [report]


def record(workdir, target):
    stages = {}
    for m in sorted(build(workdir), key=lambda m: m["created"]):
        stages[m["stage"]] = m
    facts = {s: m["facts"] for s, m in stages.items()}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    line = {
        "date": max(m["created"] for m in stages.values())[:10],
        "commit": commit,
        "machine": machine(),
        "seconds": round(sum(m["seconds"] for m in stages.values()), 1),
        "peakResidentBytes": max(f.get("peakResidentBytes", f.get("peakResidentBytesSinceStart", 0)) for f in facts.values()),
        "stageSeconds": {s: round(m["seconds"], 1) for s, m in stages.items()},
        "tokensPerSecond": {s: round(f["tokensPerSecond"]) for s, f in facts.items() if "tokensPerSecond" in f},
        "scores": {s[5:]: f["scores"] for s, f in facts.items() if s.startswith("eval.")},
        "retrieval": {s[5:]: f["retrieval"] for s, f in facts.items() if s.startswith("eval.") and "retrieval" in f},
        "heldOut": {s[5:]: {c: h["nats"] for c, h in f["heldOut"].items()} for s, f in facts.items() if s.startswith("eval.")},
        "shortContext": {s[5:]: round(f["shortContext"], 4) for s, f in facts.items() if "shortContext" in f},
    }
    with open(target, "a") as out:
        out.write(json.dumps(line) + "\n")
    print(f"{target}: {line['seconds']} s, {line['commit']}")


def last(name):
    lines = (ROOT / "results" / f"{name}.jsonl").read_text().splitlines()
    return json.loads(lines[-1])


def percent(score):
    return f"{100 * score['correct'] / score['total']:.0f} % [{100 * score['low']:.0f}, {100 * score['high']:.0f}]"


def nano():
    r = last("nano")
    m = r["machine"]
    columns = [c for c in r["scores"] if c in ("base", "sft") or c.startswith("rl.")]
    columns.sort(key=lambda c: (c != "base", c != "sft", list(r["stageSeconds"]).index("eval." + c)))
    out = [f"Measured on {m['cores']} cores of {m['cpu']}, {r['date']}, commit {r['commit']}: "
           f"{r['seconds'] / 60:.1f} minutes, {r['peakResidentBytes'] / 2**30:.1f} GiB resident at the peak. "
           "Right answers to held-out questions, with 95 % intervals:", "",
           "| task | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for task in sorted(r["scores"][columns[0]]):
        out.append(f"| {task} | " + " | ".join(percent(r["scores"][c][task]) for c in columns) + " |")
    before = [c for c in r["retrieval"] if c.startswith("p")][-1]
    out += ["", "| retrieval at | before extension | after |", "|---|---|---|"]
    for length in sorted(r["retrieval"]["base"], key=int):
        out.append(f"| {length} tokens | {percent(r['retrieval'][before][length])} | {percent(r['retrieval']['base'][length])} |")
    short = r.get("shortContext", {})
    if "base" in short and before in short:
        change = 100 * (short["base"] / short[before] - 1)
        out.append(f"| held-out loss in short contexts, nats | {short[before]:.3f} | {short['base']:.3f} ({change:+.1f} %) |")
    return "\n".join(out)


def engine():
    """The last measurement of each kind, beside llama.cpp's in the same minutes."""
    kinds = {}
    for line in (ROOT / "results" / "engine.jsonl").read_text().splitlines():
        r = json.loads(line)
        kinds[(r["name"], r["batch"], r["depth"], r["prompt"], r["cache"], r["options"])] = r
    machines = sorted({f"{r['machine']['cores']} cores of {r['machine']['cpu']}, {r['kernel']}" for r in kinds.values()})
    days = sorted({r["date"] for r in kinds.values()})
    out = [f"{'; '.join(machines)}; {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "") + ". Tokens a second, medians; "
           "the ratio is the median of the pairs' ratios.", "",
           "| weights | what | prompt: Quarry | llama.cpp | ratio | decode: Quarry | llama.cpp | ratio |",
           "|---" * 8 + "|"]
    for (name, batch, depth, prompt, cache, options), r in kinds.items():
        what = ", ".join([f"prompt of {prompt}"] + ([f"{batch} texts"] if batch > 1 else [])
                         + ([f"behind {depth}, cache {cache}"] if depth else []) + ([f"`{options}`"] if options else []))
        ours, peer, ratio = r["quarry"], r["llama.cpp"], r["ratio"]
        out.append(f"| {name} | {what} | {ours['prefillTokensPerSecond']:.1f} | {peer['prefillTokensPerSecond']:.1f} "
                   f"| {ratio['prefill']:.2f} | {ours['decodeTokensPerSecond']:.2f} | {peer['decodeTokensPerSecond']:.2f} "
                   f"| {ratio['decode']:.2f} |")
    return "\n".join(out)


def tokenizer():
    """The last measurement of each text, beside Hugging Face's tokenizers in the same minutes."""
    kinds = {}
    for line in (ROOT / "results" / "tokenizer.jsonl").read_text().splitlines():
        r = json.loads(line)
        kinds[(r["tokenizer"], r["text"])] = r
    some = next(reversed(kinds.values()))
    out = [f"One core of {some['cpu']}, {some['date']}, {some['peer'].split(',')[0]}. MB of UTF-8 a second, medians.", "",
           "| tokenizer | text | encode: Quarry | tokenizers | times | decode: Quarry | tokenizers | times |", "|---" * 8 + "|"]
    for (name, text), r in kinds.items():
        e, d = r["encodeMBps"], r["decodeMBps"]
        out.append(f"| {name} | {text} | {e['utf8']:.1f} | {e['peer']:.2f} | {e['times']:.1f} "
                   f"| {d['strings']:.1f} | {d['peer']:.2f} | {d['times']:.1f} |")
    return "\n".join(out)


def opening():
    """The last measurement of each file: from the start of the process to the first token, and what is resident."""
    kinds = {}
    for line in (ROOT / "results" / "opening.jsonl").read_text().splitlines():
        r = json.loads(line)
        kinds[r["name"]] = r
    some = next(reversed(kinds.values()))
    out = [f"{some['machine']['cores']} cores of {some['machine']['cpu']}, {some['date']}, medians of {some['runs']} starts.", "",
           "| weights | file | first token: Quarry | llama.cpp | resident at most: Quarry | llama.cpp |", "|---" * 6 + "|"]
    for name, r in kinds.items():
        ours, peer = r["quarry"], r["llama.cpp"]
        out.append(f"| {name} | {r['fileBytes'] / 1e9:.2f} GB | {ours['median']:.1f} s | {peer['median']:.1f} s "
                   f"| {ours['residentOverFile']:.2f} of the file | {peer['residentOverFile']:.2f} |")
    return "\n".join(out)


TABLES = {"nano": nano, "engine": engine, "tokenizer": tokenizer, "opening": opening}


def tables(write):
    stale = []
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = document.read_text()
        fresh = re.sub(r"(<!-- table (\w+):.*?-->\n).*?(<!-- end -->)",
                       lambda t: t.group(1) + TABLES[t.group(2)]() + "\n" + t.group(3), text, flags=re.S)
        if fresh != text:
            stale.append(document.name)
            if write:
                document.write_text(fresh)
    if stale and not write:
        sys.exit("not what results/ says: " + ", ".join(stale) + "; run tools/results.py tables")
    print("written: " + ", ".join(stale) if stale else "all tables are as results/ says")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", workdir, target]:
            record(workdir, target)
        case ["tables"]:
            tables(True)
        case ["check"]:
            tables(False)
        case _:
            sys.exit(__doc__)
