"""Loads a checkpoint folder written by Quarry into Hugging Face transformers, and compares logits.

Tried with torch 2.10.0, transformers 5.23.0, tokenizers 0.23.3. Used by hand:
    python tools/golden/check_checkpoint.py DIR [LOGITS.json]
LOGITS.json is {"tokens": [...], "logits": [[...], ...]} as the Java engine gives them, one row per token.
"""
import json
import sys
from pathlib import Path

import torch
from transformers import GraniteForCausalLM

folder = Path(sys.argv[1])
model, info = GraniteForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
problems = {k: v for k, v in info.items() if v}
print("parameters:", sum(p.numel() for p in model.parameters()), "problems on loading:", problems or "none")
print("rope theta:", model.config.rope_parameters["rope_theta"], "tied:", model.config.tie_word_embeddings)
if (folder / "tokenizer.json").exists():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = tokenizer.encode("Hello, world: 12 + 30 = 42").ids
    print("tokenizer:", tokenizer.get_vocab_size(), "entries;", ids, repr(tokenizer.decode(ids)))
if len(sys.argv) > 2:
    golden = json.loads(Path(sys.argv[2]).read_text())
    with torch.no_grad():
        logits = model.eval()(torch.tensor([golden["tokens"]])).logits[0]
    worst = (logits - torch.tensor(golden["logits"])).abs().max().item()
    print(f"largest difference of logits: {worst:.2e}")
    sys.exit(worst > 1e-4)
sys.exit(bool(problems))
