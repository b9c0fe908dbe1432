"""Writes lora/NAME/: adapters as peft saves them, with what peft's model computes with them in float64.

Every adapter has random weights, B included. golden.json has the logits or scores of unpadded rows, and three AdamW steps on one
right-padded batch without dropout: losses, gradient norms before clipping, and all adapter weights afterwards. The model is
named as ../BASE, a neighbour of the adapter's directory.
"""

import json
import shutil
import sys

import peft
import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

import golden
import models

CASES = {
    "lora": dict(base="llama_gqa", r=2, lora_alpha=6, target_modules="all-linear"),
    "rslora": dict(
        base="qwen2",
        r=4,
        lora_alpha=4,
        use_rslora=True,
        target_modules=["q_proj", "down_proj"],
        exclude_modules=["layers.0.mlp.down_proj"],
        rank_pattern={"layers.1.self_attn.q_proj": 2},
        alpha_pattern={"down_proj": 3},
    ),
    "dora": dict(
        base="llama_linear", r=2, lora_alpha=2, use_dora=True, target_modules=r".*\.(q_proj|o_proj|up_proj)"
    ),
    "reward": dict(base="llama_rm", r=2, lora_alpha=2, target_modules=["v_proj", "gate_proj"], modules_to_save=["score"]),
    "gpt2_lora": dict(base="gpt2", r=2, lora_alpha=4, target_modules="all-linear", fan_in_fan_out=True),
    "gpt2_dora": dict(
        base="gpt2", r=2, lora_alpha=4, use_dora=True, target_modules=["c_attn", "mlp.c_proj"], fan_in_fan_out=True
    ),
    "phi3_lora": dict(base="phi3", r=2, lora_alpha=4, target_modules=["qkv_proj", "gate_up_proj"]),
    "gpt_neox_lora": dict(base="gpt_neox", r=2, lora_alpha=4, target_modules=["query_key_value", "dense_4h_to_h"]),
}
TOLERANCE = 3e-6
LEARNING_RATE, CLIP, STEPS = 5e-3, 1.0, 3
ROWS = ((4, 7), (1, 5), (9, 2), (3, 8))


def prefix_dropped(state):
    return {name.removeprefix("base_model.model."): value for name, value in state.items()}


def adapted(name, dtype):
    """The base with the adapter of a directory."""
    settings = CASES[name]
    scorer = "modules_to_save" in settings
    auto = AutoModelForSequenceClassification if scorer else AutoModelForCausalLM
    base = auto.from_pretrained(golden.OUT / "models" / settings["base"], dtype=dtype)
    return peft.PeftModel.from_pretrained(base, golden.OUT / "lora" / name, is_trainable=True).to(dtype)


def make(name, directory, seed):
    settings = dict(CASES[name])
    base_name = settings.pop("base")
    scorer = "modules_to_save" in settings
    auto = AutoModelForSequenceClassification if scorer else AutoModelForCausalLM
    base = auto.from_pretrained(golden.OUT / "models" / base_name, dtype=torch.float32)
    config = peft.LoraConfig(task_type="SEQ_CLS" if scorer else "CAUSAL_LM", **settings)
    model = peft.get_peft_model(base, config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for label, parameter in model.named_parameters():
            if parameter.requires_grad:
                random = torch.randn(parameter.shape, generator=generator)
                is_magnitude = "magnitude" in label
                parameter.copy_(parameter * (1 + 0.2 * random) if is_magnitude else 0.2 * random)
    shutil.rmtree(directory, ignore_errors=True)
    model.save_pretrained(directory)
    (directory / "README.md").unlink()
    path = directory / "adapter_config.json"
    saved = json.loads(path.read_text())
    saved["base_model_name_or_path"] = "../" + base_name
    if isinstance(saved["target_modules"], list):
        saved["target_modules"].sort()
    path.write_text(json.dumps(saved, indent=2) + "\n")


def outputs(model, rows, scorer):
    model.eval()
    cases = [models.batch(rows, [i], "none") for i in range(len(rows))]
    return [models.real_part(case, 0, models.forward(model, case), scorer) for case in cases]


def loss_of(model, rows, scorer):
    case = models.batch([row["ids"] for row in rows], list(range(len(rows))), "right")
    logits = model(
        input_ids=torch.tensor(case["ids"]),
        attention_mask=torch.tensor(case["attention_mask"]),
        position_ids=torch.tensor(case["position_ids"]),
        use_cache=False,
    ).logits
    if scorer:
        half = len(rows) // 2
        return -F.logsigmoid(logits[:half, 0] - logits[half:, 0]).mean()
    total, count = 0, 0
    for b, row in enumerate(rows):
        start, end = row["prompt_length"], len(row["ids"])
        total = total + F.cross_entropy(logits[b, start - 1 : end - 1], torch.tensor(row["ids"][start:]), reduction="sum")
        count += end - start
    return total / count


def train(model, rows, scorer):
    model.eval()  # the base of GPT-2 has dropout of its own
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=0.0, foreach=False)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, rows, scorer)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(trained, CLIP).item())
        losses.append(loss.item())
        optimizer.step()
    return losses, norms, prefix_dropped(peft.get_peft_model_state_dict(model))


def write(name, seed):
    directory = golden.OUT / "lora" / name
    make(name, directory, seed)
    scorer = "modules_to_save" in CASES[name]
    before = models.exact()
    model = adapted(name, torch.float64)
    vocabulary = model.config.vocab_size
    generator = torch.Generator().manual_seed(100 + seed)
    draw = lambda length: torch.randint(2, vocabulary, (length,), generator=generator).tolist()
    rows = [draw(length) for length in (11, 7, 3)]
    training = [{"ids": draw(p + c), "prompt_length": p} for p, c in ROWS]
    expected = outputs(model, rows, scorer)
    scale = max(e.abs().max().item() for e in expected)
    with model.disable_adapter():
        off = outputs(model, rows, scorer)
    moved = max((a - b).abs().max().item() for a, b in zip(expected, off))
    assert moved > 1000 * TOLERANCE * scale, (name, moved)
    losses, norms, after = train(model, training, scorer)
    merged = outputs(adapted(name, torch.float64).merge_and_unload(), rows, scorer)
    difference = max((a - b).abs().max().item() for a, b in zip(expected, merged))
    assert difference < 1e-12 * scale, (name, difference)
    models.as_shipped(before)
    single = outputs(adapted(name, torch.float32), rows, scorer)
    worst = max((a - b.double()).abs().max().item() for a, b in zip(expected, single))
    golden.write(
        f"lora/{name}/golden.json",
        {
            "peft": peft.__version__,
            "base": CASES[name]["base"],
            "tolerance": TOLERANCE,
            "scale": scale,
            "sequences": rows,
            ("scores" if scorer else "logits"): [e.item() for e in expected]
            if scorer
            else [e.round(decimals=models.DECIMALS) for e in expected],
            "rows": training,
            "learning_rate": LEARNING_RATE,
            "max_gradient_norm": CLIP,
            "losses": losses,
            "gradient_norms": norms,
            "after": {label: weight.flatten().round(decimals=models.DECIMALS) for label, weight in after.items()},
        },
    )
    print(f"   largest {scale:.3f}, moved by {moved:.3f}; peft in float32 is off by {worst / scale:.1e} of it")
    print("   losses", [round(x, 4) for x in losses], "norms", [round(x, 4) for x in norms])


def main():
    for seed, name in enumerate(CASES):
        if not sys.argv[1:] or name in sys.argv[1:]:
            write(name, seed)


if __name__ == "__main__":
    main()
