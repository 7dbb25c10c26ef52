"""inspect_ai, commits 0169e9f, 03ed3dd, 03a331c: dataset/_dataset, solver/{_solver,_task_state}, scorer/_scorer."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

from . import provide


class _Model:
    """As far as pydantic's models go here: fields with defaults, keywords, nothing else."""

    def __init__(self, **values: Any):
        fields: dict[str, Any] = {}
        for kind in reversed(type(self).__mro__):
            for name in vars(kind).get("__annotations__", {}):
                fields[name] = getattr(kind, name, ...)
        assert set(values) <= set(fields), f"extra fields {set(values) - set(fields)}"
        for name, default in fields.items():
            value = values.get(name, default)
            assert value is not ..., f"field {name} is required"
            setattr(self, name, value)


class ContentText(_Model):
    text: str
    type: str = "text"


class ContentImage(_Model):
    image: str  # a URL, or the data as base64
    type: str = "image"
    detail: str = "auto"


class ChatMessageSystem(_Model):
    content: Any
    role: str = "system"


class ChatMessageUser(_Model):
    content: Any
    role: str = "user"


class ChatMessageAssistant(_Model):
    content: Any
    role: str = "assistant"


class ModelOutput(_Model):
    completion: str = ""
    stop_reason: str = "unknown"


class Sample(_Model):
    input: Any
    choices: Any = None
    target: Any = ""
    id: Any = None
    metadata: Any = None


class MemoryDataset:
    def __init__(self, samples: list, name: Any = None, location: Any = None, shuffled: bool = False):
        self.samples, self.name = samples, name

    def __iter__(self) -> Any:
        return iter(self.samples)

    def __len__(self) -> int:
        return len(self.samples)


class Store:
    def __init__(self) -> None:
        self._data: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self._data.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self._data[key] = value


class TaskState:
    def __init__(self, model: str, sample_id: Any, epoch: int, input: Any, messages: list, metadata: dict,
                 message_limit: int | None = None):
        self.model, self.sample_id, self.epoch, self.input = model, sample_id, epoch, input
        self.messages, self.metadata, self.message_limit = messages, metadata, message_limit
        self.output, self.store = ModelOutput(), Store()

    @property
    def completed(self) -> bool:
        return self.message_limit is not None and len(self.messages) >= self.message_limit


class Score(_Model):
    value: Any
    answer: Any = None
    explanation: Any = None
    metadata: Any = None


class Task:
    def __init__(self, dataset: Any = None, *, solver: Any = None, scorer: Any = None, **others: Any):
        assert not others, f"unexpected {others}"
        self.dataset, self.solver, self.scorer = dataset, solver, scorer


def task(function: Any) -> Any:
    return function


def solver(function: Any) -> Any:
    def made(*args: Any, **settings: Any) -> Any:
        solve = function(*args, **settings)
        assert asyncio.iscoroutinefunction(solve), "not declared as an async callable"
        return solve

    return made


def scorer(metrics: Any, name: str | None = None) -> Any:
    assert metrics

    def mark(function: Any) -> Any:
        def made(*args: Any, **settings: Any) -> Any:
            score = function(*args, **settings)
            assert asyncio.iscoroutinefunction(score), "not declared as an async callable"
            return score

        return made

    return mark


async def run_sample(
    made: Task, sample: Sample, says: Callable[[int], ModelOutput], message_limit: int | None = None,
) -> tuple[TaskState, Score | None]:
    """As one epoch of a sample: the solver with its own state and `generate`, then the scorer."""
    state = TaskState("mockllm/model", sample.id, 1, sample.input, list(sample.input), dict(sample.metadata),
                      message_limit)
    asked = 0

    async def generate(given: TaskState, tool_calls: str = "loop", cache: Any = False, **config: Any) -> TaskState:
        nonlocal asked
        assert given.messages[-1].role == "user", "a model answers users"
        asked += 1
        given.output = says(asked)
        given.messages.append(ChatMessageAssistant(content=given.output.completion))
        return given

    state = await made.solver(state, generate)
    return state, await made.scorer(state, sample.target)


def install() -> None:
    provide({
        "inspect_ai": {"Task": Task, "task": task},
        "inspect_ai.dataset": {"MemoryDataset": MemoryDataset, "Sample": Sample},
        "inspect_ai.model": {each.__name__: each for each in (
            ChatMessageSystem, ChatMessageUser, ContentImage, ContentText)},
        "inspect_ai.scorer": {"Score": Score, "scorer": scorer, "mean": lambda: "mean", "stderr": lambda: "stderr"},
        "inspect_ai.solver": {"solver": solver},
    })
