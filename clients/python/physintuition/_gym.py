"""Gymnasium's classes where it is installed; else classes of the same shape, as far as the environments use them."""

from __future__ import annotations

import copy
from enum import Enum
from typing import Any

import numpy as np

try:
    import gymnasium
    from gymnasium import spaces
    from gymnasium.vector import AutoresetMode, VectorEnv

    Env = gymnasium.Env
    HAS_GYMNASIUM = True
except ImportError:
    from . import _spaces as spaces

    HAS_GYMNASIUM = False

    class AutoresetMode(Enum):
        """When a finished slot of a vector environment starts its next episode."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"

    class _Base:
        metadata: dict[str, Any] = {"render_modes": []}
        render_mode: str | None = None
        spec = None
        _np_random: np.random.Generator | None = None
        _np_random_seed: int | None = None

        @property
        def unwrapped(self):
            return self

        @property
        def np_random(self) -> np.random.Generator:
            if self._np_random is None:
                self._seed(None)
            return self._np_random

        @np_random.setter
        def np_random(self, value: np.random.Generator) -> None:
            self._np_random = value
            self._np_random_seed = -1

        @property
        def np_random_seed(self) -> int | None:
            if self._np_random_seed is None:
                self._seed(None)
            return self._np_random_seed

        def _seed(self, seed: int | None) -> None:
            sequence = np.random.SeedSequence(seed)
            self._np_random = np.random.Generator(np.random.PCG64(sequence))
            self._np_random_seed = sequence.entropy

        def reset(self, *, seed=None, options=None):
            if seed is not None and np.isscalar(seed):
                self._seed(int(seed))
            return None, {}

        def close(self) -> None:
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()
            return False

    class Env(_Base):
        """One environment: reset, step, render, close."""

    class VectorEnv(_Base):
        """Many environments of one kind, stepped together."""

        num_envs: int


class WholeBox(spaces.Box):
    """A box of float32 in which some columns hold whole numbers; Gymnasium's own are whole in all or in none."""

    def __init__(self, low: np.ndarray, high: np.ndarray, whole: np.ndarray, seed: Any = None):
        super().__init__(low, high, dtype=np.float32, seed=seed)
        self.whole = np.broadcast_to(whole, self.shape)

    def sample(self, *arguments: Any, **settings: Any) -> np.ndarray:
        drawn = super().sample(*arguments, **settings)
        return np.where(self.whole, np.rint(drawn), drawn).astype(self.dtype)

    def contains(self, value: Any) -> bool:
        return super().contains(value) and bool(np.all(~self.whole | (np.asarray(value) == np.rint(value))))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, WholeBox) and super().__eq__(other) and np.array_equal(self.whole, other.whole)


def batch_space(space: Any, n: int = 1) -> Any:
    """The space of n values at once. A box's bounds are views of the single one's, not n copies of them."""
    if isinstance(space, spaces.Box):
        batch = copy.deepcopy(space)
        for name, value in vars(space).items():
            if isinstance(value, np.ndarray) and value.shape == space.shape:
                setattr(batch, name, np.broadcast_to(value, (n, *space.shape)))
        batch._shape = (n, *space.shape)
        return batch
    if isinstance(space, spaces.Dict):
        return spaces.Dict({name: batch_space(part, n) for name, part in space.spaces.items()})
    return _batch_space(space, n)


if HAS_GYMNASIUM:
    from gymnasium.vector.utils import batch_space as _batch_space

    _batch_space.register(WholeBox)(batch_space)
else:
    _batch_space = spaces.batch_space


__all__ = ["HAS_GYMNASIUM", "AutoresetMode", "Env", "VectorEnv", "WholeBox", "batch_space", "spaces"]
