"""Steps a vector environment as often as it is told; clients/README.md has the form."""

from __future__ import annotations

import sys
import time

import numpy as np

import physintuition


def main() -> None:
    address, task, slots, edge = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    env = physintuition.make_vec(task, slots, address=address, size=(edge, edge))
    env.reset(seed=0)
    actions = np.zeros(slots, np.int64)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            env.step(actions)
        print(time.perf_counter() - start, flush=True)
    env.close()


if __name__ == "__main__":
    main()
