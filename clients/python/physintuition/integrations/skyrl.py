"""What SkyRL takes: an environment whose ``init`` and ``step`` return messages with pictures.

As read in skyrl-gym 0.4.0. Where the trainer begins, `register` makes ``environment.env_class=physintuition`` known;
rows of `dataset` name task and seed. Models that see want ``generator.vision_language_generator=true``,
``generator.batched=false``, ``trainer.remove_microbatch_padding=false``, and ``generator.max_turns`` of at least the
task's steps.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..chat import Message
from ._episodes import Episode, episodes_of, seed_of, settings_of
from ._lazy import made_on_demand

NAME = "physintuition"


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows of ``data.train_data``; the environment writes the prompt, the one here only passes the length filter."""
    for seed in range(first_seed, first_seed + count):
        row = {"prompt": [{"role": "user", "content": "placeholder"}], "env_class": NAME, "task": task, "seed": seed,
               "split": split, "size": list(size)}
        row |= {} if options is None else {"options": dict(options)}
        yield row | ({} if address is None else {"address": address})


def register(name: str = NAME) -> None:
    """Makes the environment known to ``skyrl_gym.make``; each of Ray's workers needs it, as the recipe shows."""
    from skyrl_gym.envs import register as add

    add(id=name, entry_point=f"{__name__}:TaskEnv")


def _env() -> type:
    from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

    class TaskEnv(BaseTextEnv):
        """One episode; ``extras`` are the row's columns."""

        def __init__(self, env_config: Any = None, extras: Mapping[str, Any] | None = None):
            super().__init__()
            extras = extras or {}
            self.max_turns = extras.get("max_turns") or 0  # the generator's; 0: as many as the task has
            self._seed, self._settings = seed_of(extras, "extras"), settings_of(extras, "extras")
            self._episode: Episode | None = None
            self._unread = 0

        def init(self, prompt: list[Message]) -> tuple[list[Message], dict[str, Any]]:
            self._episode = episodes_of(**self._settings).begin(self._seed).result()
            return list(self._episode.messages), {"seed": self._seed}

        def step(self, action: str) -> Any:
            turn = self._episode.answer(action).result()
            self.turns += 1
            self._unread += turn.info.get("parse_error") is not None
            done = turn.done or 0 < self.max_turns <= self.turns
            metadata = {"terminated": turn.terminated, "truncated": turn.truncated or (done and not turn.done),
                        **turn.info}
            return BaseTextEnvStepOutput(
                observations=[] if done else turn.messages, reward=turn.reward, done=done, metadata=metadata)

        def close(self) -> None:
            if self._episode is not None:
                self._episode.close()

        def get_metrics(self) -> dict[str, Any]:
            reward = 0.0 if self._episode is None else self._episode.reward
            return {"turns": self.turns, "unread_answers": self._unread, "return": reward}

        @staticmethod
        def aggregate_metrics(metrics: list[dict[str, Any]]) -> dict[str, Any]:
            names = {name for each in metrics for name in each}
            return {f"avg_{name}": sum(each.get(name, 0) for each in metrics) / len(metrics) for name in sorted(names)}

    return TaskEnv


__getattr__ = made_on_demand(globals(), {"TaskEnv": _env})
