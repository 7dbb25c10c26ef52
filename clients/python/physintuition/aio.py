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

from . import _engine, _lifetime, _requests, wire
from ._address import Address, is_embedded
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
        address: str | None = None,
        *,
        token: str | None = None,
        lease: int = 0,
        patience: float | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        shared_memory: bool = True,
        durable: bool = False,
    ):
        self.is_embedded = is_embedded(address, token is not None or credentials is not None or durable)
        if durable:
            _requests.require_server("durable", self.is_embedded)
        self._address = Address("", "", 0) if self.is_embedded else Address.parse(address)
        self.address = _engine.ADDRESS if self.is_embedded else self._address.authority
        super().__init__({"address": _engine.ADDRESS if self.is_embedded else self._address.text, "token": token,
                          "lease": lease, "patience": patience, "credentials": credentials,
                          "shared_memory": shared_memory, "durable": durable})
        self.shares_memory = shared_memory and not durable and (self.is_embedded or self._address.is_local)
        self._lease, self._patience, self._is_reached = lease, patience, False
        self._anonymous = [] if token is None else [("authorization", f"Bearer {token}")]
        self._opening: asyncio.Future | None = None
        self._engine: _engine.Session | None = None
        if self.is_embedded:
            self._engine = _engine.Session()
            weakref.finalize(self, self._engine.close).atexit = False
            return
        _requests.require_grpc(self._address)
        import grpc

        from .v1 import environment_pb2_grpc as pb_grpc

        self._credentials = _requests.credentials(self._address, credentials)
        if self._credentials is None:
            self._channel = grpc.aio.insecure_channel(self._address.target, CHANNEL_OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(self._address.target, self._credentials, CHANNEL_OPTIONS)
        self.stub = pb_grpc.EnvironmentServiceStub(self._channel)

    async def call(self, name: str, request: Any, *, in_session: bool = True) -> Any:
        """Makes one unary call; while the server cannot be reached it is tried again for ``patience`` seconds."""
        if self.dropped or _lifetime.has_dropped():
            await self._sweep()
        if self._engine is not None:
            return await asyncio.to_thread(self._engine.call, name, request)
        import grpc

        give_up = time.monotonic() + (USUAL_PATIENCE if self._patience is None else self._patience)
        pause = FIRST_PAUSE
        while True:
            try:
                metadata = await self._session() if in_session else self._anonymous
                method = getattr(self.stub, name)
                reply = await method(request, metadata=metadata + _requests.session_name(request))
                self._is_reached = True
                return reply
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    self._is_reached = True
                    raise from_rpc(error) from None
                if not self._is_reached and self._patience is None:
                    if why := await asyncio.to_thread(self._address.why_unreachable):
                        raise Unavailable(error.code(), why) from None
                if time.monotonic() + pause > give_up:
                    raise await asyncio.to_thread(_requests.failure, self._address, error) from None
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

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
        size: tuple[int, int] = (224, 224), encoding: str = "raw", autoreset: str = "disabled",
        outcome: str = "settled", shared_buffers: int = 4,
    ) -> "Environment":
        """Opens an environment. Settings: see `physintuition.Environment`."""
        shown = Shown(size, encoding, _requests.names(observe))
        request = _requests.create(
            task, slots, split, options, slot_options, observe, shown, autoreset, outcome,
            shared_buffers if self.shares_memory else 0)
        reply = await self.call("Create", request)
        shared = SharedMemory.open(reply.shared_memory) if reply.HasField("shared_memory") else None
        if shared is None and reply.HasField("shared_memory"):
            await self.call("Close", pb.CloseRequest(environment=reply.environment.environment))
            request.shared_buffers, request.create_id = 0, _requests.new_id()
            reply = await self.call("Create", request)
        return Environment(self, reply.environment, shown, shared)

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

    def __init__(self, client: Client, info: pb.EnvironmentInfo, shown: Shown, shared: SharedMemory | None):
        self.client, self._shown, self._shared = client, shown, shared
        self.id, self.task, self.split, self.slots = info.environment, info.task, info.split, info.slots
        self.options = json.loads(info.options_json or "{}")
        self._next_step = info.last_step_id + 1
        self._unanswered: tuple[str, Any] | None = None
        self._lock = asyncio.Lock()
        self._is_open = True
        self._finalizer = weakref.finalize(self, drop, weakref.ref(client), os.getpid(), self.id)
        self._finalizer.atexit = False

    @staticmethod
    def attach(client: Client, info: pb.EnvironmentInfo, shown: Shown = Shown()) -> "Environment":
        """An environment that a resumed session already owns; made with ``shared_buffers=0`` where it shows arrays."""
        return Environment(client, info, shown, None)

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
        observe: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Starts episodes in all slots, or in those that ``mask`` selects; returns their first observations."""
        request = _requests.reset(self.id, self._shown, seed, mask, options, observe)
        return self._read(await self._numbered("Reset", request), observe)

    async def step(
        self, actions: Sequence[str] | np.ndarray, *, mask: np.ndarray | None = None,
        observe: Sequence[str] | None = None,
    ) -> Step:
        """Acts once in every slot: texts, or numbers of shape [rows, action_size]."""
        request = _requests.step(self.id, self._shown, self.slots, actions, mask, observe)
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
        reply = await self._in_order("Fork", _requests.fork(self.id, slots))
        return Environment(self.client, reply.environment, self._shown, None)

    async def close(self) -> None:
        """Frees the slots; closing twice is fine."""
        if self._is_open:
            self._is_open = False
            self._finalizer.detach()
            try:
                await self._in_order("Close", pb.CloseRequest(environment=self.id))
            except NotFound:
                pass  # Its session is over, and it with it.

    def _read(self, reply: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
        return self._shown.read(reply, self._shared, names)

    async def _in_order(self, name: str, request: Any) -> Any:
        async with self._lock:
            return await self.client.call(name, request)

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
            reply = await self.client.call(*self._unanswered)
        except UNCERTAIN:
            raise
        except PhysIntuitionError:
            self._unanswered = None  # Refused: its number is free again.
            raise
        self._unanswered = None
        self._next_step += 1
        return reply

    async def __aenter__(self) -> "Environment":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
