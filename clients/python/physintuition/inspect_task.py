"""What Inspect AI takes: scenes of a task as a dataset, a solver that plays each episode, a scorer of its reward.

``inspect eval FILE -T task=OffsetX-v1 -T questions=200 --model openai/NAME``, where FILE is what
``python3 -m physintuition.inspect_task`` prints. As read in inspect_ai's public sources: commits 0169e9f (task state),
03ed3dd (scorers), 03a331c (solvers).
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from inspect_ai import Task, task as task_of_inspect
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, ContentImage, ContentText
from inspect_ai.scorer import Score, mean, scorer, stderr
from inspect_ai.solver import solver

# Inspect runs this file by its path, outside the package.
from physintuition.integrations._episodes import client_of, episodes_of, wait

_KEPT = "physintuition"
_CUT = ("max_tokens", "model_length")


@task_of_inspect
def physintuition(
    task: str = "Stability-v1", questions: int = 100, split: str = "test", size: int = 224,
    options: Mapping[str, Any] | None = None, first_seed: int = 0, address: str | None = None,
) -> Task:
    """Scenes of one task.

    Args:
        task: id, with version.
        questions: scenes; their seeds are ``first_seed``, ``first_seed + 1``, ... .
        split: ``train``, ``val`` or ``test``.
        size: pixels along a picture's side.
        options: the task's options.
        first_seed: seed of the first scene.
        address: the server's; None: as every client finds it.
    """
    rows = client_of(address).dataset(
        task, questions, first_seed=first_seed, split=split, options=options, size=(size, size), observe=("messages",))
    samples = [
        Sample(
            input=[_message(each) for each in row["messages"]], id=f"{task}#{row['seed']}",
            metadata={"task": task, "split": split, "seed": row["seed"]})
        for row in rows
    ]
    return Task(
        dataset=MemoryDataset(samples, name=f"{task}/{split}"),
        solver=play(task=task, split=split, size=size, options=options, address=address), scorer=reward())


@solver
def play(
    task: str, split: str = "test", size: int = 224, options: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> Any:
    """Answers until the episode ends; what came of an answer is the next user turn."""

    async def solve(state: Any, generate: Any) -> Any:
        episodes = episodes_of(task, split=split, options=options, size=(size, size), address=address)
        episode = await wait(episodes.begin(state.metadata["seed"]))
        try:
            while not episode.done:
                state = await generate(state)
                turn = await wait(episode.answer(state.output.completion))
                state.store.set(_KEPT, {
                    "reward": episode.reward, "turns": episode.turns, "verdict": turn.info.get("verdict"),
                    "outcome": _outcome(state.output, turn.info.get("parse_error")),
                })
                if turn.done or state.completed:
                    break
                state.messages.extend(_message(each) for each in turn.messages)
        finally:
            episode.close()
        return state

    return solve


@scorer(metrics=[mean(), stderr()])
def reward() -> Any:
    """The episode's reward; ``outcome`` in the score's metadata is answered, unreadable or cut_off."""

    async def score(state: Any, target: Any) -> Any:
        kept = state.store.get(_KEPT)
        if kept is None:
            return None  # nobody answered: no score, rather than a zero
        return Score(
            value=kept["reward"], answer=state.output.completion, explanation=kept["verdict"],
            metadata={"outcome": kept["outcome"], "turns": kept["turns"]})

    return score


def _outcome(output: Any, parse_error: str | None) -> str:
    if parse_error is None:
        return "answered"
    return "cut_off" if output.stop_reason in _CUT or not output.completion.strip() else "unreadable"


def _message(message: Mapping[str, Any]) -> Any:
    made = ChatMessageSystem if message["role"] == "system" else ChatMessageUser
    content = message["content"]
    return made(content=content if isinstance(content, str) else _parts(content))


def _parts(parts: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [
        ContentImage(image=part["image_url"]["url"]) if part["type"] == "image_url" else ContentText(text=part["text"])
        for part in parts
    ]


if __name__ == "__main__":
    print(__file__)
