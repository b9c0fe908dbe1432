"""Drives our side and its peer in turn, one step each, and prints a table of medians and ratios.

Called by race.sh, which builds our side. Each race runs WARM_UP steps that are not counted and STEPS that are.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
WARM_UP, STEPS = 2, 5
RACES = [
    # name, race, vocabulary, rows, tokens, what is compared, goal
    ("training 2 x 256", "training", 32_000, 2, 256, "seconds", 1.0),
    ("training 4 x 512", "training", 32_000, 4, 512, "seconds", 1.0),
]


class Side:
    """A process that makes one step when told to."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.wait_for("ready")
        self.figures = []

    def wait_for(self, start):
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        sys.exit(f"race: {self.process.args} ended with {self.process.wait()}")

    def step(self):
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        self.figures.append(json.loads(self.wait_for("{")))

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def median(self, key):
        return statistics.median(f[key] for f in self.figures[WARM_UP:])


def ours(race, directory, rows, tokens):
    environment = dict(os.environ)
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the launcher `rlhf` sets it
    command = ["java", "-XX:+UseSerialGC", "-cp", os.environ["RACE_CLASSPATH"], "org.rlhf4j.benchmarks.Contestant"]
    return Side([*command, race, str(directory), str(rows), str(tokens)], environment)


def peer(race, directory, rows, tokens):
    environment = dict(os.environ, TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1")
    return Side([sys.executable, str(PEERS / f"{race}.py"), str(directory), str(rows), str(tokens)], environment)


def run(race, directory, rows, tokens):
    """Both sides, alternating step by step in this one run."""
    sides = [ours(race, directory, rows, tokens), peer(race, directory, rows, tokens)]
    for _ in range(WARM_UP + STEPS):
        for side in sides:
            side.step()
    for side in sides:
        side.close()
    return sides


def agree(a, b):
    return a == b if isinstance(a, list) else abs(a - b) <= 1e-4 * max(1, abs(b))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("races", nargs="*", help="part of a race's name; all without")
    wanted = parser.parse_args().races
    results = []
    print(f"{'race':18} {'ours':>9} {'peer':>9} {'ratio':>6} {'goal':>5}  load")
    with tempfile.TemporaryDirectory() as scratch:
        models = {}
        for name, race, vocabulary, rows, tokens, key, goal in RACES:
            if wanted and not any(part in name for part in wanted):
                continue
            if vocabulary not in models:
                models[vocabulary] = f"{scratch}/{vocabulary}"
                code = f"import contest; contest.create({models[vocabulary]!r}, {vocabulary})"
                subprocess.run([sys.executable, "-c", code], cwd=PEERS, check=True, stdout=subprocess.DEVNULL)
            us, them = run(race, models[vocabulary], rows, tokens)
            for mine, theirs in zip(us.figures, them.figures):
                if not agree(mine["value"], theirs["value"]):
                    sys.exit(f"race: {name}: the sides disagree: ours {mine['value']}, peer {theirs['value']}")
            a, b = us.median(key), them.median(key)
            load = os.getloadavg()[0]
            print(f"{name:18} {a:8.3f}s {b:8.3f}s {b / a:6.2f} {goal:5.2f}  {load:.1f}", flush=True)
            results.append({"race": name, "ours": us.figures, "peer": them.figures, "ratio": b / a, "load": load})
    (HERE / "results" / "latest.json").write_text(json.dumps(results, indent=1) + "\n")


main()
