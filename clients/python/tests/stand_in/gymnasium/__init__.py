"""Gymnasium's registry in as many lines as the client needs, where Gymnasium is not installed; for tests alone."""

import copy
import importlib
import importlib.util
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

_SPACES = Path(__file__).resolve().parents[3] / "physintuition/_spaces.py"
_spec = importlib.util.spec_from_file_location("gymnasium.spaces", _SPACES)
spaces = importlib.util.module_from_spec(_spec)
sys.modules["gymnasium.spaces"] = spaces
_spec.loader.exec_module(spaces)


class Env:
    metadata, spec, _np_random = {}, None, None

    @property
    def np_random(self):
        return self._np_random

    def reset(self, *, seed=None, options=None):
        import numpy

        if seed is not None or self._np_random is None:
            self._np_random = numpy.random.default_rng(seed)


@dataclass
class EnvSpec:
    id: str
    entry_point: str
    vector_entry_point: str
    kwargs: dict = field(default_factory=dict)
    disable_env_checker: bool = False


registry: dict[str, EnvSpec] = {}


def register(id, **settings):
    if id in registry:
        warnings.warn(f"Overriding environment {id} already in registry.")
    registry[id] = EnvSpec(id, **settings)


def register_envs(module):
    """Only a use of the import."""


def _make(id, entry_point, **settings):
    module, _, name = id.rpartition(":")
    if module:
        importlib.import_module(module)
    spec = registry[name]
    where, _, kind = getattr(spec, entry_point).partition(":")
    env = getattr(importlib.import_module(where), kind)(**{**copy.deepcopy(spec.kwargs), **settings})
    env.spec = spec
    return env


def make(id, **settings):
    return _make(id, "entry_point", **settings)


def make_vec(id, num_envs=1, **settings):
    return _make(id, "vector_entry_point", num_envs=num_envs, **settings)


