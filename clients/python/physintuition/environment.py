"""A batch of episodes on the server: reset, step, render, close."""

from __future__ import annotations

import json
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from . import _recovery, _requests
from ._requests import UNCERTAIN, Shown, Step
from ._shared import SharedMemory
from .errors import NotFound, PhysIntuitionError
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    from .client import Client


class Environment:
    """A batch of slots that play one task.

    Arrays are read-only and not copied: they lie in the reply's own bytes or, where the server is on this machine, in
    memory that it shares. There they are overwritten ``shared_buffers`` - 1 calls later; copy what must be kept.

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
        history: which turns ``messages`` shows: ``new`` (those since the last answer), ``all`` (the conversation, the
            answers between), or a number: the system's turn and so many of the user's last ones.
        autoreset: ``next_step``, ``same_step`` or ``disabled``.
        outcome: what pictures and ``state`` show of an ended episode: ``settled`` (the world after the answer, once it
            rests; simulated for every ended row) or ``question`` (as it stood; nothing is simulated).
        shared_buffers: 2 to 16 buffers of shared memory, or 0: none.
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
        history: str | int = "new",
        autoreset: str = "disabled",
        outcome: str = "settled",
        shared_buffers: int = 4,
    ):
        shown = Shown(size, encoding, _requests.names(observe), history)
        request = _requests.create(
            task, slots, split, options, slot_options, observe, shown, autoreset, outcome,
            shared_buffers if client.shares_memory else 0)
        opened = _create(client, request)
        history = _recovery.History(request) if client.recovers else None  # Of as many slots as there may be.
        self._adopt(client, shown, history, *opened)

    def _adopt(
        self, client: "Client", shown: Shown, history: _recovery.History | None, info: pb.EnvironmentInfo,
        shared: SharedMemory | None, epoch: int,
    ) -> None:
        self.client, self._shown, self._history = client, shown, history
        self.task, self.split, self.slots = info.task, info.split, info.slots
        self.options = json.loads(info.options_json or "{}")
        self._unanswered: tuple[str, Any] | None = None
        self._forget_ahead()
        self._goes_on = False  # Whether whoever came to the end of all episodes stepped on.
        self._lock = threading.RLock()
        self._is_open, self._pid = True, os.getpid()
        self._enter(info, shared, epoch)

    def _enter(self, info: pb.EnvironmentInfo, shared: SharedMemory | None, epoch: int) -> None:
        self.id, self._shared, self._epoch, self._next_step = info.environment, shared, epoch, info.last_step_id + 1
        # Nobody holds it any more: the client's next call closes it.
        self._finalizer = weakref.finalize(self, drop, weakref.ref(self.client), os.getpid(), self.id, epoch)
        self._finalizer.atexit = False

    @staticmethod
    def attach(client: "Client", info: pb.EnvironmentInfo, shown: Shown = Shown()) -> "Environment":
        """An environment that a resumed session already owns; made with ``shared_buffers=0`` where it shows arrays."""
        environment = Environment.__new__(Environment)
        environment._adopt(client, shown, None, info, None, client.epoch)
        return environment

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of pictures, pixels."""
        return self._shown.size

    @property
    def encoding(self) -> str:
        """Of pictures: ``raw``, ``png`` or ``jpeg``."""
        return self._shown.encoding

    @property
    def is_shared(self) -> bool:
        """Whether raw tensors come through shared memory."""
        return self._shared is not None

    def reset(
        self,
        seed: int | Sequence[int] | None = None,
        *,
        mask: np.ndarray | None = None,
        options: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
        observe: Sequence[str] | None = None,
        history: str | int | None = None,
    ) -> dict[str, Any]:
        """Starts episodes in all slots, or in those that ``mask`` selects; returns their first observations.

        A single seed means seed + slot; None continues each slot's own stream of seeds. Earlier turns of a chat are kept
        for the steps that follow where ``history`` here or of `make` is not ``new``.
        """
        request = _requests.reset(self.id, self._shown, seed, mask, options, observe, history)
        return self._read(self._numbered("Reset", request), observe)

    def step(
        self,
        actions: Sequence[str] | np.ndarray,
        *,
        mask: np.ndarray | None = None,
        observe: Sequence[str] | None = None,
        history: str | int | None = None,
        timeout: float | None = None,
    ) -> Step:
        """Acts once in every slot: texts, or numbers of shape [rows, action_size].

        After ``timeout`` seconds it raises `DeadlineExceeded`. That stops the wait, not the work: the next call finds
        the step done.
        """
        request = _requests.step(self.id, self._shown, self.slots, actions, mask, observe, history)
        return Step.read(self._numbered("Step", request, timeout), self._shared, self._shown.asked(observe))

    def render(
        self,
        slots: Sequence[int] = (),
        *,
        names: Sequence[str] = ("rgb",),
        size: tuple[int, int] | None = None,
        encoding: str | None = None,
        outcome: str | None = None,
    ) -> dict[str, Any]:
        """Draws slots as they are now, in any size and layer; ended episodes as ``outcome`` says, None: as made."""
        request = _requests.render(self.id, self._shown, slots, names, size, encoding, outcome)
        return self._read(self._unnumbered("Render", request))

    def snapshot(self, slots: Sequence[int] = ()) -> bytes:
        """The state of slots as a few bytes."""
        return self._unnumbered("Snapshot", _requests.snapshot(self.id, slots)).snapshot

    def restore(self, snapshot: bytes, sources: Sequence[int] = (), mask: np.ndarray | None = None) -> dict[str, Any]:
        """Puts captured states into slots: row i continues from captured slot ``sources[i]``."""
        request = _requests.restore(self.id, snapshot, sources, mask, self.client.is_embedded)
        return self._read(self._numbered("Restore", request))

    def fork(self, slots: Sequence[int] = ()) -> "Environment":
        """A second environment whose slots continue from slots of this one; repetition allowed."""
        with self._lock:
            request, history = _requests.fork(self.id, slots), None
            if self._history is not None:
                state = self._unnumbered("Snapshot", _requests.snapshot(self.id, slots)).snapshot
                history = self._history.of_fork(len(request.slots) or self.slots, state)
            reply = self._unnumbered("Fork", request)
            forked = Environment.attach(self.client, reply.environment, self._shown)
            forked._history, forked._epoch = history, self._epoch
            return forked

    def close(self) -> None:
        """Frees the slots; closing twice is fine."""
        if self._is_open and self._pid == os.getpid():
            self._is_open, self._history = False, None
            self._finalizer.detach()
            try:
                self.client.call("Close", pb.CloseRequest(environment=self.id), epoch=self._epoch)
            except NotFound:
                pass  # Its session is over, and it with it.

    def _read(self, reply: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
        return self._shown.read(reply, self._shared, names)

    def _call(self, name: str, request: Any, timeout: float | None = None) -> Any:
        """Makes one call, in another session where the last one is lost."""
        for attempt in range(_recovery.ATTEMPTS):
            epoch = self.client.epoch
            try:
                if self._history is not None and self._epoch != epoch:
                    self._rebuild()
                request.environment = self.id
                if self._unanswered is not None and request is self._unanswered[1]:
                    request.step_id = self._next_step
                return self._call_once(name, request, timeout)
            except NotFound as error:
                is_last = self._history is None or attempt == _recovery.ATTEMPTS - 1
                if not _recovery.is_unknown(error) or is_last or not self.client.renew(epoch):
                    raise

    def _rebuild(self) -> None:
        self._finalizer.detach()
        self._forget_ahead()
        self._history.create.create_id = _requests.new_id()
        where = self.client.address
        try:
            info, shared, epoch = _create(self.client, self._history.create)
            self._enter(info, shared, epoch)
            for call in self._history.replay(self.id):
                reply = self._call_once(call.name, call.request)
                self._history.check(call, reply, shared, where)
                self._next_step = call.request.step_id + 1
        except PhysIntuitionError as error:
            self._epoch = -1  # Half of it: the next attempt begins anew.
            raise _recovery.explained(error, where) from None

    def _unnumbered(self, name: str, request: Any) -> Any:
        if self._history is None and self._taken is None:
            return self._call(name, request)
        with self._lock:   # It may be rebuilt.
            self._do_taken()
            return self._call(name, request)

    def _call_once(self, name: str, request: Any, timeout: float | None = None) -> Any:
        if self._pid != os.getpid():
            raise RuntimeError(
                f"Environment {self.id} was opened before this process was forked; it belongs to the parent. Open "
                "another one here: the client connects by itself.")
        return self.client.call(name, request, timeout=timeout, epoch=self._epoch)

    def _numbered(self, name: str, request: Any, timeout: float | None = None) -> Any:
        # A repeated number gets the recorded reply, so a call that is tried again never acts twice.
        with self._lock:
            self._settle()
            request.step_id = self._next_step
            if name != "Step":
                self._goes_on = False
            elif not request.mask and not request.HasField("observe"):
                if self._ahead is not None and len(self._ahead[0]) == len(request.numbers):
                    return self._take(request)
                # In process a call costs too little; whoever thinks about texts is not held up by calls.
                request.shows_next = self._goes_on and bool(request.numbers) and not self.client.is_embedded
            self._ahead = None
            self._unanswered = (name, request)
            reply = self._ask(timeout)
            if name == "Step":
                self._look_ahead(request, reply)
            return reply

    def _look_ahead(self, request: pb.StepRequest, reply: pb.StepReply) -> None:
        if reply.started:
            self._goes_on = 0 not in reply.started
        if reply.HasField("next"):
            self._ahead = request.numbers, reply.next

    def _take(self, request: pb.StepRequest) -> pb.StepReply:
        """The reply that came ahead, to a step that takes no actions."""
        reply = self._ahead[1]
        self._ahead, self._taken = None, request
        self._next_step += 1
        self._is_kept("Step", request, reply)
        return reply

    def _do_taken(self) -> None:
        # What only this client knows is done: before it is asked how things stand, the server does it too. A call that
        # nobody waits for any more is behind it, and does it.
        if self._taken is None or self._unanswered is not None:
            return
        try:
            self._call_once("Step", self._taken)
        except NotFound as error:
            if self._history is None or not _recovery.is_unknown(error):
                raise
            return  # Whoever calls next finds out, and rebuilds it with this step.
        self._taken = None

    def _forget_ahead(self) -> None:
        self._ahead: tuple[bytes, pb.StepReply] | None = None  # Numbers of the last step; the reply to the next one.
        self._taken: pb.StepRequest | None = None  # Its reply came ahead; the server does it with the call behind it.

    def _settle(self) -> None:
        # Whoever gave up waiting left a call behind; it is done before anything else.
        if self._unanswered is not None:
            try:
                self._ask(None)
            except UNCERTAIN:
                raise
            except PhysIntuitionError:
                pass  # Refused: nobody waits for the reason any more.

    def _ask(self, timeout: float | None) -> Any:
        try:
            reply = self._call(*self._unanswered, timeout=timeout)
            self._taken = None
            while not self._is_kept(*self._unanswered, reply):
                reply = self._call(*self._unanswered, timeout=timeout)
        except UNCERTAIN:
            raise
        except PhysIntuitionError:
            self._unanswered = None  # Refused: its number is free again.
            raise
        self._unanswered = None
        self._next_step += 1
        return reply

    def _is_kept(self, name: str, request: Any, reply: Any) -> bool:
        # False: the session was lost before what the server drew was kept; nobody has seen the reply yet.
        if self._history is None:
            return True
        must = self._history.needs_snapshot(name, request)
        if not self._history.add(name, request, reply, self._shared):
            return True
        try:
            self._do_taken()
            self._history.keep(self._call_once("Snapshot", self._history.capture(self.id)).snapshot)
        except PhysIntuitionError as error:
            if must and _recovery.is_unknown(error) and self.client.renew(self._epoch):
                return False
            if must and isinstance(error, UNCERTAIN):
                raise
            if must:
                self._history = None  # It cannot be brought back: as without recovery.
        return True

    def __reduce__(self):
        raise TypeError(
            "An Environment belongs to its session and cannot be pickled. Make another with client.make in the other "
            "process; snapshot and restore carry its slots there.")

    def __enter__(self) -> "Environment":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _create(client: "Client", request: pb.CreateRequest) -> tuple[pb.EnvironmentInfo, SharedMemory | None, int]:
    """Opens an environment; says which session it is in."""
    for attempt in range(_recovery.ATTEMPTS):
        epoch = client.epoch
        try:
            reply = client.call("Create", request)
            shared = SharedMemory.open(reply.shared_memory) if reply.HasField("shared_memory") else None
            if shared is None and reply.HasField("shared_memory"):
                # The server sees a file that this process cannot: open again without it.
                client.call("Close", pb.CloseRequest(environment=reply.environment.environment))
                request.shared_buffers, request.create_id = 0, _requests.new_id()
                reply = client.call("Create", request)
            return reply.environment, shared, epoch
        except NotFound as error:
            if not _recovery.is_unknown(error) or attempt == _recovery.ATTEMPTS - 1 or not client.renew(epoch):
                raise


def drop(client: "weakref.ref[Client]", pid: int, environment: int, epoch: int) -> None:
    owner = client()
    if owner is not None and pid == os.getpid():
        owner.drop(environment, epoch)


__all__ = ["Environment", "Step"]
