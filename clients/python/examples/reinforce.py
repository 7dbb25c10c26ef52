"""Learns to put the red block on the tower by REINFORCE with a Gaussian policy, in NumPy, in a minute.

The policy sees four numbers of the state, the way from the red block to the top block and both half heights, and
says how far to go: a linear map plus noise. It starts at zero and is told nothing but rewards. A random player of
Offset-v1 scores -3.7, the expert 10.

    python3 clients/python/examples/reinforce.py            # starts a server if none runs

Method: Williams, Simple statistical gradient-following algorithms for connectionist reinforcement learning, 1992;
advantages are rewards less the batch's mean, over its deviation; steps by Adam.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import physintuition  # noqa: E402

# Columns of the observation "state": one row for each body.
PRESENT, X, Y, HALF_HEIGHT, RED, GREEN, BLUE = 0, 1, 2, 12, 17, 18, 19
CENTIMETRES = 100  # actions are whole centimetres, everything here is in metres
FIRST_NOISE, LAST_NOISE = 1.0, 0.05  # m, standard deviation of the policy
STEP_SIZE = 0.08


@dataclass
class Adam:
    """Steps of even size whatever the gradient's scale (Kingma and Ba, 2015)."""

    size: float
    mean: np.ndarray | float = 0.0
    square: np.ndarray | float = 0.0
    steps: int = 0

    def step(self, gradient: np.ndarray) -> np.ndarray:
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        mean, square = self.mean / (1 - 0.9**self.steps), self.square / (1 - 0.999**self.steps)
        return self.size * mean / (np.sqrt(square) + 1e-8)


def features(state: np.ndarray) -> np.ndarray:
    """float[n, 5]: way right and up from the red block to the highest other one, half heights of both, 1; m."""
    there = state[:, :, PRESENT] > 0
    redness = np.where(there, state[:, :, RED] - state[:, :, GREEN] - state[:, :, BLUE], -np.inf)
    rows = np.arange(len(state))
    red = np.argmax(redness, axis=1)
    height = np.where(there, state[:, :, Y], -np.inf)
    height[rows, red] = -np.inf
    top = np.argmax(height, axis=1)
    way = state[rows, top, X : Y + 1] - state[rows, red, X : Y + 1]
    halves = np.stack([state[rows, top, HALF_HEIGHT], state[rows, red, HALF_HEIGHT]], axis=1)
    return np.concatenate([way, halves, np.ones((len(state), 1))], axis=1)


def learn(address: str, updates: int, envs: int, seed: int) -> Iterator[tuple[float, float]]:
    """Yields, for each update, the mean reward of the policy with its noise, and the noise, m."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((5, 2))
    adam = Adam(STEP_SIZE)
    batch = physintuition.make_vec(
        "Offset-v1", envs, observe=("state",), autoreset_mode="SameStep", rescale_actions=False, address=address,
        launch=True)
    state, _ = batch.reset(seed=seed)
    for update in range(updates):
        noise = FIRST_NOISE * (LAST_NOISE / FIRST_NOISE) ** (update / updates)
        seen = features(state)
        deviation = noise * rng.standard_normal((envs, 2))
        moves = seen @ weights + deviation
        actions = np.clip(np.rint(CENTIMETRES * moves), batch.single_action_space.low, batch.single_action_space.high)
        state, rewards, *_ = batch.step(actions)
        advantages = (rewards - rewards.mean()) / (rewards.std() + 1e-8)
        # d log p / d weights of a Gaussian: feature times deviation over variance.
        weights += adam.step(seen.T @ (advantages[:, None] * deviation) / (envs * noise))
        yield float(rewards.mean()), noise
    batch.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:50051", help="a server is started if none listens there")
    parser.add_argument("--updates", type=int, default=160)
    parser.add_argument("--envs", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    curve = learn(arguments.address, arguments.updates, arguments.envs, arguments.seed)
    for update, (reward, noise) in enumerate(curve):
        if update % 20 == 0 or update == arguments.updates - 1:
            print(f"update {update:4}  mean reward {reward:7.3f}  noise {noise:.2f} m", flush=True)


if __name__ == "__main__":
    main()
