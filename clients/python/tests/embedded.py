"""What test_embedded looks at, in a process of its own, in which gRPC has not run.

python3 -m tests.embedded play ADDRESS      what each task shows and pays, as hashes
python3 -m tests.embedded fork              what a forked child may do
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import sys
from typing import Any

import numpy as np

import physintuition

NAMES = ("rgb", "state", "scene_hash", "prompt", "info")
SLOTS = 5


def digest(values: object) -> str:
    if isinstance(values, np.ndarray):
        return hashlib.sha256(values.tobytes()).hexdigest()
    return hashlib.sha256("\0".join(getattr(value, "text", value) or "" for value in values).encode()).hexdigest()


def play(client: physintuition.Client, task: str) -> list[str]:
    names = [name for name in NAMES if name in client.task(task).observations]
    space = client.task(task).action_space
    ends = ([0], [1]) if space["type"] == "discrete" else (space["low"], space["high"])
    hashes = []
    with client.make(task, SLOTS, observe=names, size=(48, 32), autoreset="same_step", outcome="settled") as environment:
        shown = environment.reset(seed=7)
        hashes += [f"{name} {digest(shown[name])}" for name in names]
        for turn in range(2):
            step = environment.step(np.array([ends[turn]] * SLOTS, np.float32))
            hashes += [f"{name} {digest(step.observations[name])}" for name in names]
            hashes += [f"rewards {digest(step.rewards)}", f"ends {digest(step.terminated | step.truncated)}"]
            hashes += [f"final {name} {digest(values)}" for name, values in step.final_observations.items()]
        hashes.append(f"snapshot {digest(environment.restore(environment.snapshot())[names[0]])}")
    return hashes


def tell(address: str) -> dict[str, Any]:
    with physintuition.Client(address) as client:
        # Photographs come from the user's own folder.
        tasks = [task.id for task in client.tasks() if "pictures" not in task.options_schema["properties"]]
        return {"address": client.address, "lanes": client.server_info().lanes, "grpc": "grpc" in sys.modules,
                "tasks": {task: play(client, task) for task in tasks}}


def scenes(environment: physintuition.Environment, seed: int) -> list[int]:
    return environment.reset(seed=seed)["scene_hash"].tolist()


def in_child(client: physintuition.Client, environment: physintuition.Environment, queue: Any) -> None:
    try:
        environment.reset(seed=1)
    except RuntimeError as refusal:
        queue.put(str(refusal))
    with client.make("Stability-v1", 2, observe=("scene_hash",)) as own:
        queue.put(scenes(own, 3))


def fork() -> dict[str, Any]:
    context = multiprocessing.get_context("fork")
    with physintuition.Client("embedded") as client, client.make(
            "Stability-v1", 2, observe=("scene_hash",)) as environment:
        before, queue = scenes(environment, 3), context.Queue()
        child = context.Process(target=in_child, args=(client, environment, queue))
        child.start()
        refusal, own = queue.get(timeout=60), queue.get(timeout=60)
        child.join(60)
        return {"refusal": refusal, "exit": child.exitcode, "before": before, "child": own,
                "after": scenes(environment, 3)}


if __name__ == "__main__":
    print(json.dumps(fork() if sys.argv[1] == "fork" else tell(sys.argv[2])))
