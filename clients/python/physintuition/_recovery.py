"""What brings an environment back in another session: its last snapshot and the calls since.

The state of a session is a function of what its client sent. Calls since a seeded reset of all slots are enough; where
there is none for long, a snapshot takes the place of what came before it.
"""

from __future__ import annotations

import logging
import zlib
from typing import Any, Iterator, NamedTuple

from . import wire
from ._address import Address
from .errors import NotFound, PhysIntuitionError, StatusCode
from .v1 import environment_pb2 as pb

EVERY = 256  # calls between snapshots
LARGEST = 1 << 20  # bytes of calls that are kept at most, but for the last one
ATTEMPTS = 5  # sessions in a row that a call loses before that is told
_HASHES = ("scene_hash", "outcome_hash")

GOES_ON = "The session is lost; its environments go on at %s, rebuilt from their snapshots and calls."

log = logging.getLogger("physintuition")


class Call(NamedTuple):
    name: str
    request: Any
    outcome: int  # of its reply, see outcome()


class History:
    """How an environment came to be as it is."""

    def __init__(self, create: pb.CreateRequest, snapshot: bytes | None = None):
        self.create, self._snapshot = create, snapshot
        slots = max(1, create.slots)
        self._open = bytearray(b"\1" * slots if snapshot else slots)
        self._is_known = bytearray(self._open)  # slots whose further seeds follow from what is kept
        self._held = bytes(self._open)  # slots that the snapshot holds
        self._has_other_options = snapshot is not None
        self._calls: list[Call] = []
        self._bytes, self._wait = 0, EVERY

    def needs_snapshot(self, name: str, request: Any) -> bool:
        """Whether the server draws what nobody here can repeat: then its reply is kept as a snapshot, or not at all."""
        if name != "Reset" or request.HasField("seed") or request.seeds:
            return False
        return any(not known for known, taken in zip(self._is_known, self._rows(request)) if taken)

    def add(self, name: str, request: Any, reply: Any, shared: Any) -> bool:
        """A call was answered. Returns whether a snapshot should take the place of what is kept."""
        must = self.needs_snapshot(name, request)
        is_seeded = name == "Reset" and (request.HasField("seed") or len(request.seeds) > 0)
        if is_seeded and not request.mask and not self._has_other_options:
            self._snapshot = None
            self._forget_calls()
        self._has_other_options |= name == "Restore" or (name == "Reset" and len(request.options_json) > 0)
        if name != "Step":
            for slot, taken in enumerate(self._rows(request)):
                if taken:
                    self._open[slot] = 1
                    self._is_known[slot] |= is_seeded or name == "Restore"
        if must:
            return True  # Nothing that could be repeated.
        self._calls.append(Call(name, request, outcome(name, request, reply, shared)))
        self._bytes += request.ByteSize()
        self._wait -= 1
        return self._wait <= 0 or self._bytes > LARGEST

    def capture(self, environment: int) -> pb.SnapshotRequest:
        """Asks for the state of every slot that has one."""
        self._wait = EVERY  # Where it is refused, the next attempt is as far away.
        return pb.SnapshotRequest(environment=environment, slots=[i for i, is_open in enumerate(self._open) if is_open])

    def keep(self, snapshot: bytes) -> None:
        """It holds all that was done so far."""
        self._snapshot, self._is_known, self._has_other_options = snapshot, bytearray(self._open), True
        self._held = bytes(self._open)
        self._forget_calls()

    def replay(self, environment: int) -> Iterator[Call]:
        """The requests that lead to the state, numbered from 1 on."""
        calls = list(self._calls)
        if self._snapshot is not None:
            calls.insert(0, Call("Restore", pb.RestoreRequest(
                snapshot=self._snapshot, mask=b"" if all(self._held) else self._held), outcome=0))
        for number, (name, given, expected) in enumerate(calls, 1):
            request = type(given)()
            request.CopyFrom(given)
            request.environment, request.step_id = environment, number
            asked = given.observe if given.HasField("observe") else self.create.observe
            request.observe.CopyFrom(pb.ObservationRequest(names=[name for name in asked.names if name in _HASHES]))
            yield Call(name, request, expected)

    def check(self, call: Call, reply: Any, shared: Any, where: str) -> None:
        """Raises NotFound where another outcome came than the first time."""
        if call.outcome and outcome(call.name, call.request, reply, shared) != call.outcome:
            raise lost(
                f"Call {call.request.step_id} of this {self.create.task} environment had another outcome at {where} than "
                "where its session was lost. The servers must be of the same version.")

    def of_fork(self, slots: int, snapshot: bytes) -> "History":
        """The history of an environment that begins with a snapshot of this one."""
        create = pb.CreateRequest()
        create.CopyFrom(self.create)
        create.slots, create.shared_buffers = slots, 0
        del create.slot_options_json[:]
        return History(create, snapshot)

    def _rows(self, request: Any) -> bytes:
        return request.mask or b"\1" * len(self._open)

    def _forget_calls(self) -> None:
        self._calls.clear()
        self._bytes, self._wait = 0, EVERY


def outcome(name: str, request: Any, reply: Any, shared: Any) -> int:
    """A fingerprint of what a reply says of its episodes' ends; 0: nothing."""
    code = 0
    if name == "Step":
        for part in (reply.rewards, reply.terminated, reply.truncated, reply.started):
            code = zlib.crc32(part, code)
    hashes = [observation for observation in reply.observations if observation.name in _HASHES]
    for value in wire.read(hashes, shared).values() if hashes else ():
        code = zlib.crc32(value.tobytes(), code)
    return code


def is_unknown(error: PhysIntuitionError) -> bool:
    """Whether the server does not know the session, as after a restart."""
    return isinstance(error, NotFound) and error.reason == "UNKNOWN_SESSION"


def lost(message: str, reason: str = "SESSION_LOST") -> NotFound:
    """The session is gone and its environment cannot be brought back."""
    detail = pb.Error(code=StatusCode.NOT_FOUND.value[0], message=message, reason=reason)
    return NotFound(StatusCode.NOT_FOUND, message, detail)


def replaced() -> NotFound:
    """Another call has found out that the session is lost."""
    return lost("The session is lost, and another one has taken its place.", "UNKNOWN_SESSION")


def explained(error: PhysIntuitionError, where: str) -> PhysIntuitionError:
    """What stopped an environment from being brought back, as the caller is told."""
    if error.reason != "WRONG_SNAPSHOT":
        return error
    return lost(
        f"The session is lost, and the server at {where} cannot read snapshots of the one that had it. Give both the "
        "same PhysIntuition:Engine:SnapshotSecret, or reset with seeds, which needs no snapshot.")


def another(addresses: list[Address], left: Address) -> Address | None:
    """The next server that listens, in the order of the list from the one that is left."""
    at = addresses.index(left)
    return next((other for other in addresses[at + 1:] + addresses[:at] if other.is_listening()), None)
