"""Writes models/<name>/: tiny random Llama-family checkpoints with the logits or scores that a reader must reproduce.

The expected numbers are transformers' own forward pass in float64 over the stored weights. transformers computes
RMSNorm and the rotary tables in float32 even then, so those two are replaced by the same formulas in float64; the
result is compared with the unmodified one, and padded batches with unpadded ones, before anything is written.
"""

import json
import shutil

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
from transformers.models.llama import modeling_llama

import golden

TOLERANCE = 3e-6
BASE = dict(
    vocab_size=61,
    hidden_size=24,
    intermediate_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    rms_norm_eps=1e-5,
    tie_word_embeddings=False,
    bos_token_id=1,
    eos_token_id=2,
)
ROPE_PLAIN = dict(rope_type="default", rope_theta=10000.0)
ROPE_LINEAR = dict(rope_type="linear", rope_theta=10000.0, factor=2.0)
# Head size 6 and theta 500 give wavelengths 6.3, 49.9 and 396: one in each of the three bands (< 16, between, > 64).
ROPE_LLAMA3 = dict(
    rope_type="llama3",
    rope_theta=500.0,
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=64,
)
VARIANTS = {
    "llama2_mha": dict(num_key_value_heads=4, rope_parameters=ROPE_PLAIN),
    "llama_gqa": dict(rope_parameters=ROPE_PLAIN, rms_norm_eps=1e-6),
    "llama3_tied": dict(tie_word_embeddings=True, rope_parameters=ROPE_LLAMA3, max_position_embeddings=512),
    "llama_linear": dict(attention_bias=True, mlp_bias=True, rope_parameters=ROPE_LINEAR),
    "llama_headdim": dict(head_dim=8, rope_parameters=dict(rope_type="default", rope_theta=500000.0)),
    "llama_v4config": dict(rope_parameters=ROPE_LINEAR),
    "llama_f16": dict(rope_parameters=ROPE_PLAIN),
    "llama_bf16": dict(rope_parameters=ROPE_PLAIN),
    "llama_sharded": dict(rope_parameters=ROPE_PLAIN),
    "llama_rm": dict(rope_parameters=ROPE_PLAIN, num_labels=1, pad_token_id=0),
    "llama_rm_tied": dict(
        tie_word_embeddings=True,
        rope_parameters=ROPE_LLAMA3,
        max_position_embeddings=512,
        num_labels=1,
        pad_token_id=0,
    ),
}
LENGTHS = [11, 11, 7, 3]
PAD = 0


def norm_in_input_dtype(self, hidden):
    return self.weight * (hidden * torch.rsqrt(hidden.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


def rotary_in_input_dtype(self, x, position_ids):
    config = self.config
    rope = config.rope_parameters
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    frequency = rope["rope_theta"] ** -(torch.arange(0, size, 2, dtype=x.dtype) / size)
    if rope["rope_type"] == "linear":
        frequency = frequency / rope["factor"]
    elif rope["rope_type"] == "llama3":
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        ratio = rope["original_max_position_embeddings"] * frequency / (2 * torch.pi)
        smooth = ((ratio - low) / (high - low)).clamp(0.0, 1.0)
        frequency = (1 - smooth) * frequency / rope["factor"] + smooth * frequency
    elif rope["rope_type"] != "default":
        raise ValueError(rope["rope_type"])
    angle = position_ids[..., None].to(x.dtype) * frequency
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def exact():
    """Puts the two float64 replacements in place and returns what they replaced."""
    before = (modeling_llama.LlamaRMSNorm.forward, modeling_llama.LlamaRotaryEmbedding.forward)
    modeling_llama.LlamaRMSNorm.forward = norm_in_input_dtype
    modeling_llama.LlamaRotaryEmbedding.forward = rotary_in_input_dtype
    return before


def as_shipped(before):
    modeling_llama.LlamaRMSNorm.forward, modeling_llama.LlamaRotaryEmbedding.forward = before


def make(name, directory, seed):
    scorer = "_rm" in name
    kind = LlamaForSequenceClassification if scorer else LlamaForCausalLM
    model = kind(LlamaConfig(**{**BASE, **VARIANTS[name]})).float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for label, parameter in model.named_parameters():
            # Norm weights around 1, biases around 0.1: leaving either out moves the logits.
            centre = 1.0 if label.endswith("norm.weight") else 0.1 if label.endswith("bias") else 0.0
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2 + centre)
        model.tie_weights()
    if name == "llama_f16":
        model = model.half()
    if name == "llama_bf16":
        model = model.bfloat16()
    shutil.rmtree(directory, ignore_errors=True)
    if name == "llama_sharded":
        size = sum(p.numel() * p.element_size() for p in model.parameters())
        model.save_pretrained(directory, max_shard_size=int(size / 2.5))
        assert len(list(directory.glob("model-*-of-00003.safetensors"))) == 3
    else:
        model.save_pretrained(directory)
    if name == "llama_v4config":
        write_v4_config(directory / "config.json")
    return kind


def write_v4_config(path):
    """The keys that transformers 4.36 wrote for a Llama 2 model, with the older inner key "type" of rope_scaling."""
    config = {
        "_name_or_path": "tiny/llama",
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": BASE["hidden_size"],
        "initializer_range": 0.02,
        "intermediate_size": BASE["intermediate_size"],
        "max_position_embeddings": BASE["max_position_embeddings"],
        "model_type": "llama",
        "num_attention_heads": BASE["num_attention_heads"],
        "num_hidden_layers": BASE["num_hidden_layers"],
        "num_key_value_heads": BASE["num_key_value_heads"],
        "pretraining_tp": 1,
        "rms_norm_eps": BASE["rms_norm_eps"],
        "rope_scaling": {"type": "linear", "factor": 2.0},
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "transformers_version": "4.36.0",
        "use_cache": True,
        "vocab_size": BASE["vocab_size"],
    }
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def sequences(scorer, seed):
    generator = torch.Generator().manual_seed(1000 + seed)
    rows = [torch.randint(2, BASE["vocab_size"], (length,), generator=generator).tolist() for length in LENGTHS]
    if scorer:
        rows[2][3] = PAD  # the pad id as an ordinary token inside a sequence: masks come from lengths, not from ids
    return rows


def batch(rows, indices, side):
    """One padded batch: ids, attention mask, and positions that count the real tokens of a row from 0."""
    width = max(len(rows[i]) for i in indices)
    ids, mask = [], []
    for i in indices:
        fill = width - len(rows[i])
        real = [1] * len(rows[i])
        ids.append([PAD] * fill + rows[i] if side == "left" else rows[i] + [PAD] * fill)
        mask.append([0] * fill + real if side == "left" else real + [0] * fill)
    positions = (torch.tensor(mask).cumsum(-1) - 1).clamp(min=0).tolist()
    return {"side": side, "rows": indices, "ids": ids, "attention_mask": mask, "position_ids": positions}


def forward(model, case):
    with torch.no_grad():
        return model(
            input_ids=torch.tensor(case["ids"]),
            attention_mask=torch.tensor(case["attention_mask"]),
            position_ids=torch.tensor(case["position_ids"]),
            use_cache=False,
        ).logits


def real_part(case, row, output, scorer):
    return output[row].reshape(-1) if scorer else output[row][torch.tensor(case["attention_mask"][row]) == 1]


def golden_file(name, directory, kind, seed):
    scorer = "_rm" in name
    auto = AutoModelForSequenceClassification if scorer else AutoModelForCausalLM
    model, info = auto.from_pretrained(directory, dtype=torch.float64, output_loading_info=True)
    assert type(model) is kind and not any(info.values()), info
    assert all(p.dtype == torch.float64 for p in model.parameters())
    model.eval()
    rows = sequences(scorer, seed)
    cases = [batch(rows, [0, 1], "none"), batch(rows, [0, 2, 3], "right"), batch(rows, [3, 0, 2], "left")]
    alone = [batch(rows, [i], "none") for i in range(len(rows))]

    shipped = [forward(model, case) for case in cases]
    before = exact()
    expected = [real_part(case, 0, forward(model, case), scorer) for case in alone]
    scale = max(e.abs().max().item() for e in expected)
    for case, unmodified in zip(cases, shipped):
        output = forward(model, case)
        for row, index in enumerate(case["rows"]):
            difference = (real_part(case, row, output, scorer) - expected[index]).abs().max().item()
            assert difference < 1e-12 * scale, (name, case["side"], difference)
            difference = (real_part(case, row, unmodified, scorer) - expected[index]).abs().max().item()
            assert difference < 0.5 * TOLERANCE * scale, (name, case["side"], difference)
    without_rope_settings(name, model, alone, expected, scale, scorer)
    as_shipped(before)

    single = single_precision(auto, directory, cases, expected, scorer)
    content = {
        "model": name,
        "tolerance": TOLERANCE,
        "scale": scale,
        "sequences": rows,
        ("scores" if scorer else "logits"): [e.item() for e in expected] if scorer else expected,
        "cases": cases,
    }
    golden.write(directory.relative_to(golden.OUT) / "golden.json", content)
    print(f"   largest {scale:.3f}; transformers in float32 is off by {single / scale:.1e} of it")


def without_rope_settings(name, model, alone, expected, scale, scorer):
    """A reader that ignores the scaling must not pass: the expected values have to move by far more than the tolerance."""
    rope = model.config.rope_parameters
    if rope["rope_type"] == "default":
        return
    kept = dict(rope)
    rope.clear()
    rope.update(rope_type="default", rope_theta=kept["rope_theta"])
    moved = max((real_part(c, 0, forward(model, c), scorer) - e).abs().max().item() for c, e in zip(alone, expected))
    rope.clear()
    rope.update(kept)
    assert moved > 1000 * TOLERANCE * scale, (name, moved)


def single_precision(auto, directory, cases, expected, scorer):
    model = auto.from_pretrained(directory, dtype=torch.float32).eval()
    worst = 0.0
    for case in cases:
        output = forward(model, case).double()
        for row, index in enumerate(case["rows"]):
            worst = max(worst, (real_part(case, row, output, scorer) - expected[index]).abs().max().item())
    return worst


def main():
    index = {}
    for seed, name in enumerate(VARIANTS):
        directory = golden.OUT / "models" / name
        kind = make(name, directory, seed)
        golden_file(name, directory, kind, seed)
        index[name] = sorted(path.name for path in directory.iterdir())
    golden.write("models/index.json", {"models": index})


if __name__ == "__main__":
    main()
