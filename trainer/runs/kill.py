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


def kill_at(program, folder, step, delay):
    """Starts or resumes the run, kills it a moment after a step has been logged, and tells what was lost."""
    process = subprocess.Popen(command(program, folder), stderr=subprocess.DEVNULL)
    resumed = len(lines(folder))
    while process.poll() is None and (not lines(folder) or lines(folder)[-1]["step"] < step):
        time.sleep(0.001)
        resumed = min(resumed, len(lines(folder)))
    time.sleep(delay)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {"killed": killed, "at_step": lines(folder)[-1]["step"], "resumed_from": resumed}


def main():
    program, folder = sys.argv[1], sys.argv[2]
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    whole, parts = os.path.join(folder, "whole"), os.path.join(folder, "parts")
    start = time.monotonic()
    subprocess.run(command(program, whole), check=True, stderr=subprocess.DEVNULL)
    each = (time.monotonic() - start) / STEPS
    moments = sorted(chance.sample(range(1, STEPS - 1), KILLS))
    kills = [kill_at(program, parts, step, chance.uniform(0, each)) for step in moments]
    subprocess.run(command(program, parts), check=True, stderr=subprocess.DEVNULL)
    result = {"steps": STEPS, "save_every": 10, "kills": kills,
              "same_curve": curve(whole) == curve(parts), "same_weights": weights(whole) == weights(parts)}
    print(json.dumps(result, indent=1))
    sys.exit(0 if result["same_curve"] and result["same_weights"] and all(kill["killed"] for kill in kills) else 1)


if __name__ == "__main__":
    main()
