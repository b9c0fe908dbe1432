"""Checks, converts and splits a million pairs with `rlhf data` and with Python over `datasets`, and prints a table.

Called by race.sh data, which builds our side. Every figure is that of a whole process, from its start to its end, ours with a heap
of 512 MB. A turn runs each contestant once, ours between the peers. Those named cold start without the Arrow copy that `datasets`
makes of a file that it reads for the first time, those named warm with it; the file system's cache is warm for all. Both sides
must count the same rows and the same problems. ROWS is the number of pairs (1,000,000), TURNS that of turns (3), PYTHON has
`datasets`, and RACE_DATA names a directory with some 8 GB to spare, in which the files of a number of rows are kept.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROWS = int(os.environ.get("ROWS", "1000000"))
TURNS = int(os.environ.get("TURNS", "3"))
COMPARED = [
    # ours, peer, what it does, goal
    ("check", "check cold", "the same checks, row by row", 5),
    ("check", "check warm", None, None),
    ("check", "check-batches cold", "the same checks, by 1000 rows", None),
    ("check", "check-batches warm", None, None),
    ("check", "read cold", "every row read, nothing checked", 1),
    ("check", "read warm", None, None),
    ("check", "stream", "the same, streaming=True", 1),
    ("check", "batches cold", "every row read, by 1000 rows", None),
    ("check", "batches warm", None, None),
    ("convert", "convert cold", "filter, to_json", None),
    ("split", "split cold", "select, to_json", None),
]


class Contest:
    """Runs processes and keeps what they took."""

    def __init__(self, directory):
        self.directory = directory
        self.cache = directory / "datasets-cache"
        self.figures = {}
        self.answers = {}

    def path(self, name):
        return str(self.directory / name)

    def run(self, name, command, environment, codes=(0,)):
        start = time.perf_counter()
        errors = tempfile.TemporaryFile("w+")
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            errors.seek(0)
            sys.exit(f"race: {' '.join(command)} ended with {process.returncode}\n{errors.read()[-4000:]}")
        cpu = used.ru_utime + used.ru_stime
        figure = {"seconds": seconds, "cpu_seconds": cpu, "peak_mb": used.ru_maxrss >> 10, "load": os.getloadavg()[0]}
        self.figures.setdefault(name, []).append({key: round(value, 3) for key, value in figure.items()})
        answer = json.loads(output.strip().splitlines()[-1])
        print(f"  {name:22} {seconds:7.2f} s {cpu:7.2f} s of processor {figure['peak_mb']:6} MB", flush=True)
        return answer

    def ours(self, task, *arguments):
        command = [str(HERE.parent / "rlhf"), "data", task, *arguments, "--json"]
        # 3: the data has errors, as it is meant to.
        return self.run(task, command, {"RLHF4J_JAVA_OPTS": "-Xmx512m"}, (0, 3))

    def peer(self, task, *arguments, cold=False, name=None):
        if cold:
            shutil.rmtree(self.cache, ignore_errors=True)
        environment = {"HF_DATASETS_CACHE": str(self.cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_IN_MEMORY_MAX_SIZE": "0"}
        command = [sys.executable, str(HERE / "peers" / "data.py"), task, *arguments]
        return self.run(name or f"{task} {'cold' if cold else 'warm'}", command, environment)

    def turn(self):
        files = [self.path("pairs.jsonl"), self.path("held-out.jsonl")]
        mine = self.ours("check", *files)
        theirs = self.peer("check", *files, cold=True)
        agree("check", checked(mine), theirs)
        self.peer("check", *files)
        agree("check by batches", checked(mine), self.peer("check-batches", *files, cold=True))
        self.peer("check-batches", *files)
        for task in ("read", "batches"):
            for cold in (True, False):
                agree(task, {"rows": mine["rows"]}, self.peer(task, *files, cold=cold))
        agree("stream", {"rows": mine["rows"]}, self.peer("stream", *files, name="stream"))
        converted = self.ours("convert", "--in", *files, "--out", self.path("converted.jsonl"), "--drop-invalid")
        theirs = self.peer("convert", self.path("theirs.jsonl"), *files, cold=True)
        agree("convert", {"rows": converted["rows_out"]}, theirs)
        parts = [self.path(name) for name in ("train.jsonl", "test.jsonl", "theirs-train.jsonl", "theirs-test.jsonl")]
        cut = self.ours("split", self.path("converted.jsonl"), "--train", parts[0], "--test", parts[1])
        theirs = self.peer("split", *parts[2:], self.path("converted.jsonl"), cold=True)
        agree("split", {"rows": cut["train_rows"] + cut["test_rows"]}, theirs)

    def seconds(self, name):
        return statistics.median(figure["seconds"] for figure in self.figures[name])


def checked(report):
    return {"rows": report["rows"], "problems": {problem["rule"]: problem["count"] for problem in report["problems"]}}


def agree(what, mine, theirs):
    for key, value in mine.items():
        if key == "problems":
            # The peer's checks are the rules that a row which `datasets` can load may break.
            value = {rule: count for rule, count in value.items() if rule in theirs[key]}
        if theirs[key] != value:
            sys.exit(f"race: {what}: the sides disagree: ours {key} {value}, peer {theirs[key]}")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(os.environ.get("RACE_DATA", scratch)).resolve() / str(ROWS)
        directory.mkdir(parents=True, exist_ok=True)
        if not (directory / "made").exists():
            command = ["java", "-cp", os.environ["RACE_CLASSPATH"], "org.rlhf4j.benchmarks.PairFiles", str(directory), str(ROWS)]
            subprocess.run(command, check=True)
            (directory / "made").touch()
        size = sum((directory / name).stat().st_size for name in ("pairs.jsonl", "held-out.jsonl"))
        contest = Contest(directory)
        for turn in range(TURNS):
            print(f"turn {turn + 1} of {TURNS}: {ROWS:,} pairs, {size / 1e9:.2f} GB, load {os.getloadavg()[0]:.1f}", flush=True)
            contest.turn()
        shutil.rmtree(contest.cache, ignore_errors=True)
    print(f"\n{'ours':8} {'rows/s':>9}   {'peer':19} {'rows/s':>9} {'ratio':>6} {'goal':>5}")
    rows = []
    for ours, peer, what, goal in COMPARED:
        a, b = contest.seconds(ours), contest.seconds(peer)
        aim = "" if goal is None else f">= {goal}"
        print(f"{ours:8} {ROWS / a:9,.0f}   {peer:19} {ROWS / b:9,.0f} {b / a:6.2f} {aim:>5}  {what or ''}")
        rows.append({"ours": ours, "peer": peer, "ours_seconds": a, "peer_seconds": b, "ratio": round(b / a, 2), "goal": aim})
    target = HERE / "results" / "data.json"
    result = {"rows": ROWS, "bytes": size, "races": rows, "processes": contest.figures}
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"figures of every process: {target}")


if __name__ == "__main__":
    main()
