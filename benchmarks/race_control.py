"""Drives our side and its peer in turn and prints a table of steps a second and ratios.

Called by race_control.sh, which builds our side. A turn is a training from scratch with the turn's number as seed, or a stretch
of steps without learning; everything between the order and its end counts, the start of a process and the evaluation do not.
Both sides must solve CartPole, with a mean return of 475 over the turns; steps without learning must give the same sum of rewards, to
the last digits. `by cpu` is the ratio for processor time in place of the clock's. Arguments name races by a part of their name;
without any, all run. TURNS is the number of trainings (1), THREADS that of the engine's threads on either side (1).
"""

import json
import os
import pathlib
import statistics
import sys

from race import HERE, Side, launcher_environment, ours_command

PEERS = HERE / "peers" / "control"
TURNS = int(os.environ.get("TURNS", "1"))
# Of the engine, on both sides: matrices of 64 x 64 gain nothing from a second one, and waiting for it costs both sides more.
THREADS = os.environ.get("THREADS", "1")
STEPPING_TURNS, COUNTED_FROM = 7, 2  # in the first two turns our side is still being compiled
SOLVED = 475  # mean return of CartPole that both sides must reach
# So many steps a turn that Gymnasium takes a second or two.
STEPS = {
    "CartPole-v1": 200_000,
    "MountainCar-v0": 100_000,
    "MountainCarContinuous-v0": 800_000,
    "Acrobot-v1": 40_000,
    "Pendulum-v1": 100_000,
}


def script(name, *arguments):
    return [os.environ["PYTHON"], str(PEERS / name), *map(str, arguments)]


def cleanrl(steps):
    if "PYTHON_CLEANRL" not in os.environ or "CLEANRL" not in os.environ:
        return None
    path = pathlib.Path(os.environ["CLEANRL"]) / "cleanrl" / "ppo.py"
    return [os.environ["PYTHON_CLEANRL"], str(PEERS / "cleanrl.py"), str(path), str(steps)]


def races():
    """Name, what our side is told, the peer's command, the goal."""
    yield "PPO, SB3's defaults", ["sb3", "100000"], script("sb3.py", "defaults", 100_000), 5
    yield "PPO, rl-zoo's CartPole", ["zoo", "100000"], script("sb3.py", "zoo", 100_000), 3
    yield "PPO, CleanRL's defaults", ["cleanrl", "500000"], cleanrl(500_000), 2
    for identity, steps in STEPS.items():
        arguments = (identity, "single", 1, steps)
        yield f"steps, {identity}", ["stepping", *arguments], script("stepping.py", *arguments), 50
    for mode, size in (("sync", 8), ("sync", 64), ("vector", 8), ("vector", 64), ("vector", 1024)):
        arguments = ("CartPole-v1", mode, size, 1024 * (128 if mode == "sync" else 1024))
        name = "SyncVectorEnv" if mode == "sync" else "CartPoleVectorEnv"
        yield f"steps, {name} of {size}", ["stepping", *arguments], script("stepping.py", *arguments), None


def run(arguments, command, turns):
    """Both sides, alternating turn by turn."""
    ours = ours_command("ControlContestant", arguments, THREADS)
    sides = [Side(ours, launcher_environment()), Side(command, dict(os.environ, THREADS=THREADS))]
    for _ in range(turns):
        for side in sides:
            side.step()
    for side in sides:
        side.close()
    return [side.figures for side in sides]


def check(name, arguments, mine, theirs):
    """Ends the race if the sides did not do the same."""
    if arguments[0] != "stepping":
        values = [statistics.mean(figure["value"] for figure in side) for side in (mine, theirs)]
        if min(values) < SOLVED:
            sys.exit(f"race: {name}: mean returns are {values[0]:.1f} of ours and {values[1]:.1f} of the peer")
        return f"{values[0]:.1f} / {values[1]:.1f}"
    if arguments[2] == "vector":
        return "-"  # it draws its starts in another way
    for turn, (a, b) in enumerate(zip(mine, theirs), 1):
        if abs(a["value"] - b["value"]) > 1e-9 * max(1, abs(b["value"])):
            sys.exit(f"race: {name}: the rewards of turn {turn} add up to {a['value']} here and {b['value']} there")
    return "equal"


def speed(figures):
    return statistics.median(figure["steps"] / figure["seconds"] for figure in figures)


def processor_speed(figures):
    """Over all turns together: a single one may be shorter than the processor's clock can tell."""
    return sum(figure["steps"] for figure in figures) / sum(figure["cpu_seconds"] for figure in figures)


def main():
    wanted = sys.argv[1:]
    results = []
    print(f"{'race':30} {'ours':>12} {'peer':>12} {'ratio':>7} {'goal':>5} {'by cpu':>7}  {'value':16} load")
    for name, arguments, command, goal in races():
        if wanted and not any(part in name for part in wanted):
            continue
        if command is None:
            print(f"{name:30} left out: set PYTHON_CLEANRL and CLEANRL")
            continue
        arguments = list(map(str, arguments))
        learning = arguments[0] != "stepping"
        mine, theirs = run(arguments, command, TURNS if learning else STEPPING_TURNS)
        agreement = check(name, arguments, mine, theirs)
        counted = 0 if learning else COUNTED_FROM
        a, b = speed(mine[counted:]), speed(theirs[counted:])
        load = round(os.getloadavg()[0], 1)
        aim = "" if goal is None else f">= {goal}"
        # On a machine where others work, a second of its processors says more than one of the clock.
        cpu = processor_speed(mine[counted:]) / processor_speed(theirs[counted:])
        print(f"{name:30} {a:>10,.0f}/s {b:>10,.0f}/s {a / b:7.1f} {aim:>5} {cpu:7.1f}  {agreement:16} {load}", flush=True)
        row = {"race": name, "ours": round(a), "peer": round(b), "ratio": round(a / b, 2), "goal": goal, "load": load}
        row["ratio_of_processor_time"] = round(cpu, 2)
        results.append({**row, "agreement": agreement, "turns": {"ours": mine, "peer": theirs}})
    target = HERE / "results" / "control.json"
    # Races that did not run now keep their last figures.
    rows = {row["race"]: row for row in json.loads(target.read_text())} if target.exists() else {}
    rows.update((row["race"], row) for row in results)
    target.write_text(json.dumps(list(rows.values()), indent=1) + "\n")
    print(f"figures of every turn: {target}")


if __name__ == "__main__":
    main()
