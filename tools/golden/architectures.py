"""Golden logits of every architecture the engine computes, made by transformers on tiny models of made-up weights.

Made with torch 2.10.0, transformers 5.23.0. Run from the repository's root:
    python tools/golden/architectures.py
Writes core/src/test/resources/golden/architectures.json: for each model its config.json, the names and shapes of its
tensors, some tokens and all logits. The weights are not stored: both sides compute them from the tensor's name and the
place of a number in it (`numbers` here and in `ArchitecturesTest`).
"""
import json
import tempfile
import zlib
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

OUT = Path("core/src/test/resources/golden/architectures.json")
VOCABULARY = 40

COMMON = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
              num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2,
              pad_token_id=0)
GRANITE = dict(embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4, logits_scaling=1.7)


def rope(kind, **more):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10000.0, **more}}


HYBRID = dict(model_type="granitemoehybrid", **GRANITE, shared_intermediate_size=20, intermediate_size=12,
              mamba_n_heads=8, mamba_d_head=8, mamba_d_state=6, mamba_d_conv=4, mamba_expand=2, mamba_n_groups=2,
              mamba_chunk_size=8, layer_types=["mamba", "attention", "mamba"], num_hidden_layers=3)

MODELS = {
    "granite": dict(model_type="granite", **GRANITE, tie_word_embeddings=True),
    "granite-biases": dict(model_type="granite", **GRANITE, attention_bias=True, mlp_bias=True),
    "granitemoe": dict(model_type="granitemoe", **GRANITE, num_local_experts=5, num_experts_per_tok=2),
    "granitehybrid": dict(**HYBRID, num_local_experts=6, num_experts_per_tok=3),
    "granitehybrid-dense": dict(**HYBRID, num_local_experts=0, num_experts_per_tok=0),
    "granitehybrid-attention": dict(model_type="granitemoehybrid", **GRANITE, shared_intermediate_size=20,
                                    num_local_experts=0, num_experts_per_tok=0, position_embedding_type="rope",
                                    layer_types=["attention", "attention"], mamba_n_heads=8, mamba_d_head=8),
    "llama": dict(model_type="llama", head_dim=8),
    "llama-linear": dict(model_type="llama", **rope("linear", factor=3.0)),
    "llama-dynamic": dict(model_type="llama", **rope("dynamic", factor=2.0), max_position_embeddings=16),
    "llama-yarn": dict(model_type="llama", **rope("yarn", factor=4.0, original_max_position_embeddings=16)),
    "llama-llama3": dict(model_type="llama", **rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                    original_max_position_embeddings=32)),
    "mistral": dict(model_type="mistral", sliding_window=7, head_dim=8),
    "qwen2": dict(model_type="qwen2", tie_word_embeddings=True),
    "qwen2-window": dict(model_type="qwen2", use_sliding_window=True, sliding_window=6, max_window_layers=1),
    "qwen3": dict(model_type="qwen3", head_dim=16),
    "gemma2": dict(model_type="gemma2", head_dim=12, query_pre_attn_scalar=9, sliding_window=8,
                   attn_logit_softcapping=2.0, final_logit_softcapping=3.0),
    "gemma3": dict(model_type="gemma3_text", head_dim=12, query_pre_attn_scalar=9, sliding_window=8,
                   layer_types=["sliding_attention", "full_attention"]),
    "phi3": dict(model_type="phi3", sliding_window=None),
    "phi3-longrope": dict(model_type="phi3", original_max_position_embeddings=16, sliding_window=None,
                          **rope("longrope", short_factor=[1.0, 1.1, 1.2, 1.3], long_factor=[1.0, 1.5, 2.5, 4.0],
                                 original_max_position_embeddings=16)),
    "phi3-partial": dict(model_type="phi3", sliding_window=9, hidden_size=64,
                         rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}),
}


def numbers(name, shape):
    """Even-looking numbers in the range +-0.5, from the place of each and the name; every step is exact."""
    count = int(np.prod(shape))
    place = np.arange(count, dtype=np.uint64)
    mixed = (place * np.uint64(2654435761) + np.uint64(zlib.crc32(name.encode()))) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(15))) * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed = mixed ^ (mixed >> np.uint64(13))
    return (mixed.astype(np.float64) / 2**32 - 0.5).astype(np.float32).reshape(shape)


def weights(folder):
    file = folder / "model.safetensors"
    made = {name: numbers(name, tensor.shape) for name, tensor in load_file(file).items()}
    save_file(made, file, metadata={"format": "pt"})
    return {name: list(tensor.shape) for name, tensor in made.items()}


def golden(settings):
    torch.manual_seed(1)
    settings = {**COMMON, **settings}
    config = AutoConfig.for_model(settings.pop("model_type"), **settings)
    config.dtype = torch.float32
    config._attn_implementation = "eager"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        tensors = weights(folder)
        model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                           output_loading_info=True)
        assert not any(info.values()), info
        texts = [[(7 * i * i + 3 * i + 5) % VOCABULARY for i in range(n)] for n in (10, 24)]
        with torch.no_grad():
            logits = [model(torch.tensor([text])).logits[0].tolist() for text in texts]
        return {"config": json.loads((folder / "config.json").read_text()), "tensors": tensors, "texts": texts,
                "logits": [[[round(v, 6) for v in row] for row in rows[-3:]] for rows in logits]}


OUT.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(golden(settings))}"
                                  for name, settings in MODELS.items()) + "\n}\n")
print(OUT, OUT.stat().st_size)
