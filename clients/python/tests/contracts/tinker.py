"""tinker-cookbook 0.5.5, commit 9dfcc3a: rl/{types,message_env,rollouts}.py, renderers/base.py."""

from __future__ import annotations

import asyncio
import pickle
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Callable

from . import provide


@dataclass
class MessageStepResult:
    reward: float
    episode_done: bool
    next_messages: list
    metrics: dict[str, float] = field(default_factory=dict)
    logs: dict[str, Any] = field(default_factory=dict)
    next_stop_condition: Any = None


class MessageEnv(ABC):
    @abstractmethod
    async def initial_observation(self): ...

    @abstractmethod
    async def step(self, message): ...


class EnvGroupBuilder(ABC):
    @abstractmethod
    async def make_envs(self): ...

    async def compute_group_rewards(self, trajectory_group, env_group):
        return [(0.0, {}) for _ in trajectory_group]

    async def cleanup(self):
        pass

    def logging_tags(self):
        return []


class RLDataset(ABC):
    @abstractmethod
    def get_batch(self, index): ...

    @abstractmethod
    def __len__(self): ...


class Renderer:
    """Takes what renderers take of a message: texts, and parts of text or image (Pillow's, or a URI)."""

    def build_generation_prompt(self, messages: list) -> list:
        kinds = []
        for message in messages:
            content = message["content"]
            for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
                assert part["type"] == "text" or hasattr(part["image"], "save") or isinstance(part["image"], str)
                assert part["type"] == "text" or message["role"] == "user"
                kinds.append((message["role"], part["type"]))
        return kinds


class EnvFromMessageEnv:
    def __init__(self, renderer, message_env, failed_parse_reward=-1.0, max_trajectory_tokens=None):
        self.renderer, self.message_env = renderer, message_env
        self.max_trajectory_tokens = max_trajectory_tokens
        self.example_id = getattr(message_env, "example_id", None)

    async def initial_observation(self):
        return self.renderer.build_generation_prompt(await self.message_env.initial_observation())

    async def step(self, said: Any):
        result = await self.message_env.step({"role": "assistant", "content": said})
        return result, self.renderer.build_generation_prompt(result.next_messages)


async def do_group_rollout(builder: EnvGroupBuilder, says: Callable[[int], Any]) -> list[SimpleNamespace]:
    """As rollouts.do_group_rollout, with a builder that has travelled to a worker."""
    builder = pickle.loads(pickle.dumps(builder))
    envs = await builder.make_envs()

    async def one(env: EnvFromMessageEnv) -> SimpleNamespace:
        prompts, rewards, turn, done = [await env.initial_observation()], [], 0, False
        while not done:
            turn += 1
            result, prompt = await env.step(says(turn))
            prompts.append(prompt)
            rewards.append(result.reward)
            done = result.episode_done
        return SimpleNamespace(prompts=prompts, rewards=rewards, last=result, example_id=env.example_id)

    trajectories = await asyncio.gather(*[one(env) for env in envs])
    await builder.compute_group_rewards(trajectories, envs)
    await builder.cleanup()
    return trajectories


def install() -> None:
    provide({
        "tinker_cookbook.rl.message_env": {
            "MessageEnv": MessageEnv, "MessageStepResult": MessageStepResult, "EnvFromMessageEnv": EnvFromMessageEnv},
        "tinker_cookbook.rl.types": {"EnvGroupBuilder": EnvGroupBuilder, "RLDataset": RLDataset},
    })
