from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import physintuition
from physintuition import _engine, _requests
from physintuition._address import SERVER_VARIABLE
from physintuition.errors import DeadlineExceeded, InvalidArgument, NotFound
from physintuition.v1 import environment_pb2 as pb

from . import serving
from .embedded import scenes

_FOLDER = Path(__file__).resolve().parents[1]
_PATIENCE = 120  # s


def setUpModule():
    if _engine.find() is None:
        raise unittest.SkipTest("The embedded engine is not built; ./physintuition setup embedded builds it.")


def libraries() -> list[Path]:
    """Those that this processor can run."""
    wide = _engine.find()
    return sorted({wide, wide.with_name("libphysintuition.so")})


def told(*words: str, **variables: str) -> dict:
    run = subprocess.run(
        [sys.executable, "-m", "tests.embedded", *words], cwd=_FOLDER, env={**os.environ, **variables},
        capture_output=True, text=True, timeout=_PATIENCE)
    if run.returncode:
        raise AssertionError(run.stderr)
    return json.loads(run.stdout)


class EmbeddedTests(unittest.TestCase):
    def test_every_task_has_the_servers_bits_at_every_width(self):
        server = told("play", serving.address())
        self.assertGreater(len(server["tasks"]), 8)
        for library in libraries():
            with self.subTest(library=library.name):
                here = told("play", "embedded", PHYSINTUITION_LIBRARY=str(library))
                self.assertEqual((here["address"], here["grpc"]), ("embedded", False))
                self.assertEqual(here["lanes"], 16 if "avx512" in library.name else 8)
                self.assertEqual(here["tasks"], server["tasks"])

    def test_the_library_has_no_xml_and_what_xml_brings_with_it(self):
        # One call too many, and readers of XML, HTTP, TLS and certificates come along: 4 MB.
        self.assertLess(_engine.find().stat().st_size, 12_000_000)

    def test_no_address_is_the_engine_in_this_process_and_an_address_is_a_server(self):
        with mock.patch.dict(os.environ, {SERVER_VARIABLE: ""}):
            self.assertEqual(physintuition.Client().address, "embedded")
            self.assertNotEqual(physintuition.Client(token="pi_x").address, "embedded")
        with mock.patch.dict(os.environ, {SERVER_VARIABLE: "127.0.0.1:9"}):
            self.assertEqual(physintuition.Client().address, "127.0.0.1:9")
            self.assertEqual(physintuition.Client("embedded").address, "embedded")

    def test_arrays_are_views_that_outlive_the_environment(self):
        with physintuition.Client("embedded") as client:
            environment = client.make("Stability-v1", 2, size=(32, 32))
            first = environment.reset(seed=1)["rgb"]
            kept = first.copy()
            self.assertTrue(environment.is_shared)
            self.assertFalse(first.flags.owndata or first.flags.writeable)
            second = environment.reset(seed=2)["rgb"]
            self.assertFalse(np.shares_memory(first, second))
            environment.close()
        np.testing.assert_array_equal(first, kept)

    def test_threads_share_the_engine(self):
        with physintuition.Client("embedded") as client, client.make(
                "Offset-v1", 3, observe=("scene_hash",)) as environment:
            expected = [scenes(environment, seed) for seed in range(8)]
            found: dict[int, list[int]] = {}

            def play(seed: int) -> None:
                with client.make("Offset-v1", 3, observe=("scene_hash",)) as own:
                    found[seed] = scenes(own, seed)

            threads = [threading.Thread(target=play, args=(seed,)) for seed in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(_PATIENCE)
            self.assertEqual([found[seed] for seed in range(8)], expected)

    def test_a_forked_child_is_refused_and_gets_an_engine_of_its_own(self):
        forked = told("fork")
        self.assertIn("before this process was forked", forked["refusal"])
        self.assertEqual(forked["exit"], 0)
        self.assertEqual(forked["child"], forked["before"])
        self.assertEqual(forked["after"], forked["before"])  # The parent goes on.

    def test_faults_are_the_servers(self):
        def refusal(client, **settings):
            with self.assertRaises(InvalidArgument) as caught:
                client.make("Stability-v1", **settings)
            return str(caught.exception), caught.exception.field, caught.exception.code.value[0]

        wrong = [{"options": {"blocks": {"min": 1, "max": 5}}}, {"options": {"blokcs": 1}}, {"observe": ("rbg",)}]
        with physintuition.Client("embedded") as here, serving.client() as server:
            for settings in wrong:
                self.assertEqual(refusal(here, **settings), refusal(server, **settings))
            with self.assertRaisesRegex(NotFound, "Stability-v1"):
                here.task("Stabilty-v1")

    def test_a_restore_is_the_message_that_a_server_gets(self):
        for length in (1, 127, 128, 300_000):
            snapshot, mask = bytes(length - 1) + b"x", np.array([True, False])
            here = _requests.restore(3, snapshot, (1, 0), mask, is_embedded=True)
            there = _requests.restore(3, snapshot, (1, 0), mask)
            here.step_id = there.step_id = 7
            self.assertEqual(pb.RestoreRequest.FromString(here.SerializeToString()), there)
        with physintuition.Client("embedded") as client:
            environment = client.make("Count-v1", 3, observe=("scene_hash",))
            first = environment.reset(seed=[5, 6, 7])["scene_hash"].tolist()
            snapshot = environment.snapshot()
            environment.reset(seed=20)
            swapped = environment.restore(snapshot, [2, 0], np.array([True, False, True]))["scene_hash"]
            self.assertEqual(swapped.tolist(), [first[2], first[0]])
            with self.assertRaises(InvalidArgument):
                environment.restore(snapshot[:-1])
            self.assertEqual(environment.restore(bytearray(snapshot))["scene_hash"].tolist(), first)

    def test_a_step_that_takes_too_long_is_done_all_the_same(self):
        with physintuition.Client("embedded") as client, client.make(
                "Offset-v1", 64, observe=("scene_hash",)) as environment:
            environment.reset(seed=1)
            try:
                environment.step(["<answer>0, 0</answer>"] * 64, timeout=0)
            except DeadlineExceeded:
                pass  # Where nothing else runs, it may have been fast enough.
            with self.assertRaisesRegex(physintuition.PhysIntuitionError, "reset"):
                environment.step(["<answer>0, 0</answer>"] * 64)

    def test_what_wants_another_process_is_refused_with_the_remedy(self):
        with physintuition.Client("embedded") as client:
            with self.assertRaisesRegex(RuntimeError, "wants a server"):
                client.session
            with self.assertRaisesRegex(RuntimeError, "PHYSINTUITION_SERVER"):
                client.resume("a", "b")

    def test_five_lines_need_neither_a_server_nor_grpc(self):
        lines = (
            "import physintuition, sys\n"
            "env = physintuition.make('Stability-v1')\n"
            "picture, info = env.reset(seed=1)\n"
            "reward = env.step(1)[1]\n"
            "print(picture.shape, reward, 'grpc' in sys.modules, env.client.address)")
        run = subprocess.run(
            [sys.executable, "-c", lines], cwd=_FOLDER, env={**os.environ, SERVER_VARIABLE: "", "PATH": "/nowhere"},
            capture_output=True, text=True, timeout=_PATIENCE)
        self.assertEqual(run.stdout, "(224, 224, 3) 1.0 False embedded\n", run.stderr)

    def test_without_grpcio_everything_runs_here_and_a_server_is_refused_with_the_remedy(self):
        lines = (
            "import asyncio, sys\n"
            "from importlib.machinery import PathFinder\n"
            "class WithoutGrpc(PathFinder):\n"
            "    @classmethod\n"
            "    def find_spec(cls, name, path=None, target=None):\n"
            "        return None if name == 'grpc' else super().find_spec(name, path, target)\n"
            "sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutGrpc\n"
            "import physintuition\n"
            "from physintuition import aio\n"
            "print(physintuition.make_vec('Offset-v1', 3).reset(seed=1)[0].shape)\n"
            "async def play():\n"
            "    async with aio.Client() as client, await client.make('Offset-v1', 2) as environment:\n"
            "        print((await environment.reset(seed=1))['rgb'].shape)\n"
            "asyncio.run(play())\n"
            "for kind in (physintuition.Client, aio.Client):\n"
            "    try:\n"
            "        kind('127.0.0.1:50051')\n"
            "    except ImportError as error:\n"
            "        print(error)\n")
        run = subprocess.run(
            [sys.executable, "-c", lines], cwd=_FOLDER, env={**os.environ, SERVER_VARIABLE: ""}, capture_output=True,
            text=True, timeout=_PATIENCE)
        self.assertRegex(
            run.stdout, r"^\(3, 224, 224, 3\)\n\(2, 224, 224, 3\)\n"
            r"(address is '127.0.0.1:50051', a server, .*physintuition\[grpc\].*in this process.\n){2}$", run.stderr)

    def test_settings_that_mean_nothing_are_refused(self):
        run = subprocess.run(
            [sys.executable, "-c", "import physintuition; physintuition.Client('embedded').tasks()"], cwd=_FOLDER,
            env={**os.environ, _engine.SETTINGS_VARIABLE: '{"thraeds": 2}'}, capture_output=True, text=True,
            timeout=_PATIENCE)
        self.assertIn("'thraeds' is no setting; there are threads", run.stderr)


if __name__ == "__main__":
    unittest.main()
