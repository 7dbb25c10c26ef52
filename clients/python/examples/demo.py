"""Plays episodes with scripted agents and prints mean rewards; with --json also writes every reward and hash."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import physintuition  # noqa: E402
from scripted_agents import AGENTS, NEEDS  # noqa: E402


def play(client: physintuition.Client, task_id: str, agent: str, episodes: int) -> dict:
    """One batch of episodes from seeds 0 .. episodes - 1."""
    task = client.task(task_id)
    rng = np.random.default_rng(0)
    with client.make(task_id, episodes, observe=NEEDS[agent]) as environment:
        first = environment.reset(seed=0)
        act = AGENTS[agent](task)
        step = environment.step(act(first, rng), observe=("scene_hash", "outcome_hash"))
    return {
        "client": "python", "task": task_id, "agent": agent, "rewards": step.rewards.tolist(),
        "scene_hashes": [f"{value:016x}" for value in step.observations["scene_hash"]],
        "outcome_hashes": [f"{value:016x}" for value in step.observations["outcome_hash"]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:50051")
    parser.add_argument("--episodes", type=int, default=64)
    parser.add_argument("--task", action="append", dest="tasks")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    results = []
    with physintuition.Client(arguments.address) as client:
        for task in arguments.tasks or ["Stability-v1", "Offset-v1"]:
            for agent in AGENTS:
                result = play(client, task, agent, arguments.episodes)
                results.append(result)
                print(f"{task:16} {agent:10} {np.mean(result['rewards']):8.3f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results))


if __name__ == "__main__":
    main()
