"""asyncio, shared memory, forks, patience and the launcher."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import physintuition
from physintuition import aio, errors, launcher

from . import serving

_FOLDER = Path(__file__).resolve().parents[1]
_ANSWERS = ["<answer>no</answer>"] * 4


class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = aio.Client(serving.address())
        self.addAsyncCleanup(self.client.close)

    async def test_environments_overlap_and_agree_with_the_blocking_client(self):
        many = await asyncio.gather(*(self.client.make("Offset-v1", 2, size=(48, 32)) for _ in range(4)))
        pictures = [first["rgb"].copy() for first in await asyncio.gather(*(one.reset(seed=7) for one in many))]
        with serving.client() as client, client.make("Offset-v1", 2, size=(48, 32)) as environment:
            expected = environment.reset(seed=7)["rgb"]
            for picture in pictures:
                np.testing.assert_array_equal(picture, expected)

    async def test_cancelling_stops_the_wait_not_the_work(self):
        twins = [await self.client.make("Stability-v1", 4, observe=("seed",), autoreset="same_step") for _ in range(2)]
        for twin in twins:
            await twin.reset(seed=5)
        call = asyncio.ensure_future(twins[0].step(_ANSWERS))
        await asyncio.sleep(0)
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await call
        await twins[1].step(_ANSWERS)
        seeds = [(await twin.step(_ANSWERS)).observations["seed"].tolist() for twin in twins]
        self.assertEqual(*seeds)

    async def test_another_client_goes_on_with_the_session(self):
        mine = [await self.client.make("Stability-v1", 4, observe=("seed",), shared_buffers=n) for n in (0, 4)]
        for environment in mine:
            await environment.reset(seed=3)
        async with aio.Client(serving.address()) as other:
            info = await other.resume(*await self.client.session())
            self.assertEqual(await other.session(), await self.client.session())
            in_order = sorted(info.environments, key=lambda each: each.environment)
            sent, shared = (aio.Environment.attach(other, each) for each in in_order)
            self.assertEqual((await sent.reset(seed=5))["seed"].tolist(), [5, 6, 7, 8])
            with self.assertRaisesRegex(ValueError, "shared_buffers=0"):
                await shared.reset(seed=5)

    async def test_refused_call_leaves_the_environment_usable(self):
        async with await self.client.make("Stability-v1", 4, observe=()) as environment:
            await environment.reset(seed=1)
            with self.assertRaises(errors.InvalidArgument):
                await environment.step(_ANSWERS[:2])
            self.assertEqual(len((await environment.step(_ANSWERS)).rewards), 4)

    async def test_dataset_left_early_ends_its_stream(self):
        seeds = []
        async for row in self.client.dataset("Stability-v1", 100_000, observe=("prompt",)):
            seeds.append(row["seed"])
            if len(seeds) == 3:
                break
        self.assertEqual(seeds, [0, 1, 2])
        self.assertTrue(await self.client.tasks())


class SharedMemoryTests(unittest.TestCase):
    def make(self, **settings):
        client = serving.client(**settings)
        self.addCleanup(client.close)
        environment = client.make("Offset-v1", 2, size=(48, 32), observe=("rgb", "depth", "prompt"))
        self.addCleanup(environment.close)
        return environment

    def test_arrays_lie_in_shared_memory_and_are_those_of_the_wire(self):
        shared, sent = self.make(), self.make(shared_memory=False)
        self.assertTrue(shared.is_shared)
        self.assertFalse(sent.is_shared)
        for seed in range(6):
            here, there = shared.reset(seed), sent.reset(seed)
            for name in ("rgb", "depth"):
                np.testing.assert_array_equal(here[name], there[name])
                self.assertFalse(here[name].flags.owndata)
                self.assertFalse(here[name].flags.writeable)

    def test_arrays_outlive_the_environment(self):
        environment = self.make()
        picture = environment.reset(1)["rgb"]
        expected = picture.copy()
        environment.close()
        np.testing.assert_array_equal(picture, expected)

    def test_memory_that_cannot_be_mapped_is_done_without(self):
        with mock.patch("physintuition._shared.open", side_effect=PermissionError, create=True):
            environment = self.make()
        self.assertFalse(environment.is_shared)
        self.assertEqual(environment.reset(1)["rgb"].shape, (2, 32, 48, 3))

    def test_vector_environment_without_copies_shows_the_same(self):
        with serving.client() as client:
            pictures = []
            for copy in (True, False):
                env = physintuition.make_vec("Offset-v1", 3, client=client, size=(48, 32), copy=copy)
                pictures.append(env.reset(seed=4)[0].copy())
                env.close()
        np.testing.assert_array_equal(*pictures)


class ForkTests(unittest.TestCase):
    def test_forked_child_connects_by_itself_and_leaves_the_parents_environment_alone(self):
        # In a process of its own: one that has used asyncio's gRPC cannot be forked.
        run = subprocess.run(
            [sys.executable, "-m", "tests.forking", serving.address()], cwd=_FOLDER, capture_output=True, text=True,
            timeout=300)
        self.assertEqual(run.stdout, "child: the parent's environment is refused, its own shows the same scene\n"
                                     "parent: goes on\n", run.stderr)


class PatienceTests(unittest.TestCase):
    def test_step_given_up_is_done_once(self):
        answers = _ANSWERS * 128  # Work for much longer than the step is waited for.
        with serving.client() as client:
            twins = [client.make("Stability-v1", 512, observe=("seed",), autoreset="same_step") for _ in range(2)]
            for twin in twins:
                twin.reset(5)
            with self.assertRaises(errors.DeadlineExceeded):
                twins[0].step(answers, timeout=1e-3)
            twins[1].step(answers)
            seeds = [twin.step(answers).observations["seed"].tolist() for twin in twins]
        self.assertEqual(*seeds)


class LauncherTests(unittest.TestCase):
    def setUp(self):
        command = f"dotnet {serving._SERVER}"
        if not serving._SERVER.exists():
            self.skipTest("The server is not built; ./physintuition setup server builds it.")
        patch = mock.patch.dict(os.environ, {launcher.COMMAND_VARIABLE: command})
        patch.start()
        self.addCleanup(patch.stop)

    def test_running_server_is_taken(self):
        self.assertEqual(physintuition.ensure_server(serving.address()), serving.address())

    def test_without_one_a_server_is_started_once_and_ends(self):
        taken = socket.socket()  # Bound, but not listening: nobody answers, and nobody else gets the port meanwhile.
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        # What clients read of the environment is no setting of the server that is started in it.
        with mock.patch.dict(os.environ, {"PHYSINTUITION_SERVER": nobody, "PHYSINTUITION_TOKEN": "a"}):
            env = physintuition.make("Stability-v1", launch=True)
        self.assertEqual(env.reset(seed=1)[0].shape, (224, 224, 3))
        env.close()
        address = physintuition.ensure_server(nobody)
        self.assertEqual(physintuition.ensure_server(nobody), address)
        launcher._started[nobody].stop()
        give_up = time.monotonic() + 60
        while launcher.is_listening(address) and time.monotonic() < give_up:
            time.sleep(0.05)
        self.assertFalse(launcher.is_listening(address))

    def test_command_line_finds_a_server_or_says_what_is_wrong(self):
        def run(*words, **variables):
            done = subprocess.run(
                [sys.executable, "-m", "physintuition", *words], cwd=_FOLDER, env={**os.environ, **variables},
                capture_output=True, text=True, timeout=120)
            return done.returncode, done.stdout + done.stderr

        where = f"http://{serving.address()}"
        self.assertEqual(run("serve", PHYSINTUITION_SERVER=where), (0, f"PhysIntuition listens: grpc={where}\n"))
        self.assertEqual(run("--version"), (0, f"{physintuition.__version__}\n"))
        code, said = run("serv")
        self.assertEqual(code, 2)
        self.assertIn("Did you mean 'serve'?", said)
        code, said = run("serve", PHYSINTUITION_SERVER="ftp://lab")
        self.assertEqual(code, 1)
        self.assertIn("PHYSINTUITION_SERVER is 'ftp://lab'", said)
        code, said = run("serve", "--no-such-option")
        self.assertNotEqual(code, 0)
        self.assertIn("--no-such-option", said)  # It is the server that says so.

    def test_command_that_fails_says_so(self):
        with self.assertRaisesRegex(RuntimeError, "exit code 3"):
            physintuition.Server(command=[sys.executable, "-c", "raise SystemExit(3)"])


if __name__ == "__main__":
    unittest.main()
