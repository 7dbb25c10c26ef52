"""Sessions end with their programs, forked children begin anew, and what workers hand over can be read."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import grpc
import numpy as np

import physintuition
from physintuition import errors
from physintuition.v1 import environment_pb2 as pb

from . import serving

_FOLDER = Path(__file__).resolve().parents[1]
_PATIENCE = 180  # s


def run(module: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRPC_")}
    return subprocess.run(
        [sys.executable, "-m", f"tests.{module}", *arguments], cwd=_FOLDER, env=environment, capture_output=True,
        text=True, timeout=_PATIENCE)


def _refused(address: str) -> None:
    with physintuition.Client(address) as client:
        client.make("Stability-v1", options={"blockz": 3})


class PickleTests(unittest.TestCase):
    def test_every_error_survives_with_its_details(self):
        detail = pb.Error(code=3, message="m", reason="OUT_OF_RANGE", field="slots", value="0", rule="r", remedy="do",
                          option="o", retry_after_ms=1500)
        for kind in (errors.PhysIntuitionError, *errors.PhysIntuitionError.__subclasses__()):
            for told in (detail, None):
                error = kind(grpc.StatusCode.INVALID_ARGUMENT, "m", told)
                read = pickle.loads(pickle.dumps(error))
                self.assertIs(type(read), kind)
                self.assertEqual((str(read), vars(read)), ("m", vars(error)))

    def test_error_of_a_worker_reaches_the_pool(self):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            with self.assertRaisesRegex(errors.InvalidArgument, "blockz"):
                pool.apply_async(_refused, (serving.address(),)).get(_PATIENCE)

    def test_environments_are_rebuilt_from_their_settings(self):
        for make in (
            lambda **settings: physintuition.make("Offset-v1", rescale_actions=False, **settings),
            lambda **settings: physintuition.make_vec("Offset-v1", 2, autoreset_mode="SameStep", **settings),
        ):
            env = make(address=serving.address(), size=(32, 24), observe=("rgb", "state"))
            self.addCleanup(env.close)
            for copied in (pickle.loads(pickle.dumps(env)), copy.deepcopy(env)):
                self.addCleanup(copied.close)
                self.assertIsNot(copied.environment, env.environment)
                self.assertEqual(copied.action_space, env.action_space)
                self.assertEqual(copied.metadata, env.metadata)
                np.testing.assert_array_equal(copied.reset(seed=3)[0]["rgb"], env.reset(seed=3)[0]["rgb"])

    def test_client_is_rebuilt_with_a_session_of_its_own(self):
        with serving.client() as client, pickle.loads(pickle.dumps(client)) as other:
            self.assertTrue(other.tasks())
            self.assertNotEqual(other.session, client.session)
            self.assertIs(copy.deepcopy(client), client)
            self.assertEqual(pickle.loads(pickle.dumps(client.task("Offset-v1"))), client.task("Offset-v1"))
        secure = physintuition.Client("lab.example", credentials=grpc.ssl_channel_credentials())
        with self.assertRaisesRegex(TypeError, "Make one in the other process"):
            pickle.dumps(secure)

    def test_raw_environment_says_what_to_do_instead(self):
        with serving.client() as client, client.make("Offset-v1") as environment:
            with self.assertRaisesRegex(TypeError, "snapshot and restore"):
                pickle.dumps(environment)


class ForkTests(unittest.TestCase):
    def test_workers_forked_after_a_call_step_in_lockstep(self):
        done = run("lockstep", serving.address())
        self.assertEqual(done.stdout, "4 workers made 50 steps\n", done.stderr)

    @unittest.skipUnless(hasattr(os, "fork"), "There is no fork here.")
    def test_child_forked_while_a_thread_holds_the_client_goes_on(self):
        with serving.client() as client:
            client.tasks()
            held, done = threading.Event(), threading.Event()
            holder = threading.Thread(target=lambda: _hold(client, held, done))
            holder.start()
            held.wait(_PATIENCE)
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(write, b"1" if client.tasks() else b"0")
                os._exit(0)
            done.set()
            holder.join(_PATIENCE)
            os.close(write)
            with os.fdopen(read, "rb") as pipe:
                is_there = bool(select.select([pipe], [], [], _PATIENCE)[0])
                os.kill(child, signal.SIGKILL)  # It has said what it has to say, or never will.
                os.waitpid(child, 0)
                self.assertEqual((is_there, pipe.read()), (True, b"1"))


def _hold(client: physintuition.Client, held: threading.Event, done: threading.Event) -> None:
    with client._lock:
        held.set()
        done.wait(_PATIENCE)


class LeavingTests(unittest.TestCase):
    """The server has room for one session with two environments: what is left behind would keep the next one out."""

    @classmethod
    def setUpClass(cls):
        if not serving._SERVER.exists():
            raise unittest.SkipTest("The server is not built; ./physintuition setup server builds it.")
        process, cls.address = serving.start(
            "--http-port", "-1", "--set", "Limits:MaxSessions=1", "--set", "Limits:MaxEnvironmentsPerSession=2")
        cls.addClassCleanup(serving.stop, process)

    def test_program_that_ends_without_close_leaves_nothing(self):
        for kind in ("script", "fault", "gymnasium", "asynchronous", "forked"):
            with self.subTest(kind):
                done = run("leaving", self.address, kind)
                self.assertEqual(done.returncode, int(kind == "fault"), done.stderr)
                with physintuition.Client(self.address) as client:
                    client.make("Stability-v1")

    def test_session_that_was_handed_on_stays(self):
        session, secret = run("leaving", self.address, "handed_on").stdout.split()
        with physintuition.Client(self.address) as client:
            self.assertEqual(len(client.resume(session, secret).environments), 1)

    def test_environment_that_is_dropped_makes_room(self):
        with physintuition.Client(self.address) as client:
            for seed in range(5):
                client.make("Stability-v1", observe=()).reset(seed)
                gc.collect()

    def test_client_that_is_dropped_makes_room(self):
        for seed in range(3):
            env = physintuition.make("Stability-v1", address=self.address, size=(32, 32))
            env.reset(seed=seed)
            del env
            gc.collect()

    def test_last_reference_to_a_handed_on_session_closes_nothing(self):
        with physintuition.Client(self.address) as client:
            session = client.session
            client.make("Stability-v1", observe=()).reset(1)
            gc.collect()
            self.assertEqual(len(client.resume(*session).environments), 1)


if __name__ == "__main__":
    unittest.main()
