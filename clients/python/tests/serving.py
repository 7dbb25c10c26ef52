"""One real server for a whole test run, on a free port."""

from __future__ import annotations

import atexit
import subprocess
import unittest
from pathlib import Path

import physintuition

_ROOT = Path(__file__).resolve().parents[3]
_SERVER = _ROOT / "artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll"
_running: list[str] = []


def address() -> str:
    """Where the server listens; starts it on first use."""
    if not _running:
        if not _SERVER.exists():
            raise unittest.SkipTest("The server is not built; ./physintuition setup server builds it.")
        process, where = start()
        _running.append(where)
        atexit.register(stop, process)
    return _running[0]


def start(*options: str) -> tuple[subprocess.Popen, str]:
    """A server of its own; the caller stops it."""
    process = subprocess.Popen(
        ["dotnet", str(_SERVER), "serve", "--port", "0", "--log", "Warning", *options],
        stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "grpc" in words:
            return process, words["grpc"].split("://", 1)[-1]
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
