"""What verifiers and prime-rl take: a taskset without end, and an environment that plays tasks of several steps.

As read in verifiers 0.3 (``verifiers.v1``). verifiers finds a taskset by the name of a module whose ``__all__`` names
it; the recipe is such a module. Task i has the scene of seed i, so that every rollout of a task meets the same one.
"""

from __future__ import annotations

import itertools
from typing import Any, Iterator

from ..chat import SYSTEM
from ._episodes import client_of, episodes_of, wait
from ._lazy import made_on_demand

__all__ = ["TaskTaskset", "TaskEnv"]
_AT_ONCE = 32  # prompts fetched in one call

REWARD = "physintuition"


def prompts(settings: dict[str, Any]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Seed after seed without end, each with the messages of its question but the system's."""
    settings = dict(settings)
    task, address = settings.pop("task"), settings.pop("address", None)
    for first in itertools.count(0, _AT_ONCE):
        rows = client_of(address).dataset(task, _AT_ONCE, first_seed=first, observe=("messages",), **settings)
        for row in rows:
            yield row["seed"], list(row["messages"][1:])


def _parts() -> dict[str, type]:
    import verifiers.v1 as vf

    class TaskConfig(vf.TasksetConfig):
        task_id: str = "Stability-v1"
        split: str = "train"
        options: dict = {}
        size: int = 224
        address: str | None = None

        def settings(self) -> dict[str, Any]:
            return {"task": self.task_id, "split": self.split, "options": self.options or None,
                    "size": (self.size, self.size), "address": self.address}

    class TaskData(vf.TaskData):
        settings: dict
        seed: int

    class SceneTask(vf.Task[TaskData, vf.State, vf.TaskConfig]):
        @vf.reward(weight=1.0)
        async def physintuition(self, trace: Any) -> float:
            # An environment that played the episode has left its sum; else the last reply answers a one-step task.
            if REWARD in trace.info:
                return trace.info[REWARD]
            return await wait(episodes_of(**self.data.settings).score(self.data.seed, trace.last_reply))

    class TaskTaskset(vf.Taskset[SceneTask, TaskConfig]):
        """Scenes of one task, one for each index; ``--env.taskset.task-id``, ``.split``, ``.size``, ``.address``."""

        INFINITE = True

        def load(self) -> Iterator[SceneTask]:
            settings = self.config.settings()
            for seed, messages in prompts(settings):
                data = TaskData(
                    idx=seed, name=f"{settings['task']}#{seed}", prompt=messages, system_prompt=SYSTEM, seed=seed,
                    settings=settings)
                yield SceneTask(data, self.config.task)

    class TaskEnvConfig(vf.EnvConfig):
        player: vf.AgentConfig = vf.AgentConfig()

    class TaskEnv(vf.Env[TaskEnvConfig]):
        """Plays an episode to its end: every reply is a step, what came of it is the next user turn."""

        async def run(self, task: Any, agents: Any) -> None:
            episode = await wait(episodes_of(**task.data.settings).begin(task.data.seed))
            async with agents.player.interaction(task) as interaction:
                segment = await interaction.turn()
                while not segment.terminated:
                    turn = await wait(episode.answer(segment.last_reply))
                    interaction.trace.info[REWARD] = episode.reward
                    if turn.done:
                        break
                    segment = await interaction.turn(turn.messages)
                interaction.trace.info.setdefault(REWARD, 0.0)
            episode.close()

    return {"TaskTaskset": TaskTaskset, "TaskEnv": TaskEnv}


def _part(name: str) -> type:
    for each, made in _parts().items():
        globals().setdefault(each, made)
    return globals()[name]


__getattr__ = made_on_demand(globals(), {name: lambda name=name: _part(name) for name in __all__})
