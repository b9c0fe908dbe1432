#!/bin/sh
# Races RLHF4J against transformers and TRL: benchmarks/race.sh [PART OF A RACE'S NAME ...]
# Races a model of the shape of SmolLM2-135M against transformers and peft: benchmarks/race.sh models [PART OF A NAME ...]
# Races rlhf data against datasets on a million pairs: benchmarks/race.sh data
# PYTHON names a Python with peers/requirements.txt installed (default: python3).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
python=${PYTHON:-python3}
peers="torch, transformers, trl" race=race.py
case ${1:-} in
  data) peers=datasets race=race_data.py ;;
  models)
    peers="torch, transformers, peft" race=race_models.py
    shift
    ;;
esac
"$python" -c "import $peers" 2>/dev/null || {
  echo "race: $python lacks the peers: pip install -r $root/benchmarks/peers/requirements.txt, or set PYTHON" >&2
  exit 1
}
(cd "$root" && mvn -B -ntp -q -Plauncher -pl benchmarks -am package)
RACE_CLASSPATH=$root/benchmarks/target/classes:$(cat "$root/benchmarks/target/benchmarks.classpath")
export RACE_CLASSPATH
"$root/rlhf" --version >/dev/null # which builds what it still lacks
exec "$python" "$root/benchmarks/$race" "$@"
