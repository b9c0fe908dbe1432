"""Writes train/sft_NAME.json: 20 optimiser steps of transformers' Trainer on completions, in float64.

Eight rows of unequal length, four a step in two micro-batches, AdamW with weight decay, clipping, a linear schedule after
warm-up. The order of the rows is the one that RLHF4J's training loop takes with seed 42, rows of a step longest first.
"""

import tempfile

import torch
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, Trainer, TrainerCallback, TrainingArguments

import golden
import models

MODELS = ("llama_long", "smollm2")
STEPS, WARM_UP, BATCH, MICRO_BATCH = 20, 3, 4, 2
LEARNING_RATE, DECAY, CLIP, SEED = 5e-3, 0.1, 1.0, 42
LENGTHS = ((4, 9), (1, 3), (11, 2), (7, 12), (2, 8), (5, 5), (3, 1), (6, 14))
ORDER = [
    [7, 6, 3, 4, 1, 2, 5, 0],
    [5, 6, 2, 4, 0, 7, 3, 1],
    [1, 5, 3, 0, 6, 7, 2, 4],
    [1, 6, 7, 0, 3, 4, 2, 5],
    [2, 6, 7, 3, 0, 4, 5, 1],
    [2, 1, 0, 6, 5, 3, 7, 4],
    [2, 6, 5, 7, 3, 1, 4, 0],
    [5, 7, 2, 4, 6, 0, 3, 1],
    [5, 6, 1, 4, 0, 3, 7, 2],
    [5, 6, 7, 0, 2, 1, 4, 3],
]


def micro_batches(rows):
    for epoch in ORDER:
        for start in range(0, len(epoch), BATCH):
            step = sorted(epoch[start : start + BATCH], key=lambda row: -len(rows[row]["ids"]))
            for at in range(0, BATCH, MICRO_BATCH):
                yield step[at : at + MICRO_BATCH]


def padded(rows, indices):
    case = models.batch([row["ids"] for row in rows], indices, "right")
    labels = []
    for i, ids in zip(indices, case["ids"]):
        start, end = rows[i]["prompt_length"], len(rows[i]["ids"])
        labels.append([token if start <= at < end else -100 for at, token in enumerate(ids)])
    return {
        "input_ids": torch.tensor(case["ids"]),
        "attention_mask": torch.tensor(case["attention_mask"]),
        "labels": torch.tensor(labels),
    }


class InOrder(Trainer):
    def get_train_dataloader(self):
        batches = [padded(self.train_dataset, indices) for indices in micro_batches(self.train_dataset)]
        return DataLoader(batches, batch_size=None)


class Log(TrainerCallback):
    def __init__(self):
        self.losses, self.norms = [], []

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "grad_norm" in logs:
            self.losses.append(float(logs["loss"]))
            self.norms.append(float(logs["grad_norm"]))


def train(name, rows, dtype, directory):
    model = AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / name, dtype=dtype)
    log = Log()
    arguments = TrainingArguments(
        directory,
        max_steps=STEPS,
        per_device_train_batch_size=MICRO_BATCH,
        gradient_accumulation_steps=BATCH // MICRO_BATCH,
        learning_rate=LEARNING_RATE,
        lr_scheduler_type="linear",
        warmup_steps=WARM_UP,
        weight_decay=DECAY,
        max_grad_norm=CLIP,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
        optim="adamw_torch",
        bf16=False,
        fp16=False,
    )
    InOrder(model=model, args=arguments, train_dataset=rows, callbacks=[log]).train()
    assert len(log.losses) == STEPS
    return log, {label: parameter.detach() for label, parameter in model.named_parameters()}


def write(name, directory):
    config = AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / name).config
    generator = torch.Generator().manual_seed(23)
    rows = []
    for prompt, completion in LENGTHS:
        ids = torch.randint(2, config.vocab_size, (prompt + completion,), generator=generator).tolist()
        rows.append({"ids": ids, "prompt_length": prompt})
    before = models.exact()
    log, after = train(name, rows, torch.float64, directory)
    models.as_shipped(before)
    single, single_after = train(name, rows, torch.float32, directory)
    scale = max(weight.abs().max().item() for weight in after.values())
    off = max((single_after[label].double() - after[label]).abs().max().item() for label in after)
    golden.write(
        f"train/sft_{name}.json",
        {
            "model": name,
            "steps": STEPS,
            "warmup_steps": WARM_UP,
            "batch_size": BATCH,
            "micro_batch_size": MICRO_BATCH,
            "learning_rate": LEARNING_RATE,
            "weight_decay": DECAY,
            "max_gradient_norm": CLIP,
            "seed": SEED,
            "order": ORDER,
            "rows": rows,
            "losses": log.losses,
            "gradient_norms": log.norms,
            "scale": scale,
            "after": {label: weight.flatten().round(decimals=9) for label, weight in after.items()},
        },
    )
    worst = max(abs(a - b) for a, b in zip(single.losses, log.losses))
    print(f"   losses {log.losses[0]:.4f} to {log.losses[-1]:.4f}, norms {min(log.norms):.2f} to {max(log.norms):.2f}")
    print(f"   largest weight {scale:.3f}; float32: weights off by {off / scale:.1e} of it, losses by {worst:.1e}")


def main():
    with tempfile.TemporaryDirectory() as directory:
        for name in MODELS:
            write(name, directory)


if __name__ == "__main__":
    main()
