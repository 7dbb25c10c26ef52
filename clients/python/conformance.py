"""Carries out recorded conversations through the Python client; clients/conformance/README.md has the format."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import inspect
import json
import socket
import sys
from pathlib import Path
from typing import Any, Iterable

import numpy as np

import physintuition
from physintuition import aio, wire

PATIENCE = 120  # s for which a durable session's calls are made again

_TYPES = {"u1": "uint8", "i4": "int32", "i8": "int64", "u8": "uint64", "f4": "float32", "f8": "float64"}


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()[:32]


def canonical(data: Any) -> str:
    data = bytes(data)
    return data.hex() if len(data) <= 32 else digest(data)


def observation(name: str, values: Any) -> dict[str, Any]:
    """One observation in canonical form, from what the client gives for it."""
    if isinstance(values, np.ndarray):
        return {"name": name, "type": _TYPES[values.dtype.str[1:]], "shape": list(values.shape),
                "data": canonical(values.tobytes())}
    if values and isinstance(values[0], bytes):
        return {"name": name, "files": len(values), "data": digest(b"".join(values))}
    texts = [getattr(value, "text", value) or "" for value in values]
    return {"name": name, "texts": len(texts), "data": digest(b"".join(text.encode() + b"\0" for text in texts))}


def observations(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [observation(name, value) for name, value in values.items()]


def actions(step: dict[str, Any]) -> Any:
    times = step.get("times", 1)
    if "texts" in step:
        return step["texts"] * times
    return np.array(step["numbers"] * times, np.float32)  # null becomes not a number


def mask(step: dict[str, Any]) -> np.ndarray | None:
    return np.array(step["mask"], bool) if "mask" in step else None


def size(step: dict[str, Any], width: int = 64, height: int = 64) -> tuple[int, int]:
    return step.get("width", width), step.get("height", height)


def history(step: dict[str, Any]) -> str | int:
    told = step.get("history", "new")
    return int(told) if told.isdigit() else told


class Blocking:
    """An object of the asyncio client, called from here as if it blocked."""

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop):
        self.inner, self.loop = inner, loop

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.inner, name)
        if not callable(member):
            return member
        return lambda *args, **settings: self._called(member(*args, **settings))

    def _called(self, result: Any) -> Any:
        if inspect.isasyncgen(result):
            return self._rows(result)
        if inspect.isawaitable(result):
            result = self.loop.run_until_complete(result)
        return Blocking(result, self.loop) if isinstance(result, aio.Environment) else result

    def _rows(self, stream: Any) -> Any:
        try:
            while True:
                yield self.loop.run_until_complete(anext(stream))
        except StopAsyncIteration:
            pass
        finally:
            self.loop.run_until_complete(stream.aclose())

    def __enter__(self) -> "Blocking":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class Conversation:
    """One session and what it has named. A method for each kind of step."""

    def __init__(self, client: physintuition.Client, control: str):
        self._client, self._control = client, control
        self._environments: dict[str, physintuition.Environment] = {}
        self._snapshots: dict[str, bytes] = {}

    def carry_out(self, step: dict[str, Any]) -> dict[str, Any]:
        try:
            result = getattr(self, step["do"])(step)
        except physintuition.PhysIntuitionError as error:
            result = {"error": {"code": error.code.value[0], "reason": error.reason, "field": error.field,
                                "message": str(error)[:64]}}
        return {"do": step["do"], **result}

    def task(self, step):
        task = self._client.task(step["task"])
        return {"id": task.id, "title": task.title, "max_steps": task.max_steps}

    def create(self, step):
        environment = self._client.make(
            step["task"], step.get("slots", 1), split=step.get("split", "train"), options=step.get("options"),
            slot_options=step.get("slot_options"), observe=step.get("observe", ()), size=size(step),
            encoding=step.get("encoding", "raw"), autoreset=step.get("autoreset", "disabled"),
            outcome=step.get("outcome", "settled"), history=history(step))
        self._environments[step["as"]] = environment
        return {"slots": environment.slots}

    def reset(self, step):
        seed = int(step["seed"]) if "seed" in step else None
        if "seeds" in step:
            seed = [int(each) for each in step["seeds"]]
        values = self._in(step).reset(
            seed, mask=mask(step), options=step.get("options"), observe=step.get("observe"))
        return {"observations": observations(values)}

    def step(self, step, **settings):
        return self._shown(
            self._in(step).step(actions(step), mask=mask(step), observe=step.get("observe"), **settings))

    @staticmethod
    def _shown(result: physintuition.Step) -> dict[str, Any]:
        flags = {name: canonical(getattr(result, name).tobytes()) for name in ("terminated", "truncated", "started")}
        return {"rewards": canonical(result.rewards.tobytes()), **flags,
                "observations": observations(result.observations), "final": observations(result.final_observations)}

    def pipeline(self, step):
        environment = self._in(step)
        if not isinstance(environment, Blocking):
            return {"replies": [self.step({**part, "in": step["in"]}) for part in step["steps"]]}

        async def all_at_a_time():
            return await asyncio.gather(*(
                environment.inner.step(actions(part), mask=mask(part), observe=part.get("observe"))
                for part in step["steps"]))

        replies = environment.loop.run_until_complete(all_at_a_time())
        return {"replies": [self._shown(reply) for reply in replies]}

    def cancel(self, step):
        environment = self._in(step)
        if isinstance(environment, Blocking):
            environment.loop.run_until_complete(self._cancelled(environment.inner, step))
            return {}
        try:
            self.step(step, timeout=1e-3)
        except physintuition.PhysIntuitionError:
            pass  # The time was over, or the server was faster with its refusal.
        return {}

    @staticmethod
    async def _cancelled(environment: aio.Environment, step: dict[str, Any]) -> None:
        call = asyncio.ensure_future(environment.step(actions(step), mask=mask(step)))
        await asyncio.sleep(0)
        call.cancel()
        try:
            await call
        except (asyncio.CancelledError, physintuition.PhysIntuitionError):
            pass

    def render(self, step):
        environment = self._in(step)
        values = environment.render(
            step.get("slots", ()), names=step.get("observe", ("rgb",)), size=size(step, *environment.size),
            encoding=step.get("encoding"))
        return {"observations": observations(values)}

    def snapshot(self, step):
        self._snapshots[step["as"]] = self._in(step).snapshot(step.get("slots", ()))
        return {}

    def restore(self, step):
        values = self._in(step).restore(self._snapshots[step["from"]], step.get("sources", ()), mask(step))
        return {"observations": observations(values)}

    def fork(self, step):
        forked = self._environments[step["as"]] = self._in(step).fork(step.get("slots", ()))
        return {"slots": forked.slots}

    def close(self, step):
        self._in(step).close()
        return {}

    def score(self, step):
        rewards, values = self._client.score(
            step["task"], [int(seed) for seed in step["seeds"] * step.get("times", 1)], actions(step),
            split=step.get("split", "train"), options=step.get("options"), observe=step.get("observe", ()),
            turns=step.get("turns", ()))
        return {"rewards": canonical(rewards.tobytes()), "observations": observations(values)}

    def dataset(self, step):
        stream = self._client.dataset(
            step["task"], step["count"], first_seed=int(step["first_seed"]), split=step.get("split", "train"),
            options=step.get("options"), observe=step["observe"], size=size(step),
            encoding=step.get("encoding", "png"))
        rows = []
        for row in stream:
            rows.append(row)
            if len(rows) == step.get("stop_after"):
                break
        stream.close()
        columns = [observation(name, joined([row[name] for row in rows])) for name in step["observe"]]
        return {"seeds": [str(row["seed"]) for row in rows], "columns": columns}

    def cut(self, step):
        host, port = self._control.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as control:
            control.sendall(step.get("when", "now").encode() + b"\n")
            while control.recv(64):
                pass
        return {}

    def _in(self, step) -> physintuition.Environment:
        return self._environments[step["in"]]


def joined(values: list[Any]) -> Any:
    """Rows of one column as one value: an array, or the list itself."""
    return values if isinstance(values[0], (str, bytes, wire.Info, wire.Messages)) else np.stack(values)


def connect(arguments: argparse.Namespace) -> Any:
    settings = {"shared_memory": not arguments.no_shared_memory}
    if arguments.durable:
        settings |= {"durable": True, "patience": PATIENCE}
    address = "embedded" if arguments.embedded else arguments.address
    if not arguments.asyncio:
        return physintuition.Client(address, **settings)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return Blocking(aio.Client(address, **settings), loop)


def transcript(file: Path, client: Any, control: str) -> Iterable[dict[str, Any]]:
    yield {"conversation": file.stem}
    with client:
        conversation = Conversation(client, control)
        for step in json.loads(file.read_text())["steps"]:
            yield conversation.carry_out(step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "http", "control"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--no-shared-memory", action="store_true")
    parser.add_argument("--asyncio", action="store_true")
    parser.add_argument("--embedded", action="store_true", help="the engine in this process instead of the server")
    parser.add_argument("--durable", action="store_true", help="sessions that outlive their server")
    parser.add_argument("files", nargs="*", type=Path, help="none: named on standard input, one a line")
    arguments = parser.parse_args()
    for file in arguments.files or (Path(line.rstrip("\n")) for line in sys.stdin):
        for line in transcript(file, connect(arguments), arguments.control):
            print(json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
