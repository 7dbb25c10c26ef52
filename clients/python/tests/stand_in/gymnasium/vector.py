"""See the package."""

import enum
import functools
import sys
import types

from . import Env, spaces

AutoresetMode = enum.Enum(
    "AutoresetMode", {"NEXT_STEP": "NextStep", "SAME_STEP": "SameStep", "DISABLED": "Disabled"})


class VectorEnv(Env):
    """Many environments."""


utils = types.ModuleType("gymnasium.vector.utils")
utils.batch_space = functools.singledispatch(spaces.batch_space)
sys.modules["gymnasium.vector.utils"] = utils
