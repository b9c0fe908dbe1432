"""Drives our side and its peer in turn, one step each, and prints a table of medians and ratios.

Called by race.sh, which builds our side. Each race runs some steps that are not counted and some that are; both sides must
agree on losses and generated ids, step by step, and where ids are sampled on their number. Arguments name races by a part of
their name; without any, all run.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
STEPS = {"ppo": (1, 3)}  # that are not counted, and that are; an iteration of PPO is long
USUAL_STEPS = (2, 5)
TIME, MEMORY = "seconds", "memory"
RACES = [
    # name, race, vocabulary, rows, tokens, options of the peer, goals of what is compared
    ("training 2 x 256", "training", 32_000, 2, 256, [], {TIME: 1.0}),
    ("training 4 x 512", "training", 32_000, 4, 512, [], {TIME: 1.0}),
    ("generation of 128, batch 1", "generation", 32_000, 1, 128, [], {TIME: 1.2}),
    ("generation of 128, batch 8", "generation", 32_000, 8, 128, [], {TIME: 1.5}),
    ("dpo 4 x 512, no checkpointing", "dpo", 49_152, 4, 512, ["off"], {MEMORY: 0.7}),
    ("dpo 4 x 512, TRL's default", "dpo", 49_152, 4, 512, ["on"], {MEMORY: 0.7}),
    ("ppo 16 x 64, TRL's default", "ppo", 32_000, 16, 64, ["off"], {TIME: 2.0, MEMORY: 0.7}),
    ("ppo 16 x 64, checkpointing", "ppo", 32_000, 16, 64, ["on"], {TIME: 2.0, MEMORY: 0.7}),
]


class Side:
    """A process that makes one step when told to."""

    def __init__(self, command, environment):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
        )
        self.figures = []
        self.wait_for("ready")

    def wait_for(self, start):
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        self.errors.seek(0)
        sys.exit(f"race: {self.process.args} ended with {self.process.wait()}\n{self.errors.read()[-4000:]}")

    def step(self):
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        self.figures.append(json.loads(self.wait_for("{")))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()

    def median_seconds(self, warm_up):
        return statistics.median(figure["seconds"] for figure in self.figures[warm_up:])

    def peak(self):
        """The most megabytes resident during any step."""
        return max(figure["peak_mb"] for figure in self.figures)

    def growth(self):
        """The peak less what was resident before the first step."""
        return self.peak() - self.figures[0]["resident_mb"]


def launcher_environment():
    """As the launcher `rlhf` sets it."""
    environment = dict(os.environ)
    environment.setdefault("GOMP_SPINCOUNT", "10000")
    environment.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304")
    return environment


def ours_command(contestant, arguments, threads=2):
    flags = ["-XX:+UseSerialGC", "-Xmn32m", f"-Drlhf4j.threads={threads}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
    return ["java", *flags, "-cp", os.environ["RACE_CLASSPATH"], f"org.rlhf4j.benchmarks.{contestant}", *arguments]


def ours(race, directory, rows, tokens):
    return Side(ours_command("Contestant", [race, directory, str(rows), str(tokens)]), launcher_environment())


def python(race):
    """TRL's newest releases have no PPO: it may have a Python of its own."""
    return os.environ.get("PYTHON_PPO", sys.executable) if race == "ppo" else sys.executable


def installed(race):
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('trl.experimental.ppo') is None)"
    return race != "ppo" or subprocess.run([python(race), "-c", code], capture_output=True).returncode == 0


def peer(race, directory, rows, tokens, options):
    environment = dict(os.environ, TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1", TQDM_DISABLE="1")
    return Side([python(race), str(PEERS / f"{race}.py"), directory, str(rows), str(tokens), *options], environment)


def agree(mine, theirs):
    return mine == theirs if isinstance(mine, list) else abs(mine - theirs) <= 1e-3 * max(0.1, abs(theirs))


def run(name, race, directory, rows, tokens, options):
    """Both sides, alternating step by step in this one run."""
    sides = [ours(race, directory, rows, tokens), peer(race, directory, rows, tokens, options)]
    for step in range(sum(STEPS.get(race, USUAL_STEPS))):
        for side in sides:
            side.step()
        values = [side.figures[-1].pop("value") for side in sides]
        if not agree(*values):
            sys.exit(f"race: {name}: the sides disagree at step {step}: ours {values[0]}, peer {values[1]}")
    for side in sides:
        side.close()
    return sides


def create(directory, vocabulary, race):
    code = f"import contest; contest.create({directory!r}, {vocabulary})"
    if race == "ppo":
        code += f"; contest.create_scorer({directory!r}, {vocabulary})"
    subprocess.run([sys.executable, "-c", code], cwd=PEERS, check=True, capture_output=True)


def rows_of(name, race, goals, us, them):
    if TIME in goals:
        warm_up, _ = STEPS.get(race, USUAL_STEPS)
        a, b = us.median_seconds(warm_up), them.median_seconds(warm_up)
        yield name, f"{a:.3f} s", f"{b:.3f} s", b / a, f">= {goals[TIME]}"
    if MEMORY in goals:
        for what, a, b in (("peak", us.peak(), them.peak()), ("above start", us.growth(), them.growth())):
            yield f"{name}: {what}", f"{a} MB", f"{b} MB", a / b, f"<= {goals[MEMORY]}"


def main():
    wanted = sys.argv[1:]
    results = []
    print(f"{'race':44} {'ours':>9} {'peer':>9} {'ratio':>6} {'goal':>7}  load")
    with tempfile.TemporaryDirectory() as scratch:
        for name, race, vocabulary, rows, tokens, options, goals in RACES:
            if wanted and not any(part in name for part in wanted):
                continue
            if not installed(race):
                print(f"{name:44} left out: TRL here has no PPO: set PYTHON_PPO")
                continue
            directory = f"{scratch}/ppo" if race == "ppo" else f"{scratch}/{vocabulary}"
            if not os.path.exists(directory):
                create(directory, vocabulary, race)
            us, them = run(name, race, directory, rows, tokens, options)
            load = round(os.getloadavg()[0], 1)
            for label, a, b, ratio, aim in rows_of(name, race, goals, us, them):
                print(f"{label:44} {a:>9} {b:>9} {ratio:6.2f} {aim:>7}  {load}", flush=True)
                results.append({"race": label, "ours": a, "peer": b, "ratio": round(ratio, 2), "goal": aim, "load": load})
            results[-1]["steps"] = {"ours": us.figures, "peer": them.figures}
    target = HERE / "results" / "latest.json"
    # Races that did not run now keep their last figures.
    kept = {row["race"]: row for row in json.loads(target.read_text())} if target.exists() else {}
    kept.update((row["race"], row) for row in results)
    target.write_text(json.dumps(list(kept.values()), indent=1) + "\n")
    print(f"figures of every step: {target}")


if __name__ == "__main__":
    main()
