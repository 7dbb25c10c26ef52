#!/bin/sh
# Rewards against imitation on Stability-v1: from one start, on equally many scenes; see ../LOG.md for what came out.
# usage: trainer/runs/stability-rewards.sh FOLDER [SEED]   (about 9 minutes on one core)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
seed="${2:-1}"
learn() {
  "$root/physintuition" train "$@" --task Stability-v1 --threads 1 --multiply-in-bf16 true --evaluate-every 50 \
    --evaluation-questions 100 --save-every 50
}
learn sft --steps 150 --batch 64 --learning-rate 0.0003 --decay constant --warmup-share 0.06 --seed "$seed" \
  --out "$1/start"
learn sft --model "$1/start/final" --steps 200 --batch 64 --learning-rate 0.0003 --decay linear --warmup-share 0.02 \
  --seed "$((seed + 100))" --out "$1/imitation"
learn grpo --model "$1/start/final" --steps 200 --prompts 64 --micro-prompts 64 --completions 16 \
  --max-completion-tokens 16 --constrain answer --scale none --entropy-coefficient 0.5 --learning-rate 0.0004 \
  --decay linear --warmup-share 0.02 --seed "$((seed + 100))" --out "$1/rewards"
"$root/physintuition" eval --model start="$1/start/final" --model imitation="$1/imitation/final" \
  --model rewards="$1/rewards/final" --task Stability-v1 --questions 1000 --picture-size 96 --max-tokens 16 \
  --out "$1/test"
