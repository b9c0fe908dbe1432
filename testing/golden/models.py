"""Writes models/<name>/: tiny random checkpoints of every family with the logits or scores that a reader must reproduce.

The expected numbers are transformers' own forward pass in float64 over the stored weights. transformers computes
RMSNorm and the rotary tables in float32 even then, so those two are replaced by the same formulas in float64; the
result is compared with the unmodified one, and padded batches with unpadded ones, before anything is written.
"""

import json
import math
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.falcon import modeling_falcon
from transformers.models.gemma import modeling_gemma
from transformers.models.gemma2 import modeling_gemma2
from transformers.models.gemma3 import modeling_gemma3
from transformers.models.gpt_neox import modeling_gpt_neox
from transformers.models.llama import modeling_llama
from transformers.models.mistral import modeling_mistral
from transformers.models.olmo2 import modeling_olmo2
from transformers.models.phi3 import modeling_phi3
from transformers.models.qwen2 import modeling_qwen2
from transformers.models.qwen3 import modeling_qwen3
from transformers.models.smollm3 import modeling_smollm3

import golden

TOLERANCE = 3e-6
MODULES = dict(llama=modeling_llama, mistral=modeling_mistral, qwen2=modeling_qwen2, qwen3=modeling_qwen3)
MODULES |= dict(smollm3=modeling_smollm3, gemma=modeling_gemma, gemma2=modeling_gemma2, gemma3=modeling_gemma3)
MODULES |= dict(phi3=modeling_phi3, olmo2=modeling_olmo2, gpt_neox=modeling_gpt_neox, falcon=modeling_falcon)
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
EOS = dict(bos_token_id=1, eos_token_id=2)
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
GQA = dict(SMALL, hidden_size=24, num_attention_heads=4, num_key_value_heads=2)
SMOLLM3 = dict(GQA, model_type="smollm3", no_rope_layer_interval=2, pad_token_id=0)
GEMMA = dict(GQA, model_type="gemma", head_dim=8, tie_word_embeddings=True, pad_token_id=0)
# Caps and a scalar that bend what tiny weights give.
GEMMA2 = dict(GEMMA, model_type="gemma2", sliding_window=WINDOW, query_pre_attn_scalar=5)
GEMMA2 |= dict(attn_logit_softcapping=1.5, final_logit_softcapping=1.0)
GEMMA3 = dict(GEMMA, model_type="gemma3_text", sliding_window=WINDOW, query_pre_attn_scalar=5)
GEMMA3 |= dict(layer_types=["sliding_attention", "full_attention"])
GEMMA3["rope_parameters"] = dict(
    sliding_attention=dict(rope_type="default", rope_theta=100.0),
    full_attention=dict(rope_type="default", rope_theta=1000000.0),
)
GEMMA3_SCALED = dict(
    sliding_attention=dict(rope_type="default", rope_theta=100.0),
    full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=8.0),
)
PHI3 = dict(GQA, model_type="phi3", pad_token_id=0)
# Half of a head of 8 turns: two pairs.
LONGROPE = dict(rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.5)
LONGROPE |= dict(short_factor=[1.0, 1.3], long_factor=[1.5, 4.0])
OLMO2 = dict(GQA, model_type="olmo2", pad_token_id=0)
NEOX = dict(SMALL, model_type="gpt_neox", num_attention_heads=3, hidden_size=24, layer_norm_eps=1e-5)
NEOX["rope_parameters"] = dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25)
GPT2 = dict(model_type="gpt2", vocab_size=19, n_embd=24, n_layer=2, n_head=4, n_positions=128, pad_token_id=0)
FALCON = dict(model_type="falcon", vocab_size=19, hidden_size=24, num_hidden_layers=2, num_attention_heads=4)
FALCON |= dict(max_position_embeddings=128, rope_parameters=ROPE_PLAIN, pad_token_id=0)
ROPE_DYNAMIC = dict(rope_type="dynamic", rope_theta=10000.0, factor=3.0)
ROPE_YARN = dict(
    rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=32, beta_fast=4.0, beta_slow=1.0
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
    "llama_dynamic": dict(GQA, max_position_embeddings=64, rope_parameters=ROPE_DYNAMIC),
    "llama_yarn": dict(GQA, rope_parameters=ROPE_YARN),
    "llama_yarn_mscale": dict(GQA, rope_parameters=dict(ROPE_YARN, mscale=1.4, mscale_all_dim=0.6, truncate=False)),
    "smollm3": dict(SMOLLM3),
    "smollm3_rm": dict(
        SMOLLM3, num_labels=1, no_rope_layers=[0, 1], use_sliding_window=True, sliding_window=WINDOW, layer_types=None
    ),
    "gemma": dict(GEMMA, attention_bias=True),
    "gemma_rm": dict(GEMMA, num_labels=1),
    "gemma2": dict(GEMMA2),
    "gemma2_rm": dict(GEMMA2, num_labels=1),
    "gemma3": dict(GEMMA3, final_logit_softcapping=3.0),
    "gemma3_linear": dict(GEMMA3, rope_parameters=GEMMA3_SCALED),
    "gemma3_rm": dict(GEMMA3, num_labels=1),
    "phi3": dict(PHI3, sliding_window=WINDOW),
    "phi3_longrope": dict(PHI3, original_max_position_embeddings=64, rope_parameters=LONGROPE, hidden_size=32),
    "phi3_rm": dict(PHI3, num_labels=1),
    "olmo2": dict(OLMO2),
    "olmo2_rm": dict(OLMO2, num_labels=1, attention_bias=True),
    "gpt2": dict(GPT2),
    "gpt2_scaled": dict(GPT2, n_inner=20, scale_attn_by_inverse_layer_idx=True, activation_function="relu"),
    "gpt2_first": dict(GPT2),
    "gpt2_rm": dict(GPT2, num_labels=1),
    "gpt_neox": dict(NEOX),
    "gpt_neox_sequential": dict(NEOX, use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new"),
    "gpt_neox_rm": dict(NEOX, num_labels=1, pad_token_id=0),
    "falcon_7b": dict(FALCON),
    "falcon_40b": dict(FALCON, new_decoder_architecture=True, num_kv_heads=2, ffn_hidden_size=20),
    "falcon_11b": dict(FALCON, new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1),
    "falcon_sequential": dict(FALCON, multi_query=False, parallel_attn=False, bias=True, tie_word_embeddings=False),
    "falcon_rm": dict(FALCON, num_labels=1),
}
# In transformers the frequencies of the first two follow from the longest row of a batch, and the padding of the others,
# which sees nothing within its window, is NaN and spreads. Their rows are computed alone; the batches are ours to get right.
ALONE = ("llama_dynamic", "phi3_longrope", "gemma2", "gemma2_rm")
NORMS = ("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight", "ln_attn.weight", "ln_mlp.weight")
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


def norm_plus_one_in_input_dtype(self, hidden):
    return (1 + self.weight) * (hidden * torch.rsqrt(hidden.pow(2).mean(-1, keepdim=True) + self.eps))


def rotary_in_input_dtype(self, x, position_ids, layer_type=None):
    config = self.config
    rope = config.rope_parameters if layer_type is None else config.rope_parameters[layer_type]
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    size = int(size * rope.get("partial_rotary_factor", 1.0))
    length = int(position_ids.max()) + 1
    factor = 1.0
    frequency = rope["rope_theta"] ** -(torch.arange(0, size, 2, dtype=x.dtype) / size)
    if rope["rope_type"] == "linear":
        frequency = frequency / rope["factor"]
    elif rope["rope_type"] == "llama3":
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        ratio = rope["original_max_position_embeddings"] * frequency / (2 * torch.pi)
        smooth = ((ratio - low) / (high - low)).clamp(0.0, 1.0)
        frequency = (1 - smooth) * frequency / rope["factor"] + smooth * frequency
    elif rope["rope_type"] == "dynamic":
        longest = max(length, config.max_position_embeddings) / config.max_position_embeddings
        theta = rope["rope_theta"] * (rope["factor"] * longest - (rope["factor"] - 1)) ** (size / (size - 2))
        frequency = theta ** -(torch.arange(0, size, 2, dtype=x.dtype) / size)
    elif rope["rope_type"] == "longrope":
        original = rope["original_max_position_embeddings"]
        factors = rope["long_factor"] if length > original else rope["short_factor"]
        frequency = frequency / torch.tensor(factors, dtype=x.dtype)
        factor = math.sqrt(1 + math.log(config.max_position_embeddings / original) / math.log(original))
    elif rope["rope_type"] == "yarn":
        frequency, factor = yarn(rope, frequency, size)
    elif rope["rope_type"] != "default":
        raise ValueError(rope["rope_type"])
    angle = position_ids[..., None].to(x.dtype) * frequency
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos() * factor, angle.sin() * factor


def yarn(rope, frequency, size):
    """YaRN's frequencies and attention factor, as in section 3.2 and 3.4 of arXiv:2309.00071."""

    def pair(turns):
        return size * math.log(rope["original_max_position_embeddings"] / (turns * 2 * math.pi)) / (
            2 * math.log(rope["rope_theta"])
        )

    def sharpening(scale):
        return 0.1 * scale * math.log(rope["factor"]) + 1.0

    low, high = pair(rope["beta_fast"]), pair(rope["beta_slow"])
    if rope.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, size - 1)
    ramp = ((torch.arange(size // 2, dtype=frequency.dtype) - low) / (high - low)).clamp(0, 1)
    factor = sharpening(1.0)
    if rope.get("mscale"):
        factor = sharpening(rope["mscale"]) / sharpening(rope["mscale_all_dim"])
    return frequency / rope["factor"] * ramp + frequency * (1 - ramp), factor


def forwards(module):
    """The classes of a family whose forward is replaced, with what replaces it."""
    for name, kind in vars(module).items():
        if name.endswith("RMSNorm"):
            yield kind, norm_plus_one_in_input_dtype if name.startswith("Gemma") else norm_in_input_dtype
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
    own = VARIANTS[name]
    config = {**(EOS if own.get("model_type") in ("gpt2", "falcon") else BASE), **own}
    model_type = config.pop("model_type", "llama")
    auto = AutoModelForSequenceClassification if "_rm" in name else AutoModelForCausalLM
    model = auto.from_config(CONFIG_MAPPING[model_type](**config)).float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for label, parameter in model.named_parameters():
            # Norm weights around 1 (Gemma adds the 1 itself), biases around 0.1: leaving either out moves the logits.
            centre = 1.0 if label.endswith(NORMS) and "gemma" not in name else 0.1 if label.endswith("bias") else 0.0
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
    if name == "gpt2_first":
        as_first_published(directory / "model.safetensors")
    if name in HUB_CONFIGS:
        write_hub_config(model, HUB_CONFIGS[name], directory / "config.json")
    return type(model)


def as_first_published(path):
    """The names of the first files of GPT-2: without the prefix, with the causal masks."""
    tensors = {name.removeprefix("transformer."): value for name, value in load_file(path).items()}
    for layer in range(2):
        tensors[f"h.{layer}.attn.bias"] = torch.ones(128, 128).tril().view(1, 1, 128, 128)
    save_file(tensors, path, metadata={"format": "pt"})


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
    if model.config.model_type == "gemma2":
        model.set_attn_implementation("eager")  # the only one with soft caps
    lengths, batches = LONG_ROWS if model.config.vocab_size == SMALL["vocab_size"] else SHORT_ROWS
    rows = sequences(model.config, lengths, scorer, seed)
    cases = [batch(rows, indices, side) for side, indices in batches]
    alone = [batch(rows, [i], "none") for i in range(len(rows))]

    shipped = [forward(model, case) for case in cases]
    before = exact()
    expected = [real_part(case, 0, forward(model, case), scorer) for case in alone]
    scale = max(e.abs().max().item() for e in expected)
    for case, unmodified in zip(cases, shipped):
        if name in ALONE and case["side"] != "none":
            continue
        output = forward(model, case)
        for row, index in enumerate(case["rows"]):
            difference = (real_part(case, row, output, scorer) - expected[index]).abs().max().item()
            assert difference < 1e-12 * scale, (name, case["side"], difference)
            difference = (real_part(case, row, unmodified, scorer) - expected[index]).abs().max().item()
            assert difference < TOLERANCE * scale, (name, case["side"], difference, scale)
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
    rope = getattr(model.config, "rope_parameters", None) or {}
    if "rope_type" in rope and rope["rope_type"] != "default":
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
    if model.config.model_type == "gemma2":
        model.set_attn_implementation("eager")
    for case in cases:
        if directory.name in ALONE and case["side"] != "none":
            continue
        output = forward(model, case).double()
        for row, index in enumerate(case["rows"]):
            worst = max(worst, (real_part(case, row, output, scorer) - expected[index]).abs().max().item())
    return worst


def main():
    index = {}
    wanted = sys.argv[1:] or VARIANTS
    for seed, name in enumerate(VARIANTS):
        directory = golden.OUT / "models" / name
        if name not in wanted:
            index[name] = sorted(path.name for path in directory.iterdir())
            continue
        kind = make(name, directory, seed)
        golden_file(name, directory, kind, seed)
        index[name] = sorted(path.name for path in directory.iterdir())
    golden.write("models/index.json", {"models": index})


if __name__ == "__main__":
    main()
