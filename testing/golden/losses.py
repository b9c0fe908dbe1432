"""Writes loss/reward.json and lm/token_logprobs.json: losses of scores, log-probabilities of tokens, and their gradients.

Everything is float64 autograd over formulas written here from their definitions.
"""

import torch
import torch.nn.functional as F

import golden

DEFINITION = (
    "d = chosen - rejected - margin; p' = p (1 - smoothing) + (1 - p) smoothing; "
    "pair = -(p' log sigmoid(d) + (1 - p') log sigmoid(-d)) + centering (chosen + rejected)^2; "
    "loss = sum(weight pair) / sum(weight). Absent: margin 0, p = probability 1, weight 1, smoothing 0, centering 0."
)
EVERYDAY = ([2.0, 0.25, -1.5, 0.7, 3.1, -0.2], [0.5, 0.75, -2.25, 0.7, -1.9, 1.3])
EXTREME = ([200.0, -200.0, 200.0, -200.0, 100.0, 0.0], [-200.0, 200.0, 200.0, -200.0, 99.5, 200.0])
MARGIN = [0.5, 0.0, 1.0, 0.25, 2.0, -0.5]
PROBABILITY = [0.5, 0.0, 1.0, 0.8, 0.65, 0.1]
WEIGHT = [1.0, 0.5, 2.0, 0.0, 1.0 / 3.0, 4.0]


def pairs(name, scores, margin=None, probability=None, weight=None, smoothing=0.0, centering=0.0):
    chosen, rejected = (torch.tensor(s, dtype=torch.float64, requires_grad=True) for s in scores)
    count = len(scores[0])
    m = torch.tensor(margin or [0.0] * count, dtype=torch.float64)
    p = torch.tensor(probability or [1.0] * count, dtype=torch.float64)
    w = torch.tensor(weight or [1.0] * count, dtype=torch.float64)
    d = chosen - rejected - m
    soft = p * (1 - smoothing) + (1 - p) * smoothing
    each = -(soft * F.logsigmoid(d) + (1 - soft) * F.logsigmoid(-d)) + centering * (chosen + rejected) ** 2
    loss = (w * each).sum() / w.sum()
    loss.backward()
    case = {
        "name": name,
        "chosen": chosen,
        "rejected": rejected,
        "margin": margin,
        "probability": probability,
        "weight": weight,
        "smoothing": smoothing,
        "centering": centering,
        "pair_losses": each,
        "loss": loss,
        "gradient_chosen": chosen.grad,
        "gradient_rejected": rejected.grad,
    }
    trl_agrees(case, chosen, rejected, margin, probability, weight, smoothing, centering)
    return case


def trl_agrees(case, chosen, rejected, margin, probability, weight, smoothing, centering):
    """Where TRL has the loss (reward_trainer.py: hard targets, equal weights), its expression must give the same."""
    if probability or weight or smoothing:
        return
    difference = chosen - rejected if margin is None else chosen - rejected - torch.tensor(margin)
    loss = -F.logsigmoid(difference).mean() + centering * torch.mean((chosen + rejected) ** 2)
    assert torch.isclose(loss, case["loss"], rtol=1e-14, atol=0), case["name"]


def ranking(name, scores):
    """Plackett-Luce: scores best first, -log of the probability that they are drawn in this order."""
    s = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    loss = sum(torch.logsumexp(s[i:], 0) - s[i] for i in range(len(scores)))
    loss.backward()
    return {"name": name, "scores": s, "loss": loss, "gradient": s.grad}


def write_reward():
    one = ([2.0], [0.5])
    cases = [
        pairs("one pair", one),
        pairs("one pair, margin", ([1.0], [0.0]), margin=[0.5]),
        pairs("one pair, difference 1.5, margin 0.5", one, margin=[0.5]),
        pairs("one pair, centering", one, centering=0.01),
        pairs("equal scores", ([0.3, -4.0], [0.3, -4.0])),
        pairs("plain", EVERYDAY),
        pairs("margin", EVERYDAY, margin=MARGIN),
        pairs("centering", EVERYDAY, centering=0.01),
        pairs("smoothing", EVERYDAY, smoothing=0.1),
        pairs("soft", EVERYDAY, probability=PROBABILITY),
        pairs("weight", EVERYDAY, weight=WEIGHT),
        pairs("margin and centering", EVERYDAY, margin=MARGIN, centering=0.05),
        pairs("margin and smoothing", EVERYDAY, margin=MARGIN, smoothing=0.2),
        pairs("soft and smoothing", EVERYDAY, probability=PROBABILITY, smoothing=0.1),
        pairs("all", EVERYDAY, MARGIN, PROBABILITY, WEIGHT, smoothing=0.1, centering=0.01),
        pairs("extreme", EXTREME),
        pairs("extreme, margin", EXTREME, margin=MARGIN),
        pairs("extreme, smoothing", EXTREME, smoothing=0.1),
        pairs("extreme, soft", EXTREME, probability=PROBABILITY),
        pairs("extreme, all", EXTREME, MARGIN, PROBABILITY, WEIGHT, smoothing=0.1, centering=0.01),
    ]
    published = {"one pair": 0.201413, "one pair, difference 1.5, margin 0.5": 0.313262, "one pair, centering": 0.263913}
    for case in cases:
        if case["name"] in published:
            assert abs(case["loss"].item() - published[case["name"]]) < 1e-6, case["name"]
    rankings = [
        ranking("three", [1.0, 0.5, -0.5]),
        ranking("two", [2.0, 0.5]),
        ranking("one", [0.7]),
        ranking("reversed", [-0.5, 0.5, 1.0]),
        ranking("five", [0.3, 2.0, -1.0, 0.3, 0.1]),
        ranking("equal", [1.5, 1.5, 1.5, 1.5]),
        ranking("extreme, in order", [200.0, 0.0, -200.0]),
        ranking("extreme, reversed", [-200.0, 0.0, 200.0]),
        ranking("extreme, large offset", [1000.5, 1000.0, 999.0]),
    ]
    assert abs(rankings[0]["loss"].item() - 0.917392) < 1e-6
    assert abs(rankings[1]["loss"].item() - cases[0]["loss"].item()) < 1e-15
    golden.write("loss/reward.json", {"definition": DEFINITION, "pairs": cases, "rankings": rankings})


def token_case(name, hidden, head, targets, a, b, temperature):
    h, w = hidden.double().requires_grad_(), head.double().requires_grad_()
    log_probs = torch.log_softmax(h @ w.T / temperature, dim=-1)
    chosen = log_probs.gather(1, targets[:, None])[:, 0]
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    (a.double() * chosen + b.double() * entropy).sum().backward()
    return {
        "name": name,
        "temperature": temperature,
        "hidden": hidden,
        "head": head,
        "targets": targets,
        "log_prob_weights": a,
        "entropy_weights": b,
        "log_probs": chosen,
        "entropies": entropy,
        "gradient_hidden": h.grad,
        "gradient_head": w.grad,
    }


def write_token_log_probs():
    n, size, vocabulary = 11, 6, 17
    cases = []
    # float32 numbers throughout, so a float32 reader starts from the same values.
    for name, scale, temperatures in (("everyday", 1.0, (0.7, 1.0, 1.5)), ("peaked", 8.0, (1.0,)), ("flat", 1e-3, (1.0,))):
        for temperature in temperatures:
            generator = torch.Generator().manual_seed(5)
            hidden = torch.randn(n, size, generator=generator) * scale
            head = torch.randn(vocabulary, size, generator=generator)
            targets = torch.randint(0, vocabulary, (n,), generator=generator)
            targets[0], targets[1] = 0, vocabulary - 1
            a, b = torch.randn(n, generator=generator), torch.randn(n, generator=generator)
            a[2], b[3] = 0.0, 0.0
            cases.append(token_case(name, hidden, head, targets, a, b, temperature))
    golden.write("lm/token_logprobs.json", {"cases": cases})


if __name__ == "__main__":
    write_reward()
    write_token_log_probs()
