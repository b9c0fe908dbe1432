"""What every peer shares: the models, the ids, and the loop that makes one timed step for each line of input."""

import json
import re
import sys
import time

import tokenizers
import torch
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

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


def create_smollm2(directory, layers):
    """Writes a model of the shape of SmolLM2-135M, of 30 layers and 134.5 million parameters, with seeded random weights."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49_152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=layers,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(directory)


def create_small_scorer(directory):
    """Writes a scorer of 4 layers and 3.3 million parameters, so that 10,000 pairs take minutes, and its tokenizer."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=8_192,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=3,
        num_key_value_heads=3,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=8_191,
        num_labels=1,
    )
    LlamaForSequenceClassification(config).save_pretrained(directory)
    tokenizer_of_ids(directory, config.vocab_size)


def create_scorer(directory, vocabulary):
    """Writes a scorer that starts from the model, and for both a tokenizer whose words are the ids; only the last is special."""
    LlamaForSequenceClassification.from_pretrained(directory, num_labels=1).save_pretrained(f"{directory}/scorer")
    for home in (directory, f"{directory}/scorer"):
        tokenizer_of_ids(home, vocabulary)


def tokenizer_of_ids(directory, vocabulary):
    """Writes a tokenizer whose words are the ids; only the last is special."""
    names = [f"t{i}" for i in range(vocabulary)]
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(dict(zip(names, range(vocabulary))), unk_token=names[-1]))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    words.add_special_tokens([names[-1]])
    words.save(f"{directory}/tokenizer.json")


def arguments():
    """The model directory, rows and tokens of the command line."""
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def load(directory, kind=LlamaForCausalLM):
    """The model as its users would train it on a CPU."""
    torch.set_num_threads(THREADS)
    model = kind.from_pretrained(directory, attn_implementation="sdpa", dtype=torch.float32)
    assert model.config._attn_implementation == "sdpa"
    return model


def ids(vocabulary, rows, tokens):
    """The ids of our side: [rows, tokens]."""
    row, column = torch.arange(rows)[:, None], torch.arange(tokens)[None, :]
    return (1_000_003 * row + 7_919 * column) % vocabulary


def scored_ids(vocabulary, row):
    """A row of 32 to 512 tokens; ids as those of our side, without the special one."""
    length = 32 + 7_919 * row % 481
    return [(1_000_003 * row + 7_919 * column) % (vocabulary - 1) for column in range(length)]


def prompt_length(row):
    """Prompts of 32 to 64 tokens."""
    return 32 + 8 * (row % 5)


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
