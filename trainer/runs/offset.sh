#!/bin/sh
# A short supervised start on OffsetX-v1, then rewards alone, by the tiny model on a CPU; see ../LOG.md.
# usage: trainer/runs/offset.sh FOLDER [SEED]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/physintuition" train sft --task OffsetX-v1 --steps 125 --learning-rate 0.0003 --decay constant --batch 64 \
  --warmup-share 0.072 --threads 1 --save-every 25 --evaluate-every 25 --evaluation-questions 100 --seed "${2:-1}" \
  --out "$1/start"
"$root/physintuition" train grpo --task OffsetX-v1 --model "$1/start/final" --steps 90 --prompts 16 \
  --micro-prompts 16 --completions 16 --max-completion-tokens 16 --overlong-margin 4 --masks-truncated true \
  --learning-rate 0.0001 --decay linear --warmup-share 0.02 --entropy-coefficient 0.03 --threads 1 \
  --save-every 15 --evaluate-every 15 \
  --evaluation-questions 100 --seed "${2:-1}" --out "$1/rewards"
"$root/physintuition" eval --model before="$1/start/final" after="$1/rewards/final" --task OffsetX-v1 \
  --questions 500 --json "$1/test.json"
