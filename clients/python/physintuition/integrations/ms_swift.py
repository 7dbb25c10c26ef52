"""What ms-swift takes: an ``Env``, and a scheduler that hands its pictures to the rollout and to the training.

As read in ms-swift 4.6.0.dev0, ``swift.rollout``. A plugin for ``--external_plugins`` calls `register`; then

    swift rlhf --rlhf_type grpo --external_plugins PLUGIN.py --use_gym_env true --gym_env physintuition
        --multi_turn_scheduler physintuition --max_turns 8 --dataset ROWS.jsonl ...

Rows of `dataset` name task and seed in ``env_config``; in server mode the trainer wants
``--vllm_server_pass_dataset true``.
ms-swift's own ``gym_scheduler`` would let the model see the first picture and train without any.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..chat import Message, text_of
from ._episodes import Episode, episodes_of, seed_of, settings_of, wait
from ._lazy import made_on_demand

NAME = "physintuition"


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows of ``--dataset``; the environment writes the question and shows the picture."""
    for seed in range(first_seed, first_seed + count):
        config = {"name": NAME, "task": task, "seed": seed, "split": split, "size": list(size)}
        config |= {} if options is None else {"options": dict(options)}
        config |= {} if address is None else {"address": address}
        yield {"messages": [{"role": "user", "content": "<placeholder>"}], "env_config": config}


def register(name: str = NAME) -> None:
    """Puts environment and scheduler where ``--gym_env`` and ``--multi_turn_scheduler`` look for them."""
    from swift.rollout.gym_env import envs
    from swift.rollout.multi_turn import multi_turns

    envs[name] = __getattr__("TaskEnv")
    multi_turns[name] = __getattr__("TaskScheduler")


def _shown(turn: Message) -> tuple[str, list[str]]:
    # ms-swift's form: texts with a place for each picture, pictures beside them.
    texts, images = [], []
    for part in turn["content"]:
        if part["type"] == "image_url":
            texts.append("<image>")
            images.append(part["image_url"]["url"])
        else:
            texts.append(part["text"])
    return "".join(texts), images


def _env() -> type:
    from swift.rollout.gym_env import Env

    class TaskEnv(Env):
        """One episode.

        Attributes:
            images: what the last observation shows, as data URIs; ``<image>`` marks their places in it.
        """

        def __init__(self, env_config: Mapping[str, Any]):
            super().__init__(env_config)
            self.images: list[str] = []
            self._episode: Episode | None = None

        async def reset(self, config: Any) -> tuple[str, dict[str, Any], str]:
            row = self.env_config
            begun = episodes_of(**settings_of(row, "env_config")).begin(seed_of(row, "env_config"))
            self._episode = await wait(begun)
            system, question = self._episode.messages
            text, self.images = _shown(question)
            config.images = list(self.images)
            return text, {"seed": self._episode.seed}, system["content"]

        async def step(self, action: Sequence[Message]) -> tuple[str, float, bool, dict[str, Any]]:
            turn = await wait(self._episode.answer(text_of(action)))
            text, self.images = _shown(turn.messages[-1])
            return text, turn.reward, turn.done, dict(turn.info)

        async def close(self) -> None:
            if self._episode is not None:
                self._episode.close()

    return TaskEnv


def _scheduler() -> type:
    from swift.rollout.multi_turn import GYMScheduler

    class TaskScheduler(GYMScheduler):
        """ms-swift's scheduler of environments, with pictures: each ``<image>`` of the messages has its picture.

        Those of the rollout are the request's, those of the training ``rollout_infos["images"]``.
        """

        async def on_turn_end(self, infer_request: Any, response_choice: Any, current_turn: int) -> dict[str, Any]:
            result = await super().on_turn_end(infer_request, response_choice, current_turn)
            result["rollout_infos"]["images"] = list(infer_request.images)
            return result

        def step(self, infer_request: Any, response_choice: Any, current_turn: int) -> dict[str, Any]:
            result = super().step(infer_request, response_choice, current_turn)
            environment = self._envs.get(infer_request.uuid)
            if environment is not None:
                infer_request.images = [*infer_request.images, *environment.images]
            return {**result, "rollout_infos": {"images": list(infer_request.images)}}

    return TaskScheduler


__getattr__ = made_on_demand(globals(), {"TaskEnv": _env, "TaskScheduler": _scheduler})
