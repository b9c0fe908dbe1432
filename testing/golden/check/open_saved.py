"""Opens model directories that RLHF4J wrote with transformers and compares its answers with RLHF4J's.

    python open_saved.py [--probe FILE] DIRECTORY...

Run by hand. For each directory: no missing, unexpected or mismatched tensor, nothing but the model's own tensors in the
folder, a valid generation_config.json and a tokenizer that loads, where there are any. Then, if there is a probe
(DIRECTORY/probe.json, or the --probe file for all), the logits or scores in float64 over the stored weights against the
expected ones:

    {"ids": [[int]], "attention_mask": [[0|1]], "token_type_ids": [[0|1]], "expected": [[[number]]] or [number],
     "texts": [{"text": string, "ids": [int]}]}                                 (or {"cases": [such objects]})

Only encoders have token_type_ids; their rows are padded on the right, if at all.

expected is logits [B][T][V] for a language model (rows at padding are not looked at, may be null) and scores [B] for a
one-label classifier. texts are tokenized as plain text, without special tokens. Exit status 1 if anything differs.
"""

import argparse
import json
import pathlib
import sys

import torch
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification
from transformers import AutoTokenizer, GenerationConfig

LOGIT_TOLERANCE = 3e-6  # of the largest expected logit
SCORE_TOLERANCE = 1e-5  # times max(1, |score|)

torch.set_num_threads(1)


class Difference(Exception):
    """Something in the directory is not as it should be."""


def require(condition, message):
    if not condition:
        raise Difference(message)


def check_files(directory):
    index = directory / "model.safetensors.index.json"
    if index.exists():
        parsed = json.loads(index.read_text(encoding="utf-8"))
        require("metadata" in parsed, "the shard index has no metadata")
        wanted = parsed["weight_map"]
        require(not (directory / "model.safetensors").exists(), "model.safetensors lies beside a shard index")
    else:
        wanted = None
    found = {}
    for path in sorted(directory.glob("*.safetensors")):
        with safe_open(path, "pt") as opened:
            require((opened.metadata() or {}).get("format") == "pt", f"{path.name}: no metadata format = pt")
            for name in opened.keys():
                require(name not in found, f"{name} is in {found.get(name)} and in {path.name}")
                found[name] = path.name
    require(found, "no .safetensors file")
    require(wanted is None or wanted == found, "the shard index does not list what the shards hold")
    return len(found)


def check_model(directory):
    config = AutoConfig.from_pretrained(directory)
    scorer = any("ForSequenceClassification" in name for name in config.architectures or [])
    auto = AutoModelForSequenceClassification if scorer else AutoModelForCausalLM
    kwargs = {"attn_implementation": "eager"} if config.model_type == "gemma2" else {}
    model, info = auto.from_pretrained(directory, dtype=torch.float64, output_loading_info=True, **kwargs)
    for kind, keys in info.items():
        require(not keys, f"{kind}: {sorted(map(str, keys))}")
    if scorer:
        require(config.num_labels == 1, f"{config.num_labels} labels instead of 1")
        require(config.pad_token_id is not None, "a classifier without pad_token_id cannot score a batch")
    return model.eval(), scorer


def check_generation_config(directory):
    if (directory / "generation_config.json").exists():
        GenerationConfig.from_pretrained(directory).validate(strict=True)


def check_tokenizer(directory, model):
    if not (directory / "tokenizer.json").exists():
        return None
    tokenizer = AutoTokenizer.from_pretrained(directory)
    rows = model.get_input_embeddings().weight.shape[0]
    require(len(tokenizer) <= rows, f"{len(tokenizer)} tokens, but {rows} embedding rows")
    for role in ("bos_token_id", "eos_token_id", "pad_token_id"):
        in_config = getattr(model.config, role, None)
        in_config = in_config if isinstance(in_config, list) else [in_config]
        in_tokenizer = getattr(tokenizer, role)
        if in_tokenizer is not None and in_config != [None]:
            require(in_tokenizer in in_config, f"{role}: config {in_config}, tokenizer {in_tokenizer}")
    return tokenizer


def check_texts(tokenizer, texts):
    for item in texts:
        require(tokenizer is not None, "the probe has texts, the directory no tokenizer.json")
        ids = tokenizer(item["text"], add_special_tokens=False, split_special_tokens=True)["input_ids"]
        require(ids == item["ids"], f"text {item['text']!r}: transformers {ids}, expected {item['ids']}")


def answers(model, case, mask):
    ids, mask = torch.tensor(case["ids"]), torch.tensor(mask)
    if "token_type_ids" in case:
        has_types = model.config.model_type in ("bert", "electra", "deberta-v2")
        more = {"token_type_ids": torch.tensor(case["token_type_ids"])} if has_types else {}
    else:
        more = {"position_ids": (mask.cumsum(-1) - 1).clamp(min=0), "use_cache": False}
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=mask, **more).logits


def check_scores(output, expected):
    scores = output[:, 0].tolist()
    require(len(scores) == len(expected), f"{len(scores)} scores, {len(expected)} expected")
    worst = 0.0
    for row, (ours, theirs) in enumerate(zip(expected, scores)):
        off = abs(ours - theirs) / max(1.0, abs(theirs))
        require(off <= SCORE_TOLERANCE, f"score of row {row}: transformers {theirs!r}, expected {ours!r}")
        worst = max(worst, off)
    print(f"  scores {scores}, largest relative difference {worst:.1e}")


def check_logits(output, expected, mask):
    require([len(row) for row in expected] == [len(row) for row in mask], "expected and ids differ in shape")
    scale = max(abs(x) for b, row in enumerate(expected) for t, xs in enumerate(row) if mask[b][t] for x in xs)
    worst = 0.0
    for b, row in enumerate(expected):
        for t, ours in enumerate(row):
            if mask[b][t]:
                off = (output[b, t] - torch.tensor(ours, dtype=torch.float64)).abs().max().item() / scale
                require(off <= LOGIT_TOLERANCE, f"logits of row {b}, position {t} are off by {off:.1e} of the largest, {scale:.4g}")
                worst = max(worst, off)
    print(f"  logits {list(output.shape)}, largest difference {worst:.1e} of the largest logit, {scale:.4g}")


def check_directory(directory, probe):
    tensors = check_files(directory)
    model, scorer = check_model(directory)
    check_generation_config(directory)
    tokenizer = check_tokenizer(directory, model)
    print(f"  {type(model).__name__}, {tensors} tensors, tokenizer: {type(tokenizer).__name__ if tokenizer else 'none'}")
    probe = probe or directory / "probe.json"
    if not probe.exists():
        print("  no probe")
        return
    parsed = json.loads(probe.read_text(encoding="utf-8"))
    for case in parsed.get("cases", [parsed]):
        check_texts(tokenizer, case.get("texts", []))
        if "ids" not in case:
            continue
        mask = case.get("attention_mask") or [[1] * len(row) for row in case["ids"]]
        output = answers(model, case, mask)
        if scorer:
            check_scores(output, case["expected"])
        else:
            check_logits(output, case["expected"], mask)


def main():
    parser = argparse.ArgumentParser(description="Opens RLHF4J's model directories with transformers.")
    parser.add_argument("directories", nargs="+", type=pathlib.Path, metavar="DIRECTORY")
    parser.add_argument("--probe", type=pathlib.Path, help="one probe for all directories (default: DIRECTORY/probe.json)")
    arguments = parser.parse_args()
    failed = 0
    for directory in arguments.directories:
        print(directory)
        try:
            check_directory(directory, arguments.probe)
        except Exception as problem:  # one directory's fault must not hide the others
            failed += 1
            print(f"  FAILED: {type(problem).__name__}: {problem}")
    print(f"{len(arguments.directories) - failed} of {len(arguments.directories)} directories are as they should be")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
