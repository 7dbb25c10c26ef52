"""Episodes in any number, from any thread or event loop; calls that are made together are one call of the server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import threading
import weakref
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Mapping, Sequence

from .. import _values
from ..chat import PIL, Message, text_of
from ..client import Client
from ..environment import Environment
from ..errors import InvalidArgument, NotFound

_FEWEST = 16  # slots of an environment: one vector of lanes
_clients: dict[str | None, Client] = {}
_shared: dict[tuple, "Episodes"] = {}
_registry = threading.Lock()


def client_of(address: str | None) -> Client:
    """The process's connection to a server."""
    with _registry:
        if address not in _clients:
            _clients[address] = Client(address)
        return _clients[address]


def questions_of(
    task: str, count: int, first_seed: int, split: str, options: Mapping[str, Any] | None, size: tuple[int, int],
    address: str | None,
) -> Iterator[dict[str, Any]]:
    """Scenes in the order of their seeds; ``rgb`` is a PNG, ``prompt`` the question."""
    return client_of(address).dataset(
        task, count, first_seed=first_seed, split=split, options=options, observe=("rgb", "prompt"), size=size,
        encoding="png")


def png_uri(png: bytes) -> str:
    """A picture as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def episodes_of(
    task: str, *, split: str = "train", options: Mapping[str, Any] | None = None, size: Sequence[int] = (224, 224),
    address: str | None = None, pictures: str = "uri",
) -> "Episodes":
    """The process's `Episodes` with these settings; a forked child has its own."""
    key = (task, split, _values.options("options", options), tuple(size), address, pictures)
    with _registry:
        if key not in _shared:
            # A session of its own: when it has run out, nobody else's episodes go with it.
            _shared[key] = Episodes(
                Client(address), task, split=split, options=options, size=size, pictures=pictures)
        return _shared[key]


def _in_child() -> None:
    # Connections and threads stay the parent's.
    global _registry
    _registry = threading.Lock()
    _clients.clear()
    _shared.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


@dataclass(frozen=True)
class Turn:
    """What an answer gave."""

    messages: list[Message]  # the new user turn: what came of the answer, and the next question
    reward: float
    terminated: bool  # the task reached its own end
    truncated: bool  # a limit outside the task ended the episode
    info: Mapping[str, Any] = field(default_factory=dict)  # verdict, parse_error, ...: see `info` in docs/protocol.md

    @property
    def done(self) -> bool:
        """The episode has ended."""
        return self.terminated or self.truncated


class Episode:
    """One episode; made by `Episodes.begin`.

    Attributes:
        seed: of the scene.
        messages: the conversation so far, the model's answers included.
        reward: the sum of the rewards so far.
        turns: answers given.
        done: it has ended.
    """

    def __init__(self, owner: "Episodes", block: "_Block", slot: int, seed: int, messages: list[Message]):
        self._owner, self._block, self._slot = owner, block, slot
        self.seed, self.messages = seed, list(messages)
        self.reward, self.turns, self.done = 0.0, 0, False
        # Whoever drops it, or lets a collector take it, gives the slot back.
        self._release = weakref.finalize(self, owner.free, block, slot)
        self._release.atexit = False

    def answer(self, said: Any) -> "Future[Turn]":
        """Answers with a text, a message or messages."""
        text = _values.text("answer", text_of(said))
        if self.done or not self._release.alive:
            raise RuntimeError(f"The episode of seed {self.seed} has ended. Begin another one.")
        return self._owner.submit(_Call("step", text, self))

    def close(self) -> None:
        """Gives the slot back; closing twice is fine."""
        self._release()

    def take(self, text: str, turn: Turn) -> None:
        """Called once an answer is carried out."""
        self.messages += [{"role": "assistant", "content": text}, *turn.messages]
        self.reward, self.turns, self.done = self.reward + turn.reward, self.turns + 1, turn.done
        if turn.done:
            self._release()


@dataclass
class _Call:
    kind: str  # begin, step, score
    value: Any
    episode: Episode | None = None
    reply: Future = field(default_factory=Future)


class _Block:
    """An environment and the slots of it that nobody plays."""

    def __init__(self, environment: Environment):
        self.environment = environment
        self.free = list(range(environment.slots))


class Episodes:
    """Any number of episodes of one task at a time, without a thread for each.

    What the tasks of one event loop ask for in one turn of the loop, and what anybody asks for while a call is under
    way, is one Reset or one Step of the server. Usable from every thread and event loop; calls return futures of
    `concurrent.futures`, `wait` awaits one.

    Args:
        client: the connection.
        task: id, for example ``OffsetRetry-v1``.
        split: ``train``, ``val``, ``test``, ... .
        options: the task's options.
        size: (width, height) of pictures, pixels.
        pictures: ``uri``: PNG data URIs, ``pil``: Pillow's images.
    """

    def __init__(
        self, client: Client, task: str, *, split: str = "train", options: Mapping[str, Any] | None = None,
        size: Sequence[int] = (224, 224), pictures: str = "uri",
    ):
        _values.choice("pictures", pictures, ("uri", "pil"))
        self._client, self._task, self._split, self._options = client, task, split, options
        self._name = PIL if pictures == "pil" else "messages"
        self._settings = {"split": split, "options": options, "observe": (self._name, "info"), "size": tuple(size),
                          "shared_buffers": 2}
        self._blocks: list[_Block] = []
        self._freed: deque[tuple[_Block, int]] = deque()
        self._calls: list[_Call] = []
        self._lock, self._due = threading.Lock(), threading.Event()
        self._worker: threading.Thread | None = None
        self._pid = os.getpid()

    def begin(self, seed: int | None = None, *, later: bool = False) -> "Future[Episode]":
        """Begins an episode; None: any seed.

        With ``later`` nothing happens before somebody asks for something else, so that what is begun by one caller
        after another is still one call.
        """
        seed = random.getrandbits(32) if seed is None else _values.seed(seed)
        return self.submit(_Call("begin", seed), later)

    def score(self, seed: int, answer: Any) -> "Future[float]":
        """The reward of an answer to a one-step task."""
        return self.submit(_Call("score", (_values.seed(seed), _values.text("answer", text_of(answer)))))

    def submit(self, call: _Call, later: bool = False) -> Future:
        if self._pid != os.getpid():
            raise RuntimeError("These episodes belong to the process that was forked. Begin others in this one.")
        with self._lock:
            self._calls.append(call)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name=f"physintuition {self._task}", daemon=True)
                self._worker.start()
        if later:
            return call.reply
        try:
            # Behind the tasks that are ready to run: what they ask for comes along.
            asyncio.get_running_loop().call_soon(self._due.set)
        except RuntimeError:
            self._due.set()
        return call.reply

    def wake(self) -> None:
        """Carries out what was begun for later."""
        self._due.set()

    def free(self, block: _Block, slot: int) -> None:
        """Called wherever an episode ends, in a collector's thread too."""
        self._freed.append((block, slot))

    def _work(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            with self._lock:
                calls, self._calls = self._calls, []
            calls = [call for call in calls if call.reply.set_running_or_notify_cancel()]
            for kind, carry_out in (("step", self._step), ("begin", self._begin), ("score", self._score)):
                if chosen := [call for call in calls if call.kind == kind]:
                    with _delivered_together():
                        carry_out(chosen)
            del calls, chosen  # Whoever waits for the next call must not keep these episodes.

    def _step(self, calls: list[_Call]) -> None:
        for block in self._blocks:
            if chosen := [call for call in calls if call.episode._block is block]:
                _attempt(chosen, lambda rows, block=block: self._step_block(block, rows))
        for call in calls:
            if not call.reply.done():
                call.reply.set_exception(RuntimeError(
                    f"The episode of seed {call.episode.seed} was lost with its session. Begin another one."))

    def _step_block(self, block: _Block, calls: list[_Call]) -> list[Turn]:
        rows = sorted(calls, key=lambda call: call.episode._slot)
        mask = _mask(block, [call.episode._slot for call in rows])
        step = block.environment.step([call.value for call in rows], mask=mask)
        turns = {}
        for row, call in enumerate(rows):
            turn = Turn(
                list(step.observations[self._name][row]), float(step.rewards[row]), bool(step.terminated[row]),
                bool(step.truncated[row]), step.observations["info"][row] or {})
            call.episode.take(call.value, turn)
            turns[id(call)] = turn
        return [turns[id(call)] for call in calls]

    def _begin(self, calls: list[_Call]) -> None:
        try:
            return _attempt(calls, self._begin_all, (NotFound,))
        except NotFound as gone:
            if "SESSION" in gone.reason:
                # It has run out while nobody played; whatever was in it is gone.
                self._blocks.clear()
                self._client.close()
        _attempt(calls, self._begin_all)

    def _begin_all(self, calls: list[_Call]) -> list[Episode]:
        block = self._room(len(calls))
        slots = sorted(block.free[-len(calls):])
        seen = block.environment.reset([call.value for call in calls], mask=_mask(block, slots))[self._name]
        del block.free[-len(calls):]
        return [Episode(self, block, slot, call.value, seen[row])
                for row, (slot, call) in enumerate(zip(slots, calls))]

    def _room(self, count: int) -> _Block:
        while self._freed:
            block, slot = self._freed.popleft()
            block.free.append(slot)
        for block in self._blocks:
            if len(block.free) >= count:
                return block
        most = max((block.environment.slots for block in self._blocks), default=0)
        for block in [each for each in self._blocks if len(each.free) == each.environment.slots]:
            self._blocks.remove(block)
            block.environment.close()
        slots = max(_FEWEST, most, 1 << (count - 1).bit_length())
        self._blocks.append(_Block(self._client.make(self._task, slots, **self._settings)))
        return self._blocks[-1]

    def _score(self, calls: list[_Call]) -> None:
        _attempt(calls, lambda rows: self._client.score(
            self._task, [call.value[0] for call in rows], [call.value[1] for call in rows], split=self._split,
            options=self._options)[0].tolist())


async def wait(reply: Future) -> Any:
    """Awaits what `Episodes` and `Episode` return; whose calls were one call go on in one turn of their loop."""
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()

    def tell(done: Future) -> None:
        together = getattr(_deliveries, "by_loop", None)
        if together is None:
            _call(loop, [(waiter, done)])
        else:
            together.setdefault(loop, []).append((waiter, done))

    reply.add_done_callback(tell)
    try:
        return await waiter
    except asyncio.CancelledError:
        reply.cancel()
        raise


_deliveries = threading.local()


@contextlib.contextmanager
def _delivered_together() -> Iterator[None]:
    _deliveries.by_loop = {}
    try:
        yield
    finally:
        by_loop, _deliveries.by_loop = _deliveries.by_loop, None
        for loop, pairs in by_loop.items():
            _call(loop, pairs)


def _call(loop: asyncio.AbstractEventLoop, pairs: list[tuple[asyncio.Future, Future]]) -> None:
    try:
        loop.call_soon_threadsafe(_tell, pairs)
    except RuntimeError:
        pass  # The loop is closed: nobody waits any more.


def _tell(pairs: list[tuple[asyncio.Future, Future]]) -> None:
    for waiter, done in pairs:
        if waiter.done():
            continue
        if done.cancelled():
            waiter.cancel()
        elif (failure := done.exception()) is not None:
            waiter.set_exception(failure)
        else:
            waiter.set_result(done.result())


def seed_of(row: Mapping[str, Any], where: str) -> int:
    """The seed that a row of a dataset names."""
    if row.get("seed") is None:
        raise _values.refuse(
            f"{where}.seed", None, "each row must name the seed of its scene", "Add the column 'seed'.")
    return _values.seed(row["seed"])


def settings_of(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Arguments of `episodes_of` that a trainer's mapping names; options may be JSON, as tables want it."""
    known = ("task", "split", "options", "size", "address")
    settings = {name: row[name] for name in known if row.get(name) is not None}
    if "task" not in settings:
        raise _values.refuse(f"{where}.task", None, "it must be the id of a task", "For example 'Stability-v1'.")
    if isinstance(settings.get("options"), str):
        settings["options"] = json.loads(settings["options"] or "null")
    return settings


def _mask(block: _Block, slots: Sequence[int]) -> list[bool]:
    taken = set(slots)
    return [slot in taken for slot in range(block.environment.slots)]


def _attempt(
    calls: list[_Call], carry_out: Callable[[list[_Call]], Sequence[Any]], passed: tuple[type[Exception], ...] = (),
) -> None:
    # One that the server refuses must not take the others with it: then each is sent alone.
    calls = [call for call in calls if not call.reply.done()]  # A second attempt is for those without an answer.
    try:
        results = carry_out(calls)
    except passed:
        raise
    except InvalidArgument as refused:
        if len(calls) == 1:
            calls[0].reply.set_exception(refused)
        for call in calls if len(calls) > 1 else ():
            _attempt([call], carry_out, passed)
    except Exception as failure:  # noqa: BLE001 Whoever waits is told, whatever it is.
        for call in calls:
            call.reply.set_exception(failure)
    else:
        for call, result in zip(calls, results):
            call.reply.set_result(result)
