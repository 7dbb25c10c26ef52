"""What VAGEN takes: the names of our tasks in its registry. Its rollouts ask the server's HTTP port themselves.

As read in VAGEN, commit d2b8b30, with ``rollout_manager.use_service=True`` and
``rollout_manager.base_url=http://127.0.0.1:8000/vagen``. Where training begins, `register` puts every task into
``vagen.env.REGISTERED_ENV``: the trainer looks there for a configuration's name and the place of pictures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Mapping

from .._tasks import TASKS


@dataclass
class TaskConfig:
    """The ``env_config`` of a row; what the server reads of it, and what VAGEN's trainer does."""

    task: str
    split: str = "train"
    options: Mapping[str, Any] = field(default_factory=dict)
    width: int = 224
    height: int = 224
    image_placeholder: str = "<image>"
    special_token_list: list[str] = field(default_factory=lambda: ["<think>", "</think>", "<answer>", "</answer>"])

    def config_id(self) -> str:
        """What environments that may stand for each other have in common."""
        return f"{self.task}({self.split},{dict(self.options)},{self.width}x{self.height},{self.image_placeholder})"

    def get(self, key: str, default: Any = None) -> Any:
        return getattr(self, key, default)

    def generate_seeds(self, size: int, seed: int = 0, n_candidate: int = 20_000) -> list[int]:
        """Seeds of a dataset's rows, none twice."""
        return random.Random(seed).sample(range(n_candidate + size), size)


def register() -> None:
    """Makes every task known to VAGEN's trainer, under its id."""
    from vagen.env import REGISTERED_ENV

    for task in TASKS:
        REGISTERED_ENV[task] = {"config_cls": partial(TaskConfig, task)}
