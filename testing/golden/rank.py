"""Writes preference/rank.json: strengths of Bradley-Terry, Davidson, Rao-Kupper and Plackett-Luce with and without ties.

Needs numpy, scipy, choix and rdata, and the data sets of the R packages BradleyTerry2 and PlackettLuce:

    python rank.py BradleyTerry2/data PlackettLuce/data

Without ties the numbers are choix's; with ties those of scipy's BFGS on likelihoods written here from the papers, every set
of a tie enumerated. `published` is what the packages' vignettes and Agresti (2002) print.
"""

import importlib.metadata
import itertools
import json
import pathlib
import sys

import choix
import numpy
import rdata
import scipy.optimize

TARGET = pathlib.Path(__file__).resolve().parents[1] / "src" / "main" / "resources" / "golden" / "preference" / "rank.json"
VERSIONS = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "rdata")}
VERSIONS["choix"] = "0.4.1, commit 7494ad31"


def centred(strengths):
    return (numpy.asarray(strengths) - numpy.mean(strengths)).tolist()


def maximum(log_likelihood, size):
    """Climbs with numerical gradients, then polishes with Newton steps of numerical derivatives."""
    x = scipy.optimize.minimize(lambda p: -log_likelihood(p), numpy.zeros(size), method="BFGS", options={"gtol": 1e-6}).x
    for _ in range(6):
        gradient, hessian = derivatives(log_likelihood, x)
        x = x - numpy.linalg.lstsq(hessian, gradient, rcond=1e-9)[0]
    return x


def derivatives(f, x, h=1e-4):
    """Central differences of the fourth order."""
    n = len(x)
    e = numpy.eye(n) * h
    gradient = numpy.array([(8 * (f(x + d) - f(x - d)) - (f(x + 2 * d) - f(x - 2 * d))) / (12 * h) for d in e])
    hessian = numpy.array(
        [[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in e] for a in e]
    )
    return gradient, hessian


def errors(log_likelihood, x, items):
    """Standard errors of centred strengths by the observed information."""
    _, hessian = derivatives(log_likelihood, x)
    covariance = numpy.linalg.pinv(-hessian, rcond=1e-6)
    return numpy.sqrt(numpy.diag(covariance)[:items]).tolist()


def davidson_luce(outcomes, items, orders):
    def log_likelihood(p):
        worth = numpy.exp(p[:items])
        delta = {1: 1.0, **{k: numpy.exp(p[items + i]) for i, k in enumerate(orders)}}

        def f(chosen):
            return delta[len(chosen)] * numpy.prod(worth[list(chosen)]) ** (1 / len(chosen))

        total = 0.0
        for levels, weight in outcomes:
            for i, level in enumerate(levels):
                rest = [item for below in levels[i:] for item in below]
                if len(rest) > 1:
                    sets = [s for k in delta for s in itertools.combinations(rest, k)]
                    total += weight * (numpy.log(f(level)) - numpy.log(sum(f(s) for s in sets)))
        return total

    return log_likelihood


def rao_kupper(outcomes, items):
    def log_likelihood(p):
        worth, theta = numpy.exp(p[:items]), 1 + numpy.exp(p[items])
        total = 0.0
        for levels, weight in outcomes:
            if len(levels) == 2:
                (i,), (j,) = levels
                total += weight * numpy.log(worth[i] / (worth[i] + theta * worth[j]))
            else:
                i, j = levels[0]
                tie = worth[i] * worth[j] * (theta**2 - 1)
                total += weight * numpy.log(tie / ((worth[i] + theta * worth[j]) * (worth[j] + theta * worth[i])))
        return total

    return log_likelihood


def case(name, method, items, outcomes, strengths, **more):
    return {"name": name, "method": method, "items": items, "outcomes": outcomes, "strengths": strengths, **more}


def baseball(directory):
    frame = rdata.read_rda(directory / "baseball.RData")["baseball"]
    names = sorted(set(frame["home.team"]))
    outcomes, data = [], []
    for row in frame.to_dict("records"):
        home, away = names.index(row["home.team"]), names.index(row["away.team"])
        for winner, loser, wins in ((home, away, row["home.wins"]), (away, home, row["away.wins"])):
            if wins:
                outcomes.append([[[winner], [loser]], float(wins)])
                data += [(winner, loser)] * int(wins)
    strengths = choix.ilsr_pairwise(len(names), data, alpha=0, tol=1e-13)
    published = {"Milwaukee": 1.58, "Detroit": 1.44, "Toronto": 1.29, "New York": 1.25, "Boston": 1.11, "Cleveland": 0.68}
    likelihood = davidson_luce(outcomes, len(names), [])
    return case(
        "Agresti (2002), table 10.10: baseball 1987",
        "bradley-terry",
        names,
        outcomes,
        centred(strengths),
        standard_errors=errors(likelihood, numpy.array(strengths), len(names)),
        published={"from": "Agresti (2002), table 10.11, Baltimore 0", "reference": "Baltimore", "strengths": published},
    )


def pudding(directory):
    frame = rdata.read_rda(directory / "pudding.rda")["pudding"]
    outcomes = []
    for row in frame.to_dict("records"):
        i, j = int(row["i"]) - 1, int(row["j"]) - 1
        outcomes += [[[[i], [j]], float(row["w_ij"])], [[[j], [i]], float(row["w_ji"])], [[[i, j]], float(row["t_ij"])]]
    names = [str(i) for i in range(1, 7)]
    davidson = davidson_luce(outcomes, 6, [2])
    x = maximum(davidson, 7)
    worth = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    yield case(
        "Davidson (1970), example 2: chocolate pudding",
        "davidson",
        names,
        outcomes,
        centred(x[:6]),
        standard_errors=errors(davidson, x, 6),
        ties={"2": float(numpy.exp(x[6]))},
        log_likelihood=float(davidson(x)),
        published={
            "from": "Davidson (1970) after 7 iterations, PlackettLuce's vignette",
            "strengths": dict(zip(names, centred(numpy.log(worth)))),
            "standard_errors": [0.121949, 0.121818, 0.126823, 0.122003, 0.127054, 0.126594],
            "ties": {"2": 0.7468147},
        },
    )
    rao = rao_kupper(outcomes, 6)
    x = maximum(rao, 7)
    yield case(
        "the same by Rao and Kupper",
        "rao-kupper",
        names,
        outcomes,
        centred(x[:6]),
        standard_errors=errors(rao, x, 6),
        ties={"2": float(1 + numpy.exp(x[6]))},
        log_likelihood=float(rao(x)),
    )
    halves = [[o, w] for o, w in outcomes if len(o) == 2]
    for o, w in outcomes:
        if len(o) == 1:
            i, j = o[0]
            halves += [[[[i], [j]], w / 2], [[[j], [i]], w / 2]]
    plain = davidson_luce(halves, 6, [])
    x = maximum(plain, 6)
    yield case("the same with ties as half-wins", "bradley-terry", names, outcomes, centred(x))


def nascar(directory):
    races = rdata.read_rda(directory / "nascar.rda")["nascar"].to_numpy().astype(int) - 1
    # Four drivers came last wherever they drove: numbers 84 to 87, left out by Hunter (2004).
    rankings = [[int(d) for d in race if 0 <= d < 83] for race in races]
    strengths = choix.ilsr_rankings(83, rankings, alpha=0, tol=1e-12)
    return case(
        "Hunter (2004): NASCAR 2002 without the four that were always last",
        "plackett-luce",
        [str(i) for i in range(83)],
        [[[[d] for d in race], 1.0] for race in rankings],
        centred(strengths),
    )


def tied_rankings():
    random = numpy.random.default_rng(7)
    outcomes = []
    for _ in range(60):
        drawn = random.permutation(6)[: random.integers(2, 6)]
        scores = numpy.round(random.gumbel(size=len(drawn)) + 0.4 * drawn)
        levels = [[int(i) for i in drawn[scores == s]] for s in sorted(set(scores), reverse=True)]
        outcomes.append([levels, float(random.integers(1, 4))])
    orders = sorted({len(level) for levels, _ in outcomes for level in levels} - {1})
    likelihood = davidson_luce(outcomes, 6, orders)
    x = maximum(likelihood, 6 + len(orders))
    return case(
        "sixty rankings of up to five with ties",
        "plackett-luce",
        list("abcdef"),
        outcomes,
        centred(x[:6]),
        standard_errors=errors(likelihood, x, 6),
        ties={str(k): float(numpy.exp(x[6 + i])) for i, k in enumerate(orders)},
        log_likelihood=float(likelihood(x)),
    )


def main(bradley_terry, plackett_luce):
    cases = [baseball(bradley_terry), *pudding(plackett_luce), nascar(plackett_luce), tied_rankings()]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"versions": VERSIONS, "cases": cases}, allow_nan=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(text)} characters")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
