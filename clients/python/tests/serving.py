"""One real server for a whole test run, on a free port."""

from __future__ import annotations

import atexit
import os
import subprocess
import unittest
from pathlib import Path

import physintuition

_ROOT = Path(__file__).resolve().parents[3]
_SERVER = _ROOT / "artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll"
_running: dict[str, str] = {}


def address() -> str:
    """Where the server listens; starts it on first use."""
    return _listening()["grpc"].split("://", 1)[-1]


def http() -> str:
    """The base of the same server's paths over HTTP."""
    return _listening()["http"]


def command() -> list[str]:
    """What starts a server."""
    return ["dotnet", str(_SERVER)]


def _listening() -> dict[str, str]:
    if not _running:
        if not _SERVER.exists():
            raise unittest.SkipTest("The server is not built; ./physintuition setup server builds it.")
        process, words = _start()
        _running.update(words)
        atexit.register(stop, process)
    return _running


def start(*options: str) -> tuple[subprocess.Popen, str]:
    """A server of its own; the caller stops it."""
    process, words = _start(*options)
    return process, words["grpc"].split("://", 1)[-1]


def _start(*options: str) -> tuple[subprocess.Popen, dict[str, str]]:
    # A server passes over the variables that clients read, also where they share a shell.
    process = subprocess.Popen(
        [*command(), "serve", "--port", "0", "--log", "Warning", *options], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PHYSINTUITION_LIBRARY": "libphysintuition.so"})
    for line in process.stdout:
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "grpc" in words:
            return process, words
    raise RuntimeError("The server ended before it listened.")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    process.stdout.close()


def client(**settings) -> physintuition.Client:
    """A client of the shared server."""
    return physintuition.Client(address(), **settings)
