"""What every peer shares: the model, the ids, and the loop that makes one timed step for each line of input."""

import json
import re
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

THREADS = 2


def create(directory, vocabulary):
    """Writes a Llama of 30 million parameters at a vocabulary of 32,000 with its seeded random weights."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=384,
        intermediate_size=1024,
        num_hidden_layers=10,
        num_attention_heads=6,
        num_key_value_heads=6,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(directory)


def arguments():
    """The model directory, rows and tokens of the command line."""
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def load(directory):
    """The model as its users would train it on a CPU."""
    torch.set_num_threads(THREADS)
    model = LlamaForCausalLM.from_pretrained(directory, attn_implementation="sdpa", dtype=torch.float32)
    assert model.config._attn_implementation == "sdpa"
    return model


def ids(vocabulary, rows, tokens):
    """The ids of our side: [rows, tokens]."""
    row, column = torch.arange(rows)[:, None], torch.arange(tokens)[None, :]
    return (1_000_003 * row + 7_919 * column) % vocabulary


def memory(key):
    """A figure of this process's status, in MB."""
    with open("/proc/self/status") as status:
        return int(re.search(key + r":\s*(\d+)", status.read()).group(1)) >> 10


def ready():
    print("ready", flush=True)


class Turn:
    """One step: waits for a line of input, then counts until the answer."""

    def __init__(self):
        self.asked = bool(sys.stdin.readline())
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
        self.resident = memory("VmRSS")
        self.start, self.cpu = time.perf_counter(), time.process_time()

    def answer(self, value):
        figures = {
            "seconds": time.perf_counter() - self.start,
            "cpu_seconds": time.process_time() - self.cpu,
            "value": value,
            "resident_mb": self.resident,
            "peak_mb": memory("VmHWM"),
        }
        print(json.dumps(figures), flush=True)


def answer(step):
    """Says ready, then makes one step for each line of input and answers with its figures."""
    ready()
    while (turn := Turn()).asked:
        turn.answer(step())
