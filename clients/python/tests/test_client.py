"""The client against a real server: order, errors, retries, snapshots, forks."""

from __future__ import annotations

import multiprocessing
import unittest

import grpc
import numpy as np

import physintuition
from physintuition import errors
from physintuition.v1 import environment_pb2 as pb

from . import serving

_RIGHT = ("scene_hash", "expert")


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)

    def make(self, task="Stability-v1", slots=4, **settings):
        environment = self.client.make(task, slots, **settings)
        self.addCleanup(environment.close)
        return environment

    def test_tasks_each_says_what_it_is(self):
        tasks = self.client.tasks()
        self.assertIn("Stability-v1", [task.id for task in tasks])
        for task in tasks:
            self.assertTrue(task.title and task.description and task.splits and task.options_schema, task.id)

    def test_reset_same_seeds_gives_the_same_scenes(self):
        environment = self.make(observe=("scene_hash", "rgb"))
        first, second = environment.reset(5), environment.reset([5, 6, 7, 8])
        np.testing.assert_array_equal(first["scene_hash"], second["scene_hash"])
        np.testing.assert_array_equal(first["rgb"], second["rgb"])
        self.assertEqual(len(set(first["scene_hash"].tolist())), 4)

    def test_step_expert_answers_score_the_maximum(self):
        environment = self.make(observe=_RIGHT)
        step = environment.step(environment.reset(0)["expert"])
        np.testing.assert_array_equal(step.rewards, np.ones(4))
        self.assertTrue(step.terminated.all())
        self.assertFalse(step.truncated.any())

    def test_step_text_and_number_that_mean_the_same_score_the_same(self):
        environment = self.make(observe=())
        environment.reset(0)
        by_text = environment.step(["<answer>yes</answer>"] * 4)
        environment.reset(0)
        by_number = environment.step(np.ones((4, 1)))
        np.testing.assert_array_equal(by_text.rewards, by_number.rewards)

    def test_step_unreadable_text_is_a_score_and_not_an_error(self):
        environment = self.make(slots=1, observe=("info",))
        environment.reset(0)
        step = environment.step(["perhaps"])
        self.assertEqual(step.rewards[0], -1)
        self.assertTrue(step.observations["info"][0]["parse_error"])

    def test_step_repeated_with_its_number_acts_once(self):
        environment = self.make(slots=1, observe=("steps",))
        environment.reset(0)
        request = pb.StepRequest(environment=environment.id, step_id=2)
        request.texts.answers.append("<answer>no</answer>")
        first, second = (self.client.call("Step", request) for _ in range(2))
        self.assertEqual(first, second)

    def test_reset_mask_touches_only_the_chosen_slots(self):
        environment = self.make(observe=("scene_hash",))
        before = environment.reset(0)["scene_hash"]
        chosen = np.array([False, True, False, True])
        after = environment.reset([100, 101], mask=chosen)["scene_hash"]
        self.assertEqual(len(after), 2)
        self.assertEqual(len(set(before.tolist()) & set(after.tolist())), 0)

    def test_snapshot_restored_gives_the_same_picture(self):
        environment = self.make(observe=("rgb", "scene_hash"))
        pictures = environment.reset(11)["rgb"]
        snapshot = environment.snapshot()
        environment.reset(500)
        np.testing.assert_array_equal(environment.restore(snapshot)["rgb"], pictures)

    def test_fork_continues_independently(self):
        environment = self.make(slots=2, observe=("expert",))
        expert = environment.reset(3)["expert"]
        with environment.fork([0, 0, 1]) as forked:
            self.assertEqual(forked.slots, 3)
            self.assertTrue((forked.step([expert[0], expert[0], expert[1]]).rewards == 1).all())
        self.assertTrue((environment.step(expert).rewards == 1).all())

    def test_score_equal_seeds_share_a_scene(self):
        rewards, _ = self.client.score("Stability-v1", [1, 1, 2], ["<answer>yes</answer>", "<answer>no</answer>", "x"])
        self.assertEqual(sorted(rewards[:2].tolist()), [0, 1])
        self.assertEqual(rewards[2], -1)

    def test_dataset_rows_come_in_order_with_their_columns(self):
        rows = list(self.client.dataset("Stability-v1", 70, first_seed=10, observe=("prompt", "expert")))
        self.assertEqual([row["seed"] for row in rows], list(range(10, 80)))
        self.assertTrue(all("<answer>" in row["expert"] for row in rows))

    def test_pictures_come_as_png_and_jpeg_files_on_request(self):
        for encoding, magic in (("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff")):
            pictures = self.make(encoding=encoding, observe=("rgb",)).reset(0)["rgb"]
            self.assertTrue(all(picture.startswith(magic) for picture in pictures))

    def test_heldout_withholds_answers_and_state(self):
        for name in ("expert", "state"):
            with self.assertRaises(errors.NotAllowed):
                self.client.make("Stability-v1", split="heldout", observe=(name,)).reset(0)

    def test_resume_from_another_connection_finds_the_environment(self):
        environment = self.make(slots=1, observe=("expert",))
        expert = environment.reset(9)["expert"]
        other = serving.client()
        self.addCleanup(other.close)
        self.assertRegex(self.client.session[0], "^[0-9a-f]{32}$")  # Named by the client.
        info = other.resume(*self.client.session)
        self.assertNotEqual(other.make("Stability-v1").id, environment.id)
        found = physintuition.Environment.attach(other, info.environments[0])
        self.assertEqual(found.step(expert).rewards[0], 1)

    def test_forked_child_opens_a_session_of_its_own(self):
        environment = self.make(slots=1, observe=("scene_hash",))
        expected = environment.reset(4)["scene_hash"][0]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.apply(_scene_hash, (serving.address(), 4)), expected)


def _scene_hash(address: str, seed: int) -> int:
    with physintuition.Client(address) as client, client.make("Stability-v1", observe=("scene_hash",)) as environment:
        return environment.reset(seed)["scene_hash"][0]


class ErrorTests(unittest.TestCase):
    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)

    def assert_still_serving(self):
        self.assertTrue(self.client.tasks())

    def test_unknown_task_lists_those_that_exist(self):
        with self.assertRaises(errors.NotFound) as caught:
            self.client.make("Stabilty-v1")
        self.assertIn("Stability-v1", str(caught.exception))
        self.assert_still_serving()

    def test_unknown_option_is_named(self):
        with self.assertRaises(errors.InvalidArgument) as caught:
            self.client.make("Stability-v1", options={"blockz": 3})
        self.assertIn("blockz", str(caught.exception))

    def test_wrong_number_of_actions_says_how_many(self):
        with self.client.make("Stability-v1", 4) as environment:
            environment.reset(0)
            with self.assertRaises(errors.InvalidArgument) as caught:
                environment.step(np.zeros((3, 1)))
            self.assertIn("4", str(caught.exception))

    def test_not_a_number_is_refused(self):
        with self.client.make("Stability-v1") as environment:
            environment.reset(0)
            with self.assertRaises(errors.InvalidArgument):
                environment.step(np.array([[np.nan]]))

    def test_step_before_reset_says_what_is_missing(self):
        with self.client.make("Stability-v1") as environment:
            with self.assertRaises(errors.WrongOrder) as caught:
                environment.step(["yes"])
            self.assertIn("reset", str(caught.exception).lower())

    def test_closed_environment_is_not_found(self):
        environment = self.client.make("Stability-v1")
        environment.close()
        environment.close()
        with self.assertRaises(errors.NotFound):
            environment.reset(0)

    def test_ten_megabytes_of_text_name_the_limit(self):
        with self.client.make("Stability-v1") as environment:
            environment.reset(0)
            with self.assertRaises(errors.PhysIntuitionError) as caught:
                environment.step(["x" * 10_000_000])
            self.assertIn(caught.exception.code, (
                grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED))
        self.assert_still_serving()

    def test_expired_deadline_is_a_timeout(self):
        with self.client.make("Stability-v1", 256) as environment:
            request = pb.ResetRequest(environment=environment.id, seed=0)
            with self.assertRaises(errors.DeadlineExceeded):
                self.client.call("Reset", request, timeout=1e-4)
        self.assert_still_serving()

    def test_garbage_bytes_are_refused(self):
        with grpc.insecure_channel(serving.address()) as channel:
            call = channel.unary_unary("/physintuition.v1.EnvironmentService/GetTask")
            with self.assertRaises(grpc.RpcError) as caught:
                call(b"\xff\xff\xff garbage", timeout=10)
        self.assertNotEqual(caught.exception.code(), grpc.StatusCode.OK)
        self.assert_still_serving()

    def test_nobody_there_says_so(self):
        with self.assertRaises(errors.Unavailable):
            physintuition.Client("127.0.0.1:1", patience=0.2).tasks()


if __name__ == "__main__":
    unittest.main()
