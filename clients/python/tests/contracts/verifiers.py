"""verifiers 0.3, commit a60a606: v1/{taskset,task,env,agent,types}.py."""

from __future__ import annotations

import inspect
import itertools
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Callable, Generic, TypeVar

from . import provide

DataT, StateT, ConfigT, TaskT = TypeVar("DataT"), TypeVar("StateT"), TypeVar("ConfigT"), TypeVar("TaskT")


class Model:
    """As far as pydantic's models go here: fields with defaults, keywords, nothing else."""

    def __init__(self, **values: Any):
        fields: dict[str, Any] = {}
        for kind in reversed(type(self).__mro__):
            for name in vars(kind).get("__annotations__", {}):
                fields[name] = getattr(kind, name, ...)
        for name in values:
            assert name in fields, f"extra field {name}"
        for name, default in fields.items():
            value = values.get(name, default)
            assert value is not ..., f"field {name} is required"
            setattr(self, name, value)


class TaskConfig(Model):
    judges: list = []


class TasksetConfig(Model):
    id: str = ""
    task: TaskConfig = TaskConfig()
    system_prompt: Any = None


class TaskData(Model):
    idx: Any = None
    name: Any = None
    prompt: Any = None
    system_prompt: Any = None


class State(Model):
    pass


class AgentConfig(Model):
    harness: Any = None


class EnvConfig(Model):
    taskset: Any = None


def reward(func: Any = None, weight: float = 1.0, priority: int = 0) -> Any:
    def mark(fn: Any) -> Any:
        fn.reward, fn._vf_weight = True, weight
        return fn

    return mark if func is None else mark(func)


class Task(Generic[DataT, StateT, ConfigT]):
    def __init__(self, data: Any, config: Any = None):
        self.data, self.config = data, config

    async def score(self, trace: Any) -> None:
        for name, fn in inspect.getmembers(self, inspect.ismethod):
            if getattr(fn, "reward", False):
                wanted = inspect.signature(fn).parameters
                available = {"task": self.data, "trace": trace}
                trace.record_reward(name, await fn(**{key: available[key] for key in wanted}), fn._vf_weight)


class Taskset(Generic[TaskT, ConfigT]):
    INFINITE = False

    def __init__(self, config: Any):
        self.config = config

    def __iter__(self) -> Any:
        yield from self.load()

    def head(self, count: int) -> list:
        return list(itertools.islice(self, count))


class Trace:
    def __init__(self, task: Task):
        self.task, self.info, self.rewards, self.messages = task, {}, {}, []

    @property
    def last_reply(self) -> str:
        said = [message for message in self.messages if message["role"] == "assistant"]
        return said[-1]["content"].strip() if said else ""

    def record_reward(self, name: str, value: float, weight: float = 1.0) -> None:
        self.rewards[name] = value * weight


class Interaction:
    def __init__(self, task: Task, says: Callable[[int], str], max_turns: int):
        self.trace, self._says, self._most, self._turns = Trace(task), says, max_turns, 0
        self._started = False

    async def turn(self, message: Any = None) -> SimpleNamespace:
        prompted = not self._started and self.trace.task.data.prompt is not None
        assert (message is None) == prompted, "a prompted task speaks first, and only then"
        self._started = True
        for part in self.trace.task.data.prompt if prompted else message:
            assert part["role"] == "user" and {each["type"] for each in part["content"]} <= {"text", "image_url"}
            self.trace.messages.append(part)
        if self._turns >= self._most:
            return SimpleNamespace(terminated=True, last_reply="")
        self._turns += 1
        self.trace.messages.append({"role": "assistant", "content": self._says(self._turns)})
        return SimpleNamespace(terminated=False, last_reply=self.trace.last_reply)


class Env(Generic[ConfigT]):
    pass


async def run_episode(env: Env, task: Task, says: Callable[[int], str], max_turns: int = 10) -> Trace:
    """As an episode of one agent: what the environment does, then the task's own rewards."""
    traces = []

    @asynccontextmanager
    async def interaction(given: Task) -> Any:
        made = Interaction(given, says, max_turns)
        traces.append(made.trace)
        yield made
        await given.score(made.trace)

    await env.run(task, SimpleNamespace(player=SimpleNamespace(interaction=interaction)))
    return traces[0]


async def run_single(task: Task, says: Callable[[int], str]) -> Trace:
    """As SingleAgentEnv: one reply to the prompt."""
    exchange = Interaction(task, says, 1)
    await exchange.turn()
    await task.score(exchange.trace)
    return exchange.trace


def install() -> None:
    provide({"verifiers.v1": {each.__name__: each for each in (
        TaskConfig, TasksetConfig, TaskData, State, AgentConfig, EnvConfig, reward, Task, Taskset, Env)}})
