"""Gymnasium's classes where it is installed; else classes of the same shape, as far as the environments use them."""

from __future__ import annotations

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


__all__ = ["HAS_GYMNASIUM", "AutoresetMode", "Env", "VectorEnv", "spaces"]
