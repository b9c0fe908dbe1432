"""Writes models/<name>/: tiny random checkpoints of every family with the logits or scores that a reader must reproduce.

The expected numbers are transformers' own forward pass in float64 over the stored weights. transformers computes
RMSNorm and the rotary tables in float32 even then, so those two are replaced by the same formulas in float64; the
result is compared with the unmodified one, and padded batches with unpadded ones, before anything is written.
"""

import json
import shutil

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.llama import modeling_llama
from transformers.models.mistral import modeling_mistral
from transformers.models.qwen2 import modeling_qwen2
from transformers.models.qwen3 import modeling_qwen3

import golden

TOLERANCE = 3e-6
MODULES = dict(llama=modeling_llama, mistral=modeling_mistral, qwen2=modeling_qwen2, qwen3=modeling_qwen3)
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
# Smaller, for the models whose rows are longer: three query heads share a key head, and positions reach beyond 64.
SMALL = dict(
    vocab_size=19,
    hidden_size=18,
    intermediate_size=20,
    num_attention_heads=3,
    num_key_value_heads=1,
    max_position_embeddings=128,
    rope_parameters=ROPE_PLAIN,
)
MISTRAL = dict(SMALL, model_type="mistral", num_attention_heads=4, num_key_value_heads=2, hidden_size=24)
QWEN2 = dict(SMALL, model_type="qwen2", bos_token_id=None)
# 4 heads of 6 numbers on a stream of 18: head_dim is not H/n, and n does not divide H.
QWEN3 = dict(SMALL, model_type="qwen3", bos_token_id=None, num_attention_heads=4, num_key_value_heads=2, head_dim=6)
WINDOW = 6
ONE_LAYER_SLIDES = dict(use_sliding_window=True, sliding_window=WINDOW, layer_types=["sliding_attention", "full_attention"])
SCORER = dict(num_labels=1, pad_token_id=0)
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
    "llama_rm": dict(SCORER, rope_parameters=ROPE_PLAIN),
    "llama_rm_tied": dict(
        SCORER, tie_word_embeddings=True, rope_parameters=ROPE_LLAMA3, max_position_embeddings=512
    ),
    "llama_long": dict(SMALL, attention_bias=True),
    "smollm2": dict(SMALL, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=100000)),
    "smollm2_rm": dict(
        SMALL, **SCORER, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=100000)
    ),
    "mistral": dict(MISTRAL, sliding_window=WINDOW),
    "mistral_nowindow": dict(MISTRAL, sliding_window=None, tie_word_embeddings=True, head_dim=8),
    "mistral_v4config": dict(MISTRAL, sliding_window=WINDOW),
    "mistral_rm": dict(MISTRAL, **SCORER, sliding_window=WINDOW),
    "qwen2": dict(QWEN2, rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
    "qwen2_window": dict(QWEN2, **ONE_LAYER_SLIDES, tie_word_embeddings=True),
    "qwen2_v4config": dict(QWEN2, use_sliding_window=True, sliding_window=WINDOW, max_window_layers=1),
    "qwen2_rm": dict(QWEN2, **SCORER, **ONE_LAYER_SLIDES),
    "qwen3": dict(QWEN3, rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
    "qwen3_window": dict(QWEN3, **ONE_LAYER_SLIDES, tie_word_embeddings=True, attention_bias=True),
    "qwen3_v4config": dict(QWEN3, use_sliding_window=True, sliding_window=WINDOW, max_window_layers=1),
    "qwen3_rm": dict(QWEN3, **SCORER, **ONE_LAYER_SLIDES),
}
# The keys that transformers 4 wrote, as on the hub: Llama 2 has the older inner key "type" of rope_scaling, Mistral 7B v0.1
# no head_dim, Qwen 2.5 a sliding_window that use_sliding_window turns off, Qwen 3 no layer_types.
HUB_CONFIGS = {
    "llama_v4config": dict(
        _name_or_path="tiny/llama",
        attention_bias=False,
        pretraining_tp=1,
        rope_scaling={"type": "linear", "factor": 2.0},
        transformers_version="4.36.0",
    ),
    "smollm2": dict(
        attention_bias=False,
        is_llama_config=True,
        pretraining_tp=1,
        rope_interleaved=False,
        rope_scaling=None,
        transformers_version="4.40.1",
    ),
    "mistral_v4config": dict(sliding_window=WINDOW, transformers_version="4.34.0.dev0"),
    "qwen2": dict(
        max_window_layers=1, sliding_window=WINDOW, transformers_version="4.43.1", use_mrope=False, use_sliding_window=False
    ),
    "qwen2_v4config": dict(
        max_window_layers=1, sliding_window=WINDOW, transformers_version="4.40.1", use_sliding_window=True
    ),
    "qwen3_v4config": dict(
        attention_bias=False,
        head_dim=QWEN3["head_dim"],
        max_window_layers=1,
        rope_scaling=None,
        sliding_window=WINDOW,
        transformers_version="4.51.0",
        use_sliding_window=True,
    ),
}
# Lengths of the rows, and the batches made of them. A row of 100 takes the fused attention, which is for more than 64.
SHORT_ROWS = ([11, 11, 7, 3], [("none", [0, 1]), ("right", [0, 2, 3]), ("left", [3, 0, 2])])
LONG_ROWS = (
    [100, 20, 13, 3],
    [("none", [0]), ("none", [1]), ("right", [1, 2, 3]), ("left", [3, 1, 2]), ("right", [0, 2]), ("left", [3, 0])],
)
PAD = 0
DECIMALS = 9


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


def forwards(module):
    """The classes of a family whose forward is replaced, with what replaces it."""
    for name, kind in vars(module).items():
        if name.endswith("RMSNorm"):
            yield kind, norm_in_input_dtype
        elif name.endswith("RotaryEmbedding"):
            yield kind, rotary_in_input_dtype


def exact():
    """Puts the float64 replacements in place and returns what they replaced."""
    replaced = [pair for module in MODULES.values() for pair in forwards(module)]
    before = [(kind, kind.forward) for kind, _ in replaced]
    as_shipped(replaced)
    return before


def as_shipped(before):
    for kind, forward in before:
        kind.forward = forward


def make(name, directory, seed):
    config = {**BASE, "model_type": "llama", **VARIANTS[name]}
    model_type = config.pop("model_type")
    auto = AutoModelForSequenceClassification if "_rm" in name else AutoModelForCausalLM
    model = auto.from_config(CONFIG_MAPPING[model_type](**config)).float().eval()
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
    if name in HUB_CONFIGS:
        write_hub_config(model, HUB_CONFIGS[name], directory / "config.json")
    return type(model)


def write_hub_config(model, own, path):
    shared = ("attention_dropout", "bos_token_id", "eos_token_id", "hidden_act", "hidden_size", "initializer_range")
    shared += ("intermediate_size", "max_position_embeddings", "model_type", "num_attention_heads", "num_hidden_layers")
    shared += ("num_key_value_heads", "rms_norm_eps", "tie_word_embeddings", "use_cache", "vocab_size")
    config = {key: getattr(model.config, key) for key in shared}
    config["architectures"] = [type(model).__name__]
    config["rope_theta"] = model.config.rope_parameters["rope_theta"]
    config["torch_dtype"] = "float32"
    merged = dict(sorted({**config, **own}.items()))
    path.write_text(json.dumps(merged, indent=2) + "\n", encoding="utf-8")


def sequences(config, lengths, scorer, seed):
    generator = torch.Generator().manual_seed(1000 + seed)
    rows = [torch.randint(2, config.vocab_size, (length,), generator=generator).tolist() for length in lengths]
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
    lengths, batches = LONG_ROWS if model.config.vocab_size == SMALL["vocab_size"] else SHORT_ROWS
    rows = sequences(model.config, lengths, scorer, seed)
    cases = [batch(rows, indices, side) for side, indices in batches]
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
    settings_matter(name, model, alone, expected, scale, scorer)
    as_shipped(before)

    single = single_precision(auto, directory, cases, expected, scorer)
    rounded = [e.round(decimals=DECIMALS) for e in expected]
    content = {
        "model": name,
        "tolerance": TOLERANCE,
        "scale": scale,
        "sequences": rows,
        ("scores" if scorer else "logits"): [e.item() for e in rounded] if scorer else rounded,
        "cases": cases,
    }
    golden.write(directory.relative_to(golden.OUT) / "golden.json", content)
    print(f"   largest {scale:.3f}; transformers in float32 is off by {single / scale:.1e} of it")


def settings_matter(name, model, alone, expected, scale, scorer):
    """A reader that ignores a setting must not pass: expected values have to move by far more than the tolerance."""
    rope = model.config.rope_parameters
    if rope["rope_type"] != "default":
        kept = dict(rope)
        rope.clear()
        rope.update(rope_type="default", rope_theta=kept["rope_theta"])
        moves(name, "rope", model, alone, expected, scale, scorer)
        rope.clear()
        rope.update(kept)
    window = getattr(model.config, "sliding_window", None)
    if window is not None:
        for other in (window - 1, window + 1, 10**6):
            model.config.sliding_window = other
            moves(name, f"window {other}", model, alone, expected, scale, scorer)
        model.config.sliding_window = window
        types = getattr(model.config, "layer_types", None)
        if types is not None:
            model.config.layer_types = types[::-1]
            moves(name, "layer_types", model, alone, expected, scale, scorer)
            model.config.layer_types = types


def moves(name, setting, model, alone, expected, scale, scorer):
    moved = max((real_part(c, 0, forward(model, c), scorer) - e).abs().max().item() for c, e in zip(alone, expected))
    assert moved > 1000 * TOLERANCE * scale, (name, setting, moved)


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
