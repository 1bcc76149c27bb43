"""Golden values for the training side: loss, logits and gradients of a tiny Granite, and 20 steps of AdamW.

Made with torch 2.10.0 and transformers 5.23.0:
    python tools/golden/granite_grads.py > train/src/test/resources/golden/granite_grads.json

Weights and tokens are given by formulas that the test repeats, so only results are stored.
"""
import json
import math

import torch
from transformers import GraniteConfig, GraniteForCausalLM

torch.manual_seed(0)
torch.set_num_threads(1)


def numbers(p, count, scale):
    return torch.tensor([scale * math.sin(1.7 * p + 0.37 * i + 0.001 * i * i) for i in range(count)], dtype=torch.float64).float()


def model():
    config = GraniteConfig(
        vocab_size=80, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=True,
        embedding_multiplier=12.0, attention_multiplier=0.125, residual_multiplier=0.22, logits_scaling=2.0,
        rope_theta=10000.0, bos_token_id=0, eos_token_id=0, pad_token_id=None, attn_implementation="eager")
    return GraniteForCausalLM(config).float()


def order():
    names = ["model.embed_tokens.weight"]
    for l in range(2):
        at = f"model.layers.{l}."
        names += [at + "input_layernorm.weight"]
        names += [at + f"self_attn.{x}_proj.weight" for x in "qkvo"]
        names += [at + "post_attention_layernorm.weight"]
        names += [at + f"mlp.{x}_proj.weight" for x in ("gate", "up", "down")]
    return names + ["model.norm.weight"]


granite = model()
named = dict(granite.named_parameters())
assert sorted(named) == sorted(order()), sorted(named)
with torch.no_grad():
    for p, name in enumerate(order()):
        tensor = named[name]
        values = numbers(p, tensor.numel(), 0.2).reshape(tensor.shape)
        tensor.copy_(values if tensor.dim() > 1 else 1 + values)

rows, length = 2, 24
tokens = torch.tensor([[(7 * r + 13 * i + i * i) % 80 for i in range(length + 1)] for r in range(rows)])
logits = granite(input_ids=tokens[:, :-1]).logits
loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 80).float(), tokens[:, 1:].reshape(-1))
loss.backward()

grads = {}
for name in order():
    g = named[name].grad.flatten()
    grads[name] = {"norm": g.norm().item(), "first": g[:6].tolist(), "last": g[-6:].tolist()}

# 20 steps of AdamW on tensors of the shapes of the first k_proj and input_layernorm, with clipping by the norm of both.
steps, rate = 20, 0.01
matrix = torch.nn.Parameter(numbers(1, 512, 1.0).reshape(16, 32))
vector = torch.nn.Parameter(numbers(2, 32, 1.0))
adamw = torch.optim.AdamW([{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}],
                          lr=rate, betas=(0.9, 0.95), eps=1e-8, foreach=False)
norms = []
for step in range(steps):
    for group in adamw.param_groups:
        group["lr"] = rate / (1 + 0.1 * step)
    matrix.grad = numbers(10 + step, 512, 0.5).reshape(16, 32)
    vector.grad = numbers(40 + step, 32, 0.5)
    norms.append(torch.nn.utils.clip_grad_norm_([matrix, vector], 1.0, foreach=False).item())
    adamw.step()

print(json.dumps({
    "loss": loss.item(),
    "logits": logits.detach()[1, -1, :12].tolist(),
    "grads": grads,
    "adamw": {"matrix": matrix.flatten().tolist()[:12], "vector": vector.tolist(), "norms": norms},
}, indent=1))
