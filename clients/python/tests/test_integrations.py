"""Each adapter in its trainer's own order of calls; the answers' rewards are those of the plain client."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Iterator
from unittest import mock

import physintuition
from physintuition.errors import InvalidArgument, NotFound
from physintuition.integrations._episodes import Episodes, wait

from . import serving
from .contracts import nemo_gym as nemo_contract
from .contracts import skyrl as skyrl_contract
from .contracts import swift
from .contracts import tinker as tinker_contract
from .contracts import trl as trl_contract
from .contracts import vagen as vagen_contract
from .contracts import verifiers as verifiers_contract
from .contracts import verl as verl_contract

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
TASK, STEPS = "OffsetRetry-v1", 3
SMALL = [32, 32]


def says(turn: int) -> str:
    return f"I think <answer>({turn}, {2 * turn})</answer>"


def rewards_of(seed: int, turns: int = STEPS, task: str = TASK, split: str = "train") -> list[float]:
    """What the answers of `says` earn, by the plain client."""
    with serving.client() as client, client.make(task, 1, split=split, observe=()) as environment:
        environment.reset([seed])
        return [float(environment.step([says(turn + 1)]).rewards[0]) for turn in range(turns)]


@contextlib.contextmanager
def recorded() -> Iterator[list[str]]:
    """The names of the calls that reach the server."""
    names: list[str] = []
    call = physintuition.Client.call

    def record(self: Any, name: str, *args: Any, **settings: Any) -> Any:
        names.append(name)
        return call(self, name, *args, **settings)

    with mock.patch.object(physintuition.Client, "call", record):
        yield names


def played(names: list[str]) -> list[str]:
    return [name for name in names if name in ("Reset", "Step", "Score")]


class EpisodesTests(unittest.TestCase):
    def setUp(self):
        self.client = serving.client()
        self.addCleanup(self.client.close)
        self.episodes = Episodes(self.client, TASK, size=SMALL)

    def test_512_episodes_at_once_are_one_reset_and_one_step_a_turn_without_threads_of_their_own(self):
        most = 0

        async def play() -> list:
            nonlocal most
            group = await asyncio.gather(*[wait(self.episodes.begin(number // 8)) for number in range(512)])
            for turn in range(STEPS):
                await asyncio.gather(*[wait(episode.answer(says(turn + 1))) for episode in group])
                most = max(most, threading.active_count())
            return group

        self.client.server_info()
        before = threading.active_count()
        with recorded() as names:
            group = asyncio.run(play())
            again = asyncio.run(play())
        self.assertEqual(played(names), (["Reset"] + ["Step"] * STEPS) * 2)
        self.assertEqual(names.count("Create"), 1)
        self.assertLessEqual(most - before, 2)  # one worker, and gRPC may have one
        self.assertTrue(all(episode.done and episode.turns == STEPS for episode in group + again))
        for episode, other in zip(group, group[1:]):
            self.assertEqual(episode.seed == other.seed, episode.messages[1] == other.messages[1])
        self.assertAlmostEqual(group[-1].reward, sum(rewards_of(63)), places=5)
        self.assertEqual([turn["role"] for turn in group[0].messages], ["system", "user"] + ["assistant", "user"] * 3)

    def test_what_is_begun_for_later_goes_with_the_next_call(self):
        with recorded() as names:
            later = [self.episodes.begin(seed, later=True) for seed in range(20)]
            last = self.episodes.begin(20).result(60)
            self.assertEqual([each.result(60).seed for each in later] + [last.seed], list(range(21)))
        self.assertEqual(played(names), ["Reset"])

    def test_slots_come_back_from_the_ended_the_closed_and_the_dropped(self):
        with recorded() as names:
            for _ in range(3):
                episodes = [each.result(60) for each in [self.episodes.begin(seed) for seed in range(16)]]
                for episode in episodes[:4]:
                    for turn in range(STEPS):
                        episode.answer(says(turn + 1)).result(60)
                for episode in episodes[4:8]:
                    episode.close()
                    episode.close()
                del episodes, episode
                gc.collect()
                deadline = time.monotonic() + 60
                while len(self.episodes._freed) < 16 and time.monotonic() < deadline:
                    self.episodes.begin(0, later=True).cancel()
                    self.episodes.wake()  # The worker lets go of its last calls.
                    gc.collect()
                    time.sleep(0.01)
        self.assertEqual(names.count("Create"), 1)

    def test_what_is_wrong_is_its_own_fault_alone(self):
        with self.assertRaisesRegex(InvalidArgument, "'seed' is 1.5"):
            self.episodes.begin(1.5)
        good = self.episodes.begin(1).result(60)
        with self.assertRaisesRegex(InvalidArgument, "half a character"):
            good.answer("\ud800")
        bad = self.episodes.begin(2).result(60)

        async def both() -> list:
            return await asyncio.gather(
                wait(good.answer(says(1))), wait(bad.answer("x" * 300_000)), return_exceptions=True)

        fine, refused = asyncio.run(both())
        self.assertAlmostEqual(fine.reward, rewards_of(1)[0], places=5)
        self.assertIsInstance(refused, InvalidArgument)
        self.assertAlmostEqual(bad.answer(says(1)).result(60).reward, rewards_of(2)[0], places=5)
        for turn in range(1, STEPS):
            good.answer(says(turn + 1)).result(60)
        with self.assertRaisesRegex(RuntimeError, "has ended"):
            good.answer(says(1))

    def test_a_task_that_does_not_exist_is_named_to_everybody_who_waits(self):
        wrong = Episodes(self.client, "OffsetRetri-v1")
        for begun in [wrong.begin(1), wrong.begin(2)]:
            with self.assertRaisesRegex(NotFound, "OffsetRetry-v1"):
                begun.result(60)

    def test_a_session_that_has_run_out_is_opened_anew(self):
        lost = self.episodes.begin(1).result(60)
        self.client.stub.CloseSession(
            physintuition.v1.environment_pb2.CloseSessionRequest(), metadata=self.client._metadata(True), timeout=60)
        self.assertEqual(self.episodes.begin(2).result(60).seed, 2)
        with self.assertRaisesRegex(RuntimeError, "lost with its session"):
            lost.answer(says(1)).result(60)

    def test_a_cancelled_wait_costs_nobody_else_anything(self):
        async def leave() -> Any:
            waiting = asyncio.ensure_future(wait(self.episodes.begin(1)))
            other = asyncio.ensure_future(wait(self.episodes.begin(2)))
            await asyncio.sleep(0)
            waiting.cancel()
            return await other

        self.assertEqual(asyncio.run(leave()).seed, 2)

    def test_settings_share_their_episodes_and_a_forked_child_has_its_own(self):
        program = (
            "import os, sys\n"
            "from physintuition.integrations._episodes import episodes_of\n"
            "pool = episodes_of('Stability-v1', address=sys.argv[1], size=(32, 32))\n"
            "assert pool is episodes_of('Stability-v1', address=sys.argv[1], size=[32, 32])\n"
            "episode = pool.begin(1).result(60)\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    own = episodes_of('Stability-v1', address=sys.argv[1], size=(32, 32))\n"
            "    good = own is not pool and own.begin(1).result(60).messages == episode.messages\n"
            "    try:\n"
            "        episode.answer('x')\n"
            "    except RuntimeError as refused:\n"
            "        good = good and 'forked' in str(refused)\n"
            "    os._exit(0 if good else 1)\n"
            "assert os.waitpid(child, 0)[1] == 0\n"
            "print(episode.answer('<answer>yes</answer>').result(60).done)\n")
        run = subprocess.run(
            [sys.executable, "-c", program, serving.address()], capture_output=True, text=True, timeout=300,
            cwd=serving._ROOT / "clients/python")
        self.assertEqual((run.returncode, run.stdout.strip()), (0, "True"), run.stderr)


class ModulesTests(unittest.TestCase):
    def test_no_adapter_imports_its_trainer_before_its_classes_are_asked_for(self):
        program = (
            "import sys\n"
            "import physintuition.trl\n"
            "from physintuition.integrations import ms_swift, nemo_gym, skyrl, tinker, trl, vagen, verifiers, verl\n"
            "tops = {name.split('.')[0] for name in sys.modules}\n"
            "print(sorted(tops & {'trl', 'verl', 'swift', 'skyrl_gym', 'tinker_cookbook', 'vagen', 'verifiers',"
            " 'torch', 'PIL', 'nemo_gym', 'yaml', 'omegaconf'}))\n"
            "assert not hasattr(verl, 'Nonsense')\n")
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300,
                             cwd=serving._ROOT / "clients/python")
        self.assertEqual((run.returncode, run.stdout.strip()), (0, "[]"), run.stderr)


class VerlTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        verl_contract.install()
        self.module = importlib.import_module("physintuition.integrations.verl")

    def rows(self, count: int, task: str = TASK) -> list[dict]:
        return list(self.module.dataset(task, count, first_seed=5, size=SMALL, address=serving.address()))

    async def test_agent_loop_plays_groups_of_one_scene_with_pictures_of_every_turn(self):
        rows = [row for row in self.rows(2) for _ in range(8)]
        manager = verl_contract.ServerManager(verl_contract.Tokenizer(), says)
        with recorded() as names:
            outputs = await verl_contract.generate_sequences(self.module.TaskAgentLoop, manager, rows)
        self.assertEqual(names.count("Reset"), 1)
        for row, output in zip(rows, outputs):
            expected = rewards_of(row["extra_info"]["seed"])
            self.assertAlmostEqual(output.reward_score, sum(expected), places=5)
            self.assertEqual([round(score, 5) for score in output.extra_fields["turn_scores"]],
                             [round(reward, 5) for reward in expected])
            self.assertEqual(len(output.response_ids), len(output.response_mask))
            self.assertEqual(len(output.response_ids), len(output.response_logprobs))
            words = manager.tokenizer.decode(output.prompt_ids + output.response_ids).split()
            self.assertEqual(words.count(verl_contract.IMAGE), len(output.multi_modal_data["images"]))
            self.assertEqual(len(output.multi_modal_data["images"]), STEPS)
            self.assertNotIn("usual", manager.tokenizer.decode(output.response_ids).split())
            own = manager.tokenizer.decode(
                [word for word, bit in zip(output.response_ids, output.response_mask) if bit])
            self.assertEqual(own.replace(" <end>", "").split(), " ".join(map(says, (1, 2, 3))).split())
        first = outputs[0].multi_modal_data["images"][0]
        self.assertEqual(first.size, tuple(SMALL))
        self.assertEqual(first.tobytes(), outputs[7].multi_modal_data["images"][0].tobytes())
        self.assertNotEqual(first.tobytes(), outputs[8].multi_modal_data["images"][0].tobytes())

    async def test_agent_loop_keeps_the_limits(self):
        manager = verl_contract.ServerManager(verl_contract.Tokenizer(), says)
        few, = await verl_contract.generate_sequences(
            self.module.TaskAgentLoop, manager, self.rows(1), max_assistant_turns=2)
        short, = await verl_contract.generate_sequences(
            self.module.TaskAgentLoop, manager, self.rows(1), response_length=3)
        self.assertEqual(few.num_turns, 4)
        self.assertEqual((len(short.response_ids), len(short.response_mask), len(short.response_logprobs)), (3, 3, 3))
        self.assertAlmostEqual(short.reward_score, rewards_of(5, 1)[0], places=5)

    async def test_tool_shows_pictures_and_keeps_the_episode_over_its_calls(self):
        row, = self.rows(1)
        tool = self.module.AnswerTool({"type": "native"})
        data, rewards = verl_contract.agent_data(), []
        for turn in range(STEPS + 1):
            arguments = json.dumps({"text": says(turn + 1)})
            response, reward, metrics = await verl_contract.call_tool(
                tool, arguments, row["extra_info"]["tools_kwargs"], data)
            rewards.append(round(reward, 5))
            self.assertEqual(len(response.image or []), turn < STEPS)
        self.assertEqual(rewards, [round(reward, 5) for reward in [*rewards_of(5), 0.0]])
        self.assertEqual((response.text, metrics), ("The episode has ended.", {}))
        self.assertEqual(tool.tool_schema.function.name, "answer")

    async def test_rows_are_what_the_dataset_reads(self):
        for row in self.rows(2):
            self.assertEqual(row["prompt"][0]["content"].count("<image>"), len(row["images"]))
            self.assertTrue(row["images"][0]["image"].startswith("data:image/png;base64,iVBOR"))
            self.assertEqual(row["agent_name"], "physintuition")
            self.assertEqual(json.loads(json.dumps(row)), row)

    async def test_a_row_without_seed_or_task_is_refused_by_name(self):
        manager = verl_contract.ServerManager(verl_contract.Tokenizer(), says)
        for row, field in (({"task": TASK}, "extra_info.seed"), ({"seed": 1}, "extra_info.task")):
            with self.assertRaisesRegex(InvalidArgument, field):
                await verl_contract.generate_sequences(self.module.TaskAgentLoop, manager, [{"extra_info": row}])


class SwiftTests(unittest.TestCase):
    def setUp(self):
        swift.install()
        self.module = importlib.import_module("physintuition.integrations.ms_swift")
        self.module.register()
        self.scheduler = swift.multi_turns["physintuition"](max_turns=10, gym_env="physintuition")

    def rows(self, *seeds: int) -> list[dict]:
        return [row for seed in seeds for row in self.module.dataset(
            TASK, 1, first_seed=seed, size=SMALL, address=serving.address())]

    def test_rollout_of_a_group_sees_and_trains_on_a_picture_for_each_place(self):
        with recorded() as names:
            samples = swift.rollout(self.scheduler, self.rows(5, 5, 6), says)
        self.assertEqual(played(names), ["Reset"] + ["Step"] * STEPS)
        for seed, sample in zip((5, 5, 6), samples):
            self.assertAlmostEqual(sample.rollout_infos["total_reward"], sum(rewards_of(seed)), places=5)
            self.assertEqual(len(sample.images), STEPS)  # what came of the last answer is asked about by nobody
            self.assertTrue(all(uri.startswith("data:image/png;base64,") for uri in sample.images))
            json.dumps(sample.rollout_infos)
        self.assertEqual(samples[0].images, samples[1].images)
        self.assertNotEqual(samples[0].images[0], samples[2].images[0])
        self.assertEqual([turn["role"] for turn in samples[0].messages], ["system", "user", "assistant"] +
                         ["user", "assistant"] * (STEPS - 1))

    def test_a_limit_of_turns_leaves_no_picture_without_a_place(self):
        sample, = swift.rollout(self.scheduler, self.rows(5), says, max_turns=2)
        self.assertEqual((len(sample.images), sample.rollout_infos["gym_done"]), (2, False))

    def test_rows_without_a_task_are_refused_by_name(self):
        row, = self.rows(5)
        del row["env_config"]["task"]
        with self.assertRaisesRegex(InvalidArgument, "env_config.task"):
            swift.rollout(self.scheduler, [row], says)


class SkyrlTests(unittest.TestCase):
    def setUp(self):
        skyrl_contract.install()
        self.module = importlib.import_module("physintuition.integrations.skyrl")
        self.module.register()

    def rows(self, *seeds: int) -> list[dict]:
        return [row for seed in seeds for row in self.module.dataset(
            TASK, 1, first_seed=seed, size=SMALL, address=serving.address())]

    def test_trajectories_of_a_group_meet_the_same_scene_and_end_with_their_last_answer(self):
        trajectories = skyrl_contract.generate(self.rows(5, 5, 6), says)
        for seed, trajectory in zip((5, 5, 6), trajectories):
            self.assertEqual([round(reward, 5) for reward in trajectory.rewards],
                             [round(reward, 5) for reward in rewards_of(seed)])
            roles = [turn["role"] for turn in trajectory.conversation]
            self.assertEqual(roles, ["system", "user", "assistant"] + ["user", "assistant"] * (STEPS - 1))
            self.assertTrue(trajectory.metadata["terminated"])
        pictures = [trajectory.conversation[1]["content"][0]["image_url"]["url"] for trajectory in trajectories]
        self.assertEqual(pictures[0], pictures[1])
        self.assertNotEqual(pictures[0], pictures[2])
        env = self.module.TaskEnv
        self.assertEqual(env.aggregate_metrics([trajectory.metrics for trajectory in trajectories])["avg_turns"], 3)
        self.assertEqual(env.aggregate_metrics([]), {})

    def test_the_generators_limit_truncates(self):
        trajectory, = skyrl_contract.generate(self.rows(5), lambda _: "no idea", max_turns=2)
        self.assertEqual((len(trajectory.rewards), trajectory.metadata["truncated"]), (2, True))
        self.assertEqual(trajectory.metrics["unread_answers"], 2)

    def test_extras_without_a_seed_are_refused_by_name(self):
        with self.assertRaisesRegex(InvalidArgument, "extras.seed"):
            self.module.TaskEnv(extras={"task": TASK})


class TinkerTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        tinker_contract.install()
        self.module = importlib.import_module("physintuition.integrations.tinker")

    async def test_batches_of_groups_are_new_scenes_and_a_group_is_one(self):
        dataset = self.module.TaskDataset(
            tinker_contract.Renderer(), 3, 2, 4, first_seed=5, task=TASK, size=SMALL, address=serving.address())
        self.assertEqual(len(dataset), 3)
        self.assertEqual([[group.seed for group in dataset.get_batch(batch)] for batch in range(3)],
                         [[5, 6], [7, 8], [9, 10]])
        with recorded() as names:
            groups = await asyncio.gather(*[
                tinker_contract.do_group_rollout(group, says) for group in dataset.get_batch(0)])
        self.assertEqual(played(names), ["Reset"] + ["Step"] * STEPS)
        for seed, group in zip((5, 6), groups):
            for trajectory in group:
                self.assertEqual([round(reward, 5) for reward in trajectory.rewards],
                                 [round(reward, 5) for reward in rewards_of(seed)])
                self.assertEqual(trajectory.prompts[-1].count(("user", "image")), STEPS + 1)
                self.assertEqual(trajectory.example_id, f"{TASK}/train/{seed}")
        self.assertEqual(dataset.get_batch(0)[0].logging_tags(), ["physintuition", TASK])

    async def test_thoughts_are_no_answer(self):
        dataset = self.module.TaskDataset(
            tinker_contract.Renderer(), 1, 1, 1, first_seed=5, task=TASK, size=SMALL, address=serving.address())
        thoughtful = lambda turn: [{"type": "thinking", "thinking": "<answer>(9, 9)</answer>"},  # noqa: E731
                                   {"type": "text", "text": says(turn)}]
        (trajectory,), = [await tinker_contract.do_group_rollout(group, thoughtful) for group in dataset.get_batch(0)]
        self.assertAlmostEqual(sum(trajectory.rewards), sum(rewards_of(5)), places=5)
        self.assertEqual(trajectory.last.metrics, {"unread_answer": 0.0})

    async def test_wrong_settings_are_named(self):
        for arguments, settings, field in (((0, 1, 1), {"task": TASK}, "batches"), ((1, 1, 1), {}, "settings.task")):
            with self.assertRaisesRegex(InvalidArgument, f"'{field}' is"):
                self.module.TaskDataset(None, *arguments, **settings)


class VerifiersTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        verifiers_contract.install()
        self.module = importlib.import_module("physintuition.integrations.verifiers")

    def taskset(self, task: str) -> Any:
        taskset = self.module.TaskTaskset
        _, config = taskset.__orig_bases__[0].__args__  # as verifiers finds the type of a taskset's configuration
        return taskset(config(
            id="physintuition_verifiers", task_id=task, size=32, address=serving.address()))

    async def test_taskset_has_no_end_and_the_index_is_the_seed(self):
        taskset = self.taskset("Stability-v1")
        self.assertTrue(taskset.INFINITE)
        tasks = taskset.head(40)
        again = taskset.head(2)
        self.assertEqual([(task.data.idx, task.data.seed) for task in tasks], [(each, each) for each in range(40)])
        self.assertEqual(tasks[1].data.prompt, again[1].data.prompt)
        self.assertEqual(len({json.dumps(task.data.prompt) for task in tasks}), 40)
        self.assertEqual([part["type"] for part in tasks[0].data.prompt[0]["content"]], ["image_url", "text"])

    async def test_one_reply_is_scored_and_a_batch_of_them_is_one_call(self):
        tasks = self.taskset("Stability-v1").head(8)
        answers = ["<answer>yes</answer>", "nobody knows"] * 4
        with recorded() as names:
            traces = await asyncio.gather(*[
                verifiers_contract.run_single(task, lambda _, answer=answer: answer)
                for task, answer in zip(tasks, answers)])
        self.assertEqual(played(names), ["Score"])
        with serving.client() as client:
            expected, _ = client.score("Stability-v1", range(8), answers)
        self.assertEqual([trace.rewards for trace in traces],
                         [{"physintuition": reward} for reward in expected.tolist()])

    async def test_environment_plays_to_the_end_and_pays_once(self):
        tasks = self.taskset(TASK).head(6)[5:]
        trace, = [await verifiers_contract.run_episode(self.module.TaskEnv(), task, says) for task in tasks]
        cut, = [await verifiers_contract.run_episode(self.module.TaskEnv(), task, says, max_turns=2) for task in tasks]
        self.assertAlmostEqual(trace.rewards["physintuition"], sum(rewards_of(5)), places=5)
        self.assertAlmostEqual(cut.rewards["physintuition"], sum(rewards_of(5, 2)), places=5)
        self.assertEqual([message["role"] for message in trace.messages], ["user", "assistant"] * STEPS)


class TrlTests(unittest.TestCase):
    def setUp(self):
        self.module = importlib.import_module("physintuition.integrations.trl")

    def group(self, **row: Any) -> list[dict]:
        rows = list(self.module.dataset(TASK, 2, first_seed=5, size=SMALL, address=serving.address()))
        return [{**each, **row} for each in rows for _ in range(4)]

    def play(self, rows: list[dict], **settings: Any) -> list:
        factory = self.module.environment_factory(TASK, size=SMALL, address=serving.address(), **settings)
        return trl_contract.generate_and_score(factory, rows, says, [self.module.episode_reward])

    def test_resets_of_a_batch_are_one_call_and_later_turns_have_pictures(self):
        with recorded() as names:
            samples = self.play(self.group())
        self.assertEqual(names.count("Reset"), 1)
        for row, sample in zip(self.group(), samples):
            self.assertAlmostEqual(sample.reward, sum(rewards_of(row["seed"])), places=5)
            self.assertEqual(len(sample.images), STEPS + 1)
            self.assertEqual(sample.prompt, row["prompt"])  # the question stands there once
        self.assertEqual(samples[0].images[1].tobytes(), samples[3].images[1].tobytes())

    def test_rows_without_a_picture_get_it_from_the_reset(self):
        rows = [{"prompt": [{"role": "user", "content": "Play."}], "seed": 5}] * 2
        first, second = self.play(rows)
        self.assertEqual([part["type"] for part in first.prompt[0]["content"]], ["text", "image", "text"])
        self.assertEqual(first.prompt, second.prompt)
        self.assertEqual(len(first.images), STEPS + 1)

    def test_without_pictures_later_turns_are_texts(self):
        sample, = self.play(self.group()[:1], pictures=False)
        self.assertEqual(len(sample.images), 1)
        self.assertTrue(all(part["type"] == "text" for part in sample.completion[1]["content"]))

    def test_old_import_path_is_the_same(self):
        import physintuition.trl as old

        for name in old.__all__:
            self.assertIs(getattr(old, name), getattr(self.module, name))

    def test_templates_that_drop_a_tools_picture_show_it_in_a_user_turn(self):
        import jinja2.sandbox

        # As templates that take pictures from users alone.
        template = (
            "{%- for message in messages -%}<{{ message.role }}>"
            "{%- if message.content is string -%}{{ message.content }}{%- else -%}"
            "{%- for part in message.content -%}"
            "{%- if part.type == 'text' -%}{{ part.text }}{%- elif message.role == 'user' -%}[picture]{%- endif -%}"
            "{%- endfor -%}{%- endif -%}{%- endfor -%}")
        picture, text = {"type": "image", "image": object()}, {"type": "text", "text": "Fell."}
        messages = [{"role": "user", "content": [picture, text]}, {"role": "assistant", "content": "1"},
                    {"role": "tool", "name": "answer", "content": [picture, text]},
                    {"role": "tool", "name": "other", "content": "plain"}]

        def render(given: str, turns: list) -> str:
            return jinja2.sandbox.ImmutableSandboxedEnvironment().from_string(given).render(messages=turns)

        patched = self.module.pictures_in_user_turns(template)
        self.assertEqual(render(template, messages), "<user>[picture]Fell.<assistant>1<tool>Fell.<tool>plain")
        whole = render(patched, messages)
        self.assertEqual(whole, "<user>[picture]Fell.<assistant>1<tool>Fell.<user>[picture]<tool>plain")
        self.assertTrue(all(whole.startswith(render(patched, messages[:count])) for count in range(1, 5)))
        self.assertEqual(self.module.pictures_in_user_turns(patched), patched)


class VagenTests(unittest.TestCase):
    def setUp(self):
        vagen_contract.install()
        self.module = importlib.import_module("physintuition.integrations.vagen")
        self.module.register()

    def test_rollout_of_a_group_plays_what_the_plain_client_plays(self):
        rows = [{"env_name": TASK, "env_config": {"width": 32, "height": 32, "image_placeholder": "[pic]"},
                 "seed": seed} for seed in (5, 5, 6)]
        played = vagen_contract.rollout(vagen_contract.BatchEnvClient(f"{serving.http()}/vagen"), rows, says)
        for row, episode in zip(rows, played.values()):
            self.assertAlmostEqual(episode.score, sum(rewards_of(row["seed"])), places=5)
            self.assertEqual(episode.system, physintuition.chat.SYSTEM)
            self.assertEqual([record.info.get("llm_raw_response") for record in episode.records],
                             [None, *map(says, (1, 2, 3))])
            self.assertEqual(episode.records[0].images[0].size, tuple(SMALL))
        first, same, other = [episode.records[0].images[0].tobytes() for episode in played.values()]
        self.assertEqual(first, same)
        self.assertNotEqual(first, other)

    def test_512_environments_are_one_request_each_way(self):
        rows = [{"env_name": "Stability-v1", "env_config": {"width": 32, "height": 32}, "seed": number // 8}
                for number in range(512)]
        client = vagen_contract.BatchEnvClient(serving.http())
        client.wait_for_server = lambda: True  # at the root /health is OpenEnv's
        played = vagen_contract.rollout(client, rows, lambda _: "<answer>yes</answer>")
        with serving.client() as plain:
            expected, _ = plain.score("Stability-v1", [row["seed"] for row in rows], ["<answer>yes</answer>"] * 512)
        self.assertEqual([episode.score for episode in played.values()], expected.tolist())

    def test_configurations_tell_which_environments_may_stand_for_each_other(self):
        make = vagen_contract.REGISTERED_ENV[TASK]["config_cls"]
        self.assertEqual(make().config_id(), make(split="train").config_id())
        self.assertNotEqual(make().config_id(), make(width=64).config_id())
        self.assertNotEqual(make().config_id(), vagen_contract.REGISTERED_ENV["Offset-v1"]["config_cls"]().config_id())
        self.assertEqual(len(set(make().generate_seeds(1000))), 1000)


class NemoGymTests(unittest.TestCase):
    def setUp(self):
        self.module = importlib.import_module("physintuition.integrations.nemo_gym")

    def test_agent_gets_the_reward_that_the_plain_client_gets(self):
        rows = list(self.module.dataset("Stability-v1", 4, first_seed=5, size=SMALL, address=serving.address()))
        with serving.client() as client:
            expected, _ = client.score("Stability-v1", range(5, 9), ["<answer>no</answer>"] * 4)
        for row, reward in zip(rows, expected.tolist()):
            verified = nemo_contract.run(serving.http(), json.loads(json.dumps(row)), lambda _: "<answer>no</answer>")
            self.assertEqual((verified["reward"], verified["seed"]), (reward, row["seed"]))
            picture = row["responses_create_params"]["input"][1]["content"][0]
            self.assertTrue(picture["image_url"].startswith("data:image/png;base64,"))
        metrics = nemo_contract.post(serving.http(), "/aggregate_metrics", {"verify_responses": [verified]})
        self.assertEqual(metrics["key_metrics"], {"mean/reward": reward})

    def test_entry_point_serves_where_it_was_told_and_ends_when_told(self):
        import yaml

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = yaml.safe_load(self.module.CONFIG)
        server = config["physintuition"]["resources_servers"]["physintuition"]
        server.update(host="127.0.0.1", port=port)
        self.assertEqual(
            config["physintuition_simple_agent"]["responses_api_agents"]["simple_agent"]["resources_server"],
            {"type": "resources_servers", "name": "physintuition"})
        environment = {
            **os.environ, "NEMO_GYM_CONFIG_DICT": yaml.safe_dump(config), "NEMO_GYM_CONFIG_PATH": "physintuition",
            "PYTHON_PHYSINTUITION_SERVER": shlex.join(serving.command())}
        start = [sys.executable, "-m", "physintuition.integrations.nemo_gym"]
        folder = serving._ROOT / "clients/python"
        process = subprocess.Popen(start, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    row, = self.module.dataset("Stability-v1", 1, size=SMALL, address=serving.address())
                    nemo_contract.run(f"http://127.0.0.1:{port}", row, lambda _: "<answer>no</answer>")
                    break
                except OSError:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.05)
            beside = subprocess.Popen(start, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)
            self.assertIn("left alone", beside.stdout.readline())
            beside.terminate()
            self.assertEqual(beside.wait(60), 0)
            beside.stdout.close()
        finally:
            process.terminate()
            self.assertEqual(process.wait(60), 0)


class RecipeTests(unittest.TestCase):
    """The recipes, as far as they go without their trainers: what they write is what the adapters take."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name) / "out"

    def run_recipe(self, name: str, *words: str, code: int = 0) -> str:
        run = subprocess.run(
            [sys.executable, str(_EXAMPLES / name), *words], capture_output=True, text=True, timeout=300,
            cwd=self.out.parent)
        self.assertEqual(run.returncode, code, run.stderr)
        return run.stdout if code == 0 else run.stderr

    def prepare(self, name: str, *words: str) -> str:
        return self.run_recipe(
            name, "--address", serving.address(), "--rows", "3", "--out", str(self.out), *words)

    def rows(self, name: str) -> list[dict]:
        return [json.loads(line) for line in (self.out / name).read_text().splitlines()]

    def test_verl(self):
        verl_contract.install()
        import yaml

        printed = self.prepare("verl_grpo.py", "--prepare", "--", "trainer.nnodes=2")
        agent, = yaml.safe_load((self.out / "agents.yaml").read_text())
        module, name = agent["_target_"].rsplit(".", 1)
        self.assertTrue(issubclass(getattr(importlib.import_module(module), name), verl_contract.AgentLoopBase))
        self.assertEqual({row["agent_name"] for row in self.rows("train.json")}, {agent["name"]})
        self.assertEqual((len(self.rows("train.json")), len(self.rows("val.json"))), (3, 64))
        for word in (f"data.train_files={self.out.resolve()}/train.json", "multi_turn.max_assistant_turns=8",
                     "trainer.nnodes=2"):
            self.assertIn(word, printed)
        self.assertIn("pip install verl", self.run_recipe("verl_grpo.py", code=1))

    def test_ms_swift(self):
        swift.install()
        swift.envs.clear()
        printed = shlex.split(self.prepare("ms_swift_grpo.py", "--prepare"))
        plugin = Path(printed[printed.index("--external_plugins") + 1])
        spec = importlib.util.spec_from_file_location(plugin.stem, plugin)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))  # as ms-swift imports a plugin
        named = printed[printed.index("--gym_env") + 1]
        scheduler = swift.multi_turns[printed[printed.index("--multi_turn_scheduler") + 1]]
        samples = swift.rollout(scheduler(gym_env=named), self.rows("train.jsonl"), says)
        self.assertEqual([round(sample.rollout_infos["total_reward"], 4) for sample in samples],
                         [round(sum(rewards_of(seed)), 4) for seed in range(3)])
        self.assertIn("pip install ms-swift", self.run_recipe("ms_swift_grpo.py", code=1))

    def test_skyrl(self):
        skyrl_contract.install()
        importlib.import_module("physintuition.integrations.skyrl").register()
        printed = self.prepare("skyrl_grpo.py", "--prepare").splitlines()
        for flag in ("generator.vision_language_generator=true", "trainer.remove_microbatch_padding=false",
                     "generator.batched=false", "environment.env_class=physintuition"):
            self.assertIn(flag, printed)
        trajectories = skyrl_contract.generate(self.rows("train.jsonl"), says)
        self.assertAlmostEqual(sum(trajectories[2].rewards), sum(rewards_of(2)), places=5)
        error = self.run_recipe("skyrl_grpo.py", "--address", serving.address(), "--rows", "1", code=1)
        self.assertIn("Run it in a checkout of SkyRL", error)

    def test_verifiers(self):
        verifiers_contract.install()
        spec = importlib.util.spec_from_file_location(
            "physintuition_verifiers", _EXAMPLES / "physintuition_verifiers.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = [getattr(module, name) for name in module.__all__]  # as verifiers looks for its plugins
        self.assertEqual([issubclass(each, verifiers_contract.Taskset) for each in found], [True, False])
        self.assertTrue(issubclass(found[1], verifiers_contract.Env))
        printed = self.run_recipe("physintuition_verifiers.py", "--address", serving.address(), "--rows", "2")
        self.assertRegex(printed, r"^0: \d+ characters of picture; .*\n1: ")

    def test_nemo_gym(self):
        import yaml

        self.assertIn("3 rows of Stability-v1", self.prepare("nemo_gym_rows.py"))
        config = yaml.safe_load((self.out / "configs/physintuition.yaml").read_text())
        entry, = (each["entrypoint"] for each in config["physintuition"]["resources_servers"].values())
        compile((self.out / entry).read_text(), entry, "exec")
        for row in self.rows("data/train.jsonl"):
            self.assertIn(row["agent_ref"]["name"], config)
            self.assertIn("reward", nemo_contract.run(serving.http(), row, lambda _: "<answer>yes</answer>"))

    def test_tinker(self):
        tinker_contract.install()
        sys.path.insert(0, str(_EXAMPLES))
        self.addCleanup(sys.path.remove, str(_EXAMPLES))
        recipe = importlib.import_module("tinker_grpo")
        settings = recipe.dataset_settings(recipe.parse(["--address", serving.address(), "--groups", "2"]))
        dataset = importlib.import_module("physintuition.integrations.tinker").TaskDataset(
            tinker_contract.Renderer(), **settings)
        trajectories = asyncio.run(tinker_contract.do_group_rollout(dataset.get_batch(0)[0], says))
        self.assertEqual(len(trajectories), 8)
        self.assertIn("pip install tinker-cookbook", self.run_recipe("tinker_grpo.py", code=1))

    def test_vagen(self):
        import yaml

        vagen_contract.install()
        importlib.import_module("physintuition.integrations.vagen").register()
        printed = self.run_recipe("vagen_rows.py", "--rows", "3", "--out", "envs.yaml")
        self.assertIn("rollout_manager.base_url=http://127.0.0.1:8000/vagen", printed)
        environment, = yaml.safe_load((self.out.parent / "envs.yaml").read_text()).values()
        make = vagen_contract.REGISTERED_ENV[environment["env_name"]]["config_cls"]
        seeds = make(**environment["env_config"]).generate_seeds(environment["train_size"])
        rows = [{name: environment[name] for name in ("env_name", "env_config")} | {"seed": seed} for seed in seeds]
        played = vagen_contract.rollout(vagen_contract.BatchEnvClient(f"{serving.http()}/vagen"), rows, says)
        self.assertEqual(len(played), 3)


if __name__ == "__main__":
    unittest.main()
