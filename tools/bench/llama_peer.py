"""The peer of `quarry bench`: llama.cpp, by llama-cpp-python's low-level calls, on the same file with the same sizes.

Tried with llama-cpp-python 0.3.36, built for the machine (CMAKE_ARGS=-DGGML_NATIVE=ON). Run by engine.py, or by hand:
    python tools/bench/llama_peer.py MODEL.gguf [--prompt 512] [--generate 64] [--batch 1] [--depth 0] [--threads 2] \\
        [--trials 3] [--cache F16|Q8]
Prints one line of JSON with the names `quarry bench --json` uses. As in llama-bench, tokens are random and nothing is
sampled, so the peer does a little less than we do. Flash attention is on. What stands before one prompt is read in pieces
that do not see each other and is joined then: what a cache holds does not change how fast it is, and with keys and values as
Q8 reading 32,768 tokens would take an hour.
"""
import argparse
import json
import random
import resource
import statistics
import sys
import time

import llama_cpp as lib

parser = argparse.ArgumentParser()
parser.add_argument("model")
for name, value in dict(prompt=512, generate=64, batch=1, depth=0, threads=2, trials=3).items():
    parser.add_argument("--" + name, type=int, default=value)
parser.add_argument("--cache", choices=["F16", "Q8"], default="F16")
a = parser.parse_args()
UBATCH = 512
PIECE = 1024
pieces = -(-a.depth // PIECE) if a.batch == 1 else 0


@lib.llama_log_callback
def quiet(level, text, data):
    if level >= 4:
        print(text.decode(errors="replace"), end="", file=sys.stderr)


lib.llama_log_set(quiet, None)
lib.llama_backend_init()
begin = time.perf_counter()
model = lib.llama_model_load_from_file(a.model.encode(), lib.llama_model_default_params())
if not model:
    sys.exit(f"llama.cpp cannot load {a.model}")
params = lib.llama_context_default_params()
params.n_ctx = a.batch * (-(-(a.depth + a.prompt + a.generate + 8) // 256) * 256)
params.n_seq_max = max(a.batch, 1 + pieces)
params.kv_unified = pieces > 0
params.n_batch = max(2048, a.batch)
params.n_ubatch = UBATCH
params.n_threads = params.n_threads_batch = a.threads
params.type_k = params.type_v = lib.GGML_TYPE_Q8_0 if a.cache == "Q8" else lib.GGML_TYPE_F16
params.flash_attn_type = 1
context = lib.llama_init_from_model(model, params)
if not context:
    sys.exit("llama.cpp cannot make a context")
opening = time.perf_counter() - begin
vocabulary = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
room = lib.llama_batch_init(params.n_batch, 0, 1)
chance = random.Random(1)


def decode(rows):
    """One call with rows of (sequence, position, whether logits are wanted)."""
    room.n_tokens = len(rows)
    for i, (sequence, position, wanted) in enumerate(rows):
        room.token[i] = chance.randrange(vocabulary)
        room.pos[i] = position
        room.n_seq_id[i] = 1
        room.seq_id[i][0] = sequence
        room.logits[i] = wanted
    if lib.llama_decode(context, room) != 0:
        sys.exit("llama_decode has failed")


def read(begin, count):
    rows = [(s, begin + i, i == count - 1) for s in range(a.batch) for i in range(count)]
    for at in range(0, len(rows), params.n_batch):
        decode(rows[at:at + params.n_batch])
    lib.llama_synchronize(context)


def read_pieces(depth):
    memory = lib.llama_get_memory(context)
    for sequence, begin in enumerate(range(0, depth, PIECE), 1):
        decode([(sequence, begin + i, False) for i in range(min(PIECE, depth - begin))])
        lib.llama_memory_seq_cp(memory, sequence, 0, -1, -1)
    for sequence in range(1, 1 + pieces):
        lib.llama_memory_seq_rm(memory, sequence, -1, -1)
    assert lib.llama_memory_seq_pos_max(memory, 0) == depth - 1
    lib.llama_synchronize(context)


def trial(depth):
    lib.llama_memory_clear(lib.llama_get_memory(context), True)
    if depth and pieces:
        read_pieces(depth)
    elif depth:
        read(0, depth)
    start = time.perf_counter()
    read(depth, a.prompt)
    first = time.perf_counter() - start
    start = time.perf_counter()
    for i in range(a.generate):
        decode([(s, depth + a.prompt + i, True) for s in range(a.batch)])
        lib.llama_synchronize(context)
    return a.batch * a.prompt / first, a.batch * a.generate / (time.perf_counter() - start), first


trial(min(a.depth, 1024))  # warms up
trials = [trial(a.depth) for _ in range(a.trials)]
median = [statistics.median(t[i] for t in trials) for i in range(3)]
print(json.dumps({"engine": "llama.cpp", "openSeconds": round(opening, 3),
                  "prefillTokensPerSecond": round(median[0], 3), "decodeTokensPerSecond": round(median[1], 3),
                  "timeToFirstTokenMs": round(1000 * median[2], 1),
                  "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
