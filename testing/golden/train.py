"""Writes train/reward_step.json: optimiser steps on models/llama_rm with the Bradley-Terry loss, in float64."""

import torch
import torch.nn.functional as F
from transformers import AutoModelForSequenceClassification

import golden
import models

LEARNING_RATE = 1e-3
CLIP = 1.0
STEPS = 3
KEPT = ("score.weight", "model.layers.0.self_attn.q_proj.weight", "model.norm.weight", "model.embed_tokens.weight")
LENGTHS = ((9, 6), (4, 11), (7, 7), (2, 3))


def scores(model, rows):
    case = models.batch(rows, list(range(len(rows))), "right")
    return model(
        input_ids=torch.tensor(case["ids"]),
        attention_mask=torch.tensor(case["attention_mask"]),
        position_ids=torch.tensor(case["position_ids"]),
        use_cache=False,
    ).logits[:, 0]


def train(rows, dtype):
    model = AutoModelForSequenceClassification.from_pretrained(golden.OUT / "models" / "llama_rm", dtype=dtype)
    model.train()
    parameters = dict(model.named_parameters())
    optimizer = torch.optim.AdamW(parameters.values(), lr=LEARNING_RATE, weight_decay=0.0, foreach=False)
    half = len(rows) // 2
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        s = scores(model, rows)
        loss = -F.logsigmoid(s[:half] - s[half:]).mean()
        loss.backward()
        gradients = {name: parameters[name].grad.clone() for name in KEPT}
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
        optimizer.step()
        steps.append({"scores": s, "loss": loss, "gradient_norm": norm, "gradients": gradients})
        if len(steps) == 1:
            after = {name: parameters[name].detach().clone() for name in KEPT}
    return steps, after


def main():
    generator = torch.Generator().manual_seed(11)
    draw = lambda length: torch.randint(2, models.BASE["vocab_size"], (length,), generator=generator).tolist()
    chosen, rejected = zip(*((draw(a), draw(b)) for a, b in LENGTHS))
    rows = [*chosen, *rejected]
    before = models.exact()
    steps, after = train(rows, torch.float64)
    models.as_shipped(before)
    single, single_after = train(rows, torch.float32)
    shown = ("score.weight", "model.layers.0.self_attn.q_proj.weight")
    for name in KEPT:
        worst = (single_after[name].double() - after[name]).abs().max().item()
        print(f"   {name}: float32 is off by {worst:.1e} after one step")
    golden.write(
        "train/reward_step.json",
        {
            "model": "llama_rm",
            "learning_rate": LEARNING_RATE,
            "betas": [0.9, 0.999],
            "eps": 1e-8,
            "weight_decay": 0.0,
            "max_gradient_norm": CLIP,
            "chosen": chosen,
            "rejected": rejected,
            "scores": [s["scores"] for s in steps],
            "losses": [s["loss"] for s in steps],
            "gradient_norms": [s["gradient_norm"] for s in steps],
            "gradients": {name: steps[0]["gradients"][name] for name in shown},
            "after": {name: after[name] for name in shown},
        },
    )
    print("   losses", [s["loss"].item() for s in steps], "float32", [s["loss"].item() for s in single])
    print("   norms", [s["gradient_norm"].item() for s in steps], "float32", [s["gradient_norm"].item() for s in single])
    print("   smallest gradient", {n: steps[0]["gradients"][n].abs().min().item() for n in shown})


if __name__ == "__main__":
    main()
