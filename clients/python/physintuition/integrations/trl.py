"""What TRL's trainers take: a dataset, reward functions, and an environment class. Imports nothing of TRL.

One-step tasks need no loop: rows of `dataset` and a `reward_function` are enough. Tasks of several steps are played
through `environment_factory`, whose objects TRL resets with a row of the dataset and whose `answer` the model calls.
"""

from __future__ import annotations

import io
from concurrent.futures import Future
from typing import Any, Callable, Iterator, Mapping, Sequence

from ..chat import text_of
from ._episodes import Episode, client_of, episodes_of, questions_of

Options = Mapping[str, Any]
Parts = list[dict[str, Any]]


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Options | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows in TRL's conversational form for models that see: ``prompt``, ``image`` (Pillow) and ``seed``.

    ``datasets.Dataset.from_generator(physintuition.trl.dataset, gen_kwargs={"task": ..., "count": ...})`` keeps them.
    """
    from PIL import Image

    for row in questions_of(task, count, first_seed, split, options, size, address):
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
        rewards, _ = client_of(address).score(task, seed, texts, split=split, options=options)
        return rewards.tolist()

    reward.__name__ = f"physintuition_{task.replace('-', '_').lower()}"
    return reward


def environment_factory(
    task: str, *, split: str = "train", options: Options | None = None, size: tuple[int, int] = (224, 224),
    address: str | None = None, pictures: bool = True,
) -> type["TaskEnvironment"]:
    """A class for ``GRPOTrainer(environment_factory=...)``: one object plays one episode after the other.

    Without ``pictures`` later turns are texts: for chat templates that take no pictures there.
    """
    settings = {"task": task, "split": split, "options": options, "size": size, "address": address}
    return type("TaskEnvironment", (TaskEnvironment,), {
        "_settings": settings, "_shows": pictures, "__doc__": TaskEnvironment.__doc__})


class TaskEnvironment:
    """One episode at a time; the model's tool is ``answer``. Made by `environment_factory`.

    TRL resets the environments of a batch one after the other. Where the rows hold the picture already, as `dataset`
    writes them, a reset waits for nothing, and all of them are one call of the server before the first answer.

    Attributes:
        reward: the sum of the episode's rewards so far.
        done: the episode has ended; further answers change nothing.
        turns: answers given in the episode.
    """

    _settings: Mapping[str, Any]
    _shows: bool

    def __init__(self) -> None:
        self.reward, self.done, self.turns = 0.0, True, 0
        self._begun: Future[Episode] | None = None

    def reset(self, seed: int | None = None, **row: Any) -> Parts | str | None:
        # The row's seed names the scene, so that all members of a group meet the same one.
        self.reward, self.done, self.turns = 0.0, False, 0
        is_shown = row.get("image") is not None or bool(row.get("images"))
        self._begun = episodes_of(**self._settings, pictures="pil").begin(seed, later=is_shown)
        return None if is_shown else self._content(self._begun.result().messages[-1])

    def answer(self, text: str) -> list:
        """Gives an answer and says what came of it.

        Args:
            text: The answer in the form that the question asks for, for example <answer>yes</answer>.

        Returns:
            What came of it: the verdict with a picture, and the next question if the episode goes on.
        """
        if self.done:
            return [{"type": "text", "text": "The episode has ended."}]
        episodes_of(**self._settings, pictures="pil").wake()
        turn = self._begun.result().answer(text).result()
        self.reward += turn.reward
        self.turns += 1
        self.done = turn.done
        return self._content(turn.messages[-1])

    def _content(self, turn: Mapping[str, Any]) -> Parts:
        return [part for part in turn["content"] if self._shows or part["type"] == "text"]


def episode_reward(environments: Sequence[TaskEnvironment], **_: Any) -> list[float]:
    """The member of ``reward_funcs`` that goes with `environment_factory`: each episode's sum."""
    return [environment.reward for environment in environments]


_AS_USER = """\
{%- set split = namespace(turns=[]) -%}
{%- for message in messages -%}
  {%- if message.role == 'tool' and message.content is not string -%}
    {%- set seen = namespace(words='', pictures=[]) -%}
    {%- for part in message.content -%}
      {%- if part.type == 'text' -%}{%- set seen.words = seen.words + part.text -%}
      {%- else -%}{%- set seen.pictures = seen.pictures + [part] -%}{%- endif -%}
    {%- endfor -%}
    {%- set told = dict(message, content=seen.words) -%}
    {%- set split.turns = split.turns + [told] -%}
    {%- if seen.pictures -%}
      {%- set split.turns = split.turns + [{'role': 'user', 'content': seen.pictures}] -%}
    {%- endif -%}
  {%- else -%}{%- set split.turns = split.turns + [message] -%}{%- endif -%}
{%- endfor -%}
{%- set messages = split.turns -%}
"""


def pictures_in_user_turns(template: str) -> str:
    """A chat template that shows a tool's pictures in a user turn behind the tool's, for models that drop them there.

    ``processor.chat_template = pictures_in_user_turns(processor.chat_template)`` before the trainer is made.
    """
    return template if template.startswith(_AS_USER) else _AS_USER + template
