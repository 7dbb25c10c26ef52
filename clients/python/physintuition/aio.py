"""The same client for asyncio: calls of many environments overlap in one thread.

>>> async with aio.Client() as client:
...     async with await client.make("Stability-v1", 64) as environment:
...         first = await environment.reset(seed=1)
...         step = await environment.step(["<answer>yes</answer>"] * 64)
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import weakref
from typing import TYPE_CHECKING, Any, AsyncIterator, Mapping, Sequence

import numpy as np

from . import _engine, _lifetime, _recovery, _requests, wire
from ._address import Address
from ._requests import UNCERTAIN, Shown, Step
from ._shared import SharedMemory
from .client import CHANNEL_OPTIONS, FIRST_PAUSE, LONGEST_PAUSE, USUAL_PATIENCE, VERSION, Task, dial
from .environment import drop
from .errors import NotFound, PhysIntuitionError, Unavailable, from_rpc
from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    import grpc

_NAME = f"physintuition-python-aio/{VERSION}"


class Client(_lifetime.SessionOwner):
    """Talks to one server, from one event loop. Arguments: see `physintuition.Client`."""

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
        self._lease, self._patience, self._is_reached = lease, patience, False
        self._anonymous = [] if token is None else [("authorization", f"Bearer {token}")]
        self._opening: asyncio.Future | None = None
        self._engine: _engine.Session | None = None
        if self.is_embedded:
            self._engine = _engine.Session()
            weakref.finalize(self, self._engine.close).atexit = False
            return
        _requests.require_grpc(self._address)
        self._credentials = credentials
        self._dial(self._address)

    def _dial(self, address: Address) -> None:
        import grpc

        from .v1 import environment_pb2_grpc as pb_grpc

        credentials = _requests.credentials(address, self._credentials)
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(address.target, CHANNEL_OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(address.target, credentials, CHANNEL_OPTIONS)
        self._address, self.stub = address, pb_grpc.EnvironmentServiceStub(self._channel)

    async def call(
        self, name: str, request: Any, *, in_session: bool = True, epoch: int | None = None,
    ) -> Any:
        """Makes one unary call; while the server cannot be reached it is tried again for ``patience`` seconds.

        With an ``epoch``, in the session of that number or not at all.
        """
        if self.dropped or _lifetime.has_dropped():
            await self._sweep()
        if self._engine is not None:
            return await asyncio.to_thread(self._engine.call, name, request)
        import grpc

        give_up = time.monotonic() + (USUAL_PATIENCE if self._patience is None else self._patience)
        pause = FIRST_PAUSE
        while True:
            address = self._address
            try:
                metadata = await self._session() if in_session else self._anonymous
                if epoch is not None and epoch != self.epoch:
                    raise _recovery.replaced()
                method = getattr(self.stub, name)
                reply = await method(request, metadata=metadata + _requests.session_name(request))
                self._is_reached = True
                return reply
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    self._is_reached = True
                    raise from_rpc(error) from None
                if await self._has_moved(address, from_rpc(error)):
                    continue
                if not self._is_reached and self._patience is None:
                    if why := await asyncio.to_thread(address.why_unreachable):
                        raise Unavailable(error.code(), why) from None
                if time.monotonic() + pause > give_up:
                    raise await asyncio.to_thread(_requests.failure, address, error) from None
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _has_moved(self, address: Address, error: PhysIntuitionError) -> bool:
        # With the session's name: servers of a cluster know it, others say so.
        if len(self._addresses) == 1:
            return False
        if error.reason != "DRAINING" and await asyncio.to_thread(address.is_listening):
            return False
        other = await asyncio.to_thread(_recovery.another, self._addresses, address)
        if self._address is address and other is not None:
            self._dial(other)
        return self._address is not address

    def renew(self, epoch: int) -> bool:
        """Opens another session with the next call, as the server does not know the last one; False: it must not."""
        if epoch == self.epoch and not self.recovers:
            return False
        if self.lose(epoch):
            self._opening = None
            _recovery.log.warning(_recovery.GOES_ON, self.address)
        return True

    async def create(self, request: pb.CreateRequest) -> tuple[pb.EnvironmentInfo, SharedMemory | None, int]:
        """Opens an environment; says which session it is in."""
        for attempt in range(_recovery.ATTEMPTS):
            epoch = self.epoch
            try:
                reply = await self.call("Create", request)
                shared = SharedMemory.open(reply.shared_memory) if reply.HasField("shared_memory") else None
                if shared is None and reply.HasField("shared_memory"):
                    await self.call("Close", pb.CloseRequest(environment=reply.environment.environment))
                    request.shared_buffers, request.create_id = 0, _requests.new_id()
                    reply = await self.call("Create", request)
                return reply.environment, shared, epoch
            except NotFound as error:
                if not _recovery.is_unknown(error) or attempt == _recovery.ATTEMPTS - 1 or not self.renew(epoch):
                    raise

    async def _sweep(self) -> None:
        if _lifetime.has_dropped():
            await asyncio.to_thread(_lifetime.sweep)
        while self.dropped:
            environment = self.dropped.popleft()
            if self._opening is not None or self._engine is not None:
                try:
                    await self.call("Close", pb.CloseRequest(environment=environment))
                except PhysIntuitionError:
                    pass  # Its session is over, and it with it.

    async def _session(self) -> list[tuple[str, str]]:
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.ensure_future(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> list[tuple[str, str]]:
        request = pb.OpenSessionRequest(
            client=_NAME, lease_seconds=self._lease, durable=self._settings["durable"])
        info = await self.call("OpenSession", request, in_session=False)
        headers = self._headers(info.id, info.token)
        address, credentials = self._address, self._credentials
        self.own(lambda: dial(address, credentials), headers)
        return headers

    def _headers(self, session: str, secret: str) -> list[tuple[str, str]]:
        return [*self._anonymous, ("physintuition-session", session), ("physintuition-session-token", secret)]

    async def session(self) -> tuple[str, str]:
        """Id and secret of the session; with both, ``resume`` continues it from another process."""
        _requests.require_server("session", self.is_embedded)
        headers = await self._session()
        self.hand_on()
        return tuple(value for _, value in headers[-2:])

    async def resume(self, session: str, secret: str) -> pb.SessionInfo:
        """Takes over a session that another connection opened; says what it owns."""
        _requests.require_server("resume", self.is_embedded)
        request = pb.OpenSessionRequest(client=_NAME, resume_id=session, resume_token=secret)
        info = await self.call("OpenSession", request, in_session=False)
        self.hand_on()
        self._opening = asyncio.get_running_loop().create_future()
        self._opening.set_result(self._headers(session, secret))
        return info

    async def server_info(self) -> pb.ServerInfo:
        """What the server is, what it can do, and where its limits are."""
        return await self.call("GetServerInfo", pb.GetServerInfoRequest(), in_session=False)

    async def tasks(self) -> list[Task]:
        """Every task, in the order in which people should read them."""
        reply = await self.call("ListTasks", pb.ListTasksRequest(), in_session=False)
        return [Task.from_wire(info) for info in reply.tasks]

    async def task(self, task: str) -> Task:
        """One task by id; the error for an unknown id lists those that exist."""
        _requests.check_task(task)
        return Task.from_wire(await self.call("GetTask", pb.GetTaskRequest(task=task), in_session=False))

    async def make(
        self, task: str, slots: int = 1, *, split: str = "train", options: Mapping[str, Any] | None = None,
        slot_options: Sequence[Mapping[str, Any] | None] | None = None, observe: Sequence[str] = ("rgb",),
        size: tuple[int, int] = (224, 224), encoding: str = "raw", history: str | int = "new",
        autoreset: str = "disabled", outcome: str = "settled", shared_buffers: int = 4,
    ) -> "Environment":
        """Opens an environment. Settings: see `physintuition.Environment`."""
        shown = Shown(size, encoding, _requests.names(observe), history)
        request = _requests.create(
            task, slots, split, options, slot_options, observe, shown, autoreset, outcome,
            shared_buffers if self.shares_memory else 0)
        opened = await self.create(request)
        history = _recovery.History(request) if self.recovers else None  # Of as many slots as there may be.
        return Environment(self, shown, history, *opened)

    async def score(
        self, task: str, seeds: Sequence[int], answers: Sequence[str] | np.ndarray, *, split: str = "train",
        options: Mapping[str, Any] | None = None, observe: Sequence[str] = (), turns: Sequence[int] = (),
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Scores answers without an environment: float32[seeds] rewards, and the observations asked for."""
        request = _requests.score(task, seeds, answers, split, options, observe, turns)
        reply = await self.call("Score", request, in_session=False)
        return np.frombuffer(reply.rewards, "<f4"), wire.read(reply.observations)

    async def dataset(
        self, task: str, count: int, *, first_seed: int = 0, split: str = "train",
        options: Mapping[str, Any] | None = None, observe: Sequence[str] = ("rgb", "prompt", "expert"),
        size: tuple[int, int] = (224, 224), encoding: str = "raw",
    ) -> AsyncIterator[dict[str, Any]]:
        """Rows of a split: one dict per seed with ``seed`` and the columns asked for."""
        request = _requests.dataset(task, count, first_seed, split, options, observe, size, encoding)
        if self._engine is not None:
            chunks = self._engine.stream("StreamDataset", request)
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                for row in _requests.rows(chunk, observe):
                    yield row
            return
        import grpc

        stream = self.stub.StreamDataset(request, metadata=self._anonymous)
        try:
            async for chunk in stream:
                for row in _requests.rows(chunk, observe):
                    yield row
        except grpc.RpcError as error:
            raise await asyncio.to_thread(_requests.failure, self._address, error) from None
        finally:
            stream.cancel()

    async def close(self) -> None:
        """Ends the session and the connection; closing twice is fine."""
        self.hand_on()
        if self._engine is not None:
            await asyncio.to_thread(self._engine.close)
            return
        import grpc

        opening, self._opening = self._opening, None
        if opening is not None and opening.done() and opening.exception() is None:
            try:
                await self.stub.CloseSession(pb.CloseSessionRequest(), metadata=opening.result(), timeout=5)
            except grpc.RpcError:
                pass  # The lease ends it.
        await self._channel.close()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class Environment:
    """A batch of slots that play one task; see `physintuition.Environment`.

    Calls are carried out in the order in which they were made. Cancelling one stops the wait, not the work.
    """

    def __init__(
        self, client: Client, shown: Shown, history: _recovery.History | None, info: pb.EnvironmentInfo,
        shared: SharedMemory | None, epoch: int,
    ):
        self.client, self._shown, self._history = client, shown, history
        self.task, self.split, self.slots = info.task, info.split, info.slots
        self.options = json.loads(info.options_json or "{}")
        self._unanswered: tuple[str, Any] | None = None
        self._lock = asyncio.Lock()
        self._is_open = True
        self._enter(info, shared, epoch)

    def _enter(self, info: pb.EnvironmentInfo, shared: SharedMemory | None, epoch: int) -> None:
        self.id, self._shared, self._epoch, self._next_step = info.environment, shared, epoch, info.last_step_id + 1
        self._finalizer = weakref.finalize(self, drop, weakref.ref(self.client), os.getpid(), self.id, epoch)
        self._finalizer.atexit = False

    @staticmethod
    def attach(client: Client, info: pb.EnvironmentInfo, shown: Shown = Shown()) -> "Environment":
        """An environment that a resumed session already owns; made with ``shared_buffers=0`` where it shows arrays."""
        return Environment(client, shown, None, info, None, client.epoch)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of pictures, pixels."""
        return self._shown.size

    @property
    def is_shared(self) -> bool:
        """Whether raw tensors come through shared memory."""
        return self._shared is not None

    async def reset(
        self, seed: int | Sequence[int] | None = None, *, mask: np.ndarray | None = None,
        options: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
        observe: Sequence[str] | None = None, history: str | int | None = None,
    ) -> dict[str, Any]:
        """Starts episodes in all slots, or in those that ``mask`` selects; returns their first observations."""
        request = _requests.reset(self.id, self._shown, seed, mask, options, observe, history)
        return self._read(await self._numbered("Reset", request), observe)

    async def step(
        self, actions: Sequence[str] | np.ndarray, *, mask: np.ndarray | None = None,
        observe: Sequence[str] | None = None, history: str | int | None = None,
    ) -> Step:
        """Acts once in every slot: texts, or numbers of shape [rows, action_size]."""
        request = _requests.step(self.id, self._shown, self.slots, actions, mask, observe, history)
        return Step.read(await self._numbered("Step", request), self._shared, self._shown.asked(observe))

    async def render(
        self, slots: Sequence[int] = (), *, names: Sequence[str] = ("rgb",), size: tuple[int, int] | None = None,
        encoding: str | None = None, outcome: str | None = None,
    ) -> dict[str, Any]:
        """Draws slots as they are now, in any size and layer; ended episodes as ``outcome`` says, None: as made."""
        request = _requests.render(self.id, self._shown, slots, names, size, encoding, outcome)
        return self._read(await self._in_order("Render", request))

    async def snapshot(self, slots: Sequence[int] = ()) -> bytes:
        """The state of slots as a few bytes."""
        return (await self._in_order("Snapshot", _requests.snapshot(self.id, slots))).snapshot

    async def restore(
        self, snapshot: bytes, sources: Sequence[int] = (), mask: np.ndarray | None = None,
    ) -> dict[str, Any]:
        """Puts captured states into slots: row i continues from captured slot ``sources[i]``."""
        request = _requests.restore(self.id, snapshot, sources, mask)
        return self._read(await self._numbered("Restore", request))

    async def fork(self, slots: Sequence[int] = ()) -> "Environment":
        """A second environment whose slots continue from slots of this one; repetition allowed."""
        async with self._lock:
            request, history = _requests.fork(self.id, slots), None
            if self._history is not None:
                state = (await self._call("Snapshot", _requests.snapshot(self.id, slots))).snapshot
                history = self._history.of_fork(len(request.slots) or self.slots, state)
            reply = await self._call("Fork", request)
            return Environment(self.client, self._shown, history, reply.environment, None, self._epoch)

    async def close(self) -> None:
        """Frees the slots; closing twice is fine."""
        if self._is_open:
            self._is_open = False
            self._finalizer.detach()
            try:
                async with self._lock:
                    self._history = None
                    await self._call_once("Close", pb.CloseRequest(environment=self.id))
            except NotFound:
                pass  # Its session is over, and it with it.

    def _read(self, reply: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
        return self._shown.read(reply, self._shared, names)

    async def _in_order(self, name: str, request: Any) -> Any:
        async with self._lock:
            return await self._call(name, request)

    async def _call(self, name: str, request: Any) -> Any:
        """Makes one call, in another session where the last one is lost."""
        for attempt in range(_recovery.ATTEMPTS):
            epoch = self.client.epoch
            try:
                if self._history is not None and self._epoch != epoch:
                    await self._rebuild()
                request.environment = self.id
                if self._unanswered is not None and request is self._unanswered[1]:
                    request.step_id = self._next_step
                return await self._call_once(name, request)
            except NotFound as error:
                is_last = self._history is None or attempt == _recovery.ATTEMPTS - 1
                if not _recovery.is_unknown(error) or is_last or not self.client.renew(epoch):
                    raise

    async def _rebuild(self) -> None:
        self._finalizer.detach()
        self._history.create.create_id = _requests.new_id()
        where = self.client.address
        try:
            info, shared, epoch = await self.client.create(self._history.create)
            self._enter(info, shared, epoch)
            for call in self._history.replay(self.id):
                reply = await self._call_once(call.name, call.request)
                self._history.check(call, reply, shared, where)
                self._next_step = call.request.step_id + 1
        except PhysIntuitionError as error:
            self._epoch = -1  # Half of it: the next attempt begins anew.
            raise _recovery.explained(error, where) from None

    async def _call_once(self, name: str, request: Any) -> Any:
        return await self.client.call(name, request, epoch=self._epoch)

    async def _numbered(self, name: str, request: Any) -> Any:
        # A task of its own: whoever waits may be cancelled, the call is carried out all the same.
        return await asyncio.shield(asyncio.ensure_future(self._carry_out(name, request)))

    async def _carry_out(self, name: str, request: Any) -> Any:
        async with self._lock:
            if self._unanswered is not None:
                await self._settle()
            request.step_id = self._next_step
            self._unanswered = (name, request)
            return await self._ask()

    async def _settle(self) -> None:
        try:
            await self._ask()
        except UNCERTAIN:
            raise
        except PhysIntuitionError:
            pass  # Refused: nobody waits for the reason any more.

    async def _ask(self) -> Any:
        try:
            reply = await self._call(*self._unanswered)
            while self._history is not None and not await self._is_kept(*self._unanswered, reply):
                reply = await self._call(*self._unanswered)
        except UNCERTAIN:
            raise
        except PhysIntuitionError:
            self._unanswered = None  # Refused: its number is free again.
            raise
        self._unanswered = None
        self._next_step += 1
        return reply

    async def _is_kept(self, name: str, request: Any, reply: Any) -> bool:
        # As in the blocking client.
        must = self._history.needs_snapshot(name, request)
        if not self._history.add(name, request, reply, self._shared):
            return True
        try:
            capture = self._history.capture(self.id)
            self._history.keep((await self._call_once("Snapshot", capture)).snapshot)
        except PhysIntuitionError as error:
            if must and _recovery.is_unknown(error) and self.client.renew(self._epoch):
                return False
            if must and isinstance(error, UNCERTAIN):
                raise
            if must:
                self._history = None
        return True

    async def __aenter__(self) -> "Environment":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
