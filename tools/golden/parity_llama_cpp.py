#!/usr/bin/env python3
"""Compares with llama.cpp on the same GGUF files: perplexity of every type that Quarry writes, and greedy text.

Needs llama-cpp-python (tried with 0.3.36). Run from the repository's root:
    tools/golden/parity_llama_cpp.py perplexity MODEL [--types Q4_0,Q8_0] [--text-file F] [--tokens N] [--record results/parity.jsonl]
    tools/golden/parity_llama_cpp.py greedy MODEL.gguf [--prompts 10] [--tokens 200] [--flash 0|1] [--record results/parity.jsonl]
    tools/golden/parity_llama_cpp.py itself MODEL.gguf [the same]
    tools/golden/parity_llama_cpp.py logits MODEL.gguf [--tokens 128] --text-file F
All take --threads.
perplexity: MODEL (a GGUF file or a Hugging Face folder) is stored in each type by `quarry quantize`, and the same tokens
are scored by llama.cpp and by `quarry score`. Without --text-file the text is one that the model itself says: random
weights find every other text equally unlikely. Must differ by at most 0.5 %.
greedy: answers of so many tokens to questions in the model's own chat template; where they part, the gap between llama.cpp's
two best logits there is told. At least nine of ten must be equal, the others part at a gap under 0.1.
itself: the same with llama.cpp against llama.cpp without its flash attention: how far greedy text is determined at all.
Where weights have blocks, activations are rounded to 8 bits; whatever differs in the last bit of a float turns some of
them, and the next layers more. Weights of F16, BF16 and F32 are free of that.
logits: root mean square of the differences between the engines' logits, between llama.cpp with and without flash attention,
and from the same weights as F16.
All but itself fail with exit code 1 if the engines are further apart than said, logits than 1.2 times llama.cpp from
itself. llama.cpp runs without AMX and its other repacked layouts.
"""
import argparse
import ctypes
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import llama_cpp
import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import machine  # noqa: E402

TYPES = "F16,BF16,Q4_0,Q4_1,Q5_0,Q5_1,Q8_0,Q4_K,Q5_K,Q6_K,MXFP4"
MOST = 0.005  # of perplexity
GAP = 0.1  # of logits
PROMPTS = ["What is the capital of France?", "Tell me a short story about a fox.", "How do I bake a simple loaf of bread?",
           "What are the three laws of thermodynamics?", "Write a Python function that computes Fibonacci numbers.",
           "Write a polite letter asking for a refund.", "Why does water boil at a lower temperature on a mountain?",
           "List five rivers in Europe.", "Who were the first two people on the Moon?",
           "What is the difference between a virus and a bacterium?"]
QUIET = llama_cpp.llama_log_callback(lambda *_: None)


class Peer:
    """A file in llama.cpp, keys and values as halves, as there by default."""

    def __init__(self, file, context, threads, flash=-1):
        parameters = llama_cpp.llama_model_default_params()
        parameters.use_extra_bufts = False
        parameters.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(file).encode(), parameters)
        if not self.model:
            sys.exit(f"llama.cpp does not load {file}")
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = parameters.n_batch = context
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = flash
        self.context = llama_cpp.llama_init_from_model(self.model, parameters)
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        self.size = llama_cpp.llama_vocab_n_tokens(self.vocabulary)
        self.batch = llama_cpp.llama_batch_init(context, 0, 1)

    def close(self):
        llama_cpp.llama_batch_free(self.batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)

    def logits(self, tokens, at, every):
        """Puts tokens at positions from `at` on; the logits behind each, or behind the last."""
        self.batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            self.batch.token[i] = token
            self.batch.pos[i] = at + i
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = 0
            self.batch.logits[i] = every or i == len(tokens) - 1
        assert llama_cpp.llama_decode(self.context, self.batch) == 0
        if every:
            return np.ctypeslib.as_array(llama_cpp.llama_get_logits(self.context), (len(tokens), self.size)).copy()
        return np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self.context, -1), (self.size,)).copy()

    def perplexity(self, tokens):
        logits = self.logits(tokens, 0, True).astype(np.float64)
        logits -= logits.max(1, keepdims=True)
        log_probs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        return float(np.exp(-np.mean([log_probs[i, tokens[i + 1]] for i in range(len(tokens) - 1)])))

    def question(self, text):
        """The ids of a question in the model's template, up to where the answer begins."""
        message = llama_cpp.llama_chat_message(role=b"user", content=text.encode())
        room = ctypes.create_string_buffer(1 << 14)
        template = llama_cpp.llama_model_chat_template(self.model, None)
        size = llama_cpp.llama_chat_apply_template(template, ctypes.byref(message), 1, True, room, len(room))
        assert 0 < size < len(room)
        ids = (llama_cpp.llama_token * size)()
        return list(ids[:llama_cpp.llama_tokenize(self.vocabulary, room.raw[:size], size, ids, size, True, True)])

    def greedy(self, tokens, count):
        """Tokens said, and the gap between the two best logits at each."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        said, gaps, given, at = [], [], tokens, 0
        while len(said) < count:
            logits = self.logits(given, at, False)
            at += len(given)
            best = np.partition(logits, -2)[-2:]
            said.append(int(logits.argmax()))
            gaps.append(float(best[1] - best[0]))
            if llama_cpp.llama_vocab_is_eog(self.vocabulary, said[-1]):
                break
            given = [said[-1]]
        return said, gaps


def quarry(*arguments):
    done = subprocess.run([ROOT / "quarry", *map(str, arguments), "--threads", str(a.threads), "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"quarry {' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout)


def joined(tokens):
    return ",".join(map(str, tokens))


def perplexity(a):
    rows, fine = [], True
    with tempfile.TemporaryDirectory(dir=a.work) as folder:
        if a.text_file:
            tokens = quarry("tokenize", a.model, "--text-file", a.text_file)["tokens"][:a.tokens]
        else:
            begin = quarry("generate", a.model, "--tokens", "1,2,3", "--temperature", 1, "--max-tokens", a.tokens)
            tokens = [1, 2, 3] + begin["tokens"]
        for kind in a.types.split(","):
            file = f"{folder}/{kind}.gguf"
            stored = quarry("quantize", a.model, file, "--type", kind, "--no-perplexity")
            ours = quarry("score", file, "--tokens", joined(tokens))["perplexity"]
            peer = Peer(file, len(tokens), a.threads)
            theirs = peer.perplexity(tokens)
            peer.close()
            os.remove(file)
            types = sorted({t["to"] for t in stored["tensors"]})
            rows.append({"type": kind, "stored": types, "quarry": ours, "llama.cpp": theirs, "difference": ours / theirs - 1})
            fine &= abs(ours / theirs - 1) <= MOST
            print(f"{kind:6} quarry {ours:10.4f}  llama.cpp {theirs:10.4f}  {100 * (ours / theirs - 1):+.3f} %  {types}", flush=True)
    return {"tokens": len(tokens), "rows": rows}, fine


def greedy(a):
    peer = Peer(a.model, 2 * a.tokens, a.threads, a.flash)
    other = Peer(a.model, 2 * a.tokens, a.threads, 0) if a.what == "itself" else None
    rows, equal, fine = [], 0, True
    for prompt in PROMPTS[:a.prompts]:
        tokens = peer.question(prompt)
        theirs, gaps = peer.greedy(tokens, a.tokens)
        if other:
            ours, _ = other.greedy(tokens, a.tokens)
        else:
            ours = quarry("generate", a.model, "--tokens", joined(tokens), "--max-tokens", a.tokens)["tokens"]
            if llama_cpp.llama_vocab_is_eog(peer.vocabulary, theirs[-1]):
                theirs = theirs[:-1]  # quarry does not list the token that ends a text
        same = 0
        while same < min(len(ours), len(theirs)) and ours[same] == theirs[same]:
            same += 1
        if same == len(ours) == len(theirs):
            equal += 1
            rows.append({"prompt": prompt, "equal": same})
        else:
            gap = gaps[min(same, len(gaps) - 1)]
            fine &= gap < GAP
            rows.append({"prompt": prompt, "equal": same, "gapAtFork": gap})
        print(json.dumps(rows[-1]), flush=True)
    peer.close()
    print(f"{equal} of {a.prompts} equal")
    holds = fine and equal >= 0.9 * a.prompts
    return {"tokens": a.tokens, "equalTexts": equal, "texts": a.prompts, "rows": rows}, holds


def rms(x, y):
    """Of the differences of logits; what is added to all logits of a token makes no difference."""
    d = x - y
    return round(float((d - d.mean(1, keepdims=True)).std()), 4)


def logits(a):
    tokens = quarry("tokenize", a.model, "--text-file", a.text_file)["tokens"][:a.tokens]
    with tempfile.TemporaryDirectory(dir=a.work) as folder:
        plain = f"{folder}/F16.gguf"
        quarry("quantize", a.model, plain, "--type", "F16", "--no-perplexity")
        found = {}
        for name, file in (("own", a.model), ("F16", plain)):
            quarry("score", file, "--tokens", joined(tokens), "--logits", f"{folder}/logits.npy")
            found[name, "quarry"] = np.load(f"{folder}/logits.npy")
            for flash in (0, 1):
                peer = Peer(file, len(tokens), a.threads, flash)
                found[name, flash] = peer.logits(tokens, 0, True)
                peer.close()
    rows = {}
    for name in ("own", "F16"):
        rows[name] = {"quarry to llama.cpp": rms(found[name, "quarry"], found[name, 1]),
                      "llama.cpp to itself without flash attention": rms(found[name, 0], found[name, 1])}
    rows["own to F16"] = {"quarry": rms(found["own", "quarry"], found["F16", "quarry"]),
                          "llama.cpp": rms(found["own", 1], found["F16", 1])}
    print(json.dumps(rows, indent=1))
    return {"tokens": len(tokens), "rms": rows}, rows["own"]["quarry to llama.cpp"] <= 1.2 * rows["own"]["llama.cpp to itself without flash attention"]


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["perplexity", "greedy", "itself", "logits"])
parser.add_argument("model")
parser.add_argument("--types", default=TYPES)
parser.add_argument("--text-file")
parser.add_argument("--tokens", type=int, default=None)
parser.add_argument("--prompts", type=int, default=10)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--flash", type=int, default=-1, help="of greedy: 1 with flash attention, 0 without; llama.cpp chooses by itself else")
parser.add_argument("--work", help="a folder for the files that are made")
parser.add_argument("--record", help="a file to append the figures to")
a = parser.parse_args()
a.tokens = a.tokens or {"perplexity": 512, "logits": 128}.get(a.what, 200)
llama_cpp.llama_log_set(QUIET, ctypes.c_void_p())
llama_cpp.llama_backend_init()
figures, fine = {"perplexity": perplexity, "logits": logits}.get(a.what, greedy)(a)
if a.record:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    line = {"date": str(datetime.date.today()), "commit": commit, "machine": machine(), "parity": a.what,
            "model": Path(a.model).name, "peer": "llama.cpp of llama-cpp-python " + llama_cpp.__version__, **figures, "holds": fine}
    with open(a.record, "a") as out:
        out.write(json.dumps(line) + "\n")
sys.exit(0 if fine or a.what == "itself" else 1)
