"""Makes the calls that it is told to make, as a learner would; clients/README.md has the form."""

from __future__ import annotations

import sys
import time
from typing import Callable

import physintuition


def one(client: physintuition.Client, task: str, **settings) -> tuple[object, Callable[[], None]]:
    """An environment, and a call of it: a step, or a reset where the episode has ended."""
    env = physintuition.make(task, client=client, **settings)
    env.reset(seed=0)
    has_ended = False

    def call() -> None:
        nonlocal has_ended
        if has_ended:
            env.reset()
            has_ended = False
        else:
            has_ended = any(env.step(env.action_space.sample())[2:4])

    return env, call


def many(client: physintuition.Client, task: str, slots: int, **settings) -> tuple[object, Callable[[], None]]:
    """A vector environment, and a step of it."""
    env = physintuition.make_vec(task, slots, client=client, **settings)
    env.reset(seed=0)
    return env, lambda: env.step(env.action_space.sample())


def main() -> None:
    client = physintuition.Client(sys.argv[1])
    env = call = None
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "open":
            task, slots, observe, edge, outcome = words
            settings = {"observe": (observe,), "size": (int(edge), int(edge)), "outcome": outcome}
            if env is not None:
                env.close()
            env, call = one(client, task, **settings) if slots == "1" else many(client, task, int(slots), **settings)
            print("ready", flush=True)
        else:
            start = time.perf_counter()
            for _ in range(int(words[0])):
                call()
            print(time.perf_counter() - start, flush=True)
    client.close()


if __name__ == "__main__":
    main()
