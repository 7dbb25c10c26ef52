"""The Inspect task in Inspect's own order of calls; rewards are those of the plain client."""

from __future__ import annotations

import asyncio
import importlib.util
import unittest
from pathlib import Path
from typing import Any

import physintuition

from . import serving
from .contracts import inspect_ai as contract

_FILE = Path(physintuition.__file__).parent / "inspect_task.py"


def said(text: str, stop_reason: str = "stop") -> contract.ModelOutput:
    return contract.ModelOutput(completion=text, stop_reason=stop_reason)


class InspectTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        contract.install()
        # As Inspect does: by path, outside the package.
        spec = importlib.util.spec_from_file_location("inspect_task_by_path", _FILE)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def task(self, name: str, questions: int) -> Any:
        return self.module.physintuition(task=name, questions=questions, size=32, address=serving.address())

    async def test_samples_are_scenes_with_a_picture_and_a_question(self):
        made = self.task("Stability-v1", 3)
        self.assertEqual([sample.id for sample in made.dataset], [f"Stability-v1#{seed}" for seed in range(3)])
        for sample in made.dataset:
            self.assertEqual([message.role for message in sample.input], ["system", "user"])
            picture, question = sample.input[1].content
            self.assertTrue(picture.image.startswith("data:image/png;base64,iVBOR"))
            self.assertIn("<answer>", question.text)

    async def test_rewards_are_those_of_the_plain_client_whoever_plays_beside(self):
        made, answers = self.task("Stability-v1", 8), ["<answer>yes</answer>", "Perhaps."] * 4
        results = await asyncio.gather(*[
            contract.run_sample(made, sample, lambda _, text=text: said(text))
            for sample, text in zip(made.dataset, answers)])
        with serving.client() as client:
            expected, _ = client.score("Stability-v1", range(8), answers, split="test")
        self.assertEqual([score.value for _, score in results], expected.tolist())
        self.assertEqual([score.metadata["outcome"] for _, score in results], ["answered", "unreadable"] * 4)

    async def test_several_answers_are_turns_of_one_conversation(self):
        made = self.task("OffsetRetry-v1", 1)
        sample, = made.dataset
        state, score = await contract.run_sample(made, sample, lambda turn: said(f"<answer>({turn}, 9)</answer>"))
        self.assertEqual([message.role for message in state.messages], ["system"] + ["user", "assistant"] * 3)
        self.assertEqual(score.metadata, {"outcome": "answered", "turns": 3})
        self.assertIsNotNone(score.explanation)
        _, cut = await contract.run_sample(made, sample, lambda turn: said(f"<answer>({turn}, 9)</answer>"),
                                           message_limit=3)
        self.assertEqual(cut.metadata["turns"], 1)

    async def test_cut_off_answers_are_told_apart_and_an_unanswered_sample_has_no_score(self):
        made = self.task("Stability-v1", 1)
        sample, = made.dataset
        _, score = await contract.run_sample(made, sample, lambda _: said("I think that", "max_tokens"))
        self.assertEqual(score.metadata["outcome"], "cut_off")
        state = contract.TaskState("mockllm/model", 1, 1, sample.input, list(sample.input), dict(sample.metadata))
        self.assertIsNone(await made.scorer(state, ""))
