#!/bin/sh
# Kills a run of 200 steps at ten random moments and shows that it ends as the run that nobody killed.
# usage: trainer/runs/kill.sh FOLDER [SEED]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/physintuition" train --list >/dev/null   # builds once
exec python3 "$root/trainer/runs/kill.py" "$root/artifacts/bin/PhysIntuition.Trainer/release/PhysIntuition.Trainer.dll" "$@"
