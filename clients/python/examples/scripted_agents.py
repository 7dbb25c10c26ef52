"""Three players that need no training: random, expert, and one that reads the answer off the geometry."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from physintuition import Task

# Columns of the observation "state": one row for each body.
PRESENT, POSITION, ORIENTATION, HALF_EXTENTS, MASS, COLOUR = 0, slice(1, 4), slice(4, 8), slice(11, 14), 14, slice(17, 20)

Agent = Callable[[dict[str, Any], np.random.Generator], list[str]]


def random_agent(task: Task) -> Agent:
    """Uniform over the action space."""
    space = task.action_space
    names = ["no", "yes"]

    def act(observations: dict[str, Any], rng: np.random.Generator) -> list[str]:
        rows = len(observations["info"])
        if space["type"] == "discrete":
            return [_answer(names[rng.integers(space["n"])]) for _ in range(rows)]
        low, high = np.asarray(space["low"]), np.asarray(space["high"])
        return [_answer(", ".join(str(int(v)) for v in rng.integers(low, high + 1))) for _ in range(rows)]

    return act


def expert_agent(_: Task) -> Agent:
    """What the environment itself answers; open on the training split."""
    return lambda observations, _: list(observations["expert"])


def geometric_agent(task: Task) -> Agent:
    """Reads the state: centres of mass over supports, and differences of centres."""
    rule = _falls if task.action_space["type"] == "discrete" else _move

    def act(observations: dict[str, Any], _: np.random.Generator) -> list[str]:
        return [_answer(rule(state[state[:, PRESENT] > 0])) for state in observations["state"]]

    return act


AGENTS = {"random": random_agent, "geometric": geometric_agent, "expert": expert_agent}
NEEDS = {"random": ("info",), "geometric": ("info", "state"), "expert": ("info", "expert")}


def _falls(bodies: np.ndarray) -> str:
    """A column falls if somewhere the centre of mass of all above lies outside the contact below."""
    bodies = bodies[np.argsort(bodies[:, 2])]
    for level in range(1, len(bodies)):
        above, below, lowest = bodies[level:], bodies[level - 1], bodies[level]
        centre = np.average(above[:, POSITION], axis=0, weights=above[:, MASS])
        for axis in (0, 2):
            reach = [(body[1 + axis] - body[11 + axis], body[1 + axis] + body[11 + axis]) for body in (below, lowest)]
            if not max(reach[0][0], reach[1][0]) < centre[axis] < min(reach[0][1], reach[1][1]):
                return "yes"
    return "no"


def _move(bodies: np.ndarray) -> str:
    """From the red block to the top of the highest other block, in whole hundredths of a metre."""
    redness = bodies[:, 17] - bodies[:, 18] - bodies[:, 19]
    red = bodies[np.argmax(redness)]
    others = np.delete(bodies, np.argmax(redness), axis=0)
    top = others[np.argmax(others[:, 2])]
    right = top[1] - red[1]
    up = top[2] + top[12] + red[12] - red[2]
    return f"{round(100 * right)}, {int(np.ceil(100 * up))}"


def _answer(text: str) -> str:
    return f"<answer>{text}</answer>"
