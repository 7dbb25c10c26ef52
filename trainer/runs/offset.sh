#!/bin/sh
# A short supervised start on OffsetX-v1, then rewards alone, by the tiny model on a CPU; see ../LOG.md.
# usage: trainer/runs/offset.sh FOLDER
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/physintuition" train sft --task OffsetX-v1 --steps 50 --learning-rate 0.0004 --batch 64 --threads 1 \
  --save-every 25 --evaluation-questions 200 --out "$1/start"
"$root/physintuition" eval --model "$1/start/final" --task OffsetX-v1 --questions 200 --json "$1/start/test.json"
"$root/physintuition" train grpo --task OffsetX-v1 --model "$1/start/final" --steps 400 --prompts 16 \
  --micro-prompts 16 --completions 16 --max-completion-tokens 12 --learning-rate 0.00005 --decay constant \
  --warmup-share 0.01 --entropy-coefficient 0.01 --threads 1 --save-every 20 --evaluation-questions 200 --out "$1/rewards"
"$root/physintuition" eval --model "$1/rewards/final" --task OffsetX-v1 --questions 200 --json "$1/rewards/test.json"
