"""The engine in this process: the native library behind physintuition.h, which is the whole of environment.proto but for
what needs a network.

A call goes in and out as the bytes of its messages; ctypes lets other threads run meanwhile. Threads and clients share
one engine. A forked child cannot go on with its parent's, whose threads it has not got: it loads a copy of the library.
"""

from __future__ import annotations

import ctypes
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any, Iterator

from .errors import DeadlineExceeded, StatusCode, from_code
from .v1 import environment_pb2 as pb

ADDRESS = "embedded"
LIBRARY_VARIABLE = "PHYSINTUITION_LIBRARY"
SETTINGS_VARIABLE = "PHYSINTUITION_ENGINE"  # a JSON object; physintuition.h lists what may stand there
_WIDE = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
_PENDING, _END = -1, -2
_METHODS = {
    "GetServerInfo": (1, pb.ServerInfo), "ListTasks": (2, pb.ListTasksReply), "GetTask": (3, pb.TaskInfo),
    "Create": (4, pb.CreateReply), "Reset": (5, pb.ResetReply), "Step": (6, pb.StepReply), "Render": (7, pb.RenderReply),
    "Close": (8, pb.CloseReply), "Snapshot": (9, pb.SnapshotReply), "Restore": (10, pb.ResetReply),
    "Fork": (11, pb.ForkReply), "Score": (12, pb.ScoreReply), "StreamDataset": (13, pb.DatasetChunk),
}


class _Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Thread(threading.local):
    """What a call writes to, one for each thread."""

    def __init__(self):
        self.bytes = _Bytes()
        self.reference = ctypes.byref(self.bytes)


_thread = _Thread()
_lock = threading.Lock()
_loaded: dict[int, Any] = {}  # by process


@cache
def find() -> Path | None:
    """The library for this processor; None: this installation has none."""
    if path := os.environ.get(LIBRARY_VARIABLE):
        return Path(path)
    here = Path(__file__).resolve()
    names = ["libphysintuition.so"]
    if _has_avx512():
        names.insert(0, "libphysintuition-avx512.so")
    folders = [here.parent / "engine", *(
        folder / "artifacts/embedded" for folder in here.parents if (folder / "PhysIntuition.sln").is_file())]
    return next((path for folder in folders for name in names if (path := folder / name).is_file()), None)


def _has_avx512() -> bool:
    try:
        with open("/proc/cpuinfo") as file:
            return _WIDE <= next((set(line.split()) for line in file if line.startswith("flags")), set())
    except OSError:
        return False


def _library() -> Any:
    with _lock:
        pid = os.getpid()
        if pid not in _loaded:
            path = find()
            if path is None:
                raise FileNotFoundError(
                    "This installation has no embedded engine. Install a wheel that has, run './physintuition setup embedded' "
                    f"in a checkout, or name a server as address or in PHYSINTUITION_SERVER. {LIBRARY_VARIABLE} may name the file.")
            library = ctypes.CDLL(_copy(path) if _loaded else str(path))
            library.physintuition_open.restype = ctypes.c_void_p
            library.physintuition_open.argtypes = [ctypes.c_char_p]
            library.physintuition_close.argtypes = [ctypes.c_void_p]
            library.physintuition_close.restype = None
            library.physintuition_last_error.restype = ctypes.c_char_p
            library.physintuition_call.argtypes = [
                ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
            library.physintuition_submit.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p, ctypes.c_size_t]
            library.physintuition_submit.restype = ctypes.c_uint64
            library.physintuition_poll.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int32, ctypes.c_void_p]
            _loaded[pid] = library
        return _loaded[pid]


def _copy(path: Path) -> str:
    # The loader would give the parent's library again; under another name it is another one.
    file = os.memfd_create("physintuition")
    with open(path, "rb") as source:
        size = os.fstat(source.fileno()).st_size
        while size > 0:
            size -= os.sendfile(file, source.fileno(), None, size)
    return f"/proc/{os.getpid()}/fd/{file}"


class Session:
    """One session of this process's engine, with the environments that it opened. Thread-safe."""

    def __init__(self):
        self._library = _library()
        self._pid = os.getpid()
        settings = os.environ.get(SETTINGS_VARIABLE)
        self._handle = self._library.physintuition_open(settings.encode() if settings else None)
        if not self._handle:
            raise RuntimeError(
                f"The engine does not start: {self._library.physintuition_last_error().decode()} See {SETTINGS_VARIABLE}.")
        self._call = self._library.physintuition_call

    def call(self, name: str, request: Any, timeout: float | None = None) -> Any:
        """Makes one call; gives up waiting after ``timeout`` seconds, while the engine goes on."""
        if self._pid != os.getpid():
            raise RuntimeError(
                "The engine was opened before this process was forked; it belongs to the parent. Use another client here.")
        number, kind = _METHODS[name]
        data = request.SerializeToString()
        if timeout is not None:
            ticket = self._library.physintuition_submit(self._handle, number, data, len(data))
            return list(self._replies(ticket, kind, timeout))[0]  # To the end, at which the engine forgets it.
        thread = _thread
        status = self._call(self._handle, number, data, len(data), thread.reference)
        reply = ctypes.string_at(thread.bytes.data, thread.bytes.length)
        if status:
            raise _failure(status, reply)
        return kind.FromString(reply)

    def stream(self, name: str, request: Any) -> Iterator[Any]:
        """Makes a call with many replies."""
        number, kind = _METHODS[name]
        data = request.SerializeToString()
        return self._replies(self._library.physintuition_submit(self._handle, number, data, len(data)), kind, None)

    def _replies(self, ticket: int, kind: Any, timeout: float | None) -> Iterator[Any]:
        wait = -1 if timeout is None else max(0, int(timeout * 1000))
        thread = _thread
        while (status := self._library.physintuition_poll(self._handle, ticket, wait, thread.reference)) != _END:
            if status == _PENDING:
                raise DeadlineExceeded(StatusCode.DEADLINE_EXCEEDED, f"There was no reply within {timeout:g} s.")
            reply = ctypes.string_at(thread.bytes.data, thread.bytes.length)
            if status:
                raise _failure(status, reply)
            yield kind.FromString(reply)

    def close(self) -> None:
        """Ends the session and all its environments; closing twice is fine, and so is a child's."""
        handle, self._handle = self._handle, None
        if handle and self._pid == os.getpid():
            self._library.physintuition_close(handle)


def _failure(status: int, reply: bytes) -> Exception:
    return from_code(status, pb.Error.FromString(reply))
