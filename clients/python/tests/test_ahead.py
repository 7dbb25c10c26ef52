"""Steps that begin the next episodes, whose reply came ahead with the one that ended the last."""

import unittest
from unittest import mock

import numpy as np

import physintuition
from physintuition import errors

from . import serving

_SETTINGS = {
    "observe": ("seed", "scene_hash", "state", "info"), "autoreset": "next_step", "outcome": "question"}
_ALL = np.ones(3, bool)


def told(result: physintuition.Step) -> tuple:
    parts = (result.rewards, result.terminated, result.truncated, result.started)
    return tuple(part.tobytes() for part in parts) + seen(result.observations)


def seen(observations) -> tuple:
    return tuple(value.all() if name == "info" else value.tolist() for name, value in observations.items())


class Ahead(unittest.TestCase):
    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)
        self.steps = []
        self.spy(self.client)

    def spy(self, client):
        call = client.call

        def counting(name, request, **settings):
            self.steps += [name] if name == "Step" else []
            return call(name, request, **settings)

        patch = mock.patch.object(client, "call", counting)
        patch.start()
        self.addCleanup(patch.stop)

    def make(self, task="Count-v1", client=None):
        environment = (client or self.client).make(task, 3, **_SETTINGS)
        environment.reset(seed=5)
        return environment

    def play(self, environment, first, last, rows=3, **settings):
        return [told(environment.step(np.full((rows, 1), 1 + number % 5, np.float32), **settings))
                for number in range(first, last + 1)]

    def plain(self, last, task="Count-v1"):
        with self.make(task) as environment:
            return self.play(environment, 1, last, mask=_ALL)  # Nothing is shown ahead to whoever names slots.

    def test_steps_give_the_same_with_fewer_calls(self):
        expected = self.plain(9)
        self.steps.clear()
        with self.make() as environment:
            self.assertEqual(expected, self.play(environment, 1, 9))
        self.assertEqual(6, len(self.steps))  # All but 4, 6 and 8: before, nobody has seen that the caller goes on.

    def test_tasks_that_simulate_give_the_same(self):
        for task in ("OffsetX-v1", "Stability-v1", "OffsetRetry-v1"):
            with self.subTest(task), self.make(task) as ahead, self.make(task) as plain:
                size = len(ahead.client.task(task).action_space.get("low", [0]))
                for number in range(8):
                    actions = np.full((3, size), number % 2, np.float32)
                    self.assertEqual(told(plain.step(actions, mask=_ALL)), told(ahead.step(actions)))

    def test_whoever_looks_sees_what_was_done_and_no_more(self):
        names = ("seed", "scene_hash")
        with self.make() as environment:
            for number in range(1, 7):
                last = seen(environment.step(np.ones((3, 1), np.float32)).observations)[:2]
                self.assertEqual(last, seen(environment.render(names=names)), number)
                with environment.fork() as fork:
                    self.assertEqual(last, seen(fork.render(names=names)), number)

    def test_a_snapshot_holds_the_step(self):
        expected = self.plain(9)
        with self.make() as environment, self.make() as other:
            self.play(environment, 1, 4)
            other.restore(environment.snapshot())
            self.assertEqual(expected[4:], self.play(other, 5, 9))
            self.assertEqual(expected[4:], self.play(environment, 5, 9))

    def test_a_reset_takes_the_place_of_the_step(self):
        for before in (3, 4):
            with self.subTest(before), self.make() as environment:
                self.play(environment, 1, before)
                self.assertEqual([70, 71, 72], environment.reset(seed=70)["seed"].tolist())
                environment.reset(seed=5)
                self.assertEqual(self.plain(7), self.play(environment, 1, 7))

    def test_some_slots_alone_step_as_ever(self):
        some = np.array([True, False, True])
        with self.make() as ahead, self.make() as plain:
            self.play(ahead, 1, 3)
            self.play(plain, 1, 3, mask=_ALL)
            self.assertEqual(self.play(plain, 4, 4, rows=2, mask=some), self.play(ahead, 4, 4, rows=2, mask=some))
            self.assertEqual(self.play(plain, 5, 9, mask=_ALL), self.play(ahead, 5, 9))

    def test_actions_of_another_size_are_refused_as_ever(self):
        expected = self.plain(8)
        for before in (3, 4):
            with self.subTest(before), self.make() as environment:
                self.play(environment, 1, before)
                with self.assertRaises(errors.InvalidArgument):
                    environment.step(np.ones((3, 2), np.float32))
                self.assertEqual(expected[before:], self.play(environment, before + 1, 8))

    def test_a_session_that_is_lost_comes_back_with_the_step(self):
        expected = self.plain(9)
        server, address = serving.start()
        self.addCleanup(serving.stop, server)
        client = physintuition.Client([address, serving.address()])
        self.addCleanup(client.close)
        environment = self.make(client=client)
        self.play(environment, 1, 4)
        server.kill()
        server.wait()
        self.assertEqual(expected[3][4], environment.render(names=("seed",))["seed"].tolist())
        self.assertEqual(expected[4:], self.play(environment, 5, 9))


if __name__ == "__main__":
    unittest.main()
