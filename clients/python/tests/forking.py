"""A program that forks while it has a connection and an environment; run by test_depth."""

from __future__ import annotations

import os
import sys

import physintuition


def main(address: str) -> None:
    with physintuition.Client(address) as client, client.make("Stability-v1", observe=("scene_hash",)) as environment:
        expected = environment.reset(4)["scene_hash"][0]
        child = os.fork()
        if child == 0:
            try:
                play(client, environment, expected)
            finally:
                sys.stdout.flush()
                os._exit(0)
        os.waitpid(child, 0)
        if environment.reset(4)["scene_hash"][0] == expected:
            print("parent: goes on", flush=True)


def play(client: physintuition.Client, parents: physintuition.Environment, expected: int) -> None:
    try:
        parents.reset(4)
    except RuntimeError:
        parents.close()  # Must not close it for the parent.
        with client.make("Stability-v1", observe=("scene_hash",)) as own:
            if own.reset(4)["scene_hash"][0] == expected:
                print("child: the parent's environment is refused, its own shows the same scene")


if __name__ == "__main__":
    main(sys.argv[1])
