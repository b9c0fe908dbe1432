"""Races a model of the shape of SmolLM2-135M, and a scorer, against transformers and peft: tokens a second and peak memory.

Called by `race.sh models`. Both sides alternate step by step in one run, 3 steps that are not counted and 5 that are. Arguments
name races by a part of their name; without any, all run. WARM_UP, STEPS and LAYERS make a short run of it.
"""

import json
import os
import subprocess
import sys
import tempfile

from race import HERE, PEERS, Side, ours_command, launcher_environment

WARM_UP, STEPS, LAYERS = (int(os.environ.get(key, usual)) for key, usual in (("WARM_UP", 3), ("STEPS", 5), ("LAYERS", 30)))
PAIRS = int(os.environ.get("PAIRS", 10_000))
TRAINING = (2, 512)  # rows, tokens of each
GENERATED = 64
RACES = [
    # name, work, dtype, method, rows, tokens, goals of speed and of memory
    *(
        (f"training {method} {dtype}", "training", dtype, method, *TRAINING, 1.1, 0.8)
        for dtype in ("float32", "bfloat16")
        for method in ("full", "lora")
    ),
    *(
        (f"generation batch {rows} {dtype}", "generation", dtype, "full", rows, GENERATED, goal, 0.8)
        for dtype in ("float32", "bfloat16")
        for rows, goal in ((1, None), (8, 2.0))
    ),
    (f"scoring {PAIRS} pairs float32", "scoring", "float32", "full", 2 * PAIRS, 0, 1.5, None),
]


def length(row):
    return 32 + 7_919 * row % 481


def tokens_of_a_step(work, rows, tokens):
    return sum(map(length, range(rows))) if work == "scoring" else rows * tokens


def agree(race, mine, theirs):
    """Ids of float32 are equal, of bfloat16 their number; losses are close, less so in bfloat16 or where adapters start at random."""
    _, work, dtype, method, *_ = race
    if work == "generation":
        return (mine if dtype == "float32" else [len(row) for row in mine]) == theirs
    return abs(mine - theirs) <= (1e-3 if (dtype, method) == ("float32", "full") else 3e-2) * max(0.1, abs(theirs))


def run(race, directory):
    name, work, dtype, method, rows, tokens, _, _ = race
    arguments = [directory, str(rows), str(tokens)]
    environment = dict(os.environ, TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1", TQDM_DISABLE="1")
    sides = [
        Side(ours_command("ModelContestant", [*arguments, work, dtype, method]), launcher_environment()),
        Side([sys.executable, str(PEERS / "models.py"), *arguments, work, dtype, method], environment),
    ]
    # One pass over all pairs is long enough to need no other; what it compiles is counted on both sides.
    warm_up, steps = (0, 1) if work == "scoring" else (WARM_UP, STEPS)
    for step in range(warm_up + steps):
        for side in sides:
            side.step()
        values = [side.figures[-1].pop("value") for side in sides]
        if not agree(race, *values):
            sys.exit(f"race: {name}: the sides disagree at step {step}: ours {values[0]}, peer {values[1]}")
    for side in sides:
        side.close()
    return [(side.median_seconds(warm_up), side.peak(), side.figures) for side in sides]


def create(directory, work):
    code = f"contest.create_small_scorer({directory!r})" if work == "scoring" else f"contest.create_smollm2({directory!r}, {LAYERS})"
    subprocess.run([sys.executable, "-c", f"import contest; {code}"], cwd=PEERS, check=True, capture_output=True)


def goal(text, value):
    return "" if value is None else f"{text} {value}"


def main():
    wanted = sys.argv[1:]
    results = []
    heads = ("race", "ours tok/s", "peer tok/s", "ratio", "goal", "ours MB", "peer MB", "ratio", "goal", "load")
    print("{:32} {:>10} {:>10} {:>6} {:>7} {:>8} {:>8} {:>6} {:>7} {:>5}".format(*heads))
    with tempfile.TemporaryDirectory() as scratch:
        for race in RACES:
            name, work, dtype, method, rows, tokens, speed, memory = race
            if wanted and not any(part in name for part in wanted):
                continue
            directory = f"{scratch}/{'scorer' if work == 'scoring' else 'smollm2'}"
            if not os.path.exists(directory):
                create(directory, work)
            (a, a_peak, a_steps), (b, b_peak, b_steps) = run(race, directory)
            count = tokens_of_a_step(work, rows, tokens)
            row = {
                "race": name,
                "ours_tokens_per_second": round(count / a, 1),
                "peer_tokens_per_second": round(count / b, 1),
                "speed_ratio": round(b / a, 2),
                "speed_goal": goal(">=", speed),
                "ours_peak_mb": a_peak,
                "peer_peak_mb": b_peak,
                "memory_ratio": round(a_peak / b_peak, 2),
                "memory_goal": goal("<=", memory),
                "load": round(os.getloadavg()[0], 1),
            }
            print(
                "{:32} {:10.1f} {:10.1f} {:6.2f} {:>7} {:8d} {:8d} {:6.2f} {:>7} {:5.1f}".format(*row.values()), flush=True
            )
            results.append({**row, "layers": LAYERS, "steps": {"ours": a_steps, "peer": b_steps}})
    target = HERE / "results" / "models.json"
    # Races that did not run now keep their last figures.
    kept = {row["race"]: row for row in json.loads(target.read_text())} if target.exists() else {}
    kept.update((row["race"], row) for row in results)
    target.write_text(json.dumps(list(kept.values()), indent=1) + "\n")
    print(f"figures of every step: {target}")


if __name__ == "__main__":
    main()
