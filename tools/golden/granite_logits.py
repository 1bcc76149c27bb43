"""Makes tiny GraniteForCausalLM checkpoints with their logits and greedy texts, which the Java engine must reproduce.

Made with torch 2.10.0, transformers 5.23.0. Run from the root of the repository:
    python tools/golden/granite_logits.py core/src/test/resources/golden/granite
"""
import json
import sys
from pathlib import Path

import torch
from transformers import GraniteConfig, GraniteForCausalLM


def make(folder: Path, tied: bool, seed: int, dtype: torch.dtype) -> None:
    torch.manual_seed(seed)
    config = GraniteConfig(
        vocab_size=96, hidden_size=40, intermediate_size=72, num_hidden_layers=2, num_attention_heads=6,
        num_key_value_heads=2, head_dim=12, max_position_embeddings=128, rms_norm_eps=1e-5,
        embedding_multiplier=11.0, attention_multiplier=0.0721, residual_multiplier=0.23, logits_scaling=1.7,
        tie_word_embeddings=tied, bos_token_id=0, eos_token_id=0, pad_token_id=1, initializer_range=0.1,
        rope_parameters={"rope_type": "default", "rope_theta": 50000.0}, rope_theta=50000.0)
    model = GraniteForCausalLM(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.normal_(1.0, 0.2) if "norm" in name else p.normal_(0.0, 0.16)
    model = model.to(dtype)
    model.save_pretrained(folder)
    model = GraniteForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()  # the stored numbers, widened
    tokens = torch.randint(2, 96, (1, 70), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        logits = model(tokens).logits[0]
        prompt = tokens[:, :9]
        greedy = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=40, do_sample=False,
                                eos_token_id=None, pad_token_id=1)[0, 9:]
    golden = {"tokens": tokens[0].tolist(), "prompt": prompt[0].tolist(), "greedy": greedy.tolist(),
              "rows": [0, 1, 8, 33, 69],
              "logits": [[round(v, 7) for v in logits[r].tolist()] for r in (0, 1, 8, 33, 69)],
              "logLikelihood": torch.log_softmax(logits[:-1].double(), -1)
              .gather(1, tokens[0, 1:, None])[:, 0].sum().item()}
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    out = Path(sys.argv[1])
    make(out / "tied", True, 7, torch.float32)
    make(out / "untied", False, 8, torch.bfloat16)
