"""Writes the tables of NumPy's ziggurat (main/resources/.../ziggurat-*.txt) as NumPy's static library holds them.

NumPy 2.4.6 on x86-64 Linux; needs binutils. A line a layer: width, inside, density, as the 64 bits in hexadecimal digits.
Computed with 200 bits of precision the tables differ from NumPy's in the last bits, so they cannot be made by formula.
"""

import pathlib
import re
import subprocess
import tempfile

import numpy as np

here = pathlib.Path(__file__).parent
target = here.parent.parent / "main/resources/org/rlhf4j/control/random"
library = pathlib.Path(np.__file__).parent / "random/lib/libnpyrandom.a"

with tempfile.TemporaryDirectory() as folder:
    member = "src_distributions_distributions.c.o"
    subprocess.run(["ar", "x", library, member], cwd=folder, check=True)
    subprocess.run(["objcopy", "-O", "binary", "--only-section=.rodata", member, "data"], cwd=folder, check=True)
    symbols = subprocess.run(["nm", member], cwd=folder, check=True, capture_output=True, text=True).stdout
    data = (pathlib.Path(folder) / "data").read_bytes()

place = {name: int(address, 16) for address, name in re.findall(r"^(\w+) r (\w+_double)$", symbols, re.M)}
for name, suffix in (("normal", "i"), ("exponential", "e")):
    columns = [np.frombuffer(data, "<u8", 256, place[f"{kind}{suffix}_double"]) for kind in "wkf"]
    lines = [" ".join(f"{value:x}" for value in row) for row in zip(*columns)]
    (target / f"ziggurat-{name}.txt").write_text("\n".join(lines) + "\n")
