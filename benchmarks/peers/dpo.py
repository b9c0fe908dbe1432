"""Steps of TRL's DPOTrainer on one batch of pairs, with reference log-probabilities computed beforehand.

A fourth argument turns gradient checkpointing on or off; TRL's default is on.
"""

import sys
import tempfile

import contest
import tokenizers
import trl
from datasets import Dataset
from transformers import PreTrainedTokenizerFast, TrainerCallback

PROMPT = 64
directory, rows, tokens = contest.arguments()
checkpointing = sys.argv[4] == "on"
model = contest.load(directory)
vocabulary = model.config.vocab_size
loss = []


def tokenizer():
    """Words that are the ids; the last one ends a sequence."""
    words = {f"t{i}": i for i in range(vocabulary - 1)}
    words["<eos>"] = vocabulary - 1
    fast = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="t0"))
    fast.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=fast, eos_token="<eos>", pad_token="<eos>")


def text(ids):
    return " ".join(f"t{i}" for i in ids.tolist())


def pairs():
    ids = contest.ids(vocabulary - 1, rows, tokens)
    for pair in range(0, rows, 2):
        chosen, rejected = (" " + text(ids[row, PROMPT:-1]) + " <eos>" for row in (pair, pair + 1))
        yield {"prompt": text(ids[pair, :PROMPT]), "chosen": chosen, "rejected": rejected}


class Trainer(trl.DPOTrainer):
    """Keeps the loss of a step unrounded."""

    def compute_loss(self, *arguments, **named):
        result = super().compute_loss(*arguments, **named)
        loss.append(result.item())
        return result


class Steps(TrainerCallback):
    """Waits before each step until it is asked for, and answers after it."""

    def on_step_begin(self, args, state, control, **_):
        self.turn = contest.Turn()
        control.should_training_stop = not self.turn.asked
        if not self.turn.asked:
            sys.exit()

    def on_step_end(self, args, state, control, **_):
        self.turn.answer(loss.pop())


settings = trl.DPOConfig(
    output_dir=tempfile.mkdtemp(),
    precompute_ref_log_probs=True,
    gradient_checkpointing=checkpointing,
    beta=0.1,
    learning_rate=1e-5,
    lr_scheduler_type="constant",
    weight_decay=0.0,
    max_grad_norm=1.0,
    max_steps=1_000_000,
    per_device_train_batch_size=rows // 2,
    bf16=False,
    use_cpu=True,
    max_length=None,
    save_strategy="no",
    logging_strategy="no",
    report_to=[],
    disable_tqdm=True,
)
trainer = Trainer(
    model=model,
    args=settings,
    processing_class=tokenizer(),
    train_dataset=Dataset.from_list(list(pairs())),
    callbacks=[Steps()],
)
contest.ready()
trainer.train()
