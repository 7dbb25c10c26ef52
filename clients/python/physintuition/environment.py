"""A batch of episodes on the server: reset, step, render, close."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from . import wire
from .errors import Cancelled, DeadlineExceeded, Internal, NotFound, PhysIntuitionError, Unavailable
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    from .client import Client

# After these nobody knows whether the server has carried out the call.
_UNCERTAIN = (Cancelled, DeadlineExceeded, Internal, Unavailable)
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


class Environment:
    """A batch of slots that play one task.

    Args:
        client: the connection.
        task: id, for example ``Stability-v1``.
        slots: how many episodes are played at a time.
        split: ``train``, ``val``, ``test``, ... .
        options: the task's options; see ``client.task(id).options_schema``.
        slot_options: one mapping (or None) for each slot, on top of ``options``.
        observe: names of the observations that reset and step return.
        size: (width, height) of pictures, pixels.
        encoding: of pictures: ``raw`` (arrays), ``png`` or ``jpeg`` (files).
        autoreset: ``next_step``, ``same_step`` or ``disabled``.
    """

    def __init__(
        self,
        client: "Client",
        task: str,
        slots: int = 1,
        *,
        split: str = "train",
        options: Mapping[str, Any] | None = None,
        slot_options: Sequence[Mapping[str, Any] | None] | None = None,
        observe: Sequence[str] = ("rgb",),
        size: tuple[int, int] = (224, 224),
        encoding: str = "raw",
        autoreset: str = "disabled",
    ):
        if autoreset not in _AUTORESET:
            raise ValueError(f"autoreset is {autoreset!r}; it must be one of {', '.join(_AUTORESET)}.")
        self.client = client
        self.size, self.encoding = size, encoding
        request = pb.CreateRequest(
            task=task, split=split, slots=slots, options_json=_json(options), autoreset=_AUTORESET[autoreset],
            observe=wire.observe(observe, size, encoding))
        if slot_options is not None:
            request.slot_options_json.extend(_json(options) for options in slot_options)
        self._adopt(client.call("Create", request).environment)

    def _adopt(self, info: pb.EnvironmentInfo) -> None:
        self.id, self.task, self.split, self.slots = info.environment, info.task, info.split, info.slots
        self.options = json.loads(info.options_json or "{}")
        self._next_step = info.last_step_id + 1
        self._unanswered: tuple[str, Any] | None = None
        self._lock = threading.Lock()
        self._is_open = True

    @staticmethod
    def attach(client: "Client", info: pb.EnvironmentInfo) -> "Environment":
        """An environment that a resumed session already owns."""
        environment = Environment.__new__(Environment)
        environment.client, environment.size, environment.encoding = client, (224, 224), "raw"
        environment._adopt(info)
        return environment

    def reset(
        self,
        seed: int | Sequence[int] | None = None,
        *,
        mask: np.ndarray | None = None,
        options: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
        observe: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Starts episodes in all slots, or in those that ``mask`` selects; returns their first observations.

        A single seed means seed + slot; None continues each slot's own stream of seeds.
        """
        request = pb.ResetRequest(environment=self.id, mask=self._mask(mask))
        if seed is not None and np.isscalar(seed):
            request.seed = int(seed)
        elif seed is not None:
            request.seeds.extend(int(value) for value in seed)
        if isinstance(options, Mapping):
            request.options_json.append(_json(options))
        elif options is not None:
            request.options_json.extend(_json(part) for part in options)
        self._observe(request, observe)
        return wire.read(self._numbered("Reset", request).observations)

    def step(
        self,
        actions: Sequence[str] | np.ndarray,
        *,
        mask: np.ndarray | None = None,
        observe: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Step:
        """Acts once in every slot: texts, or numbers of shape [rows, action_size].

        After ``timeout`` seconds it raises `DeadlineExceeded`. That stops the wait, not the work: the next call finds
        the step done.
        """
        request = pb.StepRequest(environment=self.id, mask=self._mask(mask))
        wire.put_actions(request, actions)
        self._observe(request, observe)
        reply = self._numbered("Step", request, timeout)
        rewards = np.frombuffer(reply.rewards, "<f4")
        return Step(
            rewards=rewards,
            terminated=np.frombuffer(reply.terminated, "?"),
            truncated=np.frombuffer(reply.truncated, "?"),
            started=np.frombuffer(reply.started, "?") if reply.started else np.zeros(len(rewards), bool),
            observations=wire.read(reply.observations),
            final_observations=wire.read(reply.final_observations),
        )

    def render(
        self,
        slots: Sequence[int] = (),
        *,
        names: Sequence[str] = ("rgb",),
        size: tuple[int, int] | None = None,
        encoding: str | None = None,
    ) -> dict[str, Any]:
        """Draws slots as they are now, in any size and layer."""
        request = pb.RenderRequest(
            environment=self.id, slots=slots, observe=wire.observe(names, size or self.size, encoding or self.encoding))
        return wire.read(self.client.call("Render", request).observations)

    def snapshot(self, slots: Sequence[int] = ()) -> bytes:
        """The state of slots as a few bytes."""
        return self.client.call("Snapshot", pb.SnapshotRequest(environment=self.id, slots=slots)).snapshot

    def restore(self, snapshot: bytes, sources: Sequence[int] = (), mask: np.ndarray | None = None) -> dict[str, Any]:
        """Puts captured states into slots: row i continues from captured slot ``sources[i]``."""
        request = pb.RestoreRequest(environment=self.id, snapshot=snapshot, sources=sources, mask=self._mask(mask))
        return wire.read(self._numbered("Restore", request).observations)

    def fork(self, slots: Sequence[int] = ()) -> "Environment":
        """A second environment whose slots continue from slots of this one; repetition allowed."""
        reply = self.client.call("Fork", pb.ForkRequest(environment=self.id, slots=slots))
        forked = Environment.attach(self.client, reply.environment)
        forked.size, forked.encoding = self.size, self.encoding
        return forked

    def close(self) -> None:
        """Frees the slots; closing twice is fine."""
        if self._is_open:
            self._is_open = False
            try:
                self.client.call("Close", pb.CloseRequest(environment=self.id))
            except NotFound:
                pass  # Its session is over, and it with it.

    def _numbered(self, name: str, request: Any, timeout: float | None = None) -> Any:
        # A repeated number gets the recorded reply, so a call that is tried again never acts twice.
        with self._lock:
            self._settle()
            request.step_id = self._next_step
            self._unanswered = (name, request)
            return self._ask(timeout)

    def _settle(self) -> None:
        # Whoever gave up waiting left a call behind; it is done before anything else.
        if self._unanswered is not None:
            try:
                self._ask(None)
            except _UNCERTAIN:
                raise
            except PhysIntuitionError:
                pass  # Refused: nobody waits for the reason any more.

    def _ask(self, timeout: float | None) -> Any:
        try:
            reply = self.client.call(*self._unanswered, timeout=timeout)
        except _UNCERTAIN:
            raise
        except PhysIntuitionError:
            self._unanswered = None  # Refused: its number is free again.
            raise
        self._unanswered = None
        self._next_step += 1
        return reply

    def _mask(self, mask: np.ndarray | None) -> bytes:
        return b"" if mask is None else np.ascontiguousarray(mask, bool).tobytes()

    def _observe(self, request: Any, names: Sequence[str] | None) -> None:
        if names is not None:
            request.observe.CopyFrom(wire.observe(names, self.size, self.encoding))

    def __enter__(self) -> "Environment":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _json(options: Mapping[str, Any] | None) -> str:
    return json.dumps(options) if options else ""
