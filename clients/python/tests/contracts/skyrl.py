"""SkyRL, commit a956457 (skyrl-gym 0.4.0): skyrl_gym/envs, skyrl/train/generators/skyrl_vlm_generator.py."""

from __future__ import annotations

import asyncio
import copy
import importlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, Callable

from . import provide

registry: dict[str, str] = {}


class BaseTextEnv:
    def __init__(self):
        self.turns, self.max_turns = 0, 1
        self.tool_groups = []

    def init(self, prompt):
        return prompt, {}

    def close(self):
        pass

    def get_metrics(self):
        return {}


def register(id: str, entry_point: str) -> None:
    registry[id] = entry_point


def make(id: str, **kwargs: Any) -> BaseTextEnv:
    module, name = registry[id].split(":")
    return getattr(importlib.import_module(module), name)(**copy.deepcopy(kwargs))


async def agent_loop(
    row: dict, says: Callable[[int], str], max_turns: int, executor: ThreadPoolExecutor,
) -> SimpleNamespace:
    """As SkyRLVLMGymGenerator.agent_loop: the conversation is rendered anew for every turn."""
    loop = asyncio.get_running_loop()
    extras = {name: value for name, value in row.items() if name not in ("prompt", "env_class")}
    extras["max_turns"] = max_turns
    env = make(row["env_class"], env_config={}, extras=extras)
    conversation = copy.deepcopy(row["prompt"])
    conversation, _ = await loop.run_in_executor(executor, env.init, conversation)
    done, rewards, turn = False, [], 0
    while not done:
        turn += 1
        text = says(turn)
        output = await loop.run_in_executor(executor, env.step, text)
        done = output["done"]
        rewards.append(output["reward"])
        conversation.append({"role": "assistant", "content": text})
        if not done:
            conversation.extend(output["observations"])
    metrics = env.get_metrics()
    await loop.run_in_executor(executor, env.close)
    return SimpleNamespace(conversation=conversation, rewards=rewards, metrics=metrics, metadata=output["metadata"])


def generate(rows: list[dict], says: Callable[[int], str], max_turns: int = 10) -> list[SimpleNamespace]:
    """As the generator: all trajectories at once, environments in a pool of threads."""
    async def all_of() -> list:
        with ThreadPoolExecutor(8) as executor:
            return await asyncio.gather(*[agent_loop(row, says, max_turns, executor) for row in rows])

    return asyncio.run(all_of())


def install() -> None:
    provide({
        "skyrl_gym.envs": {"register": register},
        "skyrl_gym.envs.base_text_env": {"BaseTextEnv": BaseTextEnv, "BaseTextEnvStepOutput": dict},
    })
