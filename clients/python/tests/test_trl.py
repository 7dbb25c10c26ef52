"""What TRL would ask of the helpers, asked here: rows, rewards of a batch, an environment reset and answered."""

from __future__ import annotations

import inspect
import subprocess
import sys
import unittest
from pathlib import Path

from physintuition import trl

from . import serving

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
sys.path.insert(0, str(_EXAMPLES))


class TrlTests(unittest.TestCase):
    def test_dataset_rows_have_a_prompt_with_a_place_for_the_picture(self):
        rows = list(trl.dataset("Stability-v1", 3, first_seed=5, address=serving.address()))
        self.assertEqual([row["seed"] for row in rows], [5, 6, 7])
        for row in rows:
            kinds = [part["type"] for part in row["prompt"][0]["content"]]
            self.assertEqual((row["prompt"][0]["role"], kinds), ("user", ["image", "text"]))
            self.assertEqual((row["image"].size, row["image"].mode), ((224, 224), "RGB"))

    def test_reward_function_scores_texts_and_messages_alike(self):
        reward = trl.reward_function("Stability-v1", address=serving.address())
        texts = ["<answer>yes</answer>", "<answer>no</answer>", "who knows"]
        messages = [[{"role": "assistant", "content": text}] for text in texts]
        parts = [[{"role": "assistant", "content": [{"type": "text", "text": text}]}] for text in texts]
        expected = reward(completions=texts, seed=[3, 3, 3], prompts=["?"] * 3, trainer_state=None)
        self.assertEqual(sorted(expected), [-1, 0, 1])
        self.assertEqual(reward(completions=messages, seed=[3, 3, 3]), expected)
        self.assertEqual(reward(completions=parts, seed=[3, 3, 3]), expected)

    def test_environments_of_one_group_meet_the_same_scene(self):
        factory = trl.environment_factory("OffsetRetry-v1", address=serving.address())
        group = [factory() for _ in range(2)]
        prompts = [environment.reset(seed=11, prompt="ignored", image=None) for environment in group]
        self.assertEqual([part["type"] for part in prompts[0]], ["image", "text"])
        self.assertEqual(*prompts)
        replies = [environment.answer("<answer>(100, 50)</answer>") for environment in group]
        self.assertEqual(*replies)
        self.assertEqual(*trl.episode_reward(group))

    def test_episode_of_three_answers_ends_and_a_reset_begins_another(self):
        environment = trl.environment_factory("OffsetRetry-v1", address=serving.address())()
        environment.reset(seed=1)
        for turn in range(3):
            self.assertFalse(environment.done)
            environment.answer(f"<answer>({turn}, {turn})</answer>")
        self.assertTrue(environment.done)
        self.assertEqual(
            environment.answer("<answer>(1, 1)</answer>"), [{"type": "text", "text": "The episode has ended."}])
        environment.reset(seed=2)
        self.assertEqual((environment.reward, environment.done, environment.turns), (0.0, False, 0))

    def test_tools_are_documented_and_typed(self):
        # TRL makes a tool of every public method but reset, from its types and its docstring.
        factory = trl.environment_factory("OffsetRetry-v1")
        tools = [name for name, _ in inspect.getmembers(factory, inspect.isfunction)
                 if not name.startswith("_") and name != "reset"]
        self.assertEqual(tools, ["answer"])
        self.assertEqual(factory.answer.__annotations__, {"text": "str", "return": "list"})
        for section in ("Args:", "text:", "Returns:"):
            self.assertIn(section, factory.answer.__doc__)


class ExampleTests(unittest.TestCase):
    def test_reinforce_learns(self):
        import reinforce

        rewards = [reward for reward, _ in reinforce.learn(serving.address(), updates=30, envs=64, seed=0)]
        self.assertGreater(sum(rewards[-5:]) / 5, sum(rewards[:5]) / 5 + 2)

    def test_random_agent_prints_its_mean(self):
        run = subprocess.run(
            [sys.executable, str(_EXAMPLES / "random_agent.py"), "--address", serving.address(), "--envs", "4",
             "--steps", "2"], capture_output=True, text=True, timeout=300)
        self.assertRegex(run.stdout, r"^Stability-v1: mean reward [01]\.\d+", run.stderr)

    def test_trl_example_gives_the_trainer_what_it_takes(self):
        import trl_grpo

        arguments = trl_grpo.parse(["--address", serving.address(), "--rows", "2"])
        rows = list(trl.dataset(**trl_grpo.dataset_settings(arguments)))
        reward, = trl_grpo.trainer_settings(arguments)["reward_funcs"]
        rewards = reward(completions=["<answer>yes</answer>"] * 2, seed=[row["seed"] for row in rows])
        self.assertTrue(set(rewards) <= {0.0, 1.0})
        played = trl_grpo.trainer_settings(trl_grpo.parse(["--turns", "--task", "OffsetRetry-v1"]))
        self.assertEqual(played["reward_funcs"], [trl.episode_reward])

    def test_trl_example_without_trl_says_what_to_install(self):
        try:
            import trl as _  # noqa: F401
        except ImportError:
            run = subprocess.run(
                [sys.executable, str(_EXAMPLES / "trl_grpo.py")], capture_output=True, text=True, timeout=300)
            self.assertEqual(run.returncode, 1)
            self.assertIn("pip install 'trl[vlm]'", run.stderr)
        else:
            self.skipTest("TRL is installed.")


if __name__ == "__main__":
    unittest.main()
