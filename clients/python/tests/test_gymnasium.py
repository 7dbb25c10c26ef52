"""Gymnasium's rules in our own words; where Gymnasium is installed its own checkers run too."""

from __future__ import annotations

import json
import unittest

import numpy as np

import physintuition
from physintuition import _gym
from physintuition._gym import AutoresetMode
from physintuition.errors import InvalidArgument, NotAllowed

from . import serving


class EnvTests(unittest.TestCase):
    def make(self, task="Stability-v1", **settings):
        env = physintuition.make(task, address=serving.address(), **settings)
        self.addCleanup(env.close)
        return env

    def test_reset_same_seed_twice_gives_equal_observations_and_so_do_the_unseeded_resets_after(self):
        env = self.make()
        runs = []
        for _ in range(2):
            first, _ = env.reset(seed=123)
            second, _ = env.reset()
            runs.append((first, second))
        np.testing.assert_array_equal(runs[0][0], runs[1][0])
        np.testing.assert_array_equal(runs[0][1], runs[1][1])
        self.assertFalse(np.array_equal(*runs[0]))

    def test_reset_seeds_the_random_generator(self):
        env = self.make()
        env.reset(seed=7)
        self.assertIsInstance(env.unwrapped._np_random, np.random.Generator)
        self.assertEqual(env.np_random_seed, 7)

    def test_reset_empty_options_are_none(self):
        observation, info = self.make().reset(seed=1, options={})
        self.assertEqual(observation.dtype, np.uint8)
        self.assertIsInstance(info, dict)

    def test_observations_and_actions_lie_in_their_spaces_in_every_task(self):
        with serving.client() as client:
            tasks = [task for task in client.tasks() if "train" in task.splits]  # Others need a folder of pictures.
        for task in tasks:
            with self.subTest(task.id):
                env = self.make(task.id, observe=("rgb", "prompt"), size=(64, 48))
                observation, _ = env.reset(seed=3)
                self.assertTrue(env.observation_space.contains(observation))
                env.action_space.seed(0)
                action = env.action_space.sample()
                self.assertTrue(env.action_space.contains(action))
                observation, reward, terminated, truncated, info = env.step(action)
                self.assertTrue(env.observation_space.contains(observation))
                self.assertIs(type(reward), float)
                self.assertIs(type(terminated), bool)
                self.assertIs(type(truncated), bool)
                self.assertIs(type(info), dict)

    def test_numeric_spaces_are_bounded_and_normalised(self):
        env = self.make("Offset-v1")
        np.testing.assert_array_equal(env.action_space.low, [-1, -1])
        np.testing.assert_array_equal(env.action_space.high, [1, 1])

    def test_units_of_the_task_are_drawn_and_checked_as_whole_numbers_where_it_wants_them(self):
        for task in self.numeric_tasks():
            with self.subTest(task):
                env = self.make(task, rescale_actions=False, size=(32, 32))
                env.action_space.seed(0)
                for _ in range(3):
                    env.reset(seed=0)
                    action = env.action_space.sample()
                    self.assertTrue(env.action_space.contains(action))
                    env.step(action)
        push = self.make("Push-v1", rescale_actions=False).action_space
        self.assertFalse(push.contains(np.array([1.5, 0, 10], np.float32)))
        self.assertTrue(push.contains(np.array([1, 0, 10.5], np.float32)))
        vector = physintuition.make_vec("Push-v1", 3, address=serving.address(), rescale_actions=False)
        self.addCleanup(vector.close)
        vector.reset(seed=0)
        vector.step(vector.action_space.sample())

    @staticmethod
    def numeric_tasks():
        with serving.client() as client:
            tasks = client.tasks()
        return [task.id for task in tasks if "train" in task.splits and task.action_space["type"] == "box"]

    def test_every_observation_lies_in_its_space(self):
        with serving.client() as client:
            task = client.task("Offset-v1")
        for name in task.observations:
            with self.subTest(name):
                env = self.make("Offset-v1", observe=(name,), size=(32, 32))
                for observation in (env.reset(seed=3)[0], env.step([0.1, 0.2])[0]):
                    self.assertTrue(env.observation_space.contains(observation), observation)
                self.assertIsInstance(env.reset(seed=3)[1], dict)

    def test_texts_are_short_and_every_prompt_fits(self):
        env = self.make(observe=("prompt",), text_actions=True)
        for space in (env.observation_space, env.action_space):
            self.assertLessEqual(space.max_length, 2048)
        with serving.client() as client:
            for task in client.tasks():
                if "train" in task.splits:
                    row = next(client.dataset(task.id, 1, observe=("prompt",)))
                    self.assertTrue(env.observation_space.contains(row["prompt"]), task.id)

    def test_flat_gives_one_axis(self):
        flat, whole = self.make(observe="state", flat=True), self.make(observe="state")
        self.assertEqual(flat.observation_space.shape, (int(np.prod(whole.observation_space.shape)),))
        np.testing.assert_array_equal(flat.reset(seed=3)[0], whole.reset(seed=3)[0].ravel())
        self.assertTrue(flat.observation_space.contains(flat.step(1)[0]))
        vector = physintuition.make_vec("Stability-v1", 2, address=serving.address(), observe=("state",), flat=True,
                                        autoreset_mode="SameStep")
        self.addCleanup(vector.close)
        self.assertTrue(vector.observation_space.contains(vector.reset(seed=3)[0]))
        infos = vector.step([1, 1])[-1]
        self.assertEqual(infos["final_obs"][0].shape, flat.observation_space.shape)
        with self.assertRaisesRegex(ValueError, "one observation of numbers"):
            self.make(observe=("rgb", "state"), flat=True)

    def test_step_after_one_step_task_terminates_and_is_not_truncated(self):
        env = self.make()
        env.reset(seed=0)
        _, _, terminated, truncated, _ = env.step(1)
        self.assertIs(terminated, True)
        self.assertIs(truncated, False)

    def test_render_every_mode_gives_what_its_name_says(self):
        env = self.make(render_mode="rgb_array")
        env.reset(seed=0)
        picture = env.render()
        self.assertEqual((picture.dtype, picture.ndim, picture.shape[2]), (np.uint8, 3, 3))
        env = self.make(render_mode="ansi")
        env.reset(seed=0)
        self.assertIsInstance(env.render(), str)
        env = self.make(render_mode="rgb_array_list")
        env.reset(seed=0)
        env.step(1)
        frames = env.render()
        self.assertEqual([frame.shape for frame in frames], [(224, 224, 3)] * 2)
        self.assertEqual(env.render(), [])
        self.assertGreater(env.metadata["render_fps"], 0)
        with self.assertRaises(ValueError):
            self.make(render_mode="human")

    def test_outcome_is_what_the_observation_after_the_last_reward_shows(self):
        asked, settled = self.make(size=(64, 64)), self.make(size=(64, 64), outcome="settled", render_mode="rgb_array")
        asked.render_mode = "rgb_array"
        question, _ = asked.reset(seed=5)  # A tower that falls.
        settled.reset(seed=5)
        after, outcome = asked.step(1)[0], settled.step(1)[0]
        np.testing.assert_array_equal(question, after)
        self.assertFalse(np.array_equal(question, outcome))
        np.testing.assert_array_equal(asked.render(), outcome)  # People see what came of it.
        np.testing.assert_array_equal(settled.render(), outcome)
        with self.assertRaisesRegex(ValueError, "'outcome' is 'settle'.*Did you mean 'settled'"):
            self.make(outcome="settle")

    def test_reset_tells_nothing_of_the_answer_in_any_task(self):
        with serving.client() as client:
            tasks = [task for task in client.tasks() if "train" in task.splits]
            self.assertTrue(all(task.observations["margin"].is_privileged for task in tasks))
        for task in tasks:
            with self.subTest(task.id):
                _, info = self.make(task.id, size=(32, 32)).reset(seed=2)
                self.assertEqual(info, {"parse_error": None, "verdict": None, "distance": None})

    def test_margin_is_observed_by_name_and_refused_where_labels_are_withheld(self):
        margin, _ = self.make(observe=("margin",)).reset(seed=1)
        self.assertEqual((margin.shape, margin.dtype), ((), np.float32))
        self.assertGreater(abs(margin), 0.01)
        with self.assertRaises(NotAllowed):
            self.make(observe=("margin",), split="heldout")

    def test_messages_are_the_whole_conversation_where_history_says_so(self):
        env = self.make("OffsetRetry-v1", observe=("messages",), history="all", text_actions=True, size=(32, 32))
        first, _ = env.reset(seed=1)
        second, *_ = env.step("<answer>(1, 2)</answer>")
        self.assertTrue(env.observation_space.contains(second))
        before, after = json.loads(first), json.loads(second)
        self.assertEqual(after[:len(before)], before)
        self.assertEqual([turn["role"] for turn in after[len(before):]], ["assistant", "user"])

    def test_a_setting_that_does_not_exist_says_what_was_meant(self):
        for make in (physintuition.make, physintuition.make_vec):
            with self.assertRaisesRegex(TypeError, "'optoins' is no setting; there is .*Did you mean 'options'?"):
                make("Stability-v1", optoins={}, address=serving.address())

    def test_texts_where_numbers_are_wanted_say_how_they_are_taken(self):
        for task in ("Stability-v1", "Offset-v1"):
            env, batch = self.make(task), physintuition.make_vec(task, 2, address=serving.address())
            self.addCleanup(batch.close)
            for reset, step, actions in ((env.reset, env.step, "yes"), (batch.reset, batch.step, ["yes", "no"])):
                reset(seed=1)
                with self.assertRaisesRegex(InvalidArgument, "text_actions=True to answer in texts"):
                    step(actions)

    def test_text_actions_are_texts(self):
        env = self.make(text_actions=True)
        env.reset(seed=0)
        rewards = {env.step("<answer>yes</answer>")[1]}
        env.reset(seed=0)
        rewards.add(env.step("<answer>no</answer>")[1])
        self.assertEqual(rewards, {0.0, 1.0})

    def test_close_twice_is_fine(self):
        env = self.make()
        env.close()
        env.close()

    @unittest.skipUnless(_gym.HAS_GYMNASIUM, "Gymnasium is not installed; its own checker cannot run.")
    def test_gymnasium_own_checker_is_content(self):
        from gymnasium.utils.env_checker import check_env

        check_env(self.make(render_mode="rgb_array"))


class VectorEnvTests(unittest.TestCase):
    def make(self, task="Stability-v1", num_envs=4, **settings):
        env = physintuition.make_vec(task, num_envs, address=serving.address(), **settings)
        self.addCleanup(env.close)
        return env

    def test_reset_integer_seed_is_seed_plus_slot(self):
        vector, single = self.make(), physintuition.make("Stability-v1", address=serving.address())
        self.addCleanup(single.close)
        pictures, _ = vector.reset(seed=20)
        for slot in range(4):
            np.testing.assert_array_equal(pictures[slot], single.reset(seed=20 + slot)[0])

    def test_step_shapes_and_types_are_gymnasiums(self):
        env = self.make()
        env.reset(seed=0)
        observations, rewards, terminated, truncated, infos = env.step(np.zeros(4, np.int64))
        self.assertTrue(env.observation_space.contains(observations))
        self.assertEqual((rewards.dtype, rewards.shape), (np.float64, (4,)))
        self.assertEqual((terminated.dtype, truncated.dtype), (np.bool_, np.bool_))
        self.assertTrue(all(f"_{key}" in infos for key in infos if not key.startswith("_")))

    def test_next_step_mode_spends_one_step_on_the_reset(self):
        env = self.make(autoreset_mode=AutoresetMode.NEXT_STEP)
        self.assertIs(env.metadata["autoreset_mode"], AutoresetMode.NEXT_STEP)
        env.reset(seed=0)
        _, _, terminated, _, _ = env.step(np.zeros(4, np.int64))
        self.assertTrue(terminated.all())
        _, rewards, terminated, _, _ = env.step(np.zeros(4, np.int64))
        self.assertFalse(terminated.any())
        np.testing.assert_array_equal(rewards, np.zeros(4))

    def test_same_step_mode_keeps_the_final_observation(self):
        env = self.make(autoreset_mode=AutoresetMode.SAME_STEP)
        env.reset(seed=0)
        observations, _, terminated, _, infos = env.step(np.ones(4, np.int64))
        self.assertTrue(terminated.all() and infos["_final_obs"].all())
        for slot in range(4):
            self.assertEqual(infos["final_obs"][slot].shape, observations[slot].shape)
            self.assertFalse(np.array_equal(infos["final_obs"][slot], observations[slot]))

    def test_disabled_mode_refuses_to_step_an_ended_slot_until_it_is_reset_by_mask(self):
        env = self.make(autoreset_mode=AutoresetMode.DISABLED)
        first, _ = env.reset(seed=0)
        env.step(np.zeros(4, np.int64))
        with self.assertRaises(RuntimeError):
            env.step(np.zeros(4, np.int64))
        mask = np.array([True, False, True, False])
        after, _ = env.reset(options={"reset_mask": mask})
        self.assertFalse(np.array_equal(after[0], first[0]))
        with self.assertRaises(ValueError):
            env.reset(options={"reset_mask": np.zeros(4, bool)})

    def test_autoreset_goes_on_deterministically_after_a_seed(self):
        runs = []
        for _ in range(2):
            env = self.make(autoreset_mode=AutoresetMode.SAME_STEP)
            env.reset(seed=99)
            runs.append([env.step(np.zeros(4, np.int64))[0] for _ in range(3)])
        for first, second in zip(*runs):
            np.testing.assert_array_equal(first, second)
        self.assertFalse(np.array_equal(runs[0][0], runs[0][1]))

    def test_batches_lie_in_the_batched_spaces(self):
        for task in ("Stability-v1", "Offset-v1", "Push-v1"):
            with self.subTest(task):
                env = self.make(task, observe=("rgb", "depth"), size=(32, 32))
                self.assertEqual(env.action_space.shape, (4, *env.single_action_space.shape))
                observations, _ = env.reset(seed=0)
                self.assertTrue(env.observation_space.contains(observations))
                env.action_space.seed(1)
                observations, *_ = env.step(env.action_space.sample())
                self.assertTrue(env.observation_space.contains(observations))

    def test_spaces_of_many_environments_hold_one_copy_of_their_bounds(self):
        env = self.make(num_envs=512, observe=("rgb", "seed"))
        rgb = env.observation_space["rgb"]
        self.assertEqual((rgb.shape, rgb.low.strides[0]), ((512, 224, 224, 3), 0))
        self.assertTrue((rgb.low[511] == 0).all() and (rgb.high[511] == 255).all())
        if _gym.HAS_GYMNASIUM:
            from gymnasium.vector.utils import batch_space

            for name in ("prompt", "info", "state", "seed"):
                few = self.make(num_envs=3, observe=(name,), rescale_actions=False)
                self.assertEqual(few.observation_space, batch_space(few.single_observation_space, 3))
                self.assertEqual(few.action_space, batch_space(few.single_action_space, 3))

    def test_facts_may_be_observed(self):
        env = self.make("OffsetRetry-v1", observe=("info",), autoreset_mode="Disabled", text_actions=True)
        first, _ = env.reset(seed=0)
        self.assertTrue(env.observation_space.contains(first))
        answered, _, _, _, infos = env.step(["<answer>(1, 2)</answer>"] * 4)
        self.assertEqual(json.loads(answered[0])["verdict"], infos["verdict"][0])
        after, _ = env.reset(options={"reset_mask": np.array([True, False, False, False])})
        self.assertEqual(after[1:], answered[1:])
        self.assertNotEqual(after[0], answered[0])

    def test_slots_play_as_single_environments_do(self):
        vector = self.make("OffsetRetry-v1", 3, autoreset_mode="Disabled", size=(32, 32))
        singles = [physintuition.make("OffsetRetry-v1", address=serving.address(), size=(32, 32)) for _ in range(3)]
        vector.reset(seed=60)
        for slot, single in enumerate(singles):
            self.addCleanup(single.close)
            single.reset(seed=60 + slot)
        actions = np.array([[0.1, -0.2], [0.0, 0.3], [-0.05, 0.1]], np.float32)
        pictures, rewards, terminated, truncated, infos = vector.step(actions)
        for slot, single in enumerate(singles):
            picture, reward, ended, cut, info = single.step(actions[slot])
            np.testing.assert_array_equal(pictures[slot], picture)
            self.assertEqual((rewards[slot], terminated[slot], truncated[slot]), (reward, ended, cut))
            self.assertEqual(infos["verdict"][slot], info["verdict"])

    def test_observations_are_the_callers_own(self):
        env = self.make(size=(32, 32))
        first, _ = env.reset(seed=0)
        kept = first.copy()
        for _ in range(6):  # More often than there are buffers.
            env.step(np.zeros(4, np.int64))
        np.testing.assert_array_equal(first, kept)
        first[:] = 0  # And may be written to.

    def test_seeds_may_be_a_list(self):
        env = self.make(observe=("seed",))
        seeds, _ = env.reset(seed=[9, 4, 7, 4])
        self.assertEqual(seeds.tolist(), [9, 4, 7, 4])

    def test_info_is_arrays_with_masks(self):
        env = self.make(size=(32, 32))
        env.reset(seed=0)
        infos = env.step(np.zeros(4, np.int64))[-1]
        for key in (key for key in infos if not key.startswith("_")):
            self.assertEqual(infos[f"_{key}"].dtype, bool)
            self.assertEqual((infos[key].shape[0], infos[f"_{key}"].shape), (4, (4,)))

    def test_info_has_one_type_whichever_row_lacks_a_value(self):
        env = self.make("Offset-v1", 2, text_actions=True, autoreset_mode="Disabled", size=(32, 32))
        for answers in (["<answer>(1, 2)</answer>", "?"], ["?", "<answer>(1, 2)</answer>"]):
            env.reset(seed=0)
            distance = env.step(answers)[-1]["distance"]
            self.assertEqual(distance.dtype, np.float64)
            self.assertEqual(np.isnan(distance).tolist(), [answer == "?" for answer in answers])

    def test_reset_mask_at_the_first_reset_says_what_is_missing(self):
        with self.assertRaisesRegex(ValueError, "reset all slots first"):
            self.make(autoreset_mode="Disabled").reset(options={"reset_mask": np.array([True, False, False, False])})

    def test_final_info_belongs_to_the_ended_episodes(self):
        env = self.make(autoreset_mode="SameStep", size=(32, 32))
        env.reset(seed=0)
        _, _, terminated, _, infos = env.step(np.zeros(4, np.int64))
        self.assertTrue(terminated.all())
        self.assertTrue(infos["_final_info"].all() and infos["_final_obs"].all())
        self.assertTrue(all(infos["final_info"]["_verdict"]))
        self.assertEqual(infos["final_obs"].dtype, object)
        twin = self.make(autoreset_mode="Disabled", size=(32, 32))
        twin.reset(seed=0)
        told = twin.step(np.zeros(4, np.int64))[-1]
        self.assertEqual(infos["final_info"]["verdict"].tolist(), told["verdict"].tolist())
        self.assertEqual(infos["verdict"].tolist(), [None] * 4)  # Of the new episodes nothing is known yet.

    def test_reset_mask_must_be_bools_with_one_set(self):
        env = self.make(autoreset_mode="Disabled", size=(32, 32))
        env.reset(seed=0)
        for wrong in (np.ones(4), np.zeros(4, bool), np.ones(3, bool)):
            with self.assertRaises(ValueError):
                env.reset(options={"reset_mask": wrong})

    def test_render_gives_one_value_for_each_slot(self):
        env = self.make(render_mode="rgb_array", size=(32, 24))
        env.reset(seed=0)
        self.assertEqual([picture.shape for picture in env.render()], [(24, 32, 3)] * 4)
        env = self.make(render_mode="ansi")
        env.reset(seed=0)
        env.step(np.zeros(4, np.int64))
        self.assertTrue(all(text.startswith("Stability-v1") and "reward" in text for text in env.render()))

    def test_slot_options_differ_per_slot(self):
        env = self.make(num_envs=2, slot_options=[{"blocks": {"min": n, "max": n}} for n in (2, 8)], observe=("state",))
        state, _ = env.reset(seed=0)
        self.assertEqual((state[:, :, 0] > 0).sum(axis=1).tolist(), [2, 8])

    def test_dict_observations_are_batched_by_name(self):
        env = self.make(observe=("rgb", "depth", "prompt"), size=(32, 32))
        observations, _ = env.reset(seed=0)
        self.assertEqual(observations["rgb"].shape, (4, 32, 32, 3))
        self.assertEqual(observations["depth"].shape, (4, 32, 32))
        self.assertEqual(len(observations["prompt"]), 4)


if __name__ == "__main__":
    unittest.main()
