"""Golden encodings of GGUF vocabularies: what llama.cpp gives.

Made with llama-cpp-python 0.3.36 and gguf 0.19.0. Run from the repository's root, after tools/golden/tokenizer_families.py:
    python tools/golden/tokenizer_gguf.py
Writes the small vocabularies of core/src/test/resources/golden/tokenizers/ as GGUF files without weights, and
gguf.ids.json beside them: for each name what stands before a sequence, the ids of each text, then random ids and their
texts.
"""
import ctypes
import json
import random
import tempfile
from pathlib import Path

import gguf
import llama_cpp

FOLDER = Path("core/src/test/resources/golden/tokenizers")
TEXTS = json.loads((FOLDER / "texts.json").read_text())
draw = random.Random(43)


def byte_level(family):
    whole = json.loads((FOLDER / f"{family}.json").read_text())
    tokens = dict((i, text) for text, i in whole["model"]["vocab"].items())
    kinds = {}
    for token in whole["added_tokens"]:
        tokens[token["id"]] = token["content"]
        kinds[token["id"]] = 3 if token["special"] else 4
    tokens = [tokens[i] for i in range(len(tokens))]
    return tokens, [kinds.get(i, 1) for i in range(len(tokens))], [" ".join(pair) for pair in whole["model"]["merges"]]


def write(path, name):
    writer = gguf.GGUFWriter(path, "llama")
    if name in ("llama", "gemma", "phi-3"):
        pieces = json.loads((FOLDER / "sentencepiece.json").read_text())
        if name == "phi-3":  # llama.cpp asks for it, and does not load the file without
            for key, value in {"pieces": "<|endoftext|>", "scores": 0.0, "types": 3}.items():
                pieces[key].append(value)
        writer.add_name({"llama": "a model", "gemma": "gemma", "phi-3": "Phi-3 mini"}[name])
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        # As the converter does it: the spaces of tokens that a user has defined are plain ones.
        writer.add_token_list([piece.replace("▁", " ") if kind == 4 else piece for piece, kind in zip(pieces["pieces"], pieces["types"])])
        writer.add_token_scores(pieces["scores"])
        writer.add_token_types(pieces["types"])
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_unk_token_id(0)
        if name != "llama":
            writer.add_add_space_prefix(name == "phi-3")
    else:
        tokens, kinds, merges = byte_level({"smollm": "granite3", "gpt-2": "granite3", "llama-bpe": "llama3", "dbrx": "llama3", "qwen2": "qwen2"}[name])
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(name)
        writer.add_token_list(tokens)
        writer.add_token_types(kinds)
        writer.add_token_merges(merges)
        writer.add_bos_token_id(len(tokens) - 1)
        writer.add_eos_token_id(len(tokens) - 1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tokenize(vocabulary, text, whole=False):
    utf8 = text.encode()
    room = (llama_cpp.llama_token * (len(utf8) + 16))()
    n = llama_cpp.llama_tokenize(vocabulary, utf8, len(utf8), room, len(room), whole, True)
    assert n >= 0
    return list(room[:n])


def text_of(vocabulary, ids):
    """Pieces joined, with the space that a text begins with taken away, as llama.cpp's detokenize does before it cleans."""
    out = b""
    for i, token in enumerate(ids):
        room = ctypes.create_string_buffer(256)
        strip = i == 0 and PREFIX
        n = llama_cpp.llama_token_to_piece(vocabulary, token, room, len(room), 1 if strip else 0, True)
        assert n >= 0
        out += room.raw[:n]
    return out.decode("utf-8", "replace")


rows = {}
for name in ("smollm", "gpt-2", "llama-bpe", "dbrx", "qwen2", "llama", "gemma", "phi-3"):
    with tempfile.TemporaryDirectory() as folder:
        write(f"{folder}/v.gguf", name)
        parameters = llama_cpp.llama_model_default_params()
        parameters.vocab_only = True
        model = llama_cpp.llama_model_load_from_file(f"{folder}/v.gguf".encode(), parameters)
        vocabulary = llama_cpp.llama_model_get_vocab(model)
        PREFIX = name in ("llama", "phi-3")
        size = llama_cpp.llama_vocab_n_tokens(vocabulary)
        before = tokenize(vocabulary, "a", True)[:-len(tokenize(vocabulary, "a"))]
        rows[name] = [before] + [tokenize(vocabulary, text) for text in TEXTS]
        for _ in range(40):
            ids = [draw.randrange(size) for _ in range(draw.randint(1, 10))]
            rows[name].append([ids, text_of(vocabulary, ids)])
(FOLDER / "gguf.ids.json").write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items()) + "\n}\n")
