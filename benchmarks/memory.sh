#!/bin/sh
# Holds the memory that training commands announce against what they take: benchmarks/memory.sh [PART OF A CASE'S NAME ...]
# PYTHON names a Python with peers/requirements.txt installed (default: python3).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
"$root/rlhf" --version >/dev/null # which builds what it still lacks
export RLHF="${RLHF:-$root/rlhf}"
exec "${PYTHON:-python3}" "$root/benchmarks/memory.py" "$@"
