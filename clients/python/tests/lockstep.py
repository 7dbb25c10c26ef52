"""Four forked workers in lockstep, after the parent has used gRPC; run by test_lifetime. Argument: ADDRESS."""

from __future__ import annotations

import multiprocessing
import sys

import numpy as np

import physintuition

_WORKERS, _STEPS = 4, 50


def work(address: str, pipe) -> None:
    env = physintuition.make("Offset-v1", address=address, size=(32, 32))
    env.reset(seed=1)
    while pipe.recv():
        env.step(np.zeros(2, np.float32))
        env.reset()
        pipe.send(True)
    env.close()


def main(address: str) -> None:
    fork = multiprocessing.get_context("fork")
    with physintuition.make("Offset-v1", address=address, size=(32, 32)) as parents:
        parents.reset(seed=0)
        pipes = []
        for _ in range(_WORKERS):
            here, there = fork.Pipe()
            fork.Process(target=work, args=(address, there), daemon=True).start()
            pipes.append(here)
        for _ in range(_STEPS):
            for pipe in pipes:
                pipe.send(True)
            for pipe in pipes:
                pipe.recv()
        for pipe in pipes:
            pipe.send(False)
    print(f"{_WORKERS} workers made {_STEPS} steps")


if __name__ == "__main__":
    main(sys.argv[1])
