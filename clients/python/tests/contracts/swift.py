"""ms-swift 4.6.0.dev0, commit 3602360: rollout/{gym_env,multi_turn,agent_loop}.py, infer_engine/protocol.py."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from copy import deepcopy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Callable, Optional
from uuid import uuid4

from . import provide

envs: dict[str, type] = {}
multi_turns: dict[str, type] = {}


@dataclass
class RolloutInferRequest:
    messages: list[dict]
    images: list[str] = field(default_factory=list)
    data_dict: dict = field(default_factory=dict)
    uuid: Optional[str] = None


class Env(ABC):
    def __init__(self, env_config):
        self.env_config = env_config

    @abstractmethod
    async def reset(self, config): ...

    @abstractmethod
    async def step(self, action): ...

    @abstractmethod
    async def close(self): ...


class GYMScheduler:
    def __init__(self, infer_engine=None, max_turns=None, **kwargs):
        self.infer_engine, self.max_turns, self.gym_env_name = infer_engine, max_turns, kwargs.get("gym_env")
        self._envs: dict[str, Env] = {}
        self._total_rewards: dict[str, float] = {}
        self._step_rewards: dict[str, list] = {}
        self._pending_obs: dict[str, Optional[str]] = {}

    async def _close_and_remove(self, uuid):
        env = self._envs.pop(uuid, None)
        if env is not None:
            await env.close()
        for kept in (self._total_rewards, self._step_rewards, self._pending_obs):
            kept.pop(uuid, None)

    async def on_trajectory_start(self, requests):
        async def begin(req):
            if req.uuid in self._envs:
                await self._close_and_remove(req.uuid)
            env_config = (req.data_dict or {}).get("env_config", {})
            env = envs[env_config.get("name", self.gym_env_name)](env_config)
            observation, _, system_message = await env.reset(req)
            req.messages = [{"role": "system", "content": system_message}] if system_message else []
            req.messages.append({"role": "user", "content": observation})
            self._envs[req.uuid] = env
            self._total_rewards[req.uuid], self._step_rewards[req.uuid] = 0.0, []
            self._pending_obs[req.uuid] = None

        await asyncio.gather(*[begin(req) for req in requests])

    async def on_turn_end(self, infer_request, response_choice, current_turn):
        uuid = infer_request.uuid
        env = self._envs.get(uuid)
        if env is None:
            return {"done": True, "rollout_infos": {}}
        next_obs, reward, done, _ = await env.step(deepcopy(infer_request.messages))
        self._total_rewards[uuid] += float(reward)
        self._step_rewards[uuid].append(float(reward))
        self._pending_obs[uuid] = None if done else next_obs
        infos = {"total_reward": self._total_rewards[uuid], "step_rewards": list(self._step_rewards[uuid]),
                 "gym_done": done}
        if done:
            await self._close_and_remove(uuid)
        return {"done": done, "rollout_infos": infos}

    def step(self, infer_request, response_choice, current_turn):
        next_obs = self._pending_obs.get(infer_request.uuid)
        if next_obs is not None:
            infer_request.messages.append({"role": "user", "content": next_obs})
            self._pending_obs[infer_request.uuid] = None
        return {"infer_request": infer_request}


def _hook(coroutine: Any) -> Any:
    # In colocated mode every hook has an event loop of its own.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def rollout(
    scheduler: GYMScheduler, rows: list[dict], says: Callable[[int], str], max_turns: Optional[int] = None,
) -> list[SimpleNamespace]:
    """As the colocated rollout: hooks for all requests at once, turn after turn; what the training then is given."""
    requests = [RolloutInferRequest(deepcopy(row["messages"]), data_dict=row, uuid=uuid4().hex) for row in rows]
    _hook(scheduler.on_trajectory_start(requests))
    infos: list[dict] = [{} for _ in rows]
    going, turn = list(range(len(rows))), 1
    while going:
        for index in going:
            _check(requests[index].messages, requests[index].images)
            requests[index].messages.append({"role": "assistant", "content": says(turn)})

        async def ends(turn: int = turn) -> list:
            return await asyncio.gather(*[scheduler.on_turn_end(requests[index], None, turn) for index in going])

        after = []
        for index, result in zip(list(going), _hook(ends())):
            infos[index].update(result.get("rollout_infos") or {})
            if result["done"] or (max_turns and turn >= max_turns):
                continue
            stepped = scheduler.step(requests[index], None, turn)
            infos[index].update(stepped.get("rollout_infos") or {})
            requests[index] = stepped["infer_request"]
            after.append(index)
        going, turn = after, turn + 1
    samples = []
    for request, info in zip(requests, infos):
        _check(request.messages, info["images"])
        samples.append(SimpleNamespace(messages=request.messages, images=info["images"], rollout_infos=info))
    return samples


def _check(messages: list[dict], images: list[str]) -> None:
    places = sum(message["content"].count("<image>") for message in messages)
    assert places == len(images), f"{places} places for {len(images)} pictures"


def install() -> None:
    provide({
        "swift.rollout.gym_env": {"Env": Env, "envs": envs},
        "swift.rollout.multi_turn": {"GYMScheduler": GYMScheduler, "multi_turns": multi_turns},
    })
