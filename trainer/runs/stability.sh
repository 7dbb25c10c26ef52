#!/bin/sh
# Supervised learning of Stability-v1 by the tiny model on a CPU; see ../LOG.md for what came out.
# usage: trainer/runs/stability.sh FOLDER [STEPS]   (400 steps: about 9 minutes on one core)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/physintuition" train sft --task Stability-v1 --vocabulary-tasks OffsetX-v1 \
  --steps "${2:-1000}" --learning-rate 0.0004 --batch 64 --threads 1 --evaluate-every 200 --evaluation-questions 300 \
  --out "$1"
"$root/physintuition" eval --model "$1/final" --task Stability-v1 --questions 500 --json "$1/test.json"
