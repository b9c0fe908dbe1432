"""Writes optim/*.json: torch's AdamW and gradient clipping, and transformers' learning-rate schedules."""

import torch
from transformers import (
    get_constant_schedule,
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

import golden

STEPS = 20


def start(generator):
    """Name -> (shape, weight decay, gradient scale per step); every number is a float32, so both precisions start equal."""
    return {
        "matrix": ((3, 4), 0.1, [1.0] * STEPS),
        "bias": ((5,), 0.0, [0.3] * STEPS),
        # Gradients of about eps: the place of eps in the denominator decides the size of the update.
        "tiny": ((4,), 0.0, [1e-8] * STEPS),
        "tiny_decayed": ((3,), 0.01, [3e-9] * STEPS),
        # A large gradient once, then small ones: the second moment forgets slowly.
        "spike": ((3,), 0.0, [100.0] + [1e-3] * (STEPS - 1)),
        # Gradients that are exactly zero: only the decay moves the weight.
        "still": ((2,), 0.1, [0.0] * STEPS),
        # Zero in every other step: the update still moves by the first moment.
        "on_off": ((3,), 0.05, [float(i % 2) for i in range(STEPS)]),
    }


def adamw(name, rates, betas, eps, seed):
    generator = torch.Generator().manual_seed(seed)
    tensors = start(generator)
    initial = {n: torch.randn(shape, generator=generator) for n, (shape, _, _) in tensors.items()}
    gradients = [
        {n: torch.randn(shape, generator=generator) * scales[step] for n, (shape, _, scales) in tensors.items()}
        for step in range(STEPS)
    ]
    expected = {}
    moments = {}
    for label, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        parameters = {n: torch.nn.Parameter(value.to(dtype)) for n, value in initial.items()}
        groups = [{"params": [p], "weight_decay": tensors[n][1]} for n, p in parameters.items()]
        optimizer = torch.optim.AdamW(groups, lr=rates[0], betas=betas, eps=eps, foreach=False, fused=False)
        expected[label] = []
        for step in range(STEPS):
            for group in optimizer.param_groups:
                group["lr"] = rates[step]
            for n, parameter in parameters.items():
                parameter.grad = gradients[step][n].to(dtype)
            optimizer.step()
            expected[label].append({n: p.detach().clone().flatten() for n, p in parameters.items()})
        moments[label] = {
            n: {key: optimizer.state[p][key].flatten() for key in ("exp_avg", "exp_avg_sq")} for n, p in parameters.items()
        }
    return {
        "name": name,
        "betas": betas,
        "eps": eps,
        "learning_rates": rates,
        "tensors": [
            {"name": n, "shape": shape, "weight_decay": decay, "initial": initial[n].flatten()}
            for n, (shape, decay, _) in tensors.items()
        ],
        "gradients": [{n: g.flatten() for n, g in step.items()} for step in gradients],
        "expected_float32": expected["float32"],
        "expected_float64": expected["float64"],
        "moments_float64": moments["float64"],
    }


def write_adamw():
    rising = [1e-2 * min(1.0, (i + 1) / 5) * (1 - i / (2 * STEPS)) for i in range(STEPS)]
    cases = [
        adamw("constant", [1e-2] * STEPS, (0.9, 0.999), 1e-8, 1),
        adamw("scheduled", rising, (0.9, 0.95), 1e-5, 2),
    ]
    golden.write("optim/adamw.json", {"steps": STEPS, "cases": cases})


def factors(make, last):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    result = []
    for _ in range(last + 1):
        result.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return result


def write_schedules():
    cases = []
    for warmup, total in ((0, 10), (3, 10), (4, 25), (10, 10), (1, 2), (0, 1)):
        last = total
        for kind, make in {
            "constant": lambda o: get_constant_schedule_with_warmup(o, warmup) if warmup else get_constant_schedule(o),
            "linear": lambda o: get_linear_schedule_with_warmup(o, warmup, total),
            "cosine": lambda o: get_cosine_schedule_with_warmup(o, warmup, total),
        }.items():
            cases.append({"kind": kind, "warmup": warmup, "total": total, "factors": factors(make, last)})
    golden.write("optim/schedules.json", {"cases": cases})


def clip(name, gradients, limit):
    case = {"name": name, "max_norm": limit, "gradients": gradients}
    for label, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        parameters = [torch.nn.Parameter(torch.zeros(len(g), dtype=dtype)) for g in gradients]
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = torch.tensor(gradient, dtype=torch.float32).to(dtype)
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
        case[f"total_norm_{label}"] = norm
        case[f"clipped_{label}"] = [p.grad for p in parameters]
    return case


def write_clip():
    generator = torch.Generator().manual_seed(3)
    random = [torch.randn(n, generator=generator).tolist() for n in (7, 4, 5)]
    cases = [
        clip("above", [[3.0, 4.0], [12.0]], 1.0),  # norm 13: factor 1 / (13 + 1e-6)
        clip("below", [[0.25, -0.5], [0.125]], 1.0),  # untouched: the factor is capped at 1
        clip("exactly_at", [[0.75], [1.0]], 1.25),  # norm 1.25: the 1e-6 still shrinks it a little
        clip("just_below", [[0.75], [1.0]], 1.2500005),  # within the 1e-6: shrunk although the norm is under the limit
        clip("zero", [[0.0, 0.0], [0.0]], 1.0),
        clip("tiny", [[3e-7, 4e-7]], 1e-7),  # the 1e-6 dominates: norm 5e-7, factor 1e-7 / 1.5e-6
        clip("random", random, 0.5),
    ]
    golden.write("optim/clip.json", {"cases": cases})


if __name__ == "__main__":
    write_adamw()
    write_schedules()
    write_clip()
