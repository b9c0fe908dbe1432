"""Writes models/bfloat16.json: the logits of transformers with the weights and layers of some golden models in bfloat16."""

import json

import torch
from transformers import AutoModelForCausalLM

import golden

NAMES = ["llama_gqa", "llama_linear", "llama3_tied", "mistral", "qwen2", "qwen3", "smollm2"]


def logits(name, ids, dtype):
    model = AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / name, dtype=dtype, attn_implementation="sdpa").eval()
    with torch.no_grad():
        return model(torch.tensor([ids]), use_cache=False).logits[0]


models = {}
for name in NAMES:
    known = json.loads((golden.OUT / "models" / name / "golden.json").read_text())
    ids = known["sequences"][1]
    narrow = logits(name, ids, torch.bfloat16)
    assert narrow.dtype == torch.bfloat16
    models[name] = {"sequence": ids, "logits": narrow.float()}
    error = (narrow.float() - logits(name, ids, torch.float32)).abs().max() / known["scale"]
    print(f"{name}: within {error:.4f} of the largest, of float32")
golden.write("models/bfloat16.json", {"models": models})
