"""Writes preference/agreement.json: Krippendorff's alpha by the krippendorff package, Cohen's kappa by scikit-learn.

    python agreement.py

`published` are the values of Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section E, as printed there.
"""

import importlib.metadata
import json
import pathlib

import krippendorff
import numpy
from sklearn.metrics import cohen_kappa_score

TARGET = (
    pathlib.Path(__file__).resolve().parents[1] / "src" / "main" / "resources" / "golden" / "preference" / "agreement.json"
)
VERSIONS = {name: importlib.metadata.version(name) for name in ("numpy", "scikit-learn")}
VERSIONS["krippendorff"] = "0.8.3.dev0, commit b1eb616c"
N = numpy.nan


def alphas(name, matrix, published=None):
    matrix = numpy.array(matrix, dtype=float)
    values = sorted(set(matrix[~numpy.isnan(matrix)]))
    counts = [[int((unit == v).sum()) for v in values] for unit in matrix.T]
    case = {"name": name, "values": values, "counts": counts}
    for level in ("nominal", "ordinal", "interval"):
        case[level] = float(krippendorff.alpha(reliability_data=matrix, level_of_measurement=level))
    if published:
        case["published"] = published
    return case


def kappas(name, a, b, size):
    table = [[int(((a == i) & (b == j)).sum()) for j in range(size)] for i in range(size)]
    return {
        "name": name,
        "table": table,
        **{str(w).lower(): float(cohen_kappa_score(a, b, weights=w)) for w in (None, "linear", "quadratic")},
    }


def main():
    random = numpy.random.default_rng(11)
    sparse = random.integers(-1, 2, size=(6, 40)).astype(float)
    sparse[random.random(sparse.shape) < 0.5] = N
    cases = [
        alphas(
            "Krippendorff (2011), section C: four observers, twelve units, five values, missing data",
            [
                [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
                [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
                [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
                [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
            ],
            {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849},
        ),
        alphas(
            "Wikipedia's example of three coders",
            [
                [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
                [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
                [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
            ],
            {"nominal": 0.691, "interval": 0.811},
        ),
        alphas("six random coders, half of it missing", sparse),
    ]
    a = random.integers(0, 3, size=200)
    b = numpy.where(random.random(200) < 0.6, a, random.integers(0, 3, size=200))
    tables = [kappas("three values", a, b, 3), kappas("two values", (a > 0).astype(int), (b > 0).astype(int), 2)]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"versions": VERSIONS, "alpha": cases, "kappa": tables}, allow_nan=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(text)} characters")


main()
