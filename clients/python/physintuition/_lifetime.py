"""Sessions end with what opened them: when it is dropped, when the process exits; a forked child begins anew.

Finalizers run anywhere, so that they only take notes; the next call, or the exit, does the work.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Iterable, Sequence

from . import _requests
from ._address import Address, is_embedded
from ._engine import ADDRESS
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    import grpc

_GOODBYE = 2.0  # s for closing what is left at the exit
_numbers = itertools.count()
_sessions: dict[int, "_Session"] = {}
_dropped: deque[int] = deque()
_forkers: weakref.WeakSet = weakref.WeakSet()
_buried: list[Any] = []
_watched: set[int] = set()

_Session = tuple[Callable[[], "grpc.Channel"], list[tuple[str, str]]]


class Registration:
    """A session that ends when its owner is dropped or the process exits, unless it is released before."""

    def __init__(self, owner: Any, dial: Callable[[], grpc.Channel], metadata: list[tuple[str, str]]):
        """``dial`` gives a channel to close the session on, and must not keep the owner alive."""
        self._number = next(_numbers)
        _sessions[self._number] = dial, metadata
        self._finalizer = weakref.finalize(owner, _dropped.append, self._number)
        self._finalizer.atexit = False
        _watch_exit()

    def release(self) -> None:
        """Leaves the session alone from now on."""
        _sessions.pop(self._number, None)
        self._finalizer.detach()


class SessionOwner:
    """What the blocking and the asyncio client know of their session and of where it is."""

    def __init__(self, address: str | Sequence[str] | None, **settings: Any):
        self.is_embedded = is_embedded(
            address, settings["durable"] or any(settings[name] is not None for name in ("token", "credentials")))
        if settings["durable"]:
            _requests.require_server("durable", self.is_embedded)
        self._addresses = [Address("", "", 0)] if self.is_embedded else Address.parse_all(address)
        self._address = self._addresses[0]  # of the server that is used now
        texts = [each.text for each in self._addresses]
        known = ADDRESS if self.is_embedded else texts[0] if len(texts) == 1 else texts
        self._settings = {"address": known, **settings}
        self.epoch = 0  # sessions that were lost and replaced
        self.forget_session()

    @property
    def address(self) -> str:
        """HOST:PORT of the server that is used now, its socket's path, or ``embedded``."""
        return ADDRESS if self.is_embedded else self._address.authority

    @property
    def shares_memory(self) -> bool:
        """Whether raw arrays may come through shared memory."""
        return self._settings["shared_memory"] and not self._settings["durable"] and (
            self.is_embedded or self._address.is_local)

    def forget_session(self) -> None:
        """As before the first call."""
        self._registration: Registration | None = None
        self._was_handed_on = False
        self.dropped: deque[int] = deque()  # environments that nobody holds any more

    def own(self, dial: Callable[[], grpc.Channel], metadata: list[tuple[str, str]]) -> None:
        """This client opened the session, and ends it when it is dropped or the process exits."""
        self._registration, self._was_handed_on = Registration(self, dial, metadata), False

    def hand_on(self) -> None:
        """Another process may know the session's secret: from now on nothing but close ends it."""
        self._was_handed_on = True
        if self._registration is not None:
            self._registration.release()
            self._registration = None

    def drop(self, environment: int, epoch: int) -> None:
        """Nobody holds the environment any more; the next call closes it."""
        if not self._was_handed_on and epoch == self.epoch:
            self.dropped.append(environment)

    @property
    def recovers(self) -> bool:
        """Whether a lost session is replaced; not where another process may have used it, or a cluster keeps it."""
        given = self._settings
        return given["recover"] and not given["durable"] and given["address"] != ADDRESS and not self._was_handed_on

    def lose(self, epoch: int) -> bool:
        """Forgets a session that the server does not know. Returns whether this is the first to say so."""
        if epoch != self.epoch:
            return False
        self.epoch += 1
        if self._registration is not None:
            self._registration.release()
        self.forget_session()
        return True

    def __reduce__(self):
        # Another process connects by itself and has a session of its own.
        if self._settings["credentials"] is not None:
            raise TypeError("A Client with credentials cannot be pickled. Make one in the other process.")
        return _rebuilt, (type(self), self._settings)

    def __deepcopy__(self, _: Any) -> "SessionOwner":
        return self  # A connection is shared, not copied.


def _rebuilt(kind: type[SessionOwner], settings: dict[str, Any]) -> SessionOwner:
    return kind(**settings)


def has_dropped() -> bool:
    """Whether an owner was dropped whose session is still open."""
    return bool(_dropped)


def sweep() -> None:
    """Ends the sessions of owners that were dropped."""
    while _dropped:
        if session := _sessions.pop(_dropped.popleft(), None):
            _end([session])


def forget_in_child(owner: Any) -> None:
    """Calls ``owner.forget()`` in every child that is forked from now on."""
    _forkers.add(owner)


def bury(*things: Any) -> None:
    """Keeps what a forked child inherited and must neither use nor tear down."""
    _buried.append(things)


def _end(sessions: Iterable[_Session]) -> None:
    sessions = list(sessions)
    if not sessions:
        return
    import grpc

    from .v1 import environment_pb2_grpc as pb_grpc

    give_up = time.monotonic() + _GOODBYE
    calls = []
    for dial, metadata in sessions:
        channel = dial()
        try:
            stub = pb_grpc.EnvironmentServiceStub(channel)
            call = stub.CloseSession.future(pb.CloseSessionRequest(), metadata=metadata, timeout=_GOODBYE)
            calls.append((channel, call))
        except ValueError:
            pass  # The channel is closed.
    for channel, call in calls:
        try:
            call.result(max(0.0, give_up - time.monotonic()))
        except (grpc.RpcError, grpc.FutureTimeoutError, grpc.FutureCancelledError):
            pass  # The lease ends it.
        channel.close()


def _end_all() -> None:
    sessions = list(_sessions.values())
    _sessions.clear()
    _end(sessions)


def _watch_exit() -> None:
    # A forked worker of multiprocessing leaves without running atexit; its own finalizers do run.
    if os.getpid() in _watched:
        return
    _watched.add(os.getpid())
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, _end_all, exitpriority=0)


def _in_child() -> None:
    bury(dict(_sessions), tuple(_dropped))
    _sessions.clear()
    _dropped.clear()
    for owner in list(_forkers):
        owner.forget()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
