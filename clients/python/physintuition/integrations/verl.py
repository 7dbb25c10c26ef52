"""What verl's trainers take: an agent loop, a tool whose response carries pictures, and rows of a dataset.

As read in verl 0.8.0.dev: ``verl.experimental.agent_loop.agent_loop`` and ``verl.tools``. A row names its agent, and in
``extra_info`` the task and the seed:

    agent_name: physintuition                  extra_info: {"task": "OffsetRetry-v1", "seed": 7}

``actor_rollout_ref.rollout.agent.agent_loop_config_path`` names a file with
``- {name: physintuition, _target_: physintuition.integrations.verl.TaskAgentLoop}``.
"""

from __future__ import annotations

import time
from typing import Any, Iterator, Mapping
from uuid import uuid4

from ..chat import Message
from ._episodes import Episode, episodes_of, png_uri, questions_of, seed_of, settings_of, wait
from ._lazy import made_on_demand

NAME = "physintuition"


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows as ``RLHFDataset`` reads them: ``prompt`` with ``<image>``, ``images``, ``extra_info``, ``agent_name``."""
    for row in questions_of(task, count, first_seed, split, options, size, address):
        scene = {"task": task, "seed": row["seed"], "split": split, "size": list(size)}
        scene |= {} if options is None else {"options": dict(options)}
        scene |= {} if address is None else {"address": address}
        yield {
            "data_source": f"physintuition/{task}",
            "agent_name": NAME,
            "prompt": [{"role": "user", "content": f"<image>{row['prompt']}"}],
            "images": [{"image": png_uri(row["rgb"])}],
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {**scene, "index": row["seed"], "split": split, "need_tools_kwargs": True,
                           "tools_kwargs": {"answer": {"create_kwargs": scene}}},
        }


async def _begin(row: Mapping[str, Any], where: str) -> Episode:
    settings = settings_of(row, where)
    return await wait(episodes_of(**settings, pictures="pil").begin(seed_of(row, where)))


def _pictures(messages: list[Message]) -> list[Any]:
    return [part["image"] for message in messages if not isinstance(message["content"], str)
            for part in message["content"] if part["type"] == "image"]


def _agent_loop() -> type:
    from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput

    class TaskAgentLoop(AgentLoopBase):
        """Plays the episode that ``extra_info`` names: each answer is a step, each picture stands in a user turn.

        The reward of the trajectory is the sum of the episode's; ``turn_scores`` has each step's.
        """

        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **kwargs)
            rollout = self.config.actor_rollout_ref.rollout
            self.response_length = rollout.response_length
            self.max_turns = rollout.multi_turn.max_assistant_turns

        async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> Any:
            episode = await _begin(kwargs["extra_info"], "extra_info")
            metrics: dict[str, Any] = {"generate_sequences": 0.0, "tool_calls": 0.0}
            images = _pictures(episode.messages)
            prompt_ids = await self.apply_chat_template(episode.messages, images=images)
            response, mask, logprobs, scores = [], [], [], []
            request_id = uuid4().hex
            while True:
                began = time.perf_counter()
                output = await self.server_manager.generate(
                    request_id=request_id, prompt_ids=prompt_ids + response, sampling_params=sampling_params,
                    image_data=images)
                metrics["generate_sequences"] += time.perf_counter() - began
                preempted = -1 if output.num_preempted is None else output.num_preempted
                metrics["num_preempted"] = metrics.get("num_preempted", 0) + preempted
                response += output.token_ids
                mask += [1] * len(output.token_ids)
                logprobs += output.log_probs or []
                text = await self.loop.run_in_executor(
                    None, lambda: self.tokenizer.decode(output.token_ids, skip_special_tokens=True))
                began = time.perf_counter()
                turn = await wait(episode.answer(text))
                metrics["tool_calls"] += time.perf_counter() - began
                scores.append(turn.reward)
                if turn.done or (self.max_turns and episode.turns >= self.max_turns):
                    break
                new = _pictures(turn.messages)
                shown = await self.apply_chat_template(turn.messages, images=new, remove_system_prompt=True)
                if len(response) + len(shown) >= self.response_length:
                    break
                images += new
                response += shown
                mask += [0] * len(shown)
                logprobs += [0.0] * len(shown) if logprobs else []
            episode.close()
            end = self.response_length
            return AgentLoopOutput(
                prompt_ids=prompt_ids, response_ids=response[:end], response_mask=mask[:end],
                response_logprobs=logprobs[:end] or None, multi_modal_data={"images": images},
                reward_score=episode.reward, num_turns=2 * episode.turns, metrics=metrics,
                extra_fields={"turn_scores": scores, "tool_rewards": []})

    return TaskAgentLoop


def _tool() -> type:
    from verl.tools.base_tool import BaseTool
    from verl.tools.schemas import OpenAIFunctionToolSchema, ToolResponse

    class AnswerTool(BaseTool):
        """The tool ``answer`` of verl's own ``tool_agent``: gives an answer, shows what came of it, with its picture.

        verl makes and releases a tool for every call; the episode stays with the trajectory.
        """

        def __init__(self, config: dict, tool_schema: Any = None):
            super().__init__(config, tool_schema or OpenAIFunctionToolSchema.model_validate(SCHEMA))
            self._rows: dict[str, Mapping[str, Any]] = {}
            self._episodes: dict[str, Episode] = {}

        async def create(self, instance_id: str | None = None, **kwargs: Any) -> tuple[str, Any]:
            instance_id = instance_id or uuid4().hex
            self._rows[instance_id] = {**self.config, **(kwargs.get("create_kwargs") or kwargs)}
            return instance_id, ToolResponse()

        async def execute(self, instance_id: str, parameters: dict[str, Any], **kwargs: Any) -> tuple[Any, float, dict]:
            trajectory = getattr(kwargs.get("agent_data"), "extra_fields", self._episodes)
            key = NAME if trajectory is not self._episodes else instance_id
            if key not in trajectory:
                trajectory[key] = await _begin(self._rows[instance_id], "create_kwargs")
            episode = trajectory[key]
            if episode.done:
                return ToolResponse(text="The episode has ended."), 0.0, {}
            turn = await wait(episode.answer(str(parameters.get("text", ""))))
            content = turn.messages[-1]["content"]
            text = "\n".join(part["text"] for part in content if part["type"] == "text")
            return ToolResponse(text=text, image=_pictures(turn.messages)), turn.reward, {"done": turn.done}

        async def calc_reward(self, instance_id: str, **kwargs: Any) -> float:
            episode = self._episodes.get(instance_id)
            return 0.0 if episode is None else episode.reward

        async def release(self, instance_id: str, **kwargs: Any) -> None:
            self._rows.pop(instance_id, None)
            self._episodes.pop(instance_id, None)

    return AnswerTool


SCHEMA = {
    "type": "function",
    "function": {
        "name": "answer",
        "description": "Gives an answer and says what came of it.",
        "parameters": {
            "type": "object",
            "properties": {"text": {
                "type": "string",
                "description": "The answer in the form that the question asks for, for example <answer>yes</answer>.",
            }},
            "required": ["text"],
        },
    },
}

__getattr__ = made_on_demand(globals(), {"TaskAgentLoop": _agent_loop, "AnswerTool": _tool})
