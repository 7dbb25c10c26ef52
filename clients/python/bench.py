"""Does as much of one kind of work as it is told; clients/README.md has the form.

Steps of a vector environment that shows raw pictures; with the word ``messages`` steps that show messages instead, with
``rewards`` calls of the reward function that TRL is given, on one answer for each slot.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable

import numpy as np

import physintuition
from physintuition.integrations import trl


def steps(address: str, task: str, slots: int, edge: int) -> Callable[[], Any]:
    env = physintuition.make_vec(task, slots, address=address, size=(edge, edge))
    env.reset(seed=0)
    actions = np.zeros(slots, np.int64)
    return lambda: env.step(actions)


def messages(address: str, task: str, slots: int, edge: int) -> Callable[[], Any]:
    env = physintuition.Client(address).make(
        task, slots, observe=("messages",), size=(edge, edge), autoreset="next_step", outcome="question")
    env.reset(0)
    actions = np.zeros((slots, 1), np.float32)
    return lambda: env.step(actions)


def rewards(address: str, task: str, slots: int, _: int) -> Callable[[], Any]:
    reward = trl.reward_function(task, address=address)
    answers = [[{"role": "assistant", "content": "It leans. <answer>yes</answer>"}]] * slots
    return lambda: reward(completions=answers, seed=range(slots))


def main() -> None:
    address, task, slots, edge = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    make = {"steps": steps, "messages": messages, "rewards": rewards}[sys.argv[5] if len(sys.argv) > 5 else "steps"]
    work = make(address, task, slots, edge)
    work()
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            work()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
