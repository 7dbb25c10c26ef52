"""An agent's action as the wire's: text as it is, numbers by the task's own space, exactly or refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _values
from ._gym import WholeBox, spaces
from .client import Task

# Characters. Prompts are shorter; a longer answer is sent all the same. Gymnasium's shared memory holds whole spaces.
TEXT_LIMIT = 2_048
CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))


TEXTS = "Make the environment with text_actions=True to answer in texts."


def _refuse_texts(actions: np.ndarray) -> None:
    if actions.dtype.kind == "U":
        raise _values.refuse("actions", actions, "it must hold numbers", TEXTS)


class ActionForm:
    """A task's action space, and how an action in it becomes the wire's.

    A box is presented as [-1, 1] unless ``rescale`` is off: then what lies outside is clipped, and rounded where the
    task wants whole numbers. In the task's own units nothing is changed; what does not fit is refused.
    """

    def __init__(self, task: Task, text: bool, rescale: bool):
        wanted = task.action_space
        self.is_text = text or not wanted
        self.is_discrete = not self.is_text and wanted["type"] == "discrete"
        self._rescales = rescale and not self.is_text and not self.is_discrete
        if self.is_text:
            self.space = spaces.Text(TEXT_LIMIT, min_length=0, charset=CHARACTERS)
        elif self.is_discrete:
            self._n = int(wanted["n"])
            self.space = spaces.Discrete(self._n)
        else:
            self._names = ", ".join(wanted["names"])
            self._low, self._high = (np.asarray(wanted[end], np.float32) for end in ("low", "high"))
            self._span = self._high - self._low
            self._whole = np.asarray(wanted.get("integer", [False] * len(self._low)))
            self._is_whole, self._has_whole = bool(self._whole.all()), bool(self._whole.any())
            self.space = self._box()

    def _box(self) -> Any:
        if self._rescales:
            return spaces.Box(-np.ones_like(self._low), np.ones_like(self._high), dtype=np.float32)
        if self._is_whole:
            return spaces.Box(self._low.astype(np.int64), self._high.astype(np.int64), dtype=np.int64)
        if self._has_whole:
            return WholeBox(self._low, self._high, self._whole)
        return spaces.Box(self._low, self._high, dtype=np.float32)

    def one(self, action: Any) -> Any:
        """One action as the wire wants it: a list with a text, or float32[1, action_size]."""
        if self.is_text:
            if not isinstance(action, str):
                raise _values.refuse("action", action, "it must be a text, since text_actions is on")
            return [_values.text("action", action)]
        if isinstance(action, str):
            kind = "a whole number" if self.is_discrete else f"numbers: {self._names}"
            raise _values.refuse("action", action, f"it must be {kind}", TEXTS)
        if self.is_discrete:
            return np.array([[_values.whole("action", action, limit=self._n)]], "<f4")
        return self._numbers("action", action, self._low.shape)[None]

    def many(self, actions: Any, n: int) -> Any:
        """n actions as the wire wants them: a list of texts, or float32[n, action_size]."""
        if self.is_text:
            if isinstance(actions, str) or not _values.is_many(actions) or len(actions) != n:
                raise _values.refuse("actions", actions, f"it must be a list of {n} texts, one for each environment")
            for row, action in enumerate(actions):
                if not isinstance(action, str):
                    raise _values.refuse(f"actions[{row}]", action, "it must be a text, since text_actions is on")
            return _values.texts("actions", actions)
        if self.is_discrete:
            return self._choices(actions, n)
        return self._numbers("actions", actions, (n, *self._low.shape))

    def _choices(self, actions: Any, n: int) -> np.ndarray:
        choices = _values.array("actions", actions)
        _refuse_texts(choices)
        if choices.shape != (n,) or choices.dtype.kind not in "iu":
            raise _values.refuse(
                "actions", choices, f"it must be int64[{n}], one choice for each environment",
                "Give actions.astype(int) if these are choices." if choices.shape == (n,) else "")
        wrong = np.flatnonzero((choices < 0) | (choices >= self._n))
        if len(wrong):
            raise _values.refuse(f"actions[{wrong[0]}]", choices[wrong[0]], f"it must be in [0, {self._n - 1}]")
        return choices.astype("<f4")[:, None]

    def _numbers(self, field: str, actions: Any, shape: tuple[int, ...]) -> np.ndarray:
        given = _values.array(field, actions)
        _refuse_texts(given)
        if given.shape != shape or given.dtype == bool:
            rows = f"one row for each environment, in each {self._names}" if len(shape) > 1 else self._names
            raise _values.refuse(field, given, f"it must be float32{list(shape)}: {rows}")
        numbers = _values.floats(field, given)
        if self._rescales:
            self._check(field, numbers, np.isfinite(numbers), lambda _: "it must be a number in [-1, 1]")
            numbers = self._low + (np.minimum(np.maximum(numbers, -1), 1) + 1) * 0.5 * self._span
            if self._has_whole:
                rounded = np.rint(numbers)
                numbers = rounded if self._is_whole else np.where(self._whole, rounded, numbers)
            return numbers.astype("<f4", copy=False)
        self._check(field, numbers, (numbers >= self._low) & (numbers <= self._high), self._rule)
        self._check(field, numbers, ~self._whole | (numbers == np.rint(numbers)), self._rule)
        return numbers

    def _rule(self, column: int) -> str:
        kind = "a whole number" if self._whole[column] else "a number"
        return f"it must be {kind} in [{self._low[column]:g}, {self._high[column]:g}]"

    @staticmethod
    def _check(field: str, numbers: np.ndarray, is_right: np.ndarray, rule: Any) -> None:
        if not is_right.all():
            place = tuple(int(index) for index in np.argwhere(~is_right)[0])
            name = field + "".join(f"[{index}]" for index in place)
            raise _values.refuse(name, float(numbers[place]), rule(place[-1]))
