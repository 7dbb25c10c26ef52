"""TCP relays that can be cut, as a network can, and the port that tells them to."""

from __future__ import annotations

import asyncio

_SWALLOWED = 1_000  # bytes: more than HTTP/2 says of its own accord; a reply, so cut at once
_SMALL = 0.3  # s after the first bytes: a reply may be smaller than that


class Relay:
    """Passes connections on to one of several servers, by their ports."""

    def __init__(self, *targets: int):
        self._targets = list(targets)
        self._open: set[asyncio.StreamWriter] = set()
        self._swallowed: int | None = None  # bytes; None: everything is passed on
        self._late: asyncio.TimerHandle | None = None

    async def listen(self) -> int:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Breaks every connection; new ones are relayed again."""
        self._swallowed = None
        if self._late is not None:
            self._late.cancel()
            self._late = None
        for writer in self._open:
            writer.transport.abort()

    def lose(self) -> None:
        """Cuts; new connections reach the next server, which knows no session of the last one."""
        self._targets.append(self._targets.pop(0))
        self.cut()

    def swallow(self) -> None:
        """Lets the next reply get lost, then cuts."""
        self._swallowed = 0

    async def _accept(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection("127.0.0.1", self._targets[0])
        self._open |= {near, far}
        await asyncio.gather(self._pass(near_reader, far), self._pass(far_reader, near, may_swallow=True))
        self._open -= {near, far}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_swallow=False) -> None:
        try:
            while data := await reader.read(1 << 18):
                if may_swallow and self._swallowed is not None:
                    self._swallowed += len(data)
                    if self._swallowed > _SWALLOWED:
                        self.cut()
                    elif self._late is None:
                        self._late = asyncio.get_running_loop().call_later(_SMALL, self.cut)
                    continue
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def control(relays: list[Relay]) -> int:
    """Listens for `now`, `lost` and `reply`; closes the connection when it is done. Returns the port."""

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wish = (await reader.readline()).decode().strip()
        for relay in relays:
            {"now": relay.cut, "lost": relay.lose, "reply": relay.swallow}[wish]()
        writer.close()

    server = await asyncio.start_server(obey, "127.0.0.1", 0)
    return server.sockets[0].getsockname()[1]
