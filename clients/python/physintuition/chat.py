"""Slots as conversations: messages in the form that OpenAI's API and the trainers of language models take.

The observation ``messages`` gives each slot's turns with pictures as PNG data URIs, as many as ``history`` says;
``messages_pil`` gives the new ones with Pillow's images straight from the pixels. `Conversations` is a batch of either.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from . import _values

if TYPE_CHECKING:
    from .environment import Environment

Message = dict[str, Any]

SYSTEM = "You are shown a picture and asked about it. Answer in the form that is asked for."
PIL = "messages_pil"
_PIL_STANDS_ON = ("rgb", "prompt", "info", "steps")


def check_history(history: Any) -> Any:
    """Which turns are shown, or the refusal of what is none of the kinds."""
    if not (history in ("all", "new") or (_is_whole(history) and history > 0)):
        raise _values.refuse("history", history, "it must be 'all', 'new' or a whole number above 0")
    return history


def text_of(answer: Any) -> str:
    """What a model said last: a text, a message, or messages whose content is a text or parts."""
    if isinstance(answer, str):
        return answer
    texts = said([answer] if isinstance(answer, Mapping) else answer)
    return texts[-1] if texts else ""


def said(messages: Sequence[Message]) -> list[str]:
    """Everything that a model said in a conversation, in order."""
    contents = [message.get("content") for message in messages if message.get("role", "assistant") == "assistant"]
    return [content if isinstance(content, str) else "".join(part.get("text") or "" for part in content or ())
            for content in contents]


def as_texts(answers: Any) -> Any:
    """Answers with the messages among them as what they say."""
    if isinstance(answers, (list, tuple)) and set(map(type, answers)) != {str} and any(map(_is_said, answers)):
        return [text_of(answer) if _is_said(answer) else answer for answer in answers]
    return answers


def _is_said(answer: Any) -> bool:
    if isinstance(answer, (list, tuple)):
        return len(answer) > 0 and isinstance(answer[0], Mapping)
    return isinstance(answer, Mapping) and "content" in answer


def wire_names(names: Sequence[str]) -> list[str]:
    """What the server is asked for, so that these can be shown."""
    if PIL not in names:
        return list(names)
    return [name for name in names if name != PIL] + [name for name in _PIL_STANDS_ON if name not in names]


def shown(names: Sequence[str] | None, observations: dict[str, Any], is_over: Sequence[bool]) -> dict[str, Any]:
    """What was asked for, from what the server gave."""
    if names is None or PIL not in names or "steps" not in observations:
        return observations
    pictures = [_image(picture) for picture in observations["rgb"]]
    columns = zip(pictures, observations["prompt"], observations["info"], observations["steps"], is_over)
    turns = [_turns(*row) for row in columns]
    return {name: turns if name == PIL else observations[name] for name in names}


def _image(picture: Any) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else Image.fromarray(np.array(picture))


def _turns(image: Any, prompt: str, info: Mapping[str, Any] | None, steps: int, is_over: bool) -> list[Message]:
    # As the server writes "messages".
    if steps == 0:
        return [{"role": "system", "content": SYSTEM}, _user(image, prompt)]
    info = info or {}
    wrong = info.get("parse_error")
    lines = [info.get("verdict"), wrong and f"The answer could not be read: {wrong}",
             "The episode is over." if is_over else prompt]
    return [_user(image, "\n".join(filter(None, lines)))]


def _user(image: Any, text: str) -> Message:
    return {"role": "user", "content": [{"type": "image", "image": image}, {"type": "text", "text": text}]}


@dataclass(frozen=True)
class ChatStep:
    """What an answer gave in one slot."""

    messages: list[Message]  # as `Conversations` was told to show them
    reward: float
    terminated: bool  # the task reached its own end
    truncated: bool  # a limit outside the task ended the episode

    @property
    def done(self) -> bool:
        """The episode has ended."""
        return self.terminated or self.truncated


class Conversations:
    """The slots of an environment as conversations.

    Args:
        environment: observes ``messages`` or ``messages_pil``; its autoreset is ``disabled``.
        history: which turns `reset` and `step` give: ``all``, ``new`` (those since the last answer), or the system's
            and the last n of the user with the answers between them.
    """

    def __init__(self, environment: "Environment", *, history: str | int = "all"):
        self.environment, self._history = environment, check_history(history)
        self._turns: list[list[Message]] = [[] for _ in range(environment.slots)]

    def reset(self, seed: Any = None, *, mask: Any = None, options: Any = None) -> list[list[Message]]:
        """Starts episodes in all slots, or in those that ``mask`` selects; returns their messages, a list for each."""
        observations = self.environment.reset(seed, mask=mask, options=options, history=self._history)
        rows = self._rows(mask)
        for slot, turns in zip(rows, _messages(observations)):
            self._turns[slot] = list(turns)
        return [self.messages(slot) for slot in rows]

    def step(self, answers: Sequence[Any], *, mask: Any = None) -> list[ChatStep]:
        """Answers, by texts or messages, in all slots, or in those that ``mask`` selects."""
        texts = [text_of(answer) for answer in answers]
        step = self.environment.step(texts, mask=mask, history=self._history)
        is_whole = "messages" in step.observations  # The server's turns are as many as are wanted; Pillow's are new.
        results = []
        for row, slot in enumerate(self._rows(mask)):
            new = _messages(step.observations)[row]
            said = [] if is_whole or self._history == "new" else [
                *self._turns[slot], {"role": "assistant", "content": texts[row]}]
            self._turns[slot] = [*said, *new]
            results.append(ChatStep(
                self.messages(slot), float(step.rewards[row]), bool(step.terminated[row]), bool(step.truncated[row])))
        return results

    def messages(self, slot: int) -> list[Message]:
        """What a slot showed last, as many turns as ``history`` says."""
        turns = self._turns[slot]
        if not _is_whole(self._history):
            return list(turns)
        asked = [place for place, turn in enumerate(turns) if turn["role"] == "user"]
        first = asked[-self._history] if len(asked) > self._history else 1
        return [*turns[:1], *turns[first:]]

    def _rows(self, mask: Any) -> list[int]:
        slots = range(self.environment.slots)
        return list(slots) if mask is None else [slot for slot in slots if mask[slot]]


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _messages(observations: Mapping[str, Any]) -> list[list[Message]]:
    for name in ("messages", PIL):
        if name in observations:
            return observations[name]
    raise _values.refuse("observe", list(observations), "it must name 'messages' or 'messages_pil'")
