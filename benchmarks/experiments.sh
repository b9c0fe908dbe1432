#!/bin/sh
# Repeats an experiment of docs/EXPERIMENTS.md: benchmarks/experiments.sh NAME [OPTION ...]; --help lists names and options.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
(cd "$root" && mvn -B -ntp -q -Plauncher -pl benchmarks -am package -Dmaven.test.skip=true)
# The settings of the launcher `rlhf`, which says why.
if [ -z "${OMP_WAIT_POLICY:-}" ]; then export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-10000}"; fi
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304}"
exec java -XX:+UseSerialGC -Xmn32m -Drlhf4j.root="$root" \
  -cp "$root/benchmarks/target/classes:$(cat "$root/benchmarks/target/benchmarks.classpath")" \
  org.rlhf4j.benchmarks.experiments.Experiments "$@"
