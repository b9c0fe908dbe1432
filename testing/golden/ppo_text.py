"""Writes ppo/text.json: one iteration of PPO on text, from log-probabilities to updated weights, by the lines of TRL's PPO trainer.

TRL puts the score on the slot after the last token of a completion that ended early, and leaves the value of that slot in the
masks. The expected numbers are those of the right computation: the lines of `PPOTrainer.train`, cut out by their first and last
words and executed with one change, `sequence_lengths + 1` becoming `sequence_lengths`, so that the score sits on the last token
and all masks end there; metrics are means over tokens that exist. What the unchanged lines give stands beside them, under `trl`.

TRL 1.13.0, which the other programs use, has no PPO any more, so this one needs an environment of its own:

    python -m venv old && old/bin/pip install torch==2.13.0 transformers==5.18.0 tokenizers==0.23.2 safetensors==0.8.0 numpy trl==1.9.0
    old/bin/python testing/golden/ppo_text.py
"""

import inspect
import os
import textwrap
import types

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import torch
import trl
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from trl.experimental.ppo import PPOTrainer, ppo_trainer

import golden
import models

golden.VERSIONS["trl"] = trl.__version__
POLICY, REFERENCE, CRITIC, REWARD = "llama_gqa", "llama_v4config", "llama_rm", "llama_rm_tied"
PAD, EOS, LIMIT = 0, 2, 7
# Length of the prompt and of the completion, and whether it ends with EOS; the last two reach the limit in either way.
ROWS = ((5, 4, True), (3, 1, True), (6, 2, True), (2, 6, True), (4, 7, True), (7, 7, False))
COMMON = {
    "learning_rate": 1e-3,
    "betas": [0.9, 0.999],
    "eps": 1e-8,
    "weight_decay": 0.0,
    "epochs": 2,
    "kl_coef": 0.05,
    "vf_coef": 0.1,
    "cliprange_value": 0.2,
}
CASES = (
    {
        "temperature": 1.0,
        "kl_estimator": "k1",
        "missing_eos_penalty": None,
        "whiten_rewards": False,
        "gamma": 1.0,
        "lam": 0.95,
        "cliprange": 0.2,
    },
    {
        "temperature": 0.7,
        "kl_estimator": "k3",
        "missing_eos_penalty": 1.0,
        "whiten_rewards": True,
        "gamma": 0.97,
        "lam": 0.9,
        "cliprange": 0.05,
    },
)
SHOWN = {"policy": "model.layers.0.self_attn.q_proj.weight", "critic": "model.layers.1.self_attn.v_proj.weight"}
SHOWN_WHOLE = {"policy": "model.norm.weight", "critic": "score.weight"}


def draw_rows():
    generator = torch.Generator().manual_seed(23)
    draw = lambda n: torch.randint(3, models.BASE["vocab_size"], (n,), generator=generator).tolist()
    return [(draw(prompt), draw(tokens - ends) + [EOS] * ends) for prompt, tokens, ends in ROWS]


def load(name, dtype):
    auto = AutoModelForSequenceClassification if "_rm" in name else AutoModelForCausalLM
    return auto.from_pretrained(golden.OUT / "models" / name, dtype=dtype).eval()


def cut(first, last):
    """The lines of TRL's loop from the one that starts with `first` to the one that starts with `last`, without indentation."""
    lines = inspect.getsource(PPOTrainer.train).splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().startswith(first))
    end = next(i for i, line in enumerate(lines) if i > start and line.strip().startswith(last))
    return textwrap.dedent("\n".join(lines[start : end + 1]))


SHAPING = cut("contain_eos_token = ", "advantages = torch.masked_fill(advantages")
UPDATE = cut("mb_advantage = advantages", "optimizer.zero_grad()")
METRICS = cut("pg_clipfrac = masked_mean", "approxkl = ")


# --- what a row gives alone, without padding ---


def alone(rows, nets, case):
    """Per token of each completion, and the score: each row by itself, so that no padding can play a part."""
    figures = {"log_probs": [], "reference_log_probs": [], "values": [], "scores": []}
    with torch.no_grad():
        for prompt, completion in rows:
            ids = torch.tensor([prompt + completion])
            before = slice(len(prompt) - 1, -1)  # the positions that predict the completion
            chosen = torch.tensor(completion)[:, None]
            for key, net in (("log_probs", nets["policy"]), ("reference_log_probs", nets["reference"])):
                logits = net(input_ids=ids, use_cache=False).logits[0, before] / case["temperature"]
                figures[key].append(logits.log_softmax(-1).gather(1, chosen)[:, 0])
            hidden = nets["critic"].model(input_ids=ids, use_cache=False).last_hidden_state
            figures["values"].append(nets["critic"].score(hidden)[0, before, 0])
            figures["scores"].append(nets["reward"](input_ids=ids, use_cache=False).logits[0, 0])
    figures["scores"] = torch.stack(figures["scores"])
    return figures


def estimators(figures):
    logr = [reference - policy for policy, reference in zip(figures["log_probs"], figures["reference_log_probs"])]
    return {"k1": [-r for r in logr], "k2": [r**2 / 2 for r in logr], "k3": [r.expm1() - r for r in logr]}


# --- TRL's lines ---


def padded(tensors, value=0.0):
    return torch.stack([torch.nn.functional.pad(t, (0, LIMIT - len(t)), value=value) for t in tensors])


def batch(rows):
    """As TRL lays rows out: prompts padded on the left, completions on the right."""
    width = max(len(prompt) for prompt, _ in rows)
    queries = torch.tensor([[PAD] * (width - len(prompt)) + prompt for prompt, _ in rows])
    responses = torch.tensor([completion + [PAD] * (LIMIT - len(completion)) for _, completion in rows])
    return queries, responses


def scope_of(rows, nets, case, figures):
    """The variables that TRL's lines read. What the networks say comes from TRL's own functions over the padded rows."""
    queries, responses = batch(rows)
    both = torch.cat((queries, responses), 1)
    width = queries.shape[1]
    scope = dict(vars(ppo_trainer))
    settings = types.SimpleNamespace(**{**case, "temperature": case["temperature"] - 1e-7})  # TRL adds as much again
    scope.update(
        self=types.SimpleNamespace(args=settings, processing_class=types.SimpleNamespace(eos_token_id=EOS)),
        args=settings,
        processing_class=types.SimpleNamespace(pad_token_id=PAD),
        accelerator=types.SimpleNamespace(backward=lambda loss: loss.backward()),
        model=ppo_trainer.PolicyAndValueWrapper(nets["policy"], nets["critic"]),
        query_responses=both,
        responses=responses,
        postprocessed_responses=responses,
        context_length=width,
        sequence_lengths=ppo_trainer.first_true_indices(responses == PAD) - 1,
        micro_batch_inds=torch.arange(len(rows)),
    )
    with torch.no_grad():
        for key, name in (("logprobs", "policy"), ("ref_logprobs", "reference")):
            logits = ppo_trainer.forward(nets[name], both, PAD).logits[:, width - 1 : -1] / case["temperature"]
            scope[key] = ppo_trainer.selective_log_softmax(logits, responses)
        full, _, _ = ppo_trainer.get_reward(nets["critic"], both, PAD, width)
        scope["values"] = full[:, width - 1 : -1].squeeze(-1)
        _, scope["scores"], _ = ppo_trainer.get_reward(nets["reward"], both, PAD, width)
    for theirs, ours in (("logprobs", "log_probs"), ("ref_logprobs", "reference_log_probs"), ("values", "values")):
        for row, expected in zip(scope[theirs], figures[ours]):
            torch.testing.assert_close(row[: len(expected)], expected, **tolerance(expected))
    torch.testing.assert_close(scope["scores"], figures["scores"], **tolerance(figures["scores"]))
    return scope


def tolerance(tensor):
    """Padding moves nothing; in float32 it rounds."""
    return {"rtol": 0, "atol": 1e-11 if tensor.dtype == torch.float64 else 1e-4}


def shaped(scope, right):
    """Rewards, advantages and returns. `right` puts the score on the last token and ends all masks there."""
    lines = SHAPING.replace("sequence_lengths + 1", "sequence_lengths") if right else SHAPING
    assert right == (lines != SHAPING)
    whitening = "# 5. whiten rewards"
    assert lines.count(whitening) == 1
    with torch.no_grad():
        exec(lines.replace(whitening, "shaped_rewards = rewards.clone()\n" + whitening), scope)
    return {
        "shaped_rewards": scope["shaped_rewards"],
        "rewards": scope["rewards"],  # whitened, where the case says so
        "values": scope["values"],
        "advantages": scope["advantages"],
        "returns": scope["returns"],
    }


def norm(net):
    return torch.stack([p.grad.norm() for p in net.parameters() if p.grad is not None]).norm().item()


def update(scope, nets, case, right):
    """Two epochs of one mini-batch of all rows; the figures of each before its step."""
    both = [p for name in ("policy", "critic") for p in nets[name].parameters()]
    optimizer = torch.optim.AdamW(
        both, lr=case["learning_rate"], betas=tuple(case["betas"]), eps=case["eps"], weight_decay=case["weight_decay"]
    )
    norms = []
    optimizer.register_step_pre_hook(lambda *_: norms.append((norm(nets["policy"]), norm(nets["critic"]))))
    scope["optimizer"] = optimizer
    figures = []
    for _ in range(case["epochs"]):
        exec(UPDATE, scope)
        with torch.no_grad():
            exec(METRICS, scope)
            real = ~scope["padding_mask"]
            difference, ratio = scope["logprobs_diff"], scope["ratio"]
            # TRL's means are over the padding too.
            mean = lambda x: (x[real] if right else x).mean()
            figures.append(
                {
                    "policy_loss": scope["pg_loss"].item(),
                    "value_loss": scope["vf_loss"].item(),
                    "loss": scope["loss"].item(),
                    "approx_kl": mean(difference**2).item() / 2,
                    "clipfrac": scope["pg_clipfrac"].item(),
                    "value_clipfrac": scope["vf_clipfrac"].item(),
                    "entropy": mean(scope["entropy"]).item(),
                    "ratio": mean(ratio).item(),
                    "policy_gradient_norm": norms[-1][0],
                    "critic_gradient_norm": norms[-1][1],
                }
            )
            if not right:
                assert figures[-1]["approx_kl"] == scope["approxkl"].item()
    return figures


def iteration(rows, case, dtype, right):
    nets = {"policy": load(POLICY, dtype), "reference": load(REFERENCE, dtype)}
    nets.update(critic=load(CRITIC, dtype), reward=load(REWARD, dtype))
    figures = alone(rows, nets, case)
    scope = scope_of(rows, nets, case, figures)
    shaping = shaped(scope, right)
    updates = update(scope, nets, case, right)
    after = {}
    for net in ("policy", "critic"):
        weights = dict(nets[net].named_parameters())
        after[net] = {name: weights[name].detach() for name in (SHOWN[net], SHOWN_WHOLE[net])}
    return figures, shaping, updates, after


def main():
    rows = draw_rows()
    lengths = [len(completion) for _, completion in rows]
    trim = lambda tensors: [row[:n] for row, n in zip(tensors, lengths)]
    cases = []
    for differing in CASES:
        case = {**differing, **COMMON}
        before = models.exact()
        figures, shaping, updates, after = iteration(rows, case, torch.float64, True)
        _, trl_shaping, trl_updates, _ = iteration(rows, case, torch.float64, False)
        models.as_shipped(before)
        _, single_shaping, single_updates, single_after = iteration(rows, case, torch.float32, True)
        for n, row in zip(lengths, shaping["rewards"]):
            assert not row[n:].any(), "no reward behind the last token"
        assert updates[0]["approx_kl"] < 1e-24, "the policy is the one that the rollout came from"
        assert 0 < updates[1]["clipfrac"] < 1 and 0 < updates[1]["value_clipfrac"] < 1
        worst = max((single_shaping[key] - shaping[key]).abs().max().item() for key in shaping)
        print(f"   in float32: shaping off by {worst:.1e}; updates", end="")
        for one, exact in zip(single_updates, updates):
            print(f" {max(abs(one[key] - exact[key]) for key in exact):.1e}", end="")
        for net, weights in after.items():
            for name, weight in weights.items():
                print(f"; {name} {(single_after[net][name] - weight).abs().max().item():.1e}", end="")
        print()
        for key in ("policy_loss", "value_loss", "approx_kl", "entropy", "ratio", "clipfrac", "value_clipfrac"):
            print(f"   {key}: {[u[key] for u in updates]}, TRL's {[u[key] for u in trl_updates]}")
        cases.append(
            {
                **case,
                **figures,
                "kl": estimators(figures),
                **{key: trim(shaping[key]) for key in ("shaped_rewards", "rewards", "advantages", "returns")},
                "updates": updates,
                "after": after,
                "trl": {**trl_shaping, "updates": trl_updates},
            }
        )
    golden.write(
        "ppo/text.json",
        {
            "models": {"policy": POLICY, "reference": REFERENCE, "critic": CRITIC, "reward": REWARD},
            "limit": LIMIT,
            "eos": EOS,
            "prompts": [prompt for prompt, _ in rows],
            "completions": [completion for _, completion in rows],
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
