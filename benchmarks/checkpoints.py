"""What checkpoints cost: trains a model of the shape of Pythia-70M (70.4 million weights, random) with a checkpoint every few steps,
prints the time of one, and what share of the time the default of one in ten minutes takes.

Called by checkpoints.sh, which builds. A first argument is the number of steps (default 12).
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
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

VOCABULARY = 50_304
MINUTES = 10
EVERY = 3


def create(home):
    torch.manual_seed(0)
    config = GPTNeoXConfig(
        vocab_size=VOCABULARY,
        hidden_size=512,
        num_hidden_layers=6,
        num_attention_heads=8,
        intermediate_size=2048,
        rotary_pct=0.25,
        max_position_embeddings=2048,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=0,
    )
    names = [f"t{i}" for i in range(VOCABULARY)]
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(dict(zip(names, range(VOCABULARY))), unk_token=names[-1]))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    words.add_special_tokens([names[0]])
    model = GPTNeoXForCausalLM(config)
    model.save_pretrained(home)
    words.save(str(home / "tokenizer.json"))
    return sum(parameter.numel() for parameter in model.parameters())


def text(count):
    return " ".join(f"t{random.randrange(1, VOCABULARY - 1)}" for _ in range(count))


def main():
    steps = sys.argv[1] if len(sys.argv) > 1 else "12"
    random.seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        home = pathlib.Path(scratch)
        weights = create(home / "model")
        rows = ({"prompt": text(32), "completion": " " + text(96)} for _ in range(64))
        (home / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        words = ["sft", "train", "--model", home / "model", "--data", home / "rows.jsonl", "--out", home / "run",
                 "--checkpoint-steps", str(EVERY), "--set", f"training.maxSteps={steps}", "--set", "training.loggingSteps=1"]
        said = subprocess.run([*os.environ["RLHF"].split(), *map(str, words)], capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"checkpoints: {said.stderr}")
        cost = re.search(r"checkpoints: (\d+) written in ([0-9.]+) s each, ([0-9.]+) % of the time", said.stderr)
        size = sum(file.stat().st_size for file in next((home / "run/checkpoints").iterdir()).iterdir())
    seconds = float(cost[2])
    print(f"{weights / 1e6:.1f} million weights, {size / 1e6:.0f} MB a checkpoint")
    print(f"{cost[1]} checkpoints, one every {EVERY} steps: {seconds:.2f} s each, {cost[3]} % of the time")
    print(f"one every {MINUTES} minutes, the default: {100 * seconds / (60 * MINUTES):.2f} % of the time")


if __name__ == "__main__":
    main()
