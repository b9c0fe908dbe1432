"""Writes draws.txt: numbers of numpy.random.Generator and samples of Gymnasium's spaces. NumPy 2.4.6, Gymnasium 1.3.0.

A line: what, argument, seed, then the values (bits in hexadecimal digits, doubles as Python prints them).
"""

import pathlib

import numpy as np
from gymnasium.spaces import Box, Discrete

lines = []


def add(what, argument, seed, values):
    lines.append(" ".join([what, str(argument), str(seed), *values]))


def checksum(values):
    """XOR of the bits, so that many draws are compared by one number."""
    return f"{np.bitwise_xor.reduce(np.asarray(values).view(np.uint64)):x}"


for seed in [0, 1, 42, 123, 2**31, 2**32 - 1, 2**32, 12345678901234567, 2**63 - 1]:
    fresh = lambda: np.random.default_rng(seed)
    add("raw", "-", seed, [f"{value:x}" for value in np.random.PCG64(seed).random_raw(8)])
    add("double", "-", seed, [repr(float(value)) for value in fresh().random(5)])
    add("uniform", "-", seed, [repr(float(value)) for value in fresh().uniform(-0.6, -0.4, 5)])
    add("normal", "-", seed, [repr(float(value)) for value in fresh().standard_normal(20)])
    add("exponential", "-", seed, [repr(float(value)) for value in fresh().standard_exponential(20)])
    generator = fresh()
    for n in [2, 3, 6, 500, 2**31 - 1, 1, 1500000000]:
        add("integer", n, seed, [str(value) for value in [int(generator.integers(n)) for _ in range(11)]])
    generator = fresh()
    add("mixed", "-", seed, [
        repr(float(value))
        for _ in range(4)
        for value in (generator.integers(7), generator.random(), generator.integers(7), generator.standard_normal())
    ])
for seed in range(3):
    # Long enough for both tails, whose logarithms and exponentials depend on the C library.
    add("normal-checksum", 200000, seed, [checksum(np.random.default_rng(seed).standard_normal(200000))])
    add("exponential-checksum", 200000, seed, [checksum(np.random.default_rng(seed).standard_exponential(200000))])

inf = np.inf
box = Box(np.array([-inf, 0, -inf, -1, 2, -inf], np.float32), np.array([inf, inf, 3, 1, 2.5, inf], np.float32))
for seed in [0, 7, 123]:
    for n, start in [(2, 0), (3, 0), (5, -2), (1, 4)]:
        space = Discrete(n, start=start)
        space.seed(seed)
        add("Discrete", f"{n},{start}", seed, [str(int(space.sample())) for _ in range(12)])
    box.seed(seed)
    add("Box", "-", seed, [repr(float(value)) for _ in range(4) for value in box.sample()])
(pathlib.Path(__file__).parent.parent / "resources/golden/draws.txt").write_text("\n".join(lines) + "\n")
