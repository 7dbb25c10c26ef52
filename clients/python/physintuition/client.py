"""A connection to a server: tasks, a session, and calls that survive a lost connection."""

from __future__ import annotations

import json
import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, Sequence

import numpy as np

from . import _engine, _lifetime, _recovery, _requests, wire
from ._address import DEFAULT_ADDRESS, Address
from .environment import Environment
from .errors import PhysIntuitionError, Unavailable, from_rpc
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    import grpc

    from .v1 import environment_pb2_grpc as pb_grpc

VERSION = "0.1.0"
_MESSAGE_LIMIT = 512 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # s between attempts to reach the server again
USUAL_PATIENCE = 30.0  # s
CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", _MESSAGE_LIMIT),
    ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
]


@dataclass(frozen=True)
class Task:
    """The manual page of a task."""

    id: str
    title: str
    description: str
    action_space: Mapping[str, Any]
    options_schema: Mapping[str, Any]
    observations: Mapping[str, pb.ObservationInfo] = field(repr=False)
    splits: tuple[str, ...] = ()
    max_steps: int = 1
    reward: pb.RewardInfo | None = field(default=None, repr=False)

    @staticmethod
    def from_wire(info: pb.TaskInfo) -> "Task":
        return Task(
            id=info.id,
            title=info.title,
            description=info.description,
            action_space=json.loads(info.action_space_json or "null"),
            options_schema=json.loads(info.options_schema_json or "{}"),
            observations={o.name: o for o in info.observations},
            splits=tuple(s.name for s in info.splits),
            max_steps=info.max_steps,
            reward=info.reward,
        )


class Client(_lifetime.SessionOwner):
    """Talks to the engine in this process, or to one server. Thread-safe; a forked child opens a session of its own.

    The session ends with `close`, with the last reference to the client, or with the process; not where `session` was
    read, as another process may go on with it.

    Args:
        address: host:port of the server's gRPC endpoint, or http://host:port, https://host:port (TLS), unix:path; or a
            list of them, where the next one is used once nobody listens at the last. None: what the environment variable PHYSINTUITION_SERVER names, else ``embedded``, the engine in this
            process; where this installation has none, or with a token, 127.0.0.1:50051.
        token: API token, where the server asks for one.
        lease: seconds without a request after which the session ends; 0: the server's default.
        patience: seconds for which a call that cannot reach the server is tried again. None: 30 once the server has
            been reached; before that, an address where nobody listens is told at once.
        credentials: TLS; None: plain text, or with https the certificates that the system trusts.
        shared_memory: raw arrays come through shared memory where the server is on this machine.
        durable: the session outlives its server: any server of its cluster goes on with it, and what was answered is
            never lost. Wants a server started with ``--cluster``; costs shared memory and a store's write for each call.
        recover: a session that is lost with its server is rebuilt on another one, from the last snapshot and the calls
            since; the call that finds out takes longer. Unseeded episodes and calls without a seeded reset of all
            slots for long need snapshots, which servers read that share a snapshot secret.
    """

    def __init__(
        self,
        address: str | Sequence[str] | None = None,
        *,
        token: str | None = None,
        lease: int = 0,
        patience: float | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        shared_memory: bool = True,
        durable: bool = False,
        recover: bool = True,
    ):
        super().__init__(
            address, token=token, lease=lease, patience=patience, credentials=credentials, shared_memory=shared_memory,
            durable=durable, recover=recover)
        self._token = token
        self._lease = lease
        if not self.is_embedded:
            _requests.require_grpc(self._address)
        self._credentials = credentials
        self._tasks: dict[str, Task] = {}
        self._is_reached = False
        self._clear()
        _lifetime.forget_in_child(self)

    def _clear(self) -> None:
        self._lock = threading.RLock()
        self._engine: _engine.Session | None = None
        self._ending: Any = None
        self._channel: grpc.Channel | None = None
        self._stub: pb_grpc.EnvironmentServiceStub | None = None
        self._session: tuple[str, str] | None = None
        self.forget_session()

    def forget(self) -> None:
        """Called in a forked child: channel and session stay the parent's."""
        _lifetime.bury(self._channel, self._stub, self._registration, self._engine)
        self._clear()

    @property
    def stub(self) -> pb_grpc.EnvironmentServiceStub:
        """The generated stub, on a channel that belongs to this process."""
        with self._lock:
            if self._stub is None:
                from .v1 import environment_pb2_grpc as pb_grpc

                self._channel = dial(self._address, self._credentials)
                self._stub = pb_grpc.EnvironmentServiceStub(self._channel)
            return self._stub

    def call(
        self, name: str, request: Any, *, in_session: bool = True, timeout: float | None = None,
        epoch: int | None = None,
    ) -> Any:
        """Makes one unary call; while the server cannot be reached it is tried again for ``patience`` seconds.

        With an ``epoch``, in the session of that number or not at all.
        """
        if self.dropped or _lifetime.has_dropped():
            self._sweep()
        if self.is_embedded:
            return (self._engine or self._open_engine()).call(name, request, timeout)
        import grpc

        patience = self._settings["patience"]
        give_up = time.monotonic() + (USUAL_PATIENCE if patience is None else patience)
        pause = FIRST_PAUSE
        while True:
            address = self._address
            try:
                method: Callable = getattr(self.stub, name)
                metadata = self._metadata(in_session, epoch) + _requests.session_name(request)
                reply = method(request, metadata=metadata, timeout=timeout)
                self._is_reached = True
                return reply
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    self._is_reached = True
                    raise from_rpc(error) from None
                if self._has_moved(address, from_rpc(error)):
                    continue
                is_new = not self._is_reached and patience is None
                if is_new and (why := address.why_unreachable()):
                    raise Unavailable(error.code(), why) from None
                if time.monotonic() + pause > give_up:
                    raise _requests.failure(address, error) from None
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _has_moved(self, address: Address, error: PhysIntuitionError) -> bool:
        # With the session's name: servers of a cluster know it, others say so.
        if len(self._addresses) == 1 or (error.reason != "DRAINING" and address.is_listening()):
            return False
        other = _recovery.another(self._addresses, address)
        with self._lock:
            if self._address is address and other is not None:
                self._address, self._channel, self._stub = other, None, None
            return self._address is not address

    def renew(self, epoch: int) -> bool:
        """Opens another session with the next call, as the server does not know the last one; False: it must not."""
        with self._lock:
            if epoch == self.epoch and not self.recovers:
                return False
            if self.lose(epoch):
                self._session = None
                _recovery.log.warning(_recovery.GOES_ON, self.address)
            return True

    def _sweep(self) -> None:
        _lifetime.sweep()
        while self.dropped:
            environment = self.dropped.popleft()
            if self._session is not None or self._engine is not None:
                try:
                    self.call("Close", pb.CloseRequest(environment=environment))
                except PhysIntuitionError:
                    pass  # Its session is over, and it with it.

    def _metadata(self, in_session: bool, epoch: int | None = None) -> list[tuple[str, str]]:
        metadata = [] if self._token is None else [("authorization", f"Bearer {self._token}")]
        if in_session:
            with self._lock:
                if epoch is not None and epoch != self.epoch:
                    raise _recovery.replaced()
                session, secret = self._open()
            metadata += [("physintuition-session", session), ("physintuition-session-token", secret)]
        return metadata

    def _open(self) -> tuple[str, str]:
        with self._lock:
            if self._session is None:
                request = pb.OpenSessionRequest(
                    client=f"physintuition-python/{VERSION}", lease_seconds=self._lease,
                    durable=self._settings["durable"])
                info = self.call("OpenSession", request, in_session=False)
                self._session = (info.id, info.token)
                channel = self._channel or dial(self._address, self._credentials)
                self.own(lambda: channel, self._metadata(True))
            return self._session

    def _open_engine(self) -> _engine.Session:
        with self._lock:
            if self._engine is None:
                self._engine = _engine.Session()
                self._ending = weakref.finalize(self, self._engine.close)
                self._ending.atexit = False
            return self._engine

    @property
    def session(self) -> tuple[str, str]:
        """Id and secret of the session; with both, ``resume`` continues it from another process."""
        _requests.require_server("session", self.is_embedded)
        session = self._open()
        self.hand_on()
        return session

    def resume(self, session: str, secret: str) -> pb.SessionInfo:
        """Takes over a session that another connection opened; says what it owns."""
        _requests.require_server("resume", self.is_embedded)
        request = pb.OpenSessionRequest(
            client=f"physintuition-python/{VERSION}", resume_id=session, resume_token=secret)
        info = self.call("OpenSession", request, in_session=False)
        with self._lock:
            self.hand_on()
            self._session = (session, secret)
        return info

    def server_info(self) -> pb.ServerInfo:
        """What the server is, what it can do, and where its limits are."""
        return self.call("GetServerInfo", pb.GetServerInfoRequest(), in_session=False)

    def tasks(self) -> list[Task]:
        """Every task, in the order in which people should read them."""
        reply = self.call("ListTasks", pb.ListTasksRequest(), in_session=False)
        return [Task.from_wire(info) for info in reply.tasks]

    def task(self, task: str) -> Task:
        """One task by id; the error for an unknown id lists those that exist."""
        _requests.check_task(task)
        if task not in self._tasks:  # A page is constant while its server runs.
            self._tasks[task] = Task.from_wire(self.call("GetTask", pb.GetTaskRequest(task=task), in_session=False))
        return self._tasks[task]

    def make(self, task: str, slots: int = 1, **settings: Any) -> Environment:
        """Opens an environment: a batch of ``slots`` episodes of one task. Settings: see `Environment`."""
        return Environment(self, task, slots, **settings)

    def score(
        self,
        task: str,
        seeds: Sequence[int],
        answers: Sequence[str] | np.ndarray,
        *,
        split: str = "train",
        options: Mapping[str, Any] | None = None,
        observe: Sequence[str] = (),
        turns: Sequence[int] = (),
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Scores answers without an environment: float32[seeds] rewards, and the observations asked for.

        Answers are texts, a model's messages, or numbers of shape [n, action_size]. For episodes of several steps
        ``turns`` says how many of the answers belong to each seed, conversation after conversation; `chat.said` gives
        those of one.
        """
        request = _requests.score(task, seeds, answers, split, options, observe, turns)
        reply = self.call("Score", request, in_session=False)
        return np.frombuffer(reply.rewards, "<f4"), wire.read(reply.observations)

    def dataset(
        self,
        task: str,
        count: int,
        *,
        first_seed: int = 0,
        split: str = "train",
        options: Mapping[str, Any] | None = None,
        observe: Sequence[str] = ("rgb", "prompt", "expert"),
        size: tuple[int, int] = (224, 224),
        encoding: str = "raw",
    ) -> Iterator[dict[str, Any]]:
        """Rows of a split: one dict per seed with ``seed`` and the columns asked for.

        Whoever stops early closes the iterator, and with it the stream.
        """
        request = _requests.dataset(task, count, first_seed, split, options, observe, size, encoding)
        if self.is_embedded:
            for chunk in (self._engine or self._open_engine()).stream("StreamDataset", request):
                yield from _requests.rows(chunk, observe)
            return
        import grpc

        stream = self.stub.StreamDataset(request, metadata=self._metadata(False))
        try:
            for chunk in stream:
                yield from _requests.rows(chunk, observe)
        except grpc.RpcError as error:
            raise _requests.failure(self._address, error) from None
        finally:
            stream.cancel()

    def close(self) -> None:
        """Ends the session and the connection; closing twice is fine."""
        with self._lock:
            self.hand_on()
            if self._engine is not None:
                self._ending.detach()
                self._engine.close()
            if self._session is not None:
                import grpc

                try:
                    self.stub.CloseSession(pb.CloseSessionRequest(), metadata=self._metadata(True), timeout=5)
                except grpc.RpcError:
                    pass  # The lease ends it.
            if self._channel is not None:
                self._channel.close()
            self._clear()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def dial(address: Address, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
    import grpc

    credentials = _requests.credentials(address, credentials)
    if credentials is None:
        return grpc.insecure_channel(address.target, CHANNEL_OPTIONS)
    return grpc.secure_channel(address.target, credentials, CHANNEL_OPTIONS)


__all__ = ["DEFAULT_ADDRESS", "Client", "PhysIntuitionError", "Task"]
