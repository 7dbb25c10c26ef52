#!/bin/sh
# Supervised learning of Stability-v1 in three parts: all towers, hard ones alone, all again while the learning rate
# falls; see ../LOG.md for what came out.
# usage: trainer/runs/stability-95.sh FOLDER
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
part() { # part NAME STEPS KNOBS...
  name=$1
  steps=$2
  shift 2
  "$root/physintuition" train sft --task Stability-v1 --vocabulary-tasks OffsetX-v1 --steps "$steps" --batch 64 \
    --threads 1 --learning-rate 0.0004 --evaluation-questions 300 --out "$out/$name" "$@"
}
part all 350 --decay constant --warmup-share 0.04
part hard 350 --decay constant --warmup-share 0.0857 --model "$out/all/final" --task-options '{"difficulty":"hard"}'
part last 1320 --decay linear --warmup-share 0.02 --model "$out/hard/final" --evaluate-every 300
"$root/physintuition" eval --model "$out/last/final" --task Stability-v1 --questions 500 --json "$out/test.json"
