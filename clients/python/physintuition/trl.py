"""What TRL's trainers take: a dataset, reward functions, and an environment class. Imports nothing of TRL.

One-step tasks need no loop: rows of `dataset` and a `reward_function` are enough. Tasks of several steps are played
through `environment_factory`, whose objects TRL resets with a row of the dataset and whose `answer` the model calls.
"""

from __future__ import annotations

import io
from typing import Any, Callable, Iterator, Mapping, Sequence

from .chat import text_of
from .client import Client
from .environment import Environment

Options = Mapping[str, Any]
_clients: dict[str | None, Client] = {}


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Options | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows in TRL's conversational form for models that see: ``prompt``, ``image`` (Pillow) and ``seed``.

    ``datasets.Dataset.from_generator(physintuition.trl.dataset, gen_kwargs={"task": ..., "count": ...})`` keeps them.
    """
    from PIL import Image

    rows = _client(address).dataset(
        task, count, first_seed=first_seed, split=split, options=options, observe=("rgb", "prompt"), size=size,
        encoding="png")
    for row in rows:
        content = [{"type": "image"}, {"type": "text", "text": row["prompt"]}]
        yield {
            "prompt": [{"role": "user", "content": content}],
            "image": Image.open(io.BytesIO(row["rgb"])).convert("RGB"),
            "seed": row["seed"],
        }


def reward_function(
    task: str, *, split: str = "train", options: Options | None = None, address: str | None = None,
) -> Callable[..., list[float]]:
    """A member of ``reward_funcs`` for a one-step task: scores a whole batch in one call.

    It needs the column ``seed`` of the dataset. Equal seeds, as in a group, share the scene.
    """

    def reward(completions: Sequence[Any], seed: Sequence[int], **_: Any) -> list[float]:
        texts = [text_of(completion) for completion in completions]
        rewards, _ = _client(address).score(task, seed, texts, split=split, options=options)
        return rewards.tolist()

    reward.__name__ = f"physintuition_{task.replace('-', '_').lower()}"
    return reward


def environment_factory(
    task: str, *, split: str = "train", options: Options | None = None, size: tuple[int, int] = (224, 224),
    address: str | None = None,
) -> type["TaskEnvironment"]:
    """A class for ``GRPOTrainer(environment_factory=...)``: one object plays one episode after the other."""
    settings = {"task": task, "split": split, "options": options, "size": size, "address": address}
    return type("TaskEnvironment", (TaskEnvironment,), {"_settings": settings, "__doc__": TaskEnvironment.__doc__})


class TaskEnvironment:
    """One episode at a time; the model's tool is ``answer``. Made by `environment_factory`.

    Attributes:
        reward: the sum of the episode's rewards so far.
        done: the episode has ended; further answers change nothing.
        turns: answers given in the episode.
    """

    _settings: Mapping[str, Any]

    def __init__(self) -> None:
        self.reward, self.done, self.turns = 0.0, True, 0
        self._environment: Environment | None = None

    def reset(self, seed: int | None = None, **_: Any) -> str:
        # The row's seed names the scene, so that all members of a group meet the same one.
        self.reward, self.done, self.turns = 0.0, False, 0
        observations = self._open().reset(None if seed is None else [int(seed)])
        return observations["prompt"][0]

    def answer(self, text: str) -> str:
        """Gives an answer and says what came of it.

        Args:
            text: The answer in the form that the question asks for, for example <answer>yes</answer>.

        Returns:
            What came of it: the verdict, and the next question if the episode goes on.
        """
        if self.done:
            return "The episode has ended."
        step = self._open().step([text])
        self.reward += float(step.rewards[0])
        self.turns += 1
        self.done = bool(step.terminated[0] | step.truncated[0])
        verdict = (step.observations["info"][0] or {}).get("verdict") or f"Reward {step.rewards[0]:g}."
        return verdict if self.done else f"{verdict}\n{step.observations['prompt'][0]}"

    def _open(self) -> Environment:
        if self._environment is None:
            client = _client(self._settings["address"])
            self._environment = client.make(
                self._settings["task"], split=self._settings["split"], options=self._settings["options"],
                observe=("prompt", "info"), size=self._settings["size"])
        return self._environment


def episode_reward(environments: Sequence[TaskEnvironment], **_: Any) -> list[float]:
    """The member of ``reward_funcs`` that goes with `environment_factory`: each episode's sum."""
    return [environment.reward for environment in environments]


def _client(address: str | None) -> Client:
    if address not in _clients:
        _clients[address] = Client(address)
    return _clients[address]
