"""What the Tinker cookbook takes: a ``MessageEnv``, groups of it that meet the same scene, and batches of groups.

As read in tinker-cookbook 0.5.5, ``tinker_cookbook.rl``. `TaskDataset` is what an ``RLDatasetBuilder`` returns.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .. import _values
from ..chat import Message, text_of
from ._episodes import Episode, episodes_of, settings_of, wait
from ._lazy import made_on_demand


def _message_env() -> type:
    from tinker_cookbook.rl.message_env import MessageEnv, MessageStepResult

    class TaskMessageEnv(MessageEnv):
        """One episode; pictures are Pillow's, in user turns."""

        def __init__(self, seed: int, settings: Mapping[str, Any]):
            self.example_id = f"{settings['task']}/{settings.get('split', 'train')}/{seed}"
            self._seed, self._settings = seed, settings
            self._episode: Episode | None = None

        async def initial_observation(self) -> list[Message]:
            self._episode = await wait(episodes_of(**self._settings, pictures="pil").begin(self._seed))
            return list(self._episode.messages)

        async def step(self, message: Message) -> Any:
            turn = await wait(self._episode.answer(text_of(message)))
            unread = turn.info.get("parse_error")
            return MessageStepResult(
                reward=turn.reward, episode_done=turn.done, next_messages=list(self._episode.messages),
                metrics={"unread_answer": float(unread is not None)},
                logs={"verdict": turn.info.get("verdict") or unread or ""})

    return TaskMessageEnv


def _group() -> type:
    from tinker_cookbook.rl.message_env import EnvFromMessageEnv
    from tinker_cookbook.rl.types import EnvGroupBuilder

    class TaskGroup(EnvGroupBuilder):
        """Environments that meet the same scene; holds only what can be pickled.

        Args:
            renderer: of ``tinker_cookbook.renderers.get_renderer``, for a model that sees.
            seed: of the scene.
            group_size: environments of a group.
            settings: task, split, options, size, address.
            arguments: of ``EnvFromMessageEnv``, such as ``max_trajectory_tokens``.
        """

        def __init__(
            self, renderer: Any, seed: int, group_size: int, settings: Mapping[str, Any],
            arguments: Mapping[str, Any] | None = None,
        ):
            self.renderer, self.seed, self.group_size = renderer, seed, group_size
            self.settings, self.arguments = dict(settings), dict(arguments or {})

        async def make_envs(self) -> Sequence[Any]:
            make = __getattr__("TaskMessageEnv")
            return [EnvFromMessageEnv(self.renderer, make(self.seed, self.settings), **self.arguments)
                    for _ in range(self.group_size)]

        def logging_tags(self) -> list[str]:
            return ["physintuition", self.settings["task"]]

    return TaskGroup


def _dataset() -> type:
    from tinker_cookbook.rl.types import RLDataset

    class TaskDataset(RLDataset):
        """Batch i has the scenes of ``groups_per_batch`` seeds, each for a whole group; every batch new ones."""

        def __init__(
            self, renderer: Any, batches: int, groups_per_batch: int, group_size: int, *, first_seed: int = 0,
            arguments: Mapping[str, Any] | None = None, **settings: Any,
        ):
            self._settings = settings_of(settings, "settings")
            self._batches = _values.whole("batches", batches, 1)
            self._groups = _values.whole("groups_per_batch", groups_per_batch, 1)
            self._size = _values.whole("group_size", group_size, 1)
            self._first, self._renderer, self._arguments = _values.seed(first_seed), renderer, arguments

        def get_batch(self, index: int) -> Sequence[Any]:
            first = self._first + index * self._groups
            make = __getattr__("TaskGroup")
            return [make(self._renderer, seed, self._size, self._settings, self._arguments)
                    for seed in range(first, first + self._groups)]

        def __len__(self) -> int:
            return self._batches

    return TaskDataset


__getattr__ = made_on_demand(
    globals(), {"TaskMessageEnv": _message_env, "TaskGroup": _group, "TaskDataset": _dataset})
