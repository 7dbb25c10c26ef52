"""What callers give arrives exactly, or is refused with field, value, rule and remedy before anything changes."""

from __future__ import annotations

import unittest

import numpy as np

import physintuition
from physintuition import _values, errors

from . import serving


class Tensor:
    """As much of torch's tensor as the client uses, on a device that NumPy cannot read."""

    def __init__(self, values, on_device=True):
        self._values, self._on_device = np.asarray(values), on_device
        self.ndim, self.shape, self.dtype = self._values.ndim, self._values.shape, f"torch.{self._values.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return Tensor(self._values, on_device=False)

    def numpy(self):
        if self._on_device:
            raise TypeError("can't convert cuda:0 device type tensor to numpy.")
        return self._values

    def __len__(self):
        return len(self._values)

    def __index__(self):
        return self._values.__index__()

    def __array__(self, *_):
        return self.numpy()


class RawTests(unittest.TestCase):
    """`Environment` and `Client` take arrays of the wire's shape."""

    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)

    def make(self, task="Offset-v1", slots=2, **settings):
        environment = self.client.make(task, slots, **{"observe": ("seed",), **settings})
        self.addCleanup(environment.close)
        return environment

    def test_actions_of_every_kind_mean_the_same(self):
        environment = self.make()
        rewards = []
        for actions in (
            [[12, 40], [-3, 60]], np.array([[12, 40], [-3, 60]]), np.array([[12, 40], [-3, 60]], object),
            [np.array([12, 40]), np.array([-3, 60])], [[np.int64(12), np.float32(40)], [np.array(-3), 60.0]],
            Tensor([[12, 40], [-3, 60]]), [Tensor([12, 40]), Tensor([-3, 60])], ((12, 40), (-3, 60)),
            np.array([[12, -3], [40, 60]]).T, np.array([[12, 40], [-3, 60]], "<f4"), np.array([[12, -3], [40, 60]], "<f4").T,
            np.array([[12, 40], [-3, 60]], ">f4"), np.array([[12, 40], [0, 0], [-3, 60]], "<f4")[::2],
        ):
            environment.reset(3)
            rewards.append(environment.step(actions).rewards.tolist())
        self.assertEqual(rewards, rewards[:1] * len(rewards))

    def test_single_numbers_may_be_one_axis(self):
        environment = self.make("Stability-v1", 3)
        rewards = []
        for actions in (
            [1, 0, 1], np.array([[1], [0], [1]]), [np.array(1), np.array(0), np.array(1)], Tensor([1, 0, 1]),
        ):
            environment.reset(0)
            rewards.append(environment.step(actions).rewards.tolist())
        self.assertEqual(rewards, rewards[:1] * 4)

    def test_texts_of_every_kind_mean_the_same(self):
        environment = self.make("Stability-v1")
        rewards = []
        texts = ["<answer>yes</answer>", "<answer>no</answer>"]
        for actions in (texts, tuple(texts), np.array(texts), np.array(texts, object)):
            environment.reset(0)
            rewards.append(environment.step(actions).rewards.tolist())
        self.assertEqual(rewards, rewards[:1] * 4)

    def test_wrong_actions_are_refused_by_name_and_change_nothing(self):
        environment, twin = self.make(autoreset="same_step"), self.make(autoreset="same_step")
        environment.reset(3), twin.reset(3)
        for actions, words in (
            ("yes", "'actions' is 'yes'; it must be a list with one action for each row, in order. Give"),
            (1.5, "'actions' is 1.5; it must be a list"),
            (np.zeros((4, 1)), r"'actions' is float32\[4, 1\]; it must have 2 rows"),
            (np.zeros(4), r"'actions' is float32\[4\]; it must have 2 rows"),
            (np.zeros((2, 1, 2)), r"it must be float32\[rows, action_size\]"),
            ([[1, 2], [3]], "in rows of equal length"),
            (["yes", 1], r"'actions\[0\]' is 'yes'; it must be a number, or all actions must be texts"),
            ([1, None], r"'actions\[1\]' is None"),
            ([b"yes", b"no"], r"'actions\[0\]' is b'yes'"),
            ([1j, 2j], "it must hold numbers"),
            ({1, 2}, "'actions' is {1, 2}; it must be a list"),
            ({"x": 1, "y": 2}, "in order"),
            (["yes", "no \ud800"], r"'actions\[1\]' is .* place 3 holds half a character"),
        ):
            with self.subTest(actions), self.assertRaisesRegex(errors.InvalidArgument, words):
                environment.step(actions)
        right = [[1, 2], [3, 4]]
        self.assertEqual(
            environment.step(right).observations["seed"].tolist(), twin.step(right).observations["seed"].tolist())

    def test_transposed_actions_say_so(self):
        environment = self.make(slots=8)
        environment.reset(0)
        with self.assertRaisesRegex(errors.InvalidArgument, r"float32\[2, 8\]; it must have 8 rows.* Transpose it\?"):
            environment.step(np.zeros((2, 8)))

    def test_rows_are_those_of_the_mask(self):
        environment = self.make(slots=4)
        environment.reset(0)
        with self.assertRaisesRegex(errors.InvalidArgument, "it must have 2 rows"):
            environment.step(np.zeros((4, 1)), mask=[True, False, True, False])
        self.assertEqual(len(environment.step(np.ones((2, 2)), mask=np.array([1, 0, 1, 0])).rewards), 2)

    def test_seeds_are_whole_numbers_or_refused(self):
        environment = self.make()
        for seed in (7, np.int64(7), np.array(7), np.uint8(7), Tensor(7)):
            self.assertEqual(environment.reset(seed)["seed"].tolist(), [7, 8])
        for seeds in ([7, 9], (np.int64(7), np.array(9)), np.array([7, 9], np.uint64), Tensor([7, 9])):
            self.assertEqual(environment.reset(seeds)["seed"].tolist(), [7, 9])
        for seed, words in (
            (7.9, r"'seed' is 7.9; it must be a whole number. Give int\(seed\) if that is meant."),
            (np.float64(7), "'seed' is "), (True, "'seed' is True"), ("7", r"'seed' is '7'"), (-1, "'seed' is -1"),
            (2**64, "it must be in"), ([1, 2.9], r"'seeds\[1\]' is 2.9"), (np.array([1.0, 2.0]), r"'seeds\[0\]'"),
            ([1, -2], r"'seeds\[1\]' is -2"),
        ):
            with self.subTest(seed), self.assertRaisesRegex(errors.InvalidArgument, words):
                environment.reset(seed)
        self.assertEqual(environment.reset(7)["seed"].tolist(), [7, 8])

    def test_score_takes_whole_seeds_and_one_answer_for_each(self):
        with self.assertRaisesRegex(errors.InvalidArgument, r"'seeds\[1\]' is 2.9"):
            self.client.score("Stability-v1", seeds=[1, 2.9], answers=["yes", "no"])
        with self.assertRaisesRegex(errors.InvalidArgument, "'seeds' is {1, 2}"):
            self.client.score("Stability-v1", seeds={1, 2}, answers=["yes", "no"])
        with self.assertRaisesRegex(errors.InvalidArgument, "it must have 2 rows"):
            self.client.score("Stability-v1", seeds=[1, 2], answers=np.zeros(4))
        by_array, _ = self.client.score("Stability-v1", np.array([1, 2]), np.array([1, 0]))
        by_list, _ = self.client.score("Stability-v1", [1, 2], ["<answer>yes</answer>", "<answer>no</answer>"])
        np.testing.assert_array_equal(by_array, by_list)

    def test_other_arguments_are_refused_by_name(self):
        environment = self.make()
        environment.reset(0)
        for words, call in (
            ("'mask' is .*bool", lambda: environment.reset(0, mask=[0.5, 1])),
            (r"'slots\[0\]' is 0.5", lambda: environment.render([0.5])),
            (r"'sources\[1\]' is 1.0", lambda: environment.restore(environment.snapshot(), [0, 1.0])),
            ("'snapshot' is 'abc'", lambda: environment.restore("abc")),
            ("'slots' is 2.5", lambda: self.client.make("Offset-v1", 2.5)),
            ("'size' is 224; it must be \\(width, height\\)", lambda: self.client.make("Offset-v1", size=224)),
            (r"'size\[0\]' is 22.4", lambda: self.client.make("Offset-v1", size=(22.4, 22))),
            ("'options' is 'blocks'", lambda: self.client.make("Offset-v1", options="blocks")),
            ("'options' is .*it must hold what JSON can say",
             lambda: self.client.make("Offset-v1", options={"a": set()})),
            ("'options' is .*nan", lambda: self.client.make("Offset-v1", options={"a": float("nan")})),
            ("'autoreset' is 'nextstep'.*Did you mean 'next_step'", lambda: self.make(autoreset="nextstep")),
            ("'encoding' is 'PNG'.*Did you mean 'png'", lambda: self.make(encoding="PNG")),
            ("'task' is 5; it must be the id of a task", lambda: self.client.make(5)),
            (r"'observe' is 3; it must be the name", lambda: self.client.make("Offset-v1", observe=(3,))),
            ("'first_seed' is 1.5", lambda: next(self.client.dataset("Offset-v1", 2, first_seed=1.5))),
        ):
            with self.subTest(words), self.assertRaisesRegex(errors.InvalidArgument, words):
                call()

    def test_options_may_hold_numpys_numbers_and_observe_one_name(self):
        with self.client.make("Stability-v1", options={"blocks": {"min": np.int64(4), "max": np.int32(4)}},
                              observe="state") as environment:
            self.assertEqual(int((environment.reset(0)["state"][0][:, 0] > 0).sum()), 4)


class GymnasiumTests(unittest.TestCase):
    """`make` and `make_vec` know the task's action space and check all of it."""

    def make(self, task, num_envs=0, **settings):
        settings = {"size": (32, 32), "address": serving.address(), **settings}
        env = physintuition.make_vec(task, num_envs, **settings) if num_envs else physintuition.make(task, **settings)
        self.addCleanup(env.close)
        env.reset(seed=0)
        return env

    def assert_refused(self, env, action, words):
        with self.subTest(action), self.assertRaisesRegex(errors.InvalidArgument, words):
            env.step(action)

    def test_box_actions_have_exactly_their_shape(self):
        env = self.make("Offset-v1")
        for action in ([0.1], [[0.1, 0.2]], 0.1, [0.1, 0.2, 0.3], [True, False]):
            self.assert_refused(env, action, r"'action' is .*; it must be float32\[2\]: x, y")
        self.assert_refused(env, [0.1, np.nan], r"'action\[1\]' is nan; it must be a number in \[-1, 1\]")
        env = self.make("Offset-v1", 8)
        self.assert_refused(env, [1, 2, 3], r"'actions' is int64\[3\]; it must be float32\[8, 2\]: one row for each")
        self.assert_refused(env, np.zeros((2, 8)), r"'actions' is float64\[2, 8\]; it must be float32\[8, 2\]")
        self.assert_refused(env, np.zeros(16), r"'actions' is float64\[16\]")

    def test_box_actions_of_every_kind_mean_the_same(self):
        rewards = []
        for action in ([0.1, 0.2], np.array([0.1, 0.2]), [np.float64(0.1), np.array(0.2)], Tensor([0.1, 0.2]),
                       [Tensor(0.1), Tensor(0.2)], np.array([0.1, 0, 0.2], "<f4")[::2], np.array([0.1, 0.2], ">f4")):
            rewards.append(self.make("Offset-v1").step(action)[1])
        self.assertEqual(rewards, rewards[:1] * 7)

    def test_units_of_the_task_are_checked_against_its_ranges(self):
        env = self.make("Offset-v1", rescale_actions=False)
        self.assert_refused(env, [1, 2001], r"'action\[1\]' is 2001.0; it must be a whole number in \[-500, 2000\]")
        self.assert_refused(env, [1.5, 2], r"'action\[0\]' is 1.5; it must be a whole number")
        env.step([1.0, 2])
        env = self.make("Push-v1", 2, rescale_actions=False)
        self.assert_refused(env, [[1, 0, 5], [1.5, 0, 5]], r"'actions\[1\]\[0\]' is 1.5; it must be a whole number")
        env.step([[1, 0, 5.25], [2, 0, 5]])

    def test_choices_are_whole_numbers_in_their_range(self):
        env = self.make("Stability-v1")
        for action in (1.0, "yes", [1], np.array([1]), True):
            self.assert_refused(env, action, "'action' is .*; it must be a whole number")
        self.assert_refused(env, 2, r"'action' is 2; it must be in \[0, 1\]")
        for action in (1, np.int32(1), np.array(1), Tensor(1)):
            env.reset(seed=0)
            env.step(action)
        env = self.make("Stability-v1", 3)
        self.assert_refused(env, [1, 0], r"'actions' is int64\[2\]; it must be int64\[3\]")
        self.assert_refused(env, np.zeros(3), r"'actions' is float64\[3\]; it must be int64\[3\].*astype")
        self.assert_refused(env, [0, 1, 2], r"'actions\[2\]' is 2; it must be in \[0, 1\]")
        env.step((np.int64(1), 0, np.array(1)))

    def test_texts_are_texts(self):
        env = self.make("Stability-v1", text_actions=True)
        self.assert_refused(env, 1, "'action' is 1; it must be a text")
        env = self.make("Stability-v1", 2, text_actions=True)
        for actions in ("no", ["no"], ["no"] * 3):
            self.assert_refused(env, actions, "it must be a list of 2 texts")
        self.assert_refused(env, ["no", 1], r"'actions\[1\]' is 1; it must be a text")

    def test_seeds_of_reset_are_whole_numbers(self):
        env, vector = self.make("Stability-v1"), self.make("Stability-v1", 2)
        for one in (env, vector):
            with self.assertRaisesRegex(errors.InvalidArgument, "'seed' is 7.9"):
                one.reset(seed=7.9)
        with self.assertRaisesRegex(errors.InvalidArgument, r"'seeds\[1\]' is 2.9"):
            vector.reset(seed=[1, 2.9])
        np.testing.assert_array_equal(env.reset(seed=np.array(5))[0], env.reset(seed=5)[0])
        np.testing.assert_array_equal(vector.reset(seed=np.int64(5))[0], vector.reset(seed=np.array([5, 6]))[0])

    def test_names_that_are_nearly_right_are_suggested(self):
        for words, call in (
            ("'observe' is 'rbg'.*Did you mean 'rgb'", lambda: self.make("Stability-v1", observe=("rbg",))),
            ("'render_mode' is 'rgb_aray'.*Did you mean 'rgb_array'",
             lambda: self.make("Stability-v1", render_mode="rgb_aray")),
            ("'autoreset_mode' is 'SameStp'.*Did you mean 'SameStep'",
             lambda: self.make("Stability-v1", 2, autoreset_mode="SameStp")),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValueError, words):
                call()

    def test_closed_environment_says_so(self):
        env = self.make("Stability-v1")
        env.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            env.step(1)


class ShownTests(unittest.TestCase):
    def test_values_are_shortened_and_arrays_are_described(self):
        self.assertEqual(_values.shown(np.zeros((3, 2), np.float32)), "float32[3, 2]")
        self.assertLess(len(_values.shown("x" * 1000)), 100)


if __name__ == "__main__":
    unittest.main()
