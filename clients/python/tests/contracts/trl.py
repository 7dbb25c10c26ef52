"""TRL 1.10.0.dev0, commit f2cd577: trainer/grpo_trainer.py, the part that plays environments."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any, Callable


def generate_and_score(
    factory: type, rows: list[dict], says: Callable[[int], str], reward_funcs: list, max_iterations: int = 10,
) -> list[SimpleNamespace]:
    """As GRPOTrainer: environments are reset one after the other, then a tool call for each that goes on."""
    environments = [factory() for _ in rows]
    tools = [name for name, _ in inspect.getmembers(environments[0], predicate=inspect.ismethod)
             if name not in ("reset", "get_reward") and not name.startswith("_")]
    prompts = [row["prompt"] for row in rows]
    for index, (environment, row) in enumerate(zip(environments, rows)):
        observation = environment.reset(**row)
        if observation is None:
            continue
        content = prompts[index][-1]["content"]
        if isinstance(observation, list) and isinstance(content, str):
            content = [{"type": "text", "text": content}]
        if isinstance(observation, str) and isinstance(content, list):
            observation = [{"type": "text", "text": observation}]
        prompts[index] = prompts[index][:-1] + [{**prompts[index][-1], "content": content + observation}]
    samples = []
    for prompt, row in zip(prompts, rows):
        places = sum(part["type"] == "image" for part in prompt[-1]["content"])
        shown = [row["image"]] if row.get("image") is not None else [
            part["image"] for part in prompt[-1]["content"] if part["type"] == "image"]
        assert places == len(shown), "each place wants its picture"
        samples.append(SimpleNamespace(prompt=prompt, completion=[], images=shown))
    for turn in range(1, max_iterations + 1):
        going = [index for index, environment in enumerate(environments) if turn == 1 or not environment.done]
        if not going:
            break
        for index in going:
            call = {"type": "function", "function": {"name": tools[0], "arguments": {"text": says(turn)}}}
            result = getattr(environments[index], tools[0])(**call["function"]["arguments"])
            content = result if isinstance(result, list) else str(result)
            samples[index].images += [part["image"] for part in content if part["type"] == "image"]
            samples[index].completion += [
                {"role": "assistant", "content": "", "tool_calls": [call]},
                {"role": "tool", "name": tools[0], "content": content}]
    rewards = reward_funcs[0](
        prompts=prompts, completions=[sample.completion for sample in samples], environments=environments,
        seed=[row["seed"] for row in rows])
    for sample, reward in zip(samples, rewards):
        sample.reward = reward
    return samples
