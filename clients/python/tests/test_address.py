"""One form of address everywhere, and an address where nobody listens is told at once."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import physintuition
from physintuition import aio, errors, launcher
from physintuition._address import SERVER_VARIABLE, Address

from . import serving

_FOLDER = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on while the test holds it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    unittest.addModuleCleanup(taken.close)
    return taken.getsockname()[1]


class FormTests(unittest.TestCase):
    def test_every_form_says_where_and_how(self):
        for text, target, is_secure, is_local in (
            ("127.0.0.1:50051", "127.0.0.1:50051", False, True),
            ("http://127.0.0.1:50051", "127.0.0.1:50051", False, True),
            ("http://127.0.0.1:50051/", "127.0.0.1:50051", False, True),
            ("  HTTP://LocalHost:9 ", "localhost:9", False, True),
            ("localhost", "localhost:50051", False, True),
            ("lab.example", "lab.example:50051", False, False),
            ("http://lab.example", "lab.example:80", False, False),
            ("https://lab.example", "lab.example:443", True, False),
            ("https://lab.example:8443", "lab.example:8443", True, False),
            ("[::1]:7", "[::1]:7", False, True),
            ("http://[2001:db8::1]:7", "[2001:db8::1]:7", False, False),
            ("0.0.0.0:7", "0.0.0.0:7", False, True),
            ("unix:/run/towers.sock", "unix:/run/towers.sock", False, True),
            ("unix:///run/towers.sock", "unix:/run/towers.sock", False, True),
        ):
            with self.subTest(text):
                address = Address.parse(text)
                self.assertEqual((address.target, address.is_secure, address.is_local), (target, is_secure, is_local))

    def test_other_forms_are_refused_with_those_that_are_right(self):
        for text in ("ftp://lab.example:1", "http://lab.example:1/path", "lab:port", "http://", ":50051", "a:99999",
                     "http://me@lab.example:1", "http://lab.example:1?q"):
            with self.subTest(text), self.assertRaisesRegex(ValueError, "address is .*HOST:PORT, http://HOST:PORT"):
                physintuition.Client(text)
        with self.assertRaisesRegex(TypeError, "address is 50051"):
            physintuition.Client(50051)

    def test_the_environment_names_a_server_unless_an_argument_does(self):
        with mock.patch.dict(os.environ, {SERVER_VARIABLE: "http://lab.example:7"}):
            self.assertEqual(physintuition.Client().address, "lab.example:7")
            self.assertEqual(physintuition.Client("127.0.0.1:9").address, "127.0.0.1:9")
        with mock.patch.dict(os.environ, {SERVER_VARIABLE: "ftp://lab"}):
            with self.assertRaisesRegex(ValueError, "PHYSINTUITION_SERVER is 'ftp://lab'"):
                physintuition.Client()
        with mock.patch.dict(os.environ, {SERVER_VARIABLE: ""}):
            self.assertEqual(physintuition.Client(token="pi_x").address, "127.0.0.1:50051")


class ReachedTests(unittest.TestCase):
    def test_every_form_reaches_the_server(self):
        port = serving.address().rsplit(":", 1)[1]
        for address in (f"127.0.0.1:{port}", f"http://127.0.0.1:{port}", f"http://localhost:{port}/"):
            with physintuition.Client(address) as client:
                self.assertTrue(client.tasks())
            self.assertEqual(launcher.ensure_server(address), address)
            with physintuition.make("Stability-v1", address=address, size=(32, 32)) as env:
                env.reset(seed=1)
                self.assertTrue(env.environment.is_shared)

    def test_a_socket_reaches_the_server(self):
        with tempfile.TemporaryDirectory() as folder, Forwarder(f"{folder}/towers.sock", serving.address()):
            with physintuition.Client(f"unix:{folder}/towers.sock") as client:
                self.assertTrue(client.tasks())

    def test_no_proxy_stands_before_this_machine(self):
        nobody = f"http://127.0.0.1:{free_port()}"
        run = subprocess.run(
            [sys.executable, "-c", "import physintuition; print(len(physintuition.Client().tasks()) > 5)"], cwd=_FOLDER,
            env={**os.environ, SERVER_VARIABLE: f"http://{serving.address()}", "http_proxy": nobody,
                 "https_proxy": nobody, "grpc_proxy": nobody},
            capture_output=True, text=True, timeout=120)
        self.assertEqual(run.stdout, "True\n", run.stderr)


class Forwarder:
    """Carries connections from a Unix domain socket to a port, both ways, until it is left."""

    def __init__(self, path: str, address: str):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        host, port = address.rsplit(":", 1)
        self._target = host, int(port)
        self._open: list[socket.socket] = []

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()

    def __exit__(self, *_):
        for each in (self._listener, *self._open):
            each.close()

    def _serve(self):
        try:
            while True:
                near, far = self._listener.accept()[0], socket.create_connection(self._target)
                self._open += near, far
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()
        except OSError:
            pass  # Closed.

    @staticmethod
    def _carry(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass  # Closed.


class UnreachableTests(unittest.TestCase):
    """Whoever waited would sleep: that is forbidden here."""

    def setUp(self):
        for name in ("time.sleep", "asyncio.sleep"):
            patch = mock.patch(name, side_effect=AssertionError("It waited."))
            patch.start()
            self.addCleanup(patch.stop)
        self.port = free_port()

    def test_nobody_there_is_told_at_once_with_what_to_start(self):
        words = (rf"Nobody listens at 127.0.0.1:{self.port}. Start a server there with './physintuition serve --port "
                 rf"{self.port}', or name another as address or in PHYSINTUITION_SERVER.")
        client = physintuition.Client(f"http://127.0.0.1:{self.port}")
        for call in (client.tasks, lambda: client.make("Stability-v1"), lambda: list(client.dataset("Stability-v1", 1)),
                     lambda: physintuition.make("Stability-v1", address=f"127.0.0.1:{self.port}")):
            with self.assertRaisesRegex(errors.Unavailable, words):
                call()

    def test_asyncio_is_told_too(self):
        async def ask():
            async with aio.Client(f"127.0.0.1:{self.port}") as client:
                await client.tasks()

        with self.assertRaisesRegex(errors.Unavailable, "Nobody listens"):
            asyncio.run(ask())

    def test_socket_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(errors.Unavailable, "Nobody listens at /nowhere/towers.sock"):
            physintuition.Client("unix:/nowhere/towers.sock").tasks()

    def test_unknown_machine_is_told(self):
        with mock.patch("socket.create_connection", side_effect=socket.gaierror):
            with self.assertRaisesRegex(errors.Unavailable, "There is no machine called 'no-such.invalid'"):
                physintuition.Client("no-such.invalid:1").tasks()

    def test_another_machine_is_not_launched_on(self):
        with mock.patch("socket.create_connection", side_effect=ConnectionRefusedError):
            with self.assertRaisesRegex(ConnectionError, "another machine"):
                physintuition.ensure_server("lab.example:1")


class PatienceTests(unittest.TestCase):
    def test_patience_that_was_asked_for_waits_for_the_server(self):
        with mock.patch("physintuition.client.time.sleep") as sleep:
            with self.assertRaisesRegex(errors.Unavailable, "Nobody listens"):
                physintuition.Client(f"127.0.0.1:{free_port()}", patience=0.3).tasks()
        self.assertTrue(sleep.called)

    def test_server_that_was_reached_is_waited_for(self):
        process, where = serving.start("--http-port", "-1")
        client = physintuition.Client(where)
        try:
            client.tasks()
        finally:
            serving.stop(process)
        with mock.patch("physintuition.client.time.sleep", side_effect=InterruptedError) as sleep:
            with self.assertRaises(InterruptedError):
                client.tasks()
        self.assertTrue(sleep.called)


if __name__ == "__main__":
    unittest.main()
