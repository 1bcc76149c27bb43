"""Makes a GGUF file of random weights in the shape of a real model, to measure speed with.

Tried with gguf 0.19.0. Run anywhere:
    python tools/random_gguf.py TYPE OUT.gguf [--layers 40] [--dim 2560] [--heads 40] [--kv-heads 8] [--ffn 8192] \\
        [--vocabulary 49152] [--context 131072]
TYPE is F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K or Q6_K, for all matrices; norms are F32. The defaults are
those of Granite 3B with a vocabulary of 49,152. The file has a tokenizer of single bytes and made-up words, so that
other engines load it. Weights are scaled so that activations stay of the size of a real model's.
"""
import argparse

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES

parser = argparse.ArgumentParser()
parser.add_argument("type")
parser.add_argument("out")
for name, default in dict(layers=40, dim=2560, heads=40, kv_heads=8, ffn=8192, vocabulary=49152,
                          context=131072).items():
    parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
a = parser.parse_args()
kind = Type[a.type]
block, size = GGML_QUANT_SIZES[kind]
random = np.random.default_rng(1)
head = a.dim // a.heads


def half(values):
    return np.asarray(values, np.float16).reshape(-1, 1).view(np.uint8)


def raw(rows, columns):
    """Random blocks; every number has a deviation of about 1 / sqrt(columns)."""
    count = rows * columns // block
    deviation = float(1 / np.sqrt(columns))  # a NumPy number would make the product a double
    if kind in (Type.F16, Type.BF16):
        numbers = (random.standard_normal((rows, columns), np.float32) * deviation)
        if kind == Type.F16:
            return numbers.astype(np.float16).view(np.uint8).reshape(rows, -1)
        return (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8).reshape(rows, -1)
    data = random.integers(0, 256, (count, size), np.uint8)
    scales = random.uniform(0.8, 1.2, count) * deviation
    if kind in (Type.Q4_0, Type.Q5_0):
        data[:, :2] = half(scales / (4.6 if kind == Type.Q4_0 else 9.2))
    elif kind in (Type.Q4_1, Type.Q5_1):
        step = scales / (4.6 if kind == Type.Q4_1 else 9.2)
        data[:, :2] = half(step)
        data[:, 2:4] = half(-step * (7.5 if kind == Type.Q4_1 else 15.5))
    elif kind == Type.Q8_0:
        data[:, :2] = half(scales / 74)
    elif kind in (Type.Q4_K, Type.Q5_K):
        high = 4.6 if kind == Type.Q4_K else 9.2
        data[:, :2] = half(scales / high / 32)
        data[:, 2:4] = half(scales / high / 32 * (7.5 if kind == Type.Q4_K else 15.5))
    elif kind == Type.Q6_K:
        data[:, 192:208] = random.integers(16, 48, (count, 16)).astype(np.uint8)
        data[:, 208:] = half(scales / 18.4 / 32)
    return data.reshape(rows, -1)


out = GGUFWriter(a.out, "granite")
out.add_name("random " + a.type)
out.add_context_length(a.context)
out.add_embedding_length(a.dim)
out.add_block_count(a.layers)
out.add_feed_forward_length(a.ffn)
out.add_head_count(a.heads)
out.add_head_count_kv(a.kv_heads)
out.add_layer_norm_rms_eps(1e-5)
out.add_rope_dimension_count(head)
out.add_rope_freq_base(1e7)
out.add_vocab_size(a.vocabulary)
out.add_attention_scale(1 / head)
out.add_embedding_scale(12.0)
out.add_residual_scale(0.22)
out.add_logit_scale(a.dim / 256)
out.add_tokenizer_model("gpt2")
out.add_tokenizer_pre("refact")
letters = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 256)]]
letters += [chr(256 + i) for i in range(256 - len(letters))]
pairs = [(x, y) for x in letters for y in letters][:a.vocabulary - 260]
tokens = letters + [x + y for x, y in pairs]
tokens += [f"<extra_{i}>" for i in range(a.vocabulary - len(tokens))]
out.add_token_list(tokens)
out.add_token_types([1] * (256 + len(pairs)) + [3] * (a.vocabulary - 256 - len(pairs)))
out.add_token_merges([f"{x} {y}" for x, y in pairs])
out.add_bos_token_id(a.vocabulary - 1)
out.add_eos_token_id(a.vocabulary - 1)


def matrix(name, rows, columns):
    out.add_tensor(name, raw(rows, columns), raw_dtype=kind)


def norm(name):
    out.add_tensor(name, random.uniform(0.8, 1.2, a.dim).astype(np.float32))


matrix("token_embd.weight", a.vocabulary, a.dim)
for layer in range(a.layers):
    at = f"blk.{layer}."
    norm(at + "attn_norm.weight")
    matrix(at + "attn_q.weight", a.heads * head, a.dim)
    matrix(at + "attn_k.weight", a.kv_heads * head, a.dim)
    matrix(at + "attn_v.weight", a.kv_heads * head, a.dim)
    matrix(at + "attn_output.weight", a.dim, a.heads * head)
    norm(at + "ffn_norm.weight")
    matrix(at + "ffn_gate.weight", a.ffn, a.dim)
    matrix(at + "ffn_up.weight", a.ffn, a.dim)
    matrix(at + "ffn_down.weight", a.dim, a.ffn)
norm("output_norm.weight")
out.write_header_to_file()
out.write_kv_data_to_file()
out.write_tensors_to_file()
out.close()
