"""Slots as conversations, from the server's turns and from Pillow's pictures."""

from __future__ import annotations

import base64
import io
import unittest

import numpy as np
from PIL import Image

from physintuition import aio, chat, errors

from . import serving

_ANSWERS = ["<answer>(1, 2)</answer>", "Who knows?"]


def picture(part):
    """A part's pixels, whatever form it has."""
    if part["type"] == "image":
        return np.asarray(part["image"])
    scheme, data = part["image_url"]["url"].split(",", 1)
    assert scheme == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


class MessagesTests(unittest.TestCase):
    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)

    def make(self, task="OffsetRetry-v1", slots=2, **settings):
        environment = self.client.make(task, slots, size=(48, 32), **settings)
        self.addCleanup(environment.close)
        return environment

    def assert_same(self, here, there):
        self.assertEqual([turn["role"] for turn in here], [turn["role"] for turn in there])
        for mine, theirs in zip(here, there):
            if isinstance(theirs["content"], str):
                self.assertEqual(mine["content"], theirs["content"])
                continue
            self.assertEqual(mine["content"][1], theirs["content"][1])
            np.testing.assert_array_equal(picture(mine["content"][0]), picture(theirs["content"][0]))

    def test_pillows_turns_are_the_servers(self):
        for autoreset in ("disabled", "same_step", "next_step"):
            for encoding in ("raw", "png"):
                environment = self.make(observe=("messages", "messages_pil"), autoreset=autoreset, encoding=encoding)
                shown = [environment.reset(3)]
                for _ in range(3):
                    step = environment.step(_ANSWERS)
                    shown += [step.observations, step.final_observations]
                for observations in filter(None, shown):
                    self.assertEqual(list(observations), ["messages", "messages_pil"])
                    for row in range(2):
                        self.assert_same(observations["messages_pil"][row], observations["messages"][row])

    def test_pillows_pictures_are_the_callers_own(self):
        environment = self.make(observe=("messages_pil",))
        first = environment.reset(3)["messages_pil"][0][1]["content"][0]["image"]
        kept = np.array(first)
        for seed in range(6):  # More often than there are shared buffers.
            environment.reset(seed)
        np.testing.assert_array_equal(np.asarray(first), kept)

    def test_what_one_call_shows_may_differ(self):
        environment = self.make(observe=("seed",))
        self.assertEqual(list(environment.reset(3, observe=("messages_pil", "seed"))), ["messages_pil", "seed"])
        step = environment.step(_ANSWERS, observe="messages_pil")
        self.assertEqual(len(step.observations["messages_pil"][0]), 1)
        self.assertEqual(list(environment.step(_ANSWERS).observations), ["seed"])

    def test_history_of_attempts_comes_from_the_server(self):
        environment = self.make("Offset-v1", observe=("messages",), options={"attempts": 2, "tries": 1}, history="all")
        first = environment.reset(3)["messages"]
        tried = environment.step(["<try>(1, 2)</try>", "<answer>(1, 2)</answer>"]).observations["messages"]
        self.assertEqual(tried[0].text[:len(first[0].text) - 1], first[0].text[:-1])
        self.assertEqual(tried[0][2], {"role": "assistant", "content": "<try>(1, 2)</try>"})
        for turns in tried:
            pictures = [turn["content"][0]["image_url"]["url"] for turn in turns if turn["role"] == "user"]
            self.assertEqual(len(set(pictures)), 2)
            self.assertTrue(all(url.startswith("data:image/png;base64,iVBOR") for url in pictures))
        late = self.make("Offset-v1", observe=("messages",), options={"attempts": 2})
        late.reset(3)
        with self.assertRaisesRegex(errors.PhysIntuitionError, "has kept none"):
            late.step(_ANSWERS, history="all")
        self.assertEqual(len(late.step(_ANSWERS).observations["messages"][0]), 1)

    def test_conversations_are_scored_at_once(self):
        said = [[{"role": "user", "content": "?"}, {"role": "assistant", "content": "<answer>(1, 2)</answer>"},
                 {"role": "user", "content": "Again?"}, {"role": "assistant", "content": "<answer>(30, 400)</answer>"}],
                [{"role": "assistant", "content": "<answer>(1, 2)</answer>"}]]
        texts = [chat.said(messages) for messages in said]
        rewards, values = self.client.score(
            "Offset-v1", [3, 4], sum(texts, []), options={"attempts": 2}, turns=[len(each) for each in texts],
            observe=("info",))
        one_by_one, _ = self.client.score("Offset-v1", [3, 4], ["<answer>(30, 400)</answer>", "<answer>(1, 2)</answer>"])
        np.testing.assert_allclose(rewards, one_by_one, atol=1e-5)
        self.assertEqual(len(values["info"]), 2)

    def test_dataset_rows_hold_turns(self):
        row = next(self.client.dataset(
            "Stability-v1", 1, first_seed=3, observe=("messages", "messages_pil"), size=(48, 32)))
        self.assertEqual(sorted(row), ["messages", "messages_pil", "seed"])
        self.assert_same(row["messages_pil"], row["messages"])

    def test_answers_may_be_messages(self):
        said = [{"role": "assistant", "content": "<answer>yes</answer>"},
                [{"role": "user", "content": "?"},
                 {"role": "assistant", "content": [{"type": "text", "text": "<answer>no</answer>"}]}],
                "<answer>yes</answer>"]
        by_message, _ = self.client.score("Stability-v1", [1, 1, 1], said)
        by_text, _ = self.client.score("Stability-v1", [1, 1, 1], [chat.text_of(each) for each in said])
        np.testing.assert_array_equal(by_message, by_text)
        self.assertEqual(sorted(by_message[:2].tolist()), [0, 1])
        environment = self.make("Stability-v1", 3, observe=())
        environment.reset([1, 1, 1])
        np.testing.assert_array_equal(environment.step(said).rewards, by_text)
        self.assertEqual(chat.text_of([]), "")


class ConversationsTests(unittest.TestCase):
    def play(self, history, name="messages"):
        with serving.client() as client, client.make(
                "OffsetRetry-v1", 2, observe=(name,), size=(32, 32)) as environment:
            conversations = chat.Conversations(environment, history=history)
            given = [conversations.reset(3)[1]]
            for _ in range(3):
                step = conversations.step(_ANSWERS)[1]
                given.append(step.messages)
            self.assertTrue(step.done and step.terminated and not step.truncated)
            return [[turn["role"] for turn in turns] for turns in given], given

    def test_history_says_how_much_is_given(self):
        begin, pair = ["system", "user"], ["assistant", "user"]
        for name in ("messages", "messages_pil"):
            self.assertEqual(self.play("all", name)[0], [begin, begin + pair, begin + 2 * pair, begin + 3 * pair])
        self.assertEqual(self.play("new")[0], [begin, ["user"], ["user"], ["user"]])
        self.assertEqual(self.play(1)[0], [begin] * 4)
        self.assertEqual(self.play(2)[0], [begin, begin + pair, begin + pair, begin + pair])

    def test_last_turns_are_the_last(self):
        _, all_turns = self.play("all")
        _, two = self.play(2)
        self.assertEqual(two[3], [all_turns[3][0], *all_turns[3][-3:]])

    def test_rows_of_a_mask_go_on_alone(self):
        with serving.client() as client, client.make(
                "OffsetRetry-v1", 3, observe="messages", size=(32, 32)) as environment:
            conversations = chat.Conversations(environment)
            conversations.reset(3)
            steps = conversations.step(["<answer>(1, 2)</answer>"], mask=[False, True, False])
            self.assertEqual([len(step.messages) for step in steps], [4])
            self.assertEqual([len(conversations.messages(slot)) for slot in range(3)], [2, 4, 2])
            self.assertEqual(len(conversations.reset([9], mask=[False, True, False])[0]), 2)

    def test_wrong_settings_are_named(self):
        with serving.client() as client, client.make("Stability-v1", observe="rgb") as environment:
            for history in ("some", 0, True):
                with self.assertRaisesRegex(errors.InvalidArgument, "'history' is"):
                    chat.Conversations(environment, history=history)
            with self.assertRaisesRegex(errors.InvalidArgument, "it must name 'messages' or 'messages_pil'"):
                chat.Conversations(environment).reset(1)


class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def test_asyncio_gives_the_same_turns(self):
        async with aio.Client(serving.address()) as client:
            environment = await client.make("OffsetRetry-v1", 2, observe=("messages_pil",), size=(48, 32))
            turns = (await environment.reset(seed=3))["messages_pil"][0]
            step = await environment.step(_ANSWERS)
            rows = [row async for row in client.dataset("OffsetRetry-v1", 1, first_seed=3, observe=("messages_pil",))]
        self.assertEqual([turn["role"] for turn in turns], ["system", "user"])
        self.assertEqual([turn["role"] for turn in step.observations["messages_pil"][0]], ["user"])
        self.assertEqual(rows[0]["messages_pil"][1]["content"][1], turns[1]["content"][1])


if __name__ == "__main__":
    unittest.main()
