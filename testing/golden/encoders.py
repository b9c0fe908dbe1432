"""Writes encoders/<name>/: tiny random classifiers of every encoder family with the scores that a reader must reproduce.

The expected numbers are transformers' own forward pass in float64 over the stored weights, each row alone. ModernBERT's rotary
tables are float32 even then, so they are replaced by the same formulas in float64; the result is compared with the unmodified
one, and right-padded batches with single rows, before anything is written. On the left transformers would read the score from a
padding token, so there the rows alone are all that is expected.

Also writes encoders/buckets.json: the rows of relative positions for the sizes of the published DeBERTa v3 models.
"""

import json
import shutil

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.deberta_v2 import modeling_deberta_v2
from transformers.models.modernbert import modeling_modernbert

import golden

transformers.utils.logging.set_verbosity_error()

TOLERANCE = 3e-6
DECIMALS = 9
FIRST_SEED = 40
BERT = dict(
    vocab_size=23,
    hidden_size=16,
    intermediate_size=20,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=128,
    layer_norm_eps=1e-3,
    num_labels=1,
)
DEBERTA = dict(BERT, model_type="deberta-v2", relative_attention=True)
MODERNBERT = dict(
    model_type="modernbert",
    vocab_size=23,
    hidden_size=16,
    intermediate_size=20,
    num_hidden_layers=4,
    num_attention_heads=2,
    max_position_embeddings=128,
    norm_eps=1e-3,
    num_labels=1,
    local_attention=8,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
    cls_token_id=1,
    sep_token_id=2,
)
VARIANTS = {
    "bert": dict(BERT, model_type="bert"),
    "roberta": dict(BERT, model_type="roberta", type_vocab_size=1, layer_norm_eps=1e-5),
    "distilbert": dict(
        model_type="distilbert",
        vocab_size=23,
        dim=16,
        hidden_dim=20,
        n_layers=2,
        n_heads=2,
        max_position_embeddings=128,
        num_labels=1,
    ),
    "electra": dict(BERT, model_type="electra", embedding_size=12, hidden_act="gelu_new"),
    # As published: one projection for content and positions, log buckets, a norm over the table, no absolute positions.
    "deberta_v3": dict(
        DEBERTA,
        pos_att_type="p2c|c2p",
        share_att_key=True,
        position_buckets=8,
        max_relative_positions=-1,
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        type_vocab_size=0,
        pooler_hidden_act="gelu",
        pooler_hidden_size=16,
    ),
    "deberta_v2": dict(
        DEBERTA,
        pos_att_type=["c2p", "p2c"],
        share_att_key=False,
        max_relative_positions=12,
        position_biased_input=True,
        type_vocab_size=2,
        pooler_hidden_act="tanh",
    ),
    "deberta_c2p": dict(DEBERTA, pos_att_type=["c2p"], max_relative_positions=12, position_biased_input=False),
    "modernbert": dict(
        MODERNBERT,
        rope_parameters=dict(
            full_attention=dict(rope_type="default", rope_theta=1000.0),
            sliding_attention=dict(rope_type="default", rope_theta=50.0),
        ),
    ),
    "modernbert_mean": dict(
        MODERNBERT,
        num_hidden_layers=3,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        classifier_pooling="mean",
        norm_bias=True,
        attention_bias=True,
        mlp_bias=True,
        classifier_bias=True,
        hidden_activation="silu",
        classifier_activation="gelu_new",
    ),
}
# The keys of the models on the hub, which transformers 4 wrote.
V4 = {
    "modernbert": dict(
        global_attn_every_n_layers=3, global_rope_theta=1000.0, local_rope_theta=50.0, layer_norm_eps=1e-5, position_embedding_type="absolute"
    ),
    "bert": dict(position_embedding_type="absolute", gradient_checkpointing=False),
}
# Lengths of rows and of the prompt in each. The fused attention is for more than 64 tokens; the window of ModernBERT is 4.
ROWS = [(90, 31), (21, 9), (13, 4), (5, 2)]
BATCHES = [("none", [0]), ("none", [2]), ("right", [1, 2, 3]), ("left", [3, 1, 2]), ("right", [0, 3]), ("left", [2, 0])]


def rotary_in_input_dtype(self, x, position_ids, layer_type):
    config = self.config
    size = config.hidden_size // config.num_attention_heads
    frequency = config.rope_parameters[layer_type]["rope_theta"] ** -(torch.arange(0, size, 2, dtype=x.dtype) / size)
    angle = position_ids[..., None].to(x.dtype) * frequency
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def turn_in_input_dtype(q, k, cos, sin, unsqueeze_dim=1):
    cos, sin = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim)
    half = modeling_modernbert.rotate_half
    return q * cos + half(q) * sin, k * cos + half(k) * sin


class Exact:
    """Puts the float64 replacements in place for as long as it is open."""

    def __enter__(self):
        self.before = (modeling_modernbert.ModernBertRotaryEmbedding.forward, modeling_modernbert.apply_rotary_pos_emb)
        modeling_modernbert.ModernBertRotaryEmbedding.forward = rotary_in_input_dtype
        modeling_modernbert.apply_rotary_pos_emb = turn_in_input_dtype

    def __exit__(self, *_):
        modeling_modernbert.ModernBertRotaryEmbedding.forward = self.before[0]
        modeling_modernbert.apply_rotary_pos_emb = self.before[1]


def make(name, directory, seed):
    config = dict(VARIANTS[name])
    model = AutoModelForSequenceClassification.from_config(CONFIG_MAPPING[config.pop("model_type")](**config))
    model = model.float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for label, parameter in model.named_parameters():
            is_norm = "norm" in label.lower() and label.endswith("weight")
            centre = 1.0 if is_norm else 0.1 if label.endswith("bias") else 0.0
            # DistilBERT's epsilon is 1e-12 whatever the file says: small embeddings make another one show.
            size = 0.02 if name == "distilbert" and "embeddings" in label and not is_norm else 0.3
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * size + centre)
    shutil.rmtree(directory, ignore_errors=True)
    model.save_pretrained(directory)
    if name in V4:
        write_v4_config(V4[name], directory / "config.json")
    return type(model)


def write_v4_config(own, path):
    config = json.loads(path.read_text(encoding="utf-8"))
    for key in ("rope_parameters", "layer_types", "dtype"):
        config.pop(key, None)
    config = dict(sorted({**config, **own, "torch_dtype": "float32", "transformers_version": "4.48.0"}.items()))
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def sequences(config, seed):
    generator = torch.Generator().manual_seed(1000 + seed)
    rows = [torch.randint(3, config.vocab_size, (length,), generator=generator).tolist() for length, _ in ROWS]
    # The padding id as an ordinary token inside a row: masks come from lengths, though RoBERTa's positions come from ids.
    rows[2][6] = config.pad_token_id
    return rows


def batch(rows, indices, side, pad):
    width = max(len(rows[i]) for i in indices)
    ids, mask, types, positions = [], [], [], []
    for i in indices:
        fill, length, prompt = width - len(rows[i]), *ROWS[i]
        before, after = (fill, 0) if side == "left" else (0, fill)
        ids.append([pad] * before + rows[i] + [pad] * after)
        mask.append([0] * before + [1] * length + [0] * after)
        types.append([0] * (before + prompt) + [1] * (length - prompt) + [0] * after)
        positions.append([0] * before + list(range(length)) + [0] * after)
    return {
        "side": side, "rows": indices, "ids": ids, "attention_mask": mask, "token_type_ids": types, "position_ids": positions
    }


def forward(model, case):
    """What a tokenizer of the family gives: RoBERTa and DistilBERT have no token types, RoBERTa finds its own positions."""
    kind = model.config.model_type
    wanted = ["attention_mask"]
    wanted += ["token_type_ids"] if kind in ("bert", "electra", "deberta-v2") else []
    wanted += ["position_ids"] if kind in ("bert", "electra", "distilbert", "deberta-v2") else []
    with torch.no_grad():
        return model(input_ids=torch.tensor(case["ids"]), **{key: torch.tensor(case[key]) for key in wanted}).logits[:, 0]


def golden_file(name, directory, kind, seed):
    model, info = AutoModelForSequenceClassification.from_pretrained(
        directory, dtype=torch.float64, output_loading_info=True
    )
    assert type(model) is kind and not any(info.values()), info
    assert all(p.dtype == torch.float64 for p in model.parameters())
    model.eval()
    rows = sequences(model.config, seed)
    pad = model.config.pad_token_id
    cases = [batch(rows, indices, side, pad) for side, indices in BATCHES]
    alone = [batch(rows, [i], "none", pad) for i in range(len(rows))]
    shipped = [forward(model, case) for case in cases]
    with Exact():
        expected = [forward(model, case)[0].item() for case in alone]
        scale = max(abs(e) for e in expected)
        for case, unmodified in zip(cases, shipped):
            if case["side"] == "left":
                continue
            output = forward(model, case)
            for row, index in enumerate(case["rows"]):
                assert abs(output[row].item() - expected[index]) < 1e-12 * scale, (name, case["side"])
                assert abs(unmodified[row].item() - expected[index]) < 0.5 * TOLERANCE * scale, (name, case["side"])
        settings_matter(name, directory, model, alone, expected, scale)
    single = single_precision(directory, cases, expected)
    content = {
        "model": name,
        "tolerance": TOLERANCE,
        "scale": scale,
        "prompts": [prompt for _, prompt in ROWS],
        "sequences": rows,
        "scores": [round(e, DECIMALS) for e in expected],
        "cases": [{"side": case["side"], "rows": case["rows"]} for case in cases],
    }
    if name in ("bert", "roberta", "electra"):
        content["texts"] = texts(name, directory, model)
    golden.write(directory.relative_to(golden.OUT) / "golden.json", content)
    print(f"   largest {scale:.3f}; transformers in float32 is off by {single / scale:.1e} of it")


BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcd", "##a", "##b", "##c", "ab", "##cd", *"[]</>s", "SEP"]
ROBERTA_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"abcd", "ab", "cd", "</", *"></s[]SEP"]
TEXTS = [("a b", "ab"), ("abcd a b c", "d abc a"), ("", "a"), ("c c", "d d d d"), ("a </s> b [SEP] a", "b [SEP] </s>")]


def tokenizer_of(name):
    """A tokenizer of the family's kind; each of the three says in another way how it puts a pair together."""
    if name == "roberta":
        vocabulary = {token: i for i, token in enumerate(ROBERTA_TOKENS)}
        model = models.BPE(vocabulary, [("a", "b"), ("c", "d"), ("<", "/")], unk_token="<unk>")
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        roles = dict(bos_token="<s>", eos_token="</s>", sep_token="</s>", cls_token="<s>", unk_token="<unk>")
        return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", mask_token="<mask>", **roles)
    vocabulary = {token: i for i, token in enumerate(BERT_TOKENS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if name == "electra":
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    else:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0",
            pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    roles = dict(sep_token="[SEP]", cls_token="[CLS]", unk_token="[UNK]", mask_token="[MASK]")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", **roles)


def texts(name, directory, model):
    """Pairs of texts with their ids and scores; what spells a special token in a text is text."""
    tokenizer = tokenizer_of(name)
    tokenizer.save_pretrained(directory)
    cases = []
    for prompt, completion in TEXTS:
        pair = tokenizer(prompt, completion, split_special_tokens=True, return_token_type_ids=True)
        case = {key: [pair[key]] for key in ("attention_mask", "token_type_ids")}
        case |= {"ids": [pair["input_ids"]], "position_ids": [list(range(len(pair["input_ids"])))]}
        score = forward(model, case)[0].item()
        cases.append(
            {"prompt": prompt, "completion": completion, "ids": pair["input_ids"], "score": round(score, DECIMALS)}
        )
    return cases


MUTATIONS = {
    "bert": [dict(layer_norm_eps=1.1e-3), dict(hidden_act="gelu_new"), "types", "positions"],
    "roberta": ["pad inside", "positions", dict(layer_norm_eps=2e-5)],
    "distilbert": ["positions", "epsilon", dict(activation="gelu_new")],
    "electra": [dict(hidden_act="gelu"), "types", "positions"],
    "deberta_v3": [
        dict(pos_att_type=["c2p"]),
        dict(pos_att_type=["p2c"]),
        dict(position_buckets=-1, max_relative_positions=8),
        dict(max_relative_positions=64),
        dict(norm_rel_ebd="none"),
        dict(pooler_hidden_act="tanh"),
    ],
    "deberta_v2": [dict(pos_att_type=["c2p"]), dict(pos_att_type=["p2c"]), dict(share_att_key=True), "types", "positions"],
    "deberta_c2p": [dict(pos_att_type=[])],
    "modernbert": [
        dict(local_attention=6),
        dict(local_attention=10),
        dict(layer_types=["full_attention", "sliding_attention", "full_attention", "sliding_attention"]),
        dict(classifier_pooling="mean"),
        dict(hidden_activation="silu"),
        "theta full_attention",
        "theta sliding_attention",
    ],
    "modernbert_mean": [dict(local_attention=6), dict(classifier_pooling="cls"), dict(classifier_activation="gelu")],
}


def settings_matter(name, directory, model, alone, expected, scale):
    """A reader that ignores a setting must not pass: expected values have to move by far more than the tolerance."""
    for mutation in MUTATIONS[name]:
        changed, cases = model, alone
        if isinstance(mutation, dict):
            changed = reopened(directory, **mutation)
        elif mutation == "epsilon":
            changed = reopened(directory)
            for module in changed.modules():
                if isinstance(module, torch.nn.LayerNorm):
                    module.eps = 1e-5
        elif mutation == "types":
            cases = [dict(case, token_type_ids=[[0] * len(row) for row in case["ids"]]) for case in alone]
        elif mutation == "positions":
            changed = reopened(directory)
            with torch.no_grad():
                table = changed.base_model.embeddings.position_embeddings.weight
                table.copy_(table.roll(1, 0))
        elif mutation == "pad inside":
            changed = reopened(directory)
            embeddings = changed.base_model.embeddings
            embeddings.create_position_ids_from_input_ids = lambda ids, pad, past: embeddings.create_position_ids_from_inputs_embeds(
                torch.zeros(*ids.shape, 1), pad
            )
        else:
            parameters = json.loads(json.dumps(model.config.rope_parameters))
            parameters[mutation.split()[1]]["rope_theta"] *= 1.1
            changed = reopened(directory, rope_parameters=parameters)
        moved = max(abs(forward(changed, case)[0].item() - e) for case, e in zip(cases, expected))
        enough = 10 if "gelu" in str(mutation) or "eps" in str(mutation) else 300
        assert moved > enough * TOLERANCE * scale, (name, mutation, moved / scale)


def reopened(directory, **changes):
    model = AutoModelForSequenceClassification.from_pretrained(directory, dtype=torch.float64, **changes)
    return model.eval()


def single_precision(directory, cases, expected):
    model = AutoModelForSequenceClassification.from_pretrained(directory, dtype=torch.float32).eval()
    worst = 0.0
    for case in cases:
        if case["side"] != "left":
            output = forward(model, case).double()
            worst = max(worst, *(abs(output[row].item() - expected[i]) for row, i in enumerate(case["rows"])))
    return worst


def buckets():
    """The bucket of every distance from 0 on, for the published sizes and for small ones."""
    tables = []
    for bucket_size, max_position in ((256, 512), (8, 128), (32, 128), (7, 40)):
        distances = torch.arange(max_position + 10)
        bucket = modeling_deberta_v2.make_log_bucket_position(distances, bucket_size, max_position).long().tolist()
        tables.append({"buckets": bucket_size, "farthest": max_position, "bucket": bucket})
    golden.write("encoders/buckets.json", {"tables": tables})


def main():
    index = {}
    for seed, name in enumerate(VARIANTS, start=FIRST_SEED):
        directory = golden.OUT / "encoders" / name
        kind = make(name, directory, seed)
        golden_file(name, directory, kind, seed)
        index[name] = sorted(path.name for path in directory.iterdir())
    golden.write("encoders/index.json", {"models": index})
    buckets()


if __name__ == "__main__":
    main()
