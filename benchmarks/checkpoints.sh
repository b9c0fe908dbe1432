#!/bin/sh
# What checkpoints cost a model of the shape of Pythia-70M: benchmarks/checkpoints.sh
# PYTHON names a Python with peers/requirements.txt installed (default: python3).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
"$root/rlhf" --version >/dev/null # which builds what it still lacks
export RLHF="${RLHF:-$root/rlhf}"
exec "${PYTHON:-python3}" "$root/benchmarks/checkpoints.py" "$@"
