"""Settings as messages, and replies as results: what the blocking and the asyncio client share."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import numpy as np

from . import wire
from .errors import Cancelled, DeadlineExceeded, Internal, Unavailable
from .v1 import environment_pb2 as pb

Options = Mapping[str, Any]

# After these nobody knows whether the server has carried out the call.
UNCERTAIN = (Cancelled, DeadlineExceeded, Internal, Unavailable)
_AUTORESET = {
    "next_step": pb.AUTORESET_MODE_NEXT_STEP,
    "same_step": pb.AUTORESET_MODE_SAME_STEP,
    "disabled": pb.AUTORESET_MODE_DISABLED,
}


@dataclass(frozen=True)
class Step:
    """What one step gave; one row for each slot that took part, in slot order."""

    rewards: np.ndarray  # float32[rows]
    terminated: np.ndarray  # bool[rows]: the task reached its own end
    truncated: np.ndarray  # bool[rows]: a limit outside the task ended the episode
    started: np.ndarray  # bool[rows]: the observations are the first of a new episode
    observations: dict[str, Any]
    final_observations: dict[str, Any]  # same-step autoreset: rows of the episodes that ended

    @staticmethod
    def read(reply: pb.StepReply, shared: Any = None) -> "Step":
        rewards = np.frombuffer(reply.rewards, "<f4")
        return Step(
            rewards=rewards,
            terminated=np.frombuffer(reply.terminated, "?"),
            truncated=np.frombuffer(reply.truncated, "?"),
            started=np.frombuffer(reply.started, "?") if reply.started else np.zeros(len(rewards), bool),
            observations=wire.read(reply.observations, shared),
            final_observations=wire.read(reply.final_observations, shared),
        )


@dataclass(frozen=True)
class Shown:
    """How an environment shows pictures."""

    size: tuple[int, int] = (224, 224)
    encoding: str = "raw"

    def put(self, request: Any, names: Sequence[str] | None) -> None:
        if names is not None:
            request.observe.CopyFrom(wire.observe(names, self.size, self.encoding))


def to_json(options: Options | None) -> str:
    return json.dumps(options) if options else ""


def mask_bytes(mask: np.ndarray | Sequence[bool] | None) -> bytes:
    return b"" if mask is None else np.ascontiguousarray(mask, bool).tobytes()


def create(
    task: str, slots: int, split: str, options: Options | None, slot_options: Sequence[Options | None] | None,
    observe: Sequence[str], shown: Shown, autoreset: str, shared_buffers: int,
) -> pb.CreateRequest:
    if autoreset not in _AUTORESET:
        raise ValueError(f"autoreset is {autoreset!r}; it must be one of {', '.join(_AUTORESET)}.")
    request = pb.CreateRequest(
        task=task, split=split, slots=slots, options_json=to_json(options), autoreset=_AUTORESET[autoreset],
        observe=wire.observe(observe, shown.size, shown.encoding),
        shared_buffers=shared_buffers if observe and shown.encoding == "raw" else 0, create_id=new_id())
    request.slot_options_json.extend(to_json(each) for each in slot_options or ())
    return request


def fork(environment: int, slots: Sequence[int]) -> pb.ForkRequest:
    return pb.ForkRequest(environment=environment, slots=slots, create_id=new_id())


def new_id() -> int:
    # A Create or Fork that is sent again finds the environment that it opened, and nobody else's.
    return secrets.randbits(64) | 1  # 0 is no number


def session_name(request: Any) -> list[tuple[str, str]]:
    """Metadata that names a session when it is opened.

    So a load balancer that hashes the name sends OpenSession where it sends the calls after it. Each attempt has a
    name of its own: one whose reply was lost has taken its name.
    """
    if not isinstance(request, pb.OpenSessionRequest):
        return []
    return [("physintuition-session", request.resume_id or secrets.token_hex(16))]


def reset(
    environment: int, shown: Shown, seed: int | Sequence[int] | None, mask: Any,
    options: Options | Sequence[Options | None] | None, observe: Sequence[str] | None,
) -> pb.ResetRequest:
    request = pb.ResetRequest(environment=environment, mask=mask_bytes(mask))
    if seed is not None and np.isscalar(seed):
        request.seed = int(seed)
    elif seed is not None:
        request.seeds.extend(int(value) for value in seed)
    if isinstance(options, Mapping):
        request.options_json.append(to_json(options))
    elif options is not None:
        request.options_json.extend(to_json(part) for part in options)
    shown.put(request, observe)
    return request


def step(environment: int, shown: Shown, actions: Any, mask: Any, observe: Sequence[str] | None) -> pb.StepRequest:
    request = pb.StepRequest(environment=environment, mask=mask_bytes(mask))
    wire.put_actions(request, actions)
    shown.put(request, observe)
    return request


def render(
    environment: int, shown: Shown, slots: Sequence[int], names: Sequence[str], size: tuple[int, int] | None,
    encoding: str | None,
) -> pb.RenderRequest:
    return pb.RenderRequest(
        environment=environment, slots=slots,
        observe=wire.observe(names, size or shown.size, encoding or shown.encoding))


def score(
    task: str, seeds: Sequence[int], answers: Sequence[str] | np.ndarray, split: str, options: Options | None,
    observe: Sequence[str],
) -> pb.ScoreRequest:
    request = pb.ScoreRequest(task=task, split=split, options_json=to_json(options))
    request.seeds.extend(int(seed) for seed in seeds)
    wire.put_actions(request, answers)
    request.observe.names.extend(observe)
    return request


def dataset(
    task: str, count: int, first_seed: int, split: str, options: Options | None, observe: Sequence[str],
    size: tuple[int, int], encoding: str,
) -> pb.StreamDatasetRequest:
    return pb.StreamDatasetRequest(
        task=task, split=split, first_seed=first_seed, count=count, options_json=to_json(options),
        observe=wire.observe(observe, size, encoding))


def rows(chunk: pb.DatasetChunk) -> list[dict[str, Any]]:
    """A chunk's rows: ``seed`` and the columns."""
    columns = wire.read(chunk.columns)
    return [{"seed": seed, **{name: values[row] for name, values in columns.items()}}
            for row, seed in enumerate(chunk.seeds)]
