"""Spaces of Gymnasium's shape, used only where Gymnasium itself is not installed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Mapping, Sequence

import numpy as np


class Space:
    """A set of values with a shape and a type; ``sample`` draws, ``contains`` tells."""

    def __init__(self, shape: Sequence[int] | None, dtype: Any, seed: int | None = None):
        self._shape = None if shape is None else tuple(shape)
        self.dtype = None if dtype is None else np.dtype(dtype)
        self._rng: np.random.Generator | None = None
        if seed is not None:
            self.seed(seed)

    @property
    def shape(self):
        return self._shape

    @property
    def np_random(self) -> np.random.Generator:
        if self._rng is None:
            self.seed()
        return self._rng

    def seed(self, seed: int | None = None) -> int:
        sequence = np.random.SeedSequence(seed)
        self._rng = np.random.Generator(np.random.PCG64(sequence))
        return sequence.entropy

    def __contains__(self, value: Any) -> bool:
        return self.contains(value)


class Discrete(Space):
    """The integers start .. start + n - 1."""

    def __init__(self, n: int, seed: int | None = None, start: int = 0):
        self.n, self.start = np.int64(n), np.int64(start)
        super().__init__((), np.int64, seed)

    def sample(self):
        return self.start + self.np_random.integers(self.n)

    def contains(self, value: Any) -> bool:
        if isinstance(value, int):
            return bool(self.start <= value < self.start + self.n)
        if isinstance(value, (np.generic, np.ndarray)) and np.issubdtype(value.dtype, np.integer) and value.shape == ():
            return bool(self.start <= value < self.start + self.n)
        return False

    def __eq__(self, other):
        return isinstance(other, Discrete) and (self.n, self.start) == (other.n, other.start)

    def __repr__(self):
        return f"Discrete({self.n})" if self.start == 0 else f"Discrete({self.n}, start={self.start})"


class Box(Space):
    """Arrays between two bounds, element by element."""

    def __init__(self, low, high, shape: Sequence[int] | None = None, dtype: Any = np.float32, seed: int | None = None):
        shape = np.shape(low) if shape is None else tuple(shape)
        self.low = np.broadcast_to(np.asarray(low, dtype=dtype), shape).copy()
        self.high = np.broadcast_to(np.asarray(high, dtype=dtype), shape).copy()
        super().__init__(shape, dtype, seed)

    def is_bounded(self, manner: str = "both") -> bool:
        below = bool(np.all(np.isfinite(self.low)))
        above = bool(np.all(np.isfinite(self.high)))
        return {"both": below and above, "below": below, "above": above}[manner]

    def sample(self):
        if self.dtype.kind in "iu":
            return self.np_random.integers(self.low, self.high, endpoint=True, dtype=self.dtype, size=self.shape)
        low = np.where(np.isfinite(self.low), self.low, -1e6)
        high = np.where(np.isfinite(self.high), self.high, 1e6)
        return self.np_random.uniform(low, high, size=self.shape).astype(self.dtype)

    def contains(self, value: Any) -> bool:
        return (
            isinstance(value, np.ndarray)
            and np.can_cast(value.dtype, self.dtype)
            and value.shape == self.shape
            and bool(np.all(value >= self.low))
            and bool(np.all(value <= self.high))
        )

    def __eq__(self, other):
        return (
            isinstance(other, Box)
            and self.shape == other.shape
            and self.dtype == other.dtype
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
        )

    def __repr__(self):
        return f"Box({self.low.min()}, {self.high.max()}, {self.shape}, {self.dtype})"


class Text(Space):
    """Strings of a bounded length over a set of characters."""

    def __init__(self, max_length: int, *, min_length: int = 0, charset: str, seed: int | None = None):
        self.min_length, self.max_length = min_length, max_length
        self.character_list = tuple(charset)
        super().__init__(None, None, seed)

    def sample(self):
        length = self.np_random.integers(self.min_length, min(self.max_length, 64) + 1)
        return "".join(self.np_random.choice(self.character_list, size=length))

    def contains(self, value: Any) -> bool:
        return (
            isinstance(value, str)
            and self.min_length <= len(value) <= self.max_length
            and set(value) <= set(self.character_list)
        )

    def __eq__(self, other):
        return isinstance(other, Text) and self.max_length == other.max_length

    def __repr__(self):
        return f"Text({self.min_length}, {self.max_length})"


class Dict(Space):
    """Named spaces."""

    def __init__(self, spaces: Mapping[str, Space], seed: int | None = None):
        self.spaces = OrderedDict(sorted(spaces.items()))
        super().__init__(None, None, seed)

    def seed(self, seed: int | None = None) -> int:
        entropy = super().seed(seed)
        for space in getattr(self, "spaces", {}).values():
            space.seed(int(self.np_random.integers(2**31)))
        return entropy

    def sample(self):
        return {name: space.sample() for name, space in self.spaces.items()}

    def contains(self, value: Any) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() == self.spaces.keys()
            and all(space.contains(value[name]) for name, space in self.spaces.items())
        )

    def __getitem__(self, name: str) -> Space:
        return self.spaces[name]

    def keys(self):
        return self.spaces.keys()

    def items(self):
        return self.spaces.items()

    def __eq__(self, other):
        return isinstance(other, Dict) and self.spaces == other.spaces

    def __repr__(self):
        return "Dict(" + ", ".join(f"{name!r}: {space}" for name, space in self.spaces.items()) + ")"


def batch_space(space: Space, n: int) -> Space:
    """The space of n values at once, as Gymnasium batches those that are neither boxes nor dictionaries."""
    if isinstance(space, Discrete):
        return Box(np.full(n, space.start), np.full(n, space.start + space.n - 1), dtype=np.int64)
    return Tuple([space] * n)


class Tuple(Space):
    """A fixed number of spaces in order."""

    def __init__(self, spaces: Sequence[Space], seed: int | None = None):
        self.spaces = tuple(spaces)
        super().__init__(None, None, seed)

    def sample(self):
        return tuple(space.sample() for space in self.spaces)

    def contains(self, value: Any) -> bool:
        return isinstance(value, (tuple, list)) and len(value) == len(self.spaces) and all(
            space.contains(part) for space, part in zip(self.spaces, value))

    def __len__(self):
        return len(self.spaces)

    def __getitem__(self, index: int) -> Space:
        return self.spaces[index]

    def __eq__(self, other):
        return isinstance(other, Tuple) and self.spaces == other.spaces

    def __repr__(self):
        return f"Tuple({', '.join(map(repr, self.spaces))})"
