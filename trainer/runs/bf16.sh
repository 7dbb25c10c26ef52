#!/bin/sh
# Matrix products in bfloat16 against float32 on Stability-v1: the same scenes, the same seeds; see ../LOG.md.
# usage: trainer/runs/bf16.sh FOLDER [SEED]   (about 6 minutes on one core)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for bf16 in false true; do
  "$root/physintuition" train sft --task Stability-v1 --threads 1 --steps 350 --batch 64 --learning-rate 0.0003 \
    --decay linear --warmup-share 0.03 --seed "${2:-1}" --multiply-in-bf16 "$bf16" --evaluate-every 50 \
    --evaluation-questions 100 --save-every 50 --out "$1/bf16-$bf16"
done
"$root/physintuition" eval --model float32="$1/bf16-false/final" --model bf16="$1/bf16-true/final" \
  --task Stability-v1 --questions 1000 --picture-size 96 --max-tokens 16 --out "$1/test"
