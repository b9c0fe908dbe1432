"""What a Python user would run: `data.py TASK FILE ...`, with Hugging Face `datasets`. Prints figures as one JSON object.

read       every row of `load_dataset("json")` as a dict, one after the other
stream     the same with `streaming=True`
batches    every row, 1000 at a time, as lists of columns: the fastest that gives Python strings
check      the per-row checks of `rlhf data check`, row by row
check-batches  the same over batches of columns
convert    rows that are valid, in the canonical form, as JSON Lines
split      rows in two files, no prompt in both

HF_DATASETS_CACHE decides whether `datasets` has its Arrow copy of the files already.
"""

import hashlib
import json
import sys
import time

BATCH = 1000


def texts_of(batch):
    columns = [batch.get(name) or [None] * len(next(iter(batch.values()))) for name in ("id", "prompt", "chosen", "rejected")]
    return zip(*columns)


class Check:
    """Per-row rules, and what repeats or contradicts, by the first 128 bits of a SHA-256 in sets and dicts."""

    def __init__(self):
        self.counts = {}
        self.rows = set()
        self.ids = set()
        self.orders = {}
        self.contradicted = set()
        self.prompts = {}
        self.overlaps = set()
        self.lengths = {"prompt": 0, "chosen": 0, "rejected": 0}

    def note(self, rule):
        self.counts[rule] = self.counts.get(rule, 0) + 1

    def row(self, file, identity, prompt, chosen, rejected):
        good = True
        for text in (prompt, chosen, rejected):
            if text is None:
                self.note("missing-field")
                good = False
            elif not isinstance(text, str):
                self.note("wrong-type")
                good = False
        if isinstance(prompt, str) and (not prompt or prompt.isspace()):
            self.note("blank-prompt")
            good = False
        for text in (chosen, rejected):
            if isinstance(text, str) and (not text or text.isspace()):
                self.note("blank-completion")
                good = False
        if chosen is not None and chosen == rejected:
            self.note("same-completions")
            good = False
        if not good:
            return
        self.lengths["prompt"] += len(prompt)
        self.lengths["chosen"] += len(chosen)
        self.lengths["rejected"] += len(rejected)
        asked = hashlib.sha256(prompt.encode()).digest()[:16]
        better = hashlib.sha256(chosen.encode()).digest()[:16]
        worse = hashlib.sha256(rejected.encode()).digest()[:16]
        key = hashlib.sha256(asked + better + worse).digest()[:16]
        if key in self.rows:
            self.note("duplicate-row")
        self.rows.add(key)
        if identity is not None:
            name = hashlib.sha256(identity.encode()).digest()[:16]
            if name in self.ids:
                self.note("repeated-id")
            self.ids.add(name)
        first = better < worse
        pair = hashlib.sha256(asked + (better + worse if first else worse + better)).digest()[:16]
        if self.orders.setdefault(pair, first) != first and pair not in self.contradicted:
            self.contradicted.add(pair)
            self.note("contradiction")
        if self.prompts.setdefault(asked, file) != file and asked not in self.overlaps:
            self.overlaps.add(asked)
            self.note("prompt-overlap")


def load(file, **options):
    return datasets.load_dataset("json", data_files=file, split="train", **options)


def read(files, **options):
    rows = 0
    for file in files:
        for row in load(file, **options):
            rows += 1
    return {"rows": rows}


def batches(files):
    rows = 0
    for file in files:
        for batch in load(file).iter(batch_size=BATCH):
            rows += len(batch["prompt"])
    return {"rows": rows}


def check(files):
    found = Check()
    rows = 0
    for index, file in enumerate(files):
        for row in load(file):
            rows += 1
            found.row(index, row.get("id"), row.get("prompt"), row.get("chosen"), row.get("rejected"))
    return {"rows": rows, "problems": found.counts}


def check_batches(files):
    found = Check()
    rows = 0
    for index, file in enumerate(files):
        for batch in load(file).iter(batch_size=BATCH):
            for identity, prompt, chosen, rejected in texts_of(batch):
                rows += 1
                found.row(index, identity, prompt, chosen, rejected)
    return {"rows": rows, "problems": found.counts}


def valid(batch):
    return [
        all(isinstance(text, str) and text.strip() for text in (prompt, chosen, rejected)) and chosen != rejected
        for _, prompt, chosen, rejected in texts_of(batch)
    ]


def convert(files, out):
    data = load(files).filter(valid, batched=True)
    data.to_json(out, force_ascii=False)
    return {"rows": len(data)}


def split(files, train, test):
    """A tenth of the prompts is tested on, chosen by a hash: as near as `datasets` comes without leaving a prompt in both."""
    data = load(files)
    tested = []
    for batch in data.iter(batch_size=BATCH):
        tested += [hashlib.sha256(b"7" + prompt.encode()).digest()[0] < 26 for prompt in batch["prompt"]]
    data.select([i for i, t in enumerate(tested) if not t]).to_json(train, force_ascii=False)
    data.select([i for i, t in enumerate(tested) if t]).to_json(test, force_ascii=False)
    return {"rows": len(data)}


def main():
    task, *arguments = sys.argv[1:]
    tasks = {
        "read": read,
        "stream": lambda files: read(files, streaming=True),
        "batches": batches,
        "check": check,
        "check-batches": check_batches,
        "convert": lambda files: convert(files[1:], files[0]),
        "split": lambda files: split(files[2:], files[0], files[1]),
    }
    start = time.perf_counter()
    figures = tasks[task](arguments)
    print(json.dumps({**figures, "seconds_without_imports": round(time.perf_counter() - start, 3)}))


if __name__ == "__main__":
    import datasets

    datasets.disable_progress_bars()
    main()
