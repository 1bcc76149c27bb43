"""The peer of bench's TokenizerBench: Hugging Face tokenizers, one thread, in the same minutes on the same documents.

Not run by hand: TokenizerBench starts it with a tokenizer.json and a file of documents with a NUL behind each, writes
"encode" or "decode" on its standard input and reads the seconds that took from its standard output.
"""
import os
import sys
import time
import zlib
from array import array

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import tokenizers  # noqa: E402: reads the environment

tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1])
with open(sys.argv[2], encoding="utf-8", newline="") as file:
    documents = file.read().split("\0")[:-1]


def encode_batch():
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(documents, add_special_tokens=False)]


def encode_each():
    return [tokenizer.encode(document, add_special_tokens=False).ids for document in documents]


def decode_batch():
    return tokenizer.decode_batch(ids, skip_special_tokens=False)


def decode_each():
    return [tokenizer.decode(each, skip_special_tokens=False) for each in ids]


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# Of two ways to ask for the same, the faster one is the peer.
encode = min((seconds(way), way.__name__, way) for way in (encode_batch, encode_each, encode_batch, encode_each))[2]
ids = encode()
decode = min((seconds(way), way.__name__, way) for way in (decode_batch, decode_each, decode_batch, decode_each))[2]
checksum = 0
for each in ids:
    checksum = zlib.crc32(array("i", each).tobytes(), checksum)
print(tokenizers.__version__, sum(map(len, ids)), checksum, encode.__name__, decode.__name__, flush=True)
for line in sys.stdin:
    print(seconds({"encode": encode, "decode": decode}[line.strip()]), flush=True)
