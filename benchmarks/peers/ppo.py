"""Iterations of TRL's PPOTrainer: generate, score, evaluate, and four epochs of one mini-batch of all rows.

A fourth argument turns gradient checkpointing of policy and critic on or off. TRL's PPO trainer takes the setting, on by
default, and does nothing with it, so here the models are told. Without a stop token every completion has the full length.
"""

import os
import sys
import tempfile

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import contest
from datasets import Dataset
from transformers import LlamaForSequenceClassification, PreTrainedTokenizerFast, PrinterCallback, TrainerCallback
from trl.experimental.ppo import PPOConfig, PPOTrainer

directory, rows, tokens = contest.arguments()
policy = contest.load(directory)
critic, reward = (contest.load(f"{directory}/scorer", LlamaForSequenceClassification) for _ in range(2))
vocabulary = policy.config.vocab_size
checkpointing = sys.argv[4] == "on"
if checkpointing:
    policy.gradient_checkpointing_enable()
    critic.gradient_checkpointing_enable()


def tokenizer():
    """TRL asks it for the id that pads, which no prompt holds, and for one that ends a text."""
    last = f"t{vocabulary - 1}"
    file = f"{directory}/tokenizer.json"
    return PreTrainedTokenizerFast(tokenizer_file=file, pad_token=last, eos_token=last, padding_side="left")


def prompts():
    ids = contest.ids(vocabulary - 1, rows, 64)
    return [{"input_ids": ids[row, : contest.prompt_length(row)].tolist()} for row in range(rows)]


class Iterations(TrainerCallback):
    """Waits before each iteration until it is asked for, and answers after it."""

    def on_train_begin(self, args, state, control, **_):
        self.wait()

    def wait(self):
        self.turn = contest.Turn()
        if not self.turn.asked:
            sys.exit()

    def on_log(self, args, state, control, logs=None, **_):
        self.metrics = logs

    def on_step_end(self, args, state, control, **_):
        assert policy.is_gradient_checkpointing == critic.is_gradient_checkpointing == checkpointing
        self.turn.answer([generated.pop(), round(self.metrics["objective/kl"], 2) if state.global_step == 1 else None])
        self.wait()


generated = []
generate = policy.generate


def counted(**arguments):
    output = generate(**arguments)
    generated.append(output.sequences.numel() - arguments["input_ids"].numel())
    return output


policy.generate = counted
settings = PPOConfig(
    output_dir=tempfile.mkdtemp(),
    response_length=tokens,
    temperature=1.0,
    num_ppo_epochs=4,
    num_mini_batches=1,
    num_sample_generations=0,
    learning_rate=3e-6,
    lr_scheduler_type="constant",
    weight_decay=0.0,
    total_episodes=1_000_000 * rows,
    per_device_train_batch_size=rows,
    gradient_accumulation_steps=1,
    bf16=False,
    use_cpu=True,
    save_strategy="no",
    logging_strategy="steps",
    report_to=[],
    disable_tqdm=True,
)
trainer = PPOTrainer(
    args=settings,
    processing_class=tokenizer(),
    model=policy,
    ref_model=contest.load(directory),
    reward_model=reward,
    value_model=critic,
    train_dataset=Dataset.from_list(prompts()),
    callbacks=[Iterations()],
)
trainer.remove_callback(PrinterCallback)
contest.ready()
trainer.train()
