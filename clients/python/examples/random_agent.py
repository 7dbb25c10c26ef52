"""Plays a task at random through Gymnasium's interface and prints the mean reward.

python3 clients/python/examples/random_agent.py --task Offset-v1 --steps 20
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import physintuition  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:50051", help="a server is started if none listens there")
    parser.add_argument("--task", default="Stability-v1")
    parser.add_argument("--envs", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()

    envs = physintuition.make_vec(
        arguments.task, arguments.envs, address=arguments.address, launch=True, autoreset_mode="SameStep")
    envs.reset(seed=0)
    envs.action_space.seed(0)
    total = 0.0
    for _ in range(arguments.steps):
        _, rewards, *_ = envs.step(envs.action_space.sample())
        total += rewards.mean()
    envs.close()
    print(f"{arguments.task}: mean reward {total / arguments.steps:.3f} of a random agent")


if __name__ == "__main__":
    main()
