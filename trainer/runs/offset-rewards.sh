#!/bin/sh
# Rewards on OffsetX-v1 from a start that does not see the offset yet; see ../LOG.md for what came out.
# usage: trainer/runs/offset-rewards.sh FOLDER [SEED]   (about 9 minutes on one core)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
seed="${2:-2}"
learn() {
  "$root/physintuition" train "$@" --task OffsetX-v1 --threads 1 --multiply-in-bf16 true \
    --evaluation-questions 100 --save-every 50
}
learn sft --steps 150 --batch 64 --learning-rate 0.0003 --decay constant --warmup-share 0.06 --evaluate-every 25 \
  --seed "$seed" --out "$1/start"
learn grpo --model "$1/start/final" --steps 310 --prompts 64 --micro-prompts 64 --completions 16 \
  --max-completion-tokens 16 --constrain answer --scale none --entropy-coefficient 0.3 --learning-rate 0.0003 \
  --decay linear --warmup-share 0.02 --evaluate-every 50 --seed "$((seed + 100))" --out "$1/rewards"
"$root/physintuition" eval --model start="$1/start/final" --model rewards="$1/rewards/final" --task OffsetX-v1 \
  --questions 500 --picture-size 96 --max-tokens 16 --constrain answer --out "$1/test"
