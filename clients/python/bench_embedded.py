"""Times loops over environments for './physintuition bench embedded'.

Reads one line for each loop and prints its seconds:
KIND ADDRESS TASK SLOTS NAMES EDGE OUTCOME STEPS, where KIND is single (a step and a reset in turn), vector, or first (from
import to the first picture, in a process of its own).
"""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache
from typing import Any

import physintuition

_FIRST = """
import time; start = time.perf_counter()
import physintuition
physintuition.make("{task}", address="{address}").reset(seed=1)
print(time.perf_counter() - start)
"""


@cache
def single(address: str, task: str, names: str, edge: int, outcome: str) -> Any:
    env = physintuition.make(task, address=address, observe=names.split(","), size=(edge, edge), outcome=outcome)
    env.reset(seed=0)
    env.action_space.seed(0)
    return env


@cache
def vector(address: str, task: str, slots: int, names: str, edge: int, outcome: str) -> Any:
    env = physintuition.make_vec(
        task, slots, address=address, observe=names.split(","), size=(edge, edge), outcome=outcome)
    env.reset(seed=0)
    env.single_action_space.seed(0)
    return env


def seconds(kind: str, address: str, task: str, slots: int, names: str, edge: int, outcome: str, steps: int) -> float:
    if kind == "first":
        run = [sys.executable, "-c", _FIRST.format(task=task, address=address)]
        return float(subprocess.run(run, capture_output=True, text=True, check=True, timeout=120).stdout)
    if kind == "single":
        env = single(address, task, names, edge, outcome)
        action = env.action_space.sample()
        start = time.perf_counter()
        for _ in range(steps):
            env.step(action)
            env.reset()
        return time.perf_counter() - start
    env = vector(address, task, slots, names, edge, outcome)
    actions = [env.single_action_space.sample() for _ in range(slots)]
    start = time.perf_counter()
    for _ in range(steps):
        env.step(actions)
    return time.perf_counter() - start


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        kind, address, task, slots, names, edge, outcome, steps = line.split()
        print(seconds(kind, address, task, int(slots), names, int(edge), outcome, int(steps)), flush=True)


if __name__ == "__main__":
    main()
