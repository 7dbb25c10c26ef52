"""Programs that leave a session open, or do not; run by test_lifetime. Arguments: ADDRESS KIND."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys

import physintuition
from physintuition import aio


def use(address: str):
    client = physintuition.Client(address)
    client.make("Stability-v1", observe=("scene_hash",)).reset(1)
    return client


def script(address: str) -> None:
    use(address)


def fault(address: str) -> None:
    kept = use(address)  # noqa: F841
    raise SystemExit("It fails.")


def gymnasium(address: str) -> None:
    env = physintuition.make("Stability-v1", address=address, size=(32, 32))
    env.reset(seed=1)
    globals()["kept"] = env


def asynchronous(address: str) -> None:
    async def play():
        client = aio.Client(address)
        environment = await client.make("Stability-v1", observe=("scene_hash",))
        await environment.reset(seed=1)
        globals()["kept"] = client

    asyncio.run(play())


def forked(address: str) -> None:
    worker = multiprocessing.get_context("fork").Process(target=gymnasium, args=(address,))
    worker.start()
    worker.join(120)


def handed_on(address: str) -> None:
    print(*use(address).session)


if __name__ == "__main__":
    globals()[sys.argv[2]](sys.argv[1])
