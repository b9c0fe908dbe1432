"""Writes loss/dpo.json and train/dpo_step.json: what TRL's DPO trainer computes.

The losses come out of TRL's own code, one pair at a time, from log-probabilities of its tokens; those that TRL does not
have are computed here from their definitions. The steps are those of an unmodified trainer on models/llama_gqa, in float64.
"""

import collections
import math
import tempfile
import types

import numpy
import tokenizers
import torch
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl.trainer.dpo_trainer import DPOTrainer

import golden
import models

golden.VERSIONS["trl"] = trl.__version__
DEFINITION = (
    "c, r: policy minus reference of the chosen and rejected sums over tokens; d = c - r. sigmoid: -log s(beta d); "
    "conservative: -(1-e) log s(beta d) - e log s(-beta d); robust: (-(1-e) log s(beta d) + e log s(-beta d)) / (1-2e); "
    "hinge: max(0, 1 - beta d); ipo: (c / chosen_tokens - r / rejected_tokens - 1/(2 beta))^2; "
    "ipo-sum: (d - 1/(2 beta))^2."
)
TRL_TYPES = ("sigmoid", "robust", "hinge", "ipo")
LEARNING_RATE = 1e-3
CLIP = 1.0
BETA = 0.1
STEPS = 3
EOS = 2
OTHER = "llama_v4config"
LENGTHS = ((5, 4, 6), (3, 8, 2), (7, 3, 3), (4, 1, 9))
SHOWN = ("model.layers.0.self_attn.q_proj.weight", "model.layers.1.mlp.down_proj.weight", "lm_head.weight")


# --- losses ---


def log_probs(generator, tokens, spread):
    """Log-probabilities of tokens: the policy's, and a reference's that differs from them."""
    policy = -torch.rand(tokens, generator=generator, dtype=torch.float64) * 3 - 0.05
    reference = policy + torch.randn(tokens, generator=generator, dtype=torch.float64) * spread
    return policy, torch.clamp(reference, max=-0.01)


def two_token_logits(values):
    """Logits over two tokens whose log softmax at token 0 is the wanted value."""
    return torch.stack([values, torch.log(-torch.expm1(values))], dim=-1)


def trl_loss(loss_type, beta, smoothing, chosen, rejected):
    """TRL's own loss of one pair, given (policy, reference) log-probabilities of the tokens of both completions."""
    width = max(len(chosen[0]), len(rejected[0]))

    def padded(values):
        return torch.nn.functional.pad(values, (0, width - len(values)), value=-0.7)

    mask = torch.zeros(2, 1 + width, dtype=torch.long)
    for row, side in enumerate((chosen, rejected)):
        mask[row, 1 : 1 + len(side[0])] = 1
    policy = torch.stack([padded(chosen[0]), padded(rejected[0])])
    logits = torch.nn.functional.pad(two_token_logits(policy), (0, 0, 0, 1))
    gathering = types.SimpleNamespace(device="cpu", gather=lambda x: x, gather_for_metrics=lambda x: x)
    trainer = types.SimpleNamespace(
        model=types.SimpleNamespace(training=False),
        accelerator=gathering,
        aux_loss_enabled=False,
        ld_alpha=None,
        precompute_ref_logps=True,
        f_divergence_type="reverse_kl",
        loss_types=[loss_type],
        loss_weights=[1.0],
        beta=beta,
        label_smoothing=smoothing,
        use_weighting=False,
        _metrics={"eval": collections.defaultdict(list)},
        _total_train_tokens=0,
    )
    inputs = {
        "input_ids": torch.zeros(2, 1 + width, dtype=torch.long),
        "attention_mask": mask,
        "completion_mask": mask,
        "ref_chosen_logps": chosen[1].sum()[None],
        "ref_rejected_logps": rejected[1].sum()[None],
    }
    return DPOTrainer._compute_loss(trainer, lambda **_: types.SimpleNamespace(logits=logits), inputs, False).item()


def by_definition(kind, beta, smoothing, chosen, rejected, lengths):
    """Every loss in numpy, float64."""
    c, r = chosen, rejected
    x = beta * (c - r)
    log_sigmoid = lambda v: -numpy.logaddexp(0.0, -v)
    return float(
        {
            "sigmoid": lambda: -log_sigmoid(x),
            "conservative": lambda: -(1 - smoothing) * log_sigmoid(x) - smoothing * log_sigmoid(-x),
            "robust": lambda: (-(1 - smoothing) * log_sigmoid(x) + smoothing * log_sigmoid(-x)) / (1 - 2 * smoothing),
            "hinge": lambda: max(0.0, 1 - x),
            "ipo": lambda: (c / lengths[0] - r / lengths[1] - 1 / (2 * beta)) ** 2,
            "ipo-sum": lambda: (c - r - 1 / (2 * beta)) ** 2,
        }[kind]()
    )


def write_losses():
    generator = torch.Generator().manual_seed(3)
    pairs = []
    for tokens, spread in (((10, 20), 0.5), ((1, 1), 2.0), ((7, 30), 0.05), ((25, 4), 1.0), ((12, 12), 3.0), ((5, 40), 8.0)):
        pairs.append([log_probs(generator, n, spread) for n in tokens])
    rows = [
        {
            "chosen_policy": chosen[0].sum(),
            "chosen_reference": chosen[1].sum(),
            "chosen_tokens": len(chosen[0]),
            "rejected_policy": rejected[0].sum(),
            "rejected_reference": rejected[1].sum(),
            "rejected_tokens": len(rejected[0]),
        }
        for chosen, rejected in pairs
    ]
    cases = []
    for kind in ("sigmoid", "conservative", "robust", "hinge", "ipo", "ipo-sum"):
        for beta in (0.1, 0.5):
            for smoothing in (0.1, 0.3) if kind in ("conservative", "robust") else (0.0,):
                losses = []
                for row, (chosen, rejected) in zip(rows, pairs):
                    own = by_definition(
                        kind,
                        beta,
                        smoothing,
                        (row["chosen_policy"] - row["chosen_reference"]).item(),
                        (row["rejected_policy"] - row["rejected_reference"]).item(),
                        (row["chosen_tokens"], row["rejected_tokens"]),
                    )
                    if kind in TRL_TYPES:
                        theirs = trl_loss(kind, beta, smoothing, chosen, rejected)
                        assert math.isclose(own, theirs, rel_tol=1e-9, abs_tol=1e-12), (kind, own, theirs)
                        losses.append(theirs)
                    else:
                        losses.append(own)
                source = "trl" if kind in TRL_TYPES else "definition"
                cases.append(
                    {"objective": kind, "beta": beta, "label_smoothing": smoothing, "source": source, "losses": losses}
                )
    golden.write("loss/dpo.json", {"definition": DEFINITION, "pairs": rows, "cases": cases})


# --- steps ---


def tokenizer():
    """Token i is written "t<i>"; the EOS that TRL puts behind a completion is id 2."""
    vocabulary = {f"t{i}": i for i in range(models.BASE["vocab_size"])}
    vocabulary["<eos>"] = vocabulary.pop("t2")
    vocabulary["<pad>"] = vocabulary.pop("t0")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="t1"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<eos>", pad_token="<pad>")


def draw_rows():
    generator = torch.Generator().manual_seed(17)
    draw = lambda n: torch.randint(3, models.BASE["vocab_size"], (n,), generator=generator).tolist()
    return [tuple(draw(n) for n in lengths) for lengths in LENGTHS]


def text(ids):
    return " ".join(f"t{i}" for i in ids)


class Watched(DPOTrainer):
    """Writes down what goes through the trainer."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        self.seen["losses"].append(loss.item())
        ids = [row[mask.bool()].tolist() for row, mask in zip(inputs["input_ids"], inputs["attention_mask"])]
        completions = inputs["completion_mask"].sum(1).tolist()
        self.seen["rows"].append([(row, n) for row, n in zip(ids, completions)])
        return loss

    def log(self, logs, start_time=None):
        metrics = {key: sum(values) / len(values) for key, values in self._metrics["train"].items()}
        if "grad_norm" in logs:
            self.seen["gradient_norms"].append(float(logs["grad_norm"]))
            self.seen["metrics"].append(metrics)
        super().log(logs, start_time)


def train(dtype, steps, loss_types, smoothing=0.0, reference=None):
    rows = draw_rows()
    data = Dataset.from_list(
        [{"prompt": text(p), "chosen": " " + text(c) + " <eos>", "rejected": " " + text(r) + " <eos>"} for p, c, r in rows]
    )
    load = lambda name: AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / name, dtype=dtype)
    policy = load("llama_gqa")
    with tempfile.TemporaryDirectory() as folder:
        trainer = Watched(
            model=policy,
            ref_model=load(reference or "llama_gqa"),
            processing_class=tokenizer(),
            train_dataset=data,
            args=trl.DPOConfig(
                output_dir=folder,
                beta=BETA,
                loss_type=loss_types,
                label_smoothing=smoothing,
                learning_rate=LEARNING_RATE,
                lr_scheduler_type="constant",
                optim="adamw_torch",
                max_grad_norm=CLIP,
                max_steps=steps,
                per_device_train_batch_size=len(rows),
                logging_steps=1,
                bf16=False,
                gradient_checkpointing=False,
                use_cpu=True,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                max_length=None,
            ),
        )
        trainer.seen = {"losses": [], "gradient_norms": [], "metrics": [], "rows": []}
        after = []

        class Keep(TrainerCallback):
            def on_step_end(self, args, state, control, **_):
                after.append({n: p.detach().clone() for n, p in trainer.model.named_parameters()})

        trainer.add_callback(Keep())
        trainer.train()
    seen_rows = [sorted(step) for step in trainer.seen["rows"]]
    assert all(step == seen_rows[0] for step in seen_rows)
    wanted = [(p + c + [EOS], len(c) + 1) for p, c, r in rows] + [(p + r + [EOS], len(r) + 1) for p, c, r in rows]
    assert seen_rows[0] == sorted(wanted), "TRL saw other ids"
    return rows, trainer.seen, after


METRICS = (
    "rewards/chosen",
    "rewards/rejected",
    "rewards/accuracies",
    "rewards/margins",
    "logps/chosen",
    "logps/rejected",
    "entropy",
    "mean_token_accuracy",
)


def write_steps():
    before = models.exact()
    rows, seen, after = train(torch.float64, STEPS, ["sigmoid"])
    others = []
    for loss_type, smoothing in (("robust", 0.1), ("hinge", 0.0), ("ipo", 0.0), ("sigmoid", 0.0)):
        _, other, _ = train(torch.float64, 1, [loss_type], smoothing, reference=OTHER)
        others.append(
            {
                "objective": loss_type,
                "label_smoothing": smoothing,
                "loss": other["losses"][0],
                "gradient_norm": other["gradient_norms"][0],
            }
        )
    models.as_shipped(before)
    _, single, single_after = train(torch.float32, STEPS, ["sigmoid"])
    for name in SHOWN:
        largest = after[0][name].abs().max().item()
        worst = [(s[name].double() - a[name]).abs().max().item() / largest for s, a in zip(single_after, after)]
        print(f"   {name}: TRL in float32 is off by", [f"{w:.1e}" for w in worst], "of the largest")
    print("   losses", seen["losses"], "float32", single["losses"])
    print("   norms", seen["gradient_norms"], "float32", single["gradient_norms"])
    assert abs(seen["losses"][0] - math.log(2)) < 1e-12
    golden.write(
        "train/dpo_step.json",
        {
            "model": "llama_gqa",
            "learning_rate": LEARNING_RATE,
            "betas": [0.9, 0.999],
            "eps": 1e-8,
            "weight_decay": 0.0,
            "max_gradient_norm": CLIP,
            "beta": BETA,
            "prompts": [p for p, _, _ in rows],
            "chosen": [c + [EOS] for _, c, _ in rows],
            "rejected": [r + [EOS] for _, _, r in rows],
            "losses": seen["losses"],
            "gradient_norms": seen["gradient_norms"],
            "metrics": [{name: step[name] for name in METRICS} for step in seen["metrics"]],
            "after": [{name: step[name] for name in SHOWN[:2]} for step in (after[0], after[-1])],
            "other_reference": {"model": OTHER, "steps": others},
        },
    )


if __name__ == "__main__":
    write_losses()
    write_steps()
