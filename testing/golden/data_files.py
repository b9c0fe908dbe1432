"""Writes preference/files/: small data files as pyarrow, datasets, pandas, Python's csv and zstd write them, and what they hold.

files.json lists them with their rows as JSON. A field that is null is absent there, as it is for a row of JSON Lines that
lacks it; dates and times are ISO 8601 text, decimals are numbers.
"""

import csv
import datetime
import decimal
import io
import json
import shutil
import subprocess
import uuid

import datasets
import golden
import pandas
import pyarrow
import pyarrow.parquet as parquet

golden.VERSIONS["pyarrow"] = pyarrow.__version__
golden.VERSIONS["datasets"] = datasets.__version__
golden.VERSIONS["pandas"] = pandas.__version__
golden.VERSIONS["zstd"] = subprocess.run(["zstd", "--version"], capture_output=True, text=True).stdout.split("v")[1].split(",")[0]

FOLDER = golden.OUT / "preference" / "files"
FILES = []


def present(value):
    """The value with the null fields of its structs left out."""
    if isinstance(value, dict):
        return {key: present(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [present(item) for item in value]
    return value


def add(name, container, rows):
    FILES.append({"file": name, "container": container, "rows": [present(row) for row in rows]})


def turn(role, content):
    return {"role": role, "content": content}


PAIRS = [
    {"prompt": "Wohin fliegt die Schwalbe?", "chosen": "Nach Süden.", "rejected": "Nirgendwohin.", "score": 1.5, "n": 3},
    {"prompt": "日本の首都は?", "chosen": "東京。", "rejected": "", "score": None, "n": -7},
    {"prompt": 'Say "a, b;\tc"\nand stop.', "chosen": "😀", "rejected": "x" * 300, "score": -0.1, "n": None},
    {"prompt": None, "chosen": None, "rejected": None, "score": 1e-300, "n": 2**53 + 1},
    {"prompt": "again", "chosen": "again", "rejected": "again", "score": 0.0, "n": 0},
]

CHATS = [
    {
        "prompt": [turn("system", "Be brief."), turn("user", "Why is the sky blue?")],
        "chosen": [turn("assistant", "Rayleigh scattering.")],
        "rejected": [turn("assistant", "It is not.")],
        "tags": ["a", None, "b"],
        "scores": [[1, 2], [], None, [3]],
    },
    {"prompt": [turn("user", "Hi")], "chosen": [], "rejected": None, "tags": [], "scores": None},
    {"prompt": [], "chosen": [turn("assistant", None)], "rejected": [turn("assistant", "")], "tags": None, "scores": [[]]},
    {
        "prompt": [turn("user", "Zähl.")],
        "chosen": [turn("assistant", "1"), turn("user", "2"), turn("assistant", "3")],
        "rejected": [None],
        "tags": [None],
        "scores": [[None, 5]],
    },
]

MESSAGES = pyarrow.list_(pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.string())]))
CHAT_SCHEMA = pyarrow.schema(
    [
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("tags", pyarrow.list_(pyarrow.string())),
        ("scores", pyarrow.list_(pyarrow.list_(pyarrow.int64()))),
    ]
)


def write_parquet(name, rows, schema=None, **options):
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), FOLDER / name, **options)
    add(name, "Parquet", rows)


def write_types():
    schema = pyarrow.schema(
        [
            ("bool", pyarrow.bool_()),
            ("i8", pyarrow.int8()),
            ("u32", pyarrow.uint32()),
            ("u64", pyarrow.uint64()),
            ("f32", pyarrow.float32()),
            ("decimal", pyarrow.decimal128(12, 3)),
            ("date", pyarrow.date32()),
            ("time", pyarrow.time64("us")),
            ("utc", pyarrow.timestamp("ms", tz="UTC")),
            ("local", pyarrow.timestamp("us")),
            ("nanos", pyarrow.timestamp("ns", tz="UTC")),
            ("map", pyarrow.map_(pyarrow.string(), pyarrow.int32())),
            ("struct", pyarrow.struct([("a", pyarrow.int32()), ("b", pyarrow.list_(pyarrow.string()))])),
            ("category", pyarrow.dictionary(pyarrow.int8(), pyarrow.string())),
            ("large", pyarrow.large_list(pyarrow.large_string())),
            ("fixed", pyarrow.list_(pyarrow.int32(), 2)),
            ("uuid", pyarrow.uuid()),
            ("json", pyarrow.json_()),
            ("nothing", pyarrow.null()),
        ]
    )
    moment = datetime.datetime(2024, 2, 29, 23, 59, 1, 250000)
    name = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
    arrow = [
        {
            "bool": True, "i8": -128, "u32": 2**32 - 1, "u64": 2**64 - 1, "f32": 0.1,
            "decimal": decimal.Decimal("-123456.789"), "date": moment.date(), "time": moment.time(),
            "utc": moment.replace(tzinfo=datetime.timezone.utc), "local": moment,
            "nanos": moment.replace(tzinfo=datetime.timezone.utc), "map": [("x", 1), ("y", None)],
            "struct": {"a": 1, "b": ["p", None]}, "category": "red", "large": ["l"], "fixed": [1, 2],
            "uuid": name.bytes, "json": '{"k": [1, null]}', "nothing": None,
        },
        {"bool": False, "date": datetime.date(1969, 12, 31), "map": [], "struct": {"a": None, "b": []}, "category": "red"},
    ]  # fmt: skip
    expected = [
        {
            "bool": True, "i8": -128, "u32": 2**32 - 1, "u64": 2**64 - 1, "f32": 0.10000000149011612,
            "decimal": -123456.789, "date": "2024-02-29", "time": "23:59:01.25",
            "utc": "2024-02-29T23:59:01.25Z", "local": "2024-02-29T23:59:01.25", "nanos": "2024-02-29T23:59:01.25Z",
            "struct": {"a": 1, "b": ["p", None]}, "category": "red", "large": ["l"], "fixed": [1, 2],
            "uuid": str(name), "nothing": None,
        },
        {"bool": False, "date": "1969-12-31", "struct": {"b": []}, "category": "red"},
    ]  # fmt: skip
    expected = [present(row) for row in expected]
    # A null value of a map has its key; the text of a JSON column is JSON.
    expected[0]["map"] = {"x": 1, "y": None}
    expected[0]["json"] = {"k": [1, None]}
    expected[1]["map"] = {}
    parquet.write_table(pyarrow.Table.from_pylist(arrow, schema=schema), FOLDER / "types.parquet")
    FILES.append({"file": "types.parquet", "container": "Parquet", "rows": expected})


def write_tables():
    cells = [{key: str(value) for key, value in row.items() if value is not None and value != ""} for row in PAIRS]
    with open(FOLDER / "python.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, PAIRS[0].keys())
        writer.writeheader()
        writer.writerows(PAIRS)
    add("python.csv", "CSV", cells)
    with open(FOLDER / "python.tsv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, PAIRS[0].keys(), dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows(PAIRS)
    add("python.tsv", "TSV", cells)
    frame = pandas.DataFrame(PAIRS[:3])
    indexed = [{"Unnamed: 0": str(i), **row} for i, row in enumerate(cells[:3])]
    frame.to_csv(FOLDER / "pandas.csv")
    # pandas reads a column of integers with a missing one as floats.
    for row in indexed:
        if "n" in row:
            row["n"] = str(float(row["n"]))
    add("pandas.csv", "CSV", indexed)
    frame.to_csv(FOLDER / "semicolons.csv.gz", sep=";", index=False, compression={"method": "gzip", "mtime": 1})
    add("semicolons.csv.gz", "CSV with semicolons, compressed by gzip", [{k: v for k, v in row.items() if k[0] != "U"} for row in indexed])


def write_zstd(name, source, container, rows):
    subprocess.run(["zstd", "-q", "-f", "-19", FOLDER / source, "-o", FOLDER / name], check=True)
    (FOLDER / source).unlink()
    add(name, container, rows)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
        write_parquet(f"pairs_{codec}.parquet", PAIRS, compression=codec)
    write_parquet("pairs_v2.parquet", PAIRS, data_page_version="2.0", version="2.6", use_dictionary=False, compression="zstd")
    write_parquet("pairs_plain_groups.parquet", PAIRS, row_group_size=2, use_dictionary=False, write_page_checksum=True)
    write_parquet(
        "pairs_delta.parquet",
        PAIRS,
        use_dictionary=False,
        column_encoding={
            "prompt": "DELTA_BYTE_ARRAY",
            "chosen": "DELTA_LENGTH_BYTE_ARRAY",
            "rejected": "DELTA_BYTE_ARRAY",
            "score": "BYTE_STREAM_SPLIT",
            "n": "DELTA_BINARY_PACKED",
        },
    )
    write_parquet("chats.parquet", CHATS, CHAT_SCHEMA)
    write_parquet("chats_v2.parquet", CHATS, CHAT_SCHEMA, data_page_version="2.0", compression="snappy", row_group_size=3)
    write_parquet("chats_two_levels.parquet", CHATS[:2], CHAT_SCHEMA, use_compliant_nested_type=False)
    write_parquet("many_pages.parquet", [{"prompt": f"{i} {i * i}"} for i in range(3000)], data_page_size=512, compression="zstd")
    write_types()
    dataset = datasets.Dataset.from_list([{k: row[k] for k in ("prompt", "chosen", "rejected")} for row in CHATS[:1]] * 3)
    dataset.to_parquet(FOLDER / "datasets.parquet")
    add("datasets.parquet", "Parquet", dataset.to_list())
    dataset.to_json(FOLDER / "datasets.jsonl")
    add("datasets.jsonl", "JSON Lines", dataset.to_list())
    dataset.to_json(FOLDER / "all.jsonl")
    write_zstd("datasets.jsonl.zst", "all.jsonl", "JSON Lines, compressed by zstd", dataset.to_list())
    write_tables()
    golden.write("preference/files.json", {"files": FILES})


main()
