"""Finds a running server, or starts one that ends with this process."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shlex
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Sequence

from ._address import SERVER_VARIABLE, Address

# How to start a server, in words for a shell. PHYSINTUITION_SERVER says where one is.
COMMAND_VARIABLE = "PYTHON_PHYSINTUITION_SERVER"
_PATIENCE = 120.0  # s until a server that was started listens; the first start may build it
_lock = threading.Lock()
_started: dict[str, "Server"] = {}


class Server:
    """A server process of our own; ends with this object, and with this process at the latest."""

    def __init__(self, options: Sequence[str] = (), command: Sequence[str] | None = None):
        """Starts a server and waits until it listens.

        Args:
            options: of ``physintuition serve``; without ``--port`` it takes a free one.
            command: what starts a server; None: see `server_command`.
        """
        command = list(command or server_command())
        if not any(option.startswith("--port") for option in options):
            options = ("--port", "0", "--http-port", "-1", *options)
        self._pid = os.getpid()
        self._process = subprocess.Popen(
            [*command, "serve", "--log", "Warning", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True)
        self.address = self._wait()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ends the server; a forked child leaves it to its parent."""
        if self._pid != os.getpid() or self._process.stdout.closed:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        atexit.unregister(self.stop)

    def _wait(self) -> str:
        late = threading.Timer(_PATIENCE, self._process.kill)
        late.start()
        try:
            for line in self._process.stdout:
                words = dict(word.split("=", 1) for word in line.split() if "=" in word)
                if "grpc" in words:
                    return words["grpc"].split("://", 1)[-1]
        finally:
            late.cancel()
        self._process.stdout.close()
        raise RuntimeError(
            f"The server ended before it listened, with exit code {self._process.wait()}; its messages stand above.")

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def server_command() -> list[str]:
    """What starts a server.

    The words of ``PYTHON_PHYSINTUITION_SERVER``, else the checkout's script, else the package physintuition-server, else
    a ``physintuition`` on the path that is not this package's own.
    """
    if words := os.environ.get(COMMAND_VARIABLE):
        return shlex.split(words)
    for folder in Path(__file__).resolve().parents:
        if (folder / "physintuition").is_file() and (folder / "proto").is_dir():
            return [str(folder / "physintuition")]
    if importlib.util.find_spec("physintuition_server"):
        return importlib.import_module("physintuition_server").command()
    if (program := shutil.which("physintuition")) and not _is_python(program):
        return [program]
    raise FileNotFoundError(
        "There is no server to start. Install the package physintuition-server, set "
        f"{COMMAND_VARIABLE} to a command that starts one, or name a server that runs in {SERVER_VARIABLE}.")


def _is_python(program: str) -> bool:
    with open(program, "rb") as file:
        return b"python" in file.read(256)


def ensure_server(address: str | None = None) -> str:
    """The address of a server: the one that listens there, or else one that is started, once for each process."""
    where = Address.parse(address)
    if is_listening(where):
        return where.text
    if not where.is_local:
        raise ConnectionError(
            f"Nobody listens at {where.authority}, which is another machine: no server can be started there from "
            f"here. Name another as address or in {SERVER_VARIABLE}.")
    with _lock:
        own = _started.get(where.authority)
        if own is None or own._pid != os.getpid() or not is_listening(own.address):
            own = _started[where.authority] = Server()
        return own.address


def is_listening(address: str | Address) -> bool:
    """Whether somebody accepts connections there."""
    where = address if isinstance(address, Address) else Address.parse(address)
    try:
        where.connect()
        return True
    except OSError:
        return False
