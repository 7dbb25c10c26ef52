"""A session that is lost with its server goes on at another one."""

import asyncio
import tempfile
import unittest
from unittest import mock

import numpy as np

import physintuition
from physintuition import _recovery, aio, errors
from physintuition.v1 import environment_pb2 as pb

from . import serving

_SECRET = ("--set", "Engine:SnapshotSecret=shared")
_SETTINGS = {"slots": 3, "observe": ("seed", "outcome_hash"), "autoreset": "next_step"}
_TASK = "OffsetX-v1"


def actions(number: int) -> np.ndarray:
    return np.full((3, 1), 7 * (number % 9), np.float32)


def step(environment: physintuition.Environment, number: int) -> tuple:
    return told(environment.step(actions(number)))


def told(result: physintuition.Step) -> tuple:
    parts = (result.rewards, result.terminated, result.truncated, result.started, *result.observations.values())
    return tuple(part.tobytes() for part in parts)


class LostServer(unittest.TestCase):
    def setUp(self):
        self._servers = []
        patch = mock.patch.object(_recovery, "EVERY", 8)
        patch.start()
        self.addCleanup(patch.stop)

    def tearDown(self):
        for server in self._servers:
            server.kill()
            server.wait()
            server.stdout.close()

    def serve(self, *options: str) -> tuple:
        server, address = serving.start(*options)
        self._servers.append(server)
        return server, address

    def lose(self, server) -> None:
        server.kill()
        server.wait()

    def client(self, *addresses: str, **settings) -> physintuition.Client:
        client = physintuition.Client(addresses, **settings)
        self.addCleanup(client.close)
        return client

    def test_goes_on_elsewhere_as_if_nothing_had_been(self):
        (first, at_first), (_, at_second) = self.serve(*_SECRET), self.serve(*_SECRET)
        whole = self.client(at_second)
        expected = whole.make(_TASK, **_SETTINGS)
        client, other = self.client(at_first, at_second), self.client(at_first, at_second)
        lost, drawn = client.make(_TASK, **_SETTINGS), other.make(_TASK, **_SETTINGS)
        brittle = self.client(at_first, at_second, recover=False).make(_TASK, **_SETTINGS)
        brittle.reset(seed=1)
        expected.reset(seed=1)
        lost.reset(seed=1)
        for number in range(_recovery.EVERY + 5):  # a snapshot, and calls behind it
            self.assertEqual(step(lost, number), step(expected, number))
        forks = lost.fork([2, 0, 2]), expected.fork([2, 0, 2])
        self.assertEqual(step(forks[0], 3), step(forks[1], 3))
        drawn.reset()  # at random: nothing but a snapshot tells how it goes on
        for number in range(3):
            step(drawn, number)
        same = whole.make(_TASK, **_SETTINGS)
        same.restore(drawn.snapshot())

        with self.assertLogs("physintuition", "WARNING") as log:
            self.lose(first)
            for number in range(20):
                self.assertEqual(step(lost, number), step(expected, number))
            self.assertEqual(step(forks[0], 4), step(forks[1], 4))
        self.assertEqual(log.output, [f"WARNING:physintuition:{_recovery.GOES_ON % at_second}"])
        with self.assertLogs("physintuition", "WARNING"):
            for number in range(5):
                self.assertEqual(step(drawn, number), step(same, number))
        self.assertEqual((client.address, other.address), (at_second, at_second))
        with self.assertRaises(errors.NotFound) as unknown:
            step(brittle, 0)
        self.assertEqual(unknown.exception.reason, "UNKNOWN_SESSION")

    def test_another_secret_is_told_unless_a_seed_is_enough(self):
        (first, at_first), (_, at_second) = self.serve(), self.serve()
        drawn = self.client(at_first, at_second).make(_TASK, **_SETTINGS)
        seeded = self.client(at_first, at_second).make(_TASK, **_SETTINGS)
        expected = self.client(at_second).make(_TASK, **_SETTINGS)
        drawn.reset()
        for environment in (seeded, expected):
            environment.reset(seed=5)
            step(environment, 1)

        self.lose(first)

        with self.assertLogs("physintuition"), self.assertRaises(errors.NotFound) as told:
            step(drawn, 1)
        self.assertIn("the same PhysIntuition:Engine:SnapshotSecret", str(told.exception))
        with self.assertLogs("physintuition"):
            self.assertEqual(step(seeded, 2), step(expected, 2))
        with self.assertRaises(errors.NotFound):
            step(drawn, 1)  # And again, as it stays so.

    def test_asyncio_goes_on_where_the_server_starts_again(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        address = f"unix:{folder.name}/towers.sock"  # A port might be somebody else's meanwhile.
        options = ("--socket", address.removeprefix("unix:"), *_SECRET)
        self.serve(*options)

        async def play() -> list:
            async with aio.Client(address) as client:
                environments = [await client.make(_TASK, **_SETTINGS) for _ in range(2)]
                for seed, environment in enumerate(environments):
                    await environment.reset(seed=seed)
                forks = [await environment.fork() for environment in environments]
                results = []
                for number in range(25):
                    if number in (5, 18):
                        self.lose(self._servers[-1])
                        self.serve(*options)
                    steps = [each.step(actions(number)) for each in environments + forks]
                    results += [told(result) for result in await asyncio.gather(*steps)]
                return results

        with self.assertLogs("physintuition", "WARNING") as log:
            results = asyncio.run(play())
        self.assertEqual(len(log.output), 2)
        with physintuition.Client(address) as client:
            for seed in range(2):
                environment = client.make(_TASK, **_SETTINGS)
                environment.reset(seed=seed)
                expected = [step(environment, number) for number in range(25)]
                self.assertEqual(results[seed::4], expected)
                self.assertEqual(results[seed + 2::4], expected)


class Kept(unittest.TestCase):
    def test_a_seeded_reset_is_all_that_is_kept(self):
        history = _recovery.History(pb.CreateRequest(slots=2))
        history.add("Reset", pb.ResetRequest(), pb.ResetReply(), None)
        for _ in range(10):
            self.assertFalse(history.add("Reset", pb.ResetRequest(seed=3), pb.ResetReply(), None))
            history.add("Step", pb.StepRequest(numbers=b"12345678"), pb.StepReply(), None)
        self.assertEqual([call.name for call in history.replay(1)], ["Reset", "Step"])

    def test_options_that_stay_in_force_are_not_forgotten(self):
        history = _recovery.History(pb.CreateRequest(slots=2))
        history.add("Reset", pb.ResetRequest(seed=3, options_json=["{}"]), pb.ResetReply(), None)
        history.add("Reset", pb.ResetRequest(seed=4), pb.ResetReply(), None)
        self.assertEqual([call.request.seed for call in history.replay(1)], [3, 4])

    def test_memory_is_bounded_by_calls_and_bytes(self):
        history = _recovery.History(pb.CreateRequest(slots=1))
        history.add("Reset", pb.ResetRequest(seed=3), pb.ResetReply(), None)
        call = pb.StepRequest(texts=pb.TextActions(answers=["yes"]))
        wanted = [history.add("Step", call, pb.StepReply(), None) for _ in range(_recovery.EVERY)]
        self.assertEqual(wanted.index(True), _recovery.EVERY - 2)
        history.keep(b"sealed")
        self.assertEqual([call.name for call in history.replay(1)], ["Restore"])
        self.assertFalse(history.add("Step", call, pb.StepReply(), None))
        long = pb.StepRequest(texts=pb.TextActions(answers=["y" * _recovery.LARGEST]))
        self.assertTrue(history.add("Step", long, pb.StepReply(), None))

    def test_slots_without_an_episode_are_left_out_of_snapshots(self):
        history = _recovery.History(pb.CreateRequest(slots=3))
        first = pb.ResetRequest(mask=b"\0\1\0")
        self.assertTrue(history.needs_snapshot("Reset", first))
        self.assertTrue(history.add("Reset", first, pb.ResetReply(), None))
        self.assertEqual(list(history.capture(4).slots), [1])
        history.keep(b"sealed")
        self.assertEqual(next(history.replay(1)).request.mask, b"\0\1\0")
        self.assertFalse(history.needs_snapshot("Reset", first))  # Its stream of seeds is in the snapshot.
        self.assertTrue(history.needs_snapshot("Reset", pb.ResetRequest()))
        history.add("Reset", pb.ResetRequest(seed=3), pb.ResetReply(), None)
        self.assertEqual(next(history.replay(1)).request.mask, b"\0\1\0")  # Slots that began later are not in it.

    def test_another_outcome_is_told(self):
        history = _recovery.History(pb.CreateRequest(task=_TASK, slots=1))
        history.add("Step", pb.StepRequest(), pb.StepReply(rewards=b"\0\0\0\0", terminated=b"\1"), None)
        call = next(history.replay(1))
        history.check(call, pb.StepReply(rewards=b"\0\0\0\0", terminated=b"\1"), None, "there")
        with self.assertRaisesRegex(errors.NotFound, "Call 1 .* another outcome at there .* same version"):
            history.check(call, pb.StepReply(rewards=b"\0\0\x80\x3f", terminated=b"\1"), None, "there")


if __name__ == "__main__":
    unittest.main()
