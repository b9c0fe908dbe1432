#!/bin/sh
# Races PPO and stepping against Stable-Baselines3, CleanRL and Gymnasium: benchmarks/race_control.sh [PART OF A RACE'S NAME ...]
# PYTHON has peers/control/requirements.txt, PYTHON_CLEANRL has requirements-cleanrl.txt, CLEANRL is a checkout of CleanRL.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
PYTHON=${PYTHON:-python3}
export PYTHON
"$PYTHON" -c "import torch, gymnasium, stable_baselines3" 2>/dev/null || {
  echo "race: $PYTHON lacks the peers: pip install -r $root/benchmarks/peers/control/requirements.txt, or set PYTHON" >&2
  exit 1
}
(cd "$root" && mvn -B -ntp -q -Plauncher -pl benchmarks -am package -DskipTests)
RACE_CLASSPATH=$root/benchmarks/target/classes:$(cat "$root/benchmarks/target/benchmarks.classpath")
export RACE_CLASSPATH
exec "$PYTHON" "$root/benchmarks/race_control.py" "$@"
