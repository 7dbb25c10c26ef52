"""Times loops over environments for './physintuition bench embedded'.

Reads one line for each loop and prints its seconds:
KIND ADDRESS TASK SLOTS NAMES EDGE OUTCOME STEPS, where KIND is single (a step and a reset in turn), vector, cpu (the same
by the CPU time of the thread, which other programs hardly change), first (from
import to the first picture, in a process of its own), cartpole (Gymnasium's own; nan where it is not installed), or a call
behind answers in all slots: render, fork, snapshot, restore, final (a step with same-step autoreset).
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
    env.action_space.seed(0)
    return env


@cache
def cartpole(slots: int) -> Any:
    try:
        import gymnasium
    except ImportError:
        return None
    env = gymnasium.make("CartPole-v1") if slots == 1 else gymnasium.make_vec("CartPole-v1", slots, "sync")
    env.reset(seed=0)
    env.action_space.seed(0)
    return env


@cache
def client(address: str) -> physintuition.Client:
    return physintuition.Client(address)


def path(kind: str, address: str, task: str, slots: int, names: str, edge: int, calls: int) -> float:
    """Seconds of one call of a client's environment, all slots of which were answered before, behind a first call;
    cpu-KIND: CPU seconds."""
    clock = time.process_time if kind.startswith("cpu-") else time.perf_counter
    kind = kind.removeprefix("cpu-")
    environment = client(address).make(
        task, slots, observe=() if kind == "render" else names.split(","), size=(edge, edge),
        autoreset="same_step" if kind == "final" else "disabled")
    answers = environment.reset(seed=0, observe=("expert",))["expert"][:1] * slots
    if kind != "final":
        environment.step(answers)
    snapshot = environment.snapshot() if kind == "restore" else b""
    call = {
        "render": lambda: environment.render(outcome="settled"),
        "fork": environment.fork,
        "snapshot": environment.snapshot,
        "restore": lambda: environment.restore(snapshot),
        "final": lambda: environment.step(answers),
    }[kind]
    seconds = 0.0
    for number in range(calls + 1):
        start = clock()
        result = call()
        seconds += clock() - start if number > 0 else 0
        if kind == "fork":
            result.close()
    environment.close()
    return seconds / calls


def forget_other_tasks(task: str) -> None:
    """Closes what another task's loops needed: with pictures that is much memory."""
    if task not in _tasks and _tasks:
        vector.cache_clear()
    _tasks[:] = [task]


_tasks: list[str] = []


def seconds(kind: str, address: str, task: str, slots: int, names: str, edge: int, outcome: str, steps: int) -> float:
    if kind == "first":
        run = [sys.executable, "-c", _FIRST.format(task=task, address=address)]
        return float(subprocess.run(run, capture_output=True, text=True, check=True, timeout=120).stdout)
    if kind.removeprefix("cpu-") in ("render", "fork", "snapshot", "restore", "final"):
        return path(kind, address, task, slots, names, edge, steps)
    if kind == "cartpole":
        env = cartpole(slots)
        if env is None:
            return float("nan")
        action = env.action_space.sample()
        start = time.perf_counter()
        for _ in range(steps):
            _, _, ended, cut, _ = env.step(action)
            if slots == 1 and (ended or cut):
                env.reset()
        return time.perf_counter() - start
    if kind == "single":
        env = single(address, task, names, edge, outcome)
        action = env.action_space.sample()
        start = time.perf_counter()
        for _ in range(steps):
            env.step(action)
            env.reset()
        return time.perf_counter() - start
    forget_other_tasks(task)
    env = vector(address, task, slots, names, edge, outcome)
    actions = env.action_space.sample()
    clock = time.thread_time if kind == "cpu" else time.perf_counter
    start = clock()
    for _ in range(steps):
        env.step(actions)
    return clock() - start


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        kind, address, task, slots, names, edge, outcome, steps = line.split()
        print(seconds(kind, address, task, int(slots), names, int(edge), outcome, int(steps)), flush=True)


if __name__ == "__main__":
    main()
