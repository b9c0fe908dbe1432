"""Holds the memory that training commands announce against what they take: one process a case, a table at the end.

Called by memory.sh, which builds. Models are made by transformers with random weights and tokenizers whose words are the ids.
Arguments name cases by a part of their name; without any, all run.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import tokenizers
import torch
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

SHAPES = {
    # name: vocabulary, hidden, intermediate, layers, heads, heads of keys, whether the head is the embedding
    "wide": (49_152, 384, 1024, 10, 6, 6, True),
    "deep": (4_096, 512, 1376, 16, 8, 8, False),
    "grouped": (8_192, 512, 1536, 12, 8, 2, True),
    "vocabulary": (128_000, 256, 688, 4, 4, 4, False),
}
CHECKPOINTING = ["--gradient-checkpointing"]
CASES = [
    # name, command, shape, rows of a pass, longest row, options
    ("SFT", "sft", "deep", 4, 512, []),
    ("SFT, checkpointing", "sft", "deep", 4, 512, CHECKPOINTING),
    ("SFT, long rows", "sft", "grouped", 1, 2048, []),
    ("SFT, long rows, checkpointing", "sft", "grouped", 1, 2048, CHECKPOINTING),
    ("SFT, wide vocabulary", "sft", "vocabulary", 2, 256, []),
    ("SFT, short rows", "sft", "wide", 8, 48, []),
    ("DPO", "dpo", "wide", 2, 512, []),
    ("DPO, checkpointing", "dpo", "wide", 2, 512, CHECKPOINTING),
    ("DPO, live reference", "dpo", "wide", 2, 512, ["--set", "reference=live"]),
    ("reward model", "reward", "grouped", 2, 512, []),
    ("reward model, checkpointing", "reward", "grouped", 2, 512, CHECKPOINTING),
    ("PPO", "ppo", "wide", 8, 128, []),
    ("PPO, checkpointing", "ppo", "wide", 8, 128, CHECKPOINTING),
]


def create(home, shape):
    vocabulary, hidden, intermediate, layers, heads, keys, tied = SHAPES[shape]
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=keys,
        max_position_embeddings=4096,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=vocabulary - 1,
        pad_token_id=None,
    )
    names = [f"t{i}" for i in range(vocabulary)]
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(dict(zip(names, range(vocabulary))), unk_token=names[-1]))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    words.add_special_tokens([names[-1]])
    LlamaForCausalLM(config).save_pretrained(home / shape)
    words.save(str(home / shape / "tokenizer.json"))
    scorer = home / f"{shape}-scorer"
    LlamaForSequenceClassification.from_pretrained(home / shape, num_labels=1).save_pretrained(scorer)
    words.save(str(scorer / "tokenizer.json"))


def text(count, vocabulary):
    return " ".join(f"t{random.randrange(vocabulary - 1)}" for _ in range(count))


def rows(command, vocabulary, count, tokens):
    """Rows of unequal length, every eighth of which is the longest."""
    for row in range(count):
        length = tokens if row % 8 == 0 else random.randrange(tokens // 2, tokens + 1)
        prompt = text(length // 4, vocabulary)
        answers = [" " + text(length - length // 4 - 1, vocabulary) for _ in range(2)]
        if command == "sft":
            yield {"prompt": prompt, "completion": answers[0]}
        elif command == "ppo":
            yield {"prompt": prompt}
        else:
            yield {"prompt": prompt, "chosen": answers[0], "rejected": answers[1]}


def arguments(command, shape, home, data, micro, tokens, options):
    common = ["--model", str(home / shape), "--out", str(data.parent / "run"), "--max-length", str(tokens), *options]
    if command == "ppo":
        new = 3 * tokens // 4
        return ["ppo", "train", "--prompts", str(data), "--reward", str(home / f"{shape}-scorer"), *common,
                "--max-new-tokens", str(new), "--set", f"training.ppo.microBatchSize={micro}",
                "--set", "training.rolloutSize=16", "--episodes", "32", "--set", "training.ppo.updateEpochs=1"]
    return [command, "train", "--data", str(data), *common, "--set", "training.maxSteps=3",
            "--set", f"training.microBatchSize={micro}"]


def run(name, command, shape, micro, tokens, options, home):
    if not (home / shape).exists():
        create(home, shape)
    random.seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        data = pathlib.Path(scratch) / "rows.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows(command, SHAPES[shape][0], 24, tokens)))
        words = arguments(command, shape, home, data, micro, tokens, options)
        environment = dict(os.environ, RLHF4J_HOME=scratch + "/home") if command == "dpo" else None
        said = subprocess.run([*os.environ["RLHF"].split(), *words], capture_output=True, text=True, env=environment)
    if said.returncode:
        sys.exit(f"memory: {name}: {said.stderr}")
    estimate = float(re.search(r"memory: about ([0-9.]+) GiB", said.stderr)[1])
    peak = float(re.search(r"memory: at most ([0-9.]+) GiB", said.stderr)[1])
    parts = re.search(r"memory: about .*", said.stderr)[0]
    return estimate, peak, parts


def main():
    wanted = sys.argv[1:]
    worst = 0
    print("| case | model | rows x tokens | estimate | measured | ratio |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, command, shape, micro, tokens, options in CASES:
            if wanted and not any(part in name for part in wanted):
                continue
            estimate, peak, parts = run(name, command, shape, micro, tokens, options, pathlib.Path(scratch))
            print(f"| {name} | {shape} | {micro} x {tokens} | {estimate} GiB | {peak} GiB | {estimate / peak:.2f} |", flush=True)
            print(f"  {parts}", file=sys.stderr, flush=True)
            worst = max(worst, abs(estimate / peak - 1))
    print(f"\nat worst {100 * worst:.0f} % off")
    sys.exit(worst > 0.2)


if __name__ == "__main__":
    main()
