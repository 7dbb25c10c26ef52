"""Settings as messages, and replies as results: what the blocking and the asyncio client share."""

from __future__ import annotations

import importlib.util
import itertools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from . import _values, chat, wire
from ._address import Address
from .errors import Cancelled, DeadlineExceeded, Internal, PhysIntuitionError, Unavailable, from_rpc
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    import grpc

Options = Mapping[str, Any]

_FLOAT, _BOOL = np.dtype("<f4"), np.dtype(bool)

# After these nobody knows whether the server has carried out the call.
UNCERTAIN = (Cancelled, DeadlineExceeded, Internal, Unavailable)
_AUTORESET = {
    "next_step": pb.AUTORESET_MODE_NEXT_STEP,
    "same_step": pb.AUTORESET_MODE_SAME_STEP,
    "disabled": pb.AUTORESET_MODE_DISABLED,
}
_OUTCOME = {
    "settled": pb.TERMINAL_OBSERVATION_SETTLED,
    "question": pb.TERMINAL_OBSERVATION_QUESTION,
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
    def read(reply: pb.StepReply, shared: Any = None, names: Sequence[str] | None = None) -> "Step":
        rewards = np.frombuffer(reply.rewards, _FLOAT)
        terminated, truncated = np.frombuffer(reply.terminated, _BOOL), np.frombuffer(reply.truncated, _BOOL)
        observations, final = wire.read(reply.observations, shared), wire.read(reply.final_observations, shared)
        if names is not None and chat.PIL in names:
            ended = terminated | truncated
            observations, final = chat.shown(names, observations, ended), chat.shown(names, final, ended[ended])
        started = reply.started
        return Step(
            rewards, terminated, truncated, np.frombuffer(started, _BOOL) if started else np.zeros(len(rewards), _BOOL),
            observations, final)


@dataclass(frozen=True)
class Shown:
    """What an environment shows, and how."""

    size: tuple[int, int] = (224, 224)
    encoding: str = "raw"
    names: Sequence[str] | None = None  # None: not known
    history: str | int = "new"  # which turns "messages" shows

    def asked(self, names: Sequence[str] | None) -> Sequence[str] | None:
        """What one call shows."""
        return self.names if names is None else _values.names("observe", names)

    def read(self, reply: Any, shared: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The observations of a reply that ends no episode."""
        observations = wire.read(reply.observations, shared)
        return chat.shown(self.asked(names), observations, itertools.repeat(False))

    def put(self, request: Any, names: Sequence[str] | None, history: str | int | None = None) -> None:
        if names is not None or history is not None:
            if names is None and self.names is None:
                raise _values.refuse("history", history, "it wants the names of the observations", "Give observe.")
            history = self.history if history is None else history
            request.observe.CopyFrom(wire.observe(self.asked(names) or (), self.size, self.encoding, history))


def names(observe: Sequence[str] | str) -> list[str]:
    """Names of observations; one text is one name."""
    return _values.names("observe", observe)


def check_task(task: Any) -> None:
    if not isinstance(task, str) or not task:
        raise _values.refuse("task", task, "it must be the id of a task", "For example 'Stability-v1'.")


def create(
    task: str, slots: int, split: str, options: Options | None, slot_options: Sequence[Options | None] | None,
    observe: Sequence[str], shown: Shown, autoreset: str, outcome: str, shared_buffers: int,
) -> pb.CreateRequest:
    check_task(task)
    _values.choice("autoreset", autoreset, _AUTORESET)
    _values.choice("outcome", outcome, _OUTCOME)
    wanted = names(observe)
    request = pb.CreateRequest(
        task=task, split=split, slots=_values.whole("slots", slots), options_json=_values.options("options", options),
        autoreset=_AUTORESET[autoreset], observe=wire.observe(wanted, shown.size, shown.encoding, shown.history),
        shared_buffers=_values.whole("shared_buffers", shared_buffers) if wanted and shown.encoding == "raw" else 0,
        create_id=new_id(), outcome=_OUTCOME[outcome])
    request.slot_options_json.extend(
        _values.options(f"slot_options[{slot}]", each) for slot, each in enumerate(slot_options or ()))
    return request


def fork(environment: int, slots: Sequence[int]) -> pb.ForkRequest:
    return pb.ForkRequest(
        environment=environment, slots=_values.wholes("slots", slots), create_id=new_id(), without_observations=True)


def snapshot(environment: int, slots: Sequence[int]) -> pb.SnapshotRequest:
    return pb.SnapshotRequest(environment=environment, slots=_values.wholes("slots", slots))


@dataclass
class InProcessRestore:
    """A RestoreRequest for the engine in this process, whose snapshot is copied but once. Each copy of half a megabyte is
    memory that the system has to find anew, which takes longer than to restore."""

    environment: int
    snapshot: bytes
    rest: pb.RestoreRequest
    step_id: int = 0

    def SerializeToString(self) -> bytes:
        self.rest.environment, self.rest.step_id = self.environment, self.step_id
        # Number, kind and length, in groups of seven bits: how a message's field of bytes begins.
        head, left = bytearray([pb.RestoreRequest.SNAPSHOT_FIELD_NUMBER << 3 | 2]), len(self.snapshot)
        while left > 0x7F:
            head.append(left & 0x7F | 0x80)
            left >>= 7
        head.append(left)
        return b"".join((self.rest.SerializeToString(), head, self.snapshot))


def restore(
    environment: int, snapshot: bytes, sources: Sequence[int], mask: Any, is_embedded: bool = False,
) -> pb.RestoreRequest | InProcessRestore:
    if not isinstance(snapshot, (bytes, bytearray, memoryview)):
        raise _values.refuse("snapshot", snapshot, "it must be the bytes that snapshot() gave")
    request = pb.RestoreRequest(sources=_values.wholes("sources", sources), mask=_values.mask("mask", mask))
    if is_embedded:
        return InProcessRestore(environment, bytes(snapshot), request)
    request.environment, request.snapshot = environment, bytes(snapshot)
    return request


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


def require_server(what: str, is_embedded: bool) -> None:
    """Refuses what has no meaning where the engine is in this process."""
    if is_embedded:
        raise RuntimeError(
            f"{what} wants a server: the engine is in this process, where nobody else reaches it. Name a server as "
            "address or in PHYSINTUITION_SERVER.")


def require_grpc(address: Address) -> None:
    """Refuses a server where nothing is installed that could talk to it. Loads nothing: a child may be forked first."""
    if importlib.util.find_spec("grpc") is None:
        raise ImportError(
            f"address is '{address.authority}', a server, which takes grpcio, and that is not installed. Install it with "
            "pip install 'physintuition[grpc]', or leave out the address: then the engine runs in this process.",
            name="grpc")


def credentials(address: Address, given: grpc.ChannelCredentials | None) -> grpc.ChannelCredentials | None:
    """TLS as it was given, or with the system's certificates where the address says https."""
    if given is not None or not address.is_secure:
        return given
    import grpc

    return grpc.ssl_channel_credentials()


def failure(address: Address, error: grpc.RpcError) -> PhysIntuitionError:
    """The exception for a call that is not tried again."""
    said = from_rpc(error)
    if said.reason or not isinstance(said, Unavailable):
        return said
    return Unavailable(said.code, address.why_unreachable() or f"{address.authority} cannot be reached: {said}")


def reset(
    environment: int, shown: Shown, seed: int | Sequence[int] | None, mask: Any,
    options: Options | Sequence[Options | None] | None, observe: Sequence[str] | None,
    history: str | int | None = None,
) -> pb.ResetRequest:
    request = pb.ResetRequest(environment=environment, mask=_values.mask("mask", mask))
    if _values.is_many(seed):
        request.seeds.extend(_values.seeds(seed))
    elif seed is not None:
        request.seed = _values.seed(seed)
    if options is None or isinstance(options, (Mapping, str, bytes)):
        if options is not None:
            request.options_json.append(_values.options("options", options))
    else:
        request.options_json.extend(_values.options(f"options[{row}]", each) for row, each in enumerate(options))
    shown.put(request, observe, history)
    return request


def step(
    environment: int, shown: Shown, slots: int, actions: Any, mask: Any, observe: Sequence[str] | None,
    history: str | int | None = None,
) -> pb.StepRequest:
    request, rows = pb.StepRequest(environment=environment), slots
    if mask is not None:
        request.mask = _values.mask("mask", mask)
        rows = request.mask.count(1) if request.mask else slots
    wire.put_actions(request, _values.actions(chat.as_texts(actions), rows))
    shown.put(request, observe, history)
    return request


def render(
    environment: int, shown: Shown, slots: Sequence[int], names: Sequence[str], size: tuple[int, int] | None,
    encoding: str | None, outcome: str | None,
) -> pb.RenderRequest:
    return pb.RenderRequest(
        environment=environment, slots=_values.wholes("slots", slots),
        observe=wire.observe(_values.names("names", names), size or shown.size, encoding or shown.encoding),
        outcome=None if outcome is None else _OUTCOME[_values.choice("outcome", outcome, _OUTCOME)])


def score(
    task: str, seeds: Sequence[int], answers: Sequence[str] | np.ndarray, split: str, options: Options | None,
    observe: Sequence[str], turns: Sequence[int],
) -> pb.ScoreRequest:
    check_task(task)
    request = pb.ScoreRequest(task=task, split=split, options_json=_values.options("options", options))
    request.seeds.extend(_values.seeds(seeds))
    request.turns.extend(_values.wholes("turns", turns))
    count = sum(request.turns) if request.turns else len(request.seeds)
    wire.put_actions(request, _values.actions(chat.as_texts(answers), count))
    request.observe.names.extend(_values.names("observe", observe))
    return request


def dataset(
    task: str, count: int, first_seed: int, split: str, options: Options | None, observe: Sequence[str],
    size: tuple[int, int], encoding: str,
) -> pb.StreamDatasetRequest:
    check_task(task)
    return pb.StreamDatasetRequest(
        task=task, split=split, first_seed=_values.whole("first_seed", first_seed, limit=2**64),
        count=_values.whole("count", count), options_json=_values.options("options", options),
        observe=wire.observe(_values.names("observe", observe), size, encoding))


def rows(chunk: pb.DatasetChunk, names: Sequence[str]) -> list[dict[str, Any]]:
    """A chunk's rows: ``seed`` and the columns."""
    columns = chat.shown(_values.names("observe", names), wire.read(chunk.columns), itertools.repeat(False))
    return [{"seed": seed, **{name: values[row] for name, values in columns.items()}}
            for row, seed in enumerate(chunk.seeds)]
