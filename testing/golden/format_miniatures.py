"""Packs miniatures of formats as their data lie on the hub: Parquet as datasets writes it, and a table as CSV and TSV.

Reads preference/src/test/resources/formats/*/rows.jsonl, which are written by hand, and writes rows.parquet beside those
whose rows all have one schema; table.csv and table.tsv beside the table of choices. Made with datasets 5.0.1 and pyarrow
25.0.1; run from the root of the repository:

    python testing/golden/format_miniatures.py
"""

import csv
import json
import pathlib

import datasets

ROOT = pathlib.Path("preference/src/test/resources/formats")
PACKED = [
    "arena-table",
    "ultrafeedback",
    "ultrafeedback-binarized",
    "helpsteer2",
    "helpsteer2-preference",
    "helpsteer3-preference",
    "oasst-messages",
    "summarize-from-feedback",
    "webgpt",
    "shp",
    "nectar",
    "stepwise",
]


def rows(name):
    with open(ROOT / name / "rows.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    for name in PACKED:
        datasets.Dataset.from_list(rows(name)).to_parquet(str(ROOT / name / "rows.parquet"))
    table = rows("choice")
    for name, delimiter in (("table.csv", ","), ("table.tsv", "\t")):
        with open(ROOT / "choice" / name, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(table[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main()
