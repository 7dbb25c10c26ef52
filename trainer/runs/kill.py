"""Kills a run of 200 steps at ten random moments; the curve and the weights must be those of the whole run.

usage: kill.py PhysIntuition.Trainer.dll FOLDER [SEED]
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

STEPS, KILLS = 200, 10


def command(program, folder):
    return ["dotnet", program, "train", "sft", "--steps", str(STEPS), "--batch", "4", "--micro-batch", "4",
            "--picture-size", "32", "--save-every", "10", "--evaluation-questions", "10", "--threads", "1",
            "--out", folder]


def lines(folder):
    try:
        with open(os.path.join(folder, "metrics.jsonl")) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


def curve(folder):
    return [{name: value for name, value in line.items() if not name.startswith("time/")} for line in lines(folder)]


def weights(folder):
    with open(os.path.join(folder, "final", "model.safetensors"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def kill_at(program, folder, moment):
    """Starts or resumes the run, and kills it that many seconds after its first step; tells the step."""
    before = len(lines(folder))
    process = subprocess.Popen(command(program, folder), stderr=subprocess.DEVNULL)
    while process.poll() is None and len(lines(folder)) <= max(before - 10, 0):
        time.sleep(0.001)
    time.sleep(moment)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    seen = lines(folder)
    return {"killed": killed, "step": seen[-1]["step"] if seen else 0}


def main():
    program, folder = sys.argv[1], sys.argv[2]
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    whole, parts = os.path.join(folder, "whole"), os.path.join(folder, "parts")
    start = time.monotonic()
    subprocess.run(command(program, whole), check=True, stderr=subprocess.DEVNULL)
    each = (time.monotonic() - start) / STEPS
    kills = [kill_at(program, parts, chance.uniform(0, 18 * each)) for _ in range(KILLS)]
    subprocess.run(command(program, parts), check=True, stderr=subprocess.DEVNULL)
    result = {"steps": STEPS, "save_every": 10, "kills": kills,
              "same_curve": curve(whole) == curve(parts), "same_weights": weights(whole) == weights(parts)}
    print(json.dumps(result, indent=1))
    sys.exit(0 if result["same_curve"] and result["same_weights"] and all(kill["killed"] for kill in kills) else 1)


if __name__ == "__main__":
    main()
