"""The tasks as Gymnasium environments, alone or in batches."""

from __future__ import annotations

import inspect
from typing import Any, Mapping, Sequence

import numpy as np

from . import _gym, _values, wire
from ._actions import CHARACTERS, TEXT_LIMIT, ActionForm
from ._gym import AutoresetMode, spaces
from ._infos import LazyInfos
from ._tasks import TASKS
from .client import Client
from .environment import Environment
from .launcher import ensure_server
from .v1 import environment_pb2 as pb

NAMESPACE = "PhysIntuition"
_MODES = {
    AutoresetMode.NEXT_STEP: "next_step",
    AutoresetMode.SAME_STEP: "same_step",
    AutoresetMode.DISABLED: "disabled",
}

_LONGEST_CHAT = 16  # turns that a text space has room for where the whole conversation is shown


def _observation_space(info: pb.ObservationInfo, size: tuple[int, int], turns: int) -> Any:
    if info.type == pb.DATA_TYPE_TEXT:
        # Turns of a chat hold a picture: at most its pixels, in base64.
        limit = turns * (TEXT_LIMIT + 5 * size[0] * size[1]) if info.name == "messages" else TEXT_LIMIT
        return spaces.Text(limit, min_length=0, charset=CHARACTERS)
    dtype = wire.dtype(info.type)
    shape = tuple(info.shape)
    if info.is_picture:
        shape = (size[1], size[0]) + shape[2:]
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return spaces.Box(limits.min, limits.max, shape, dtype)
    return spaces.Box(-np.inf, np.inf, shape, dtype)


def _flat_space(names: Sequence[str], space: Any) -> Any:
    if not isinstance(space, spaces.Box):
        raise _values.refuse("flat", True, f"it wants one observation of numbers; observe is {', '.join(names)}",
                             "Observe 'state' alone.")
    return spaces.Box(space.low.ravel(), space.high.ravel(), dtype=space.dtype)


class _Shared:
    """What the single and the vector environment do alike."""

    def _open(
        self, task: str, slots: int, *, client: Client | None, address: str | None, launch: bool, durable: bool,
        observe: Sequence[str], size: tuple[int, int], flat: bool, text_actions: bool, rescale_actions: bool,
        **settings: Any,
    ) -> None:
        self._environment: Environment | None = None
        self._owns_client = client is None
        self.client = client or Client(ensure_server(address) if launch else address, durable=durable)
        self.task = self.client.task(task)
        self._observe, size = tuple(_values.names("observe", observe)), _values.size(size)
        for name in self._observe:
            _values.choice("observe", name, self.task.observations)
        if not self._observe:
            raise _values.refuse("observe", observe, "it must name an observation", "For example 'rgb'.")
        has_info = "info" in self.task.observations and "info" not in self._observe
        self._form = ActionForm(self.task, text_actions, rescale_actions)
        turns = 1 if settings["history"] == "new" else _LONGEST_CHAT
        parts = {name: _observation_space(self.task.observations[name], size, turns) for name in self._observe}
        self._single_space = parts[self._observe[0]] if len(parts) == 1 else spaces.Dict(parts)
        self._flat = flat
        if flat:
            self._single_space = _flat_space(self._observe, self._single_space)
        self._environment = self.client.make(
            task, slots, observe=self._observe + (("info",) if has_info else ()), size=size, **settings)

    @property
    def environment(self) -> Environment:
        """The batch of episodes on the server."""
        if self._environment is None:
            raise RuntimeError("The environment is closed. Make another.")
        return self._environment

    def _pick(self, observations: Mapping[str, Any], row: int) -> Any:
        if len(self._observe) == 1:
            value = _own(observations[self._observe[0]][row])
            return value.reshape(-1) if self._flat else value
        return {name: _own(observations[name][row]) for name in self._observe}

    def _draw_seed(self) -> int:
        return int(self.np_random.integers(2**31))

    def close(self, **_: Any) -> None:
        environment, self._environment = self._environment, None
        if environment is not None:
            environment.close()
            if self._owns_client:
                self.client.close()

    def __reduce__(self):
        # In another process: a new environment with the same settings, which plays from its first reset on.
        return _rebuilt, (type(self), self._settings)

    def __deepcopy__(self, _: Any) -> Any:
        return _rebuilt(type(self), self._settings)


def _rebuilt(kind: type, settings: dict[str, Any]) -> Any:
    return kind(**settings)


def _settings(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name not in ("self", "__class__")}


def _own(value: Any) -> Any:
    # Facts are observed as their JSON, a text like any other.
    return np.array(value) if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "text", value) or ""


class PhysIntuitionEnv(_Shared, _gym.Env):
    """One task, one episode at a time.

    Args:
        task: id, for example ``Stability-v1``.
        render_mode: None, ``rgb_array``, ``rgb_array_list`` (one picture for the reset and each step since the last
            call of render) or ``ansi`` (the task and the verdict as text).
        observe: names of the observations; one name gives its array, more give a dict.
        size: (width, height) of pictures, pixels.
        flat: one observation of numbers as one axis, for learners that take vectors.
        split, options, history: see `physintuition.Environment`.
        outcome: what the observation after the last reward shows: ``question``, as it stood, for which nothing is
            simulated, or ``settled``, the world once it rests. `render` always shows what came of the answer.
        text_actions: act by the model's text instead of numbers.
        rescale_actions: present a numeric box as [-1, 1], beyond which actions are clipped; off: the task's own units.
        address, client: where the engine is, see `physintuition.Client`; a client may be shared between environments.
        launch: start a server if none listens there; it ends with this process.
        durable: the episodes outlive their server, see `physintuition.Client`; a client that is given says so itself.
    """

    metadata = {"render_modes": ["rgb_array", "rgb_array_list", "ansi"], "render_fps": 30}

    def __init__(
        self, task: str, *, render_mode: str | None = None, observe: Sequence[str] = ("rgb",),
        size: tuple[int, int] = (224, 224), flat: bool = False, split: str = "train",
        options: Mapping[str, Any] | None = None, history: str | int = "new", outcome: str = "question",
        text_actions: bool = False, rescale_actions: bool = True, address: str | None = None,
        client: Client | None = None, launch: bool = False, durable: bool = False,
    ):
        self._settings = _settings(locals())
        _check_render_mode(render_mode, self.metadata)
        self.render_mode = render_mode
        self._open(
            task, 1, client=client, address=address, launch=launch, durable=durable, observe=observe, size=size,
            flat=flat, text_actions=text_actions, rescale_actions=rescale_actions, split=split, options=options,
            autoreset="disabled", history=history, outcome=outcome)
        self.observation_space, self.action_space = self._single_space, self._form.space
        self._verdict, self._was_seeded = "", False
        self._frames: list[np.ndarray] = []

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None):
        """Starts an episode. ``options`` are the task's options, from this episode on."""
        seed = None if seed is None else _values.seed(seed)
        super().reset(seed=seed)
        self._verdict = ""
        if seed is None and not self._was_seeded:
            seed = self._draw_seed()
        self._was_seeded = True
        # Without a seed the server goes on with the stream that the last one began, and has its episodes ready.
        observations = self.environment.reset(None if seed is None else [seed], options=options or None)
        self._frames.clear()
        result = self._pick(observations, 0), self._info(observations)
        self._film()
        return result

    def step(self, action: Any):
        """Acts once. One-step tasks terminate."""
        step = self.environment.step(self._form.one(action))
        info = self._info(step.observations)
        self._verdict = f"reward {step.rewards[0]:g}: {info.get('verdict', '')}"
        result = (
            self._pick(step.observations, 0), float(step.rewards[0]), bool(step.terminated[0]),
            bool(step.truncated[0]), info)
        self._film()
        return result

    def render(self):
        """The scene as it is now; in mode ``rgb_array_list`` all pictures since the last call."""
        if self.render_mode == "rgb_array":
            return self._picture()
        if self.render_mode == "rgb_array_list":
            frames, self._frames = self._frames, []
            return frames
        if self.render_mode == "ansi":
            return f"{self.task.id}: {self.task.title}\n{self._verdict}".rstrip()
        return None

    def _film(self) -> None:
        if self.render_mode == "rgb_array_list":
            self._frames.append(self._picture())

    def _picture(self) -> np.ndarray:
        return self.environment.render(outcome="settled")["rgb"][0].copy()

    @staticmethod
    def _info(observations: Mapping[str, Any]) -> dict[str, Any]:
        return dict(observations["info"][0] or {}) if "info" in observations else {}


class PhysIntuitionVectorEnv(_Shared, _gym.VectorEnv):
    """Many episodes of one task, stepped together. Arguments as for `PhysIntuitionEnv`.

    Args:
        num_envs: how many episodes are played at a time.
        autoreset_mode: when a finished slot starts its next episode.
        render_mode: None, ``rgb_array`` or ``ansi``; render gives a tuple with one value for each slot.
        slot_options: one mapping (or None) for each slot, on top of ``options``.
        copy: observations are the caller's own; off: arrays are read-only and, where the server is on this machine,
            overwritten three steps later, where others are rendered between them two.
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 30, "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self, task: str, num_envs: int = 1, *, autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None, observe: Sequence[str] = ("rgb",), size: tuple[int, int] = (224, 224),
        flat: bool = False, split: str = "train", options: Mapping[str, Any] | None = None,
        slot_options: Sequence[Mapping[str, Any] | None] | None = None, history: str | int = "new",
        outcome: str = "question", text_actions: bool = False, rescale_actions: bool = True,
        address: str | None = None, client: Client | None = None,
        launch: bool = False, durable: bool = False, copy: bool = True,
    ):
        self._settings = _settings(locals())
        _check_render_mode(render_mode, self.metadata)
        mode = _autoreset_mode(autoreset_mode)
        num_envs = _values.whole("num_envs", num_envs, low=1)
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self.num_envs, self.render_mode = num_envs, render_mode
        self._mode, self._copy = mode, copy
        self._rewards: np.ndarray | None = None  # of the last step
        self._open(
            task, num_envs, client=client, address=address, launch=launch, durable=durable, observe=observe, size=size,
            flat=flat, text_actions=text_actions, rescale_actions=rescale_actions, split=split, options=options,
            slot_options=slot_options, autoreset=_MODES[mode], history=history, outcome=outcome)
        self.single_observation_space, self.single_action_space = self._single_space, self._form.space
        self.observation_space = _gym.batch_space(self.single_observation_space, num_envs)
        self.action_space = _gym.batch_space(self.single_action_space, num_envs)
        self._was_seeded = False
        self._last: Any = None

    def reset(self, *, seed: int | Sequence[int] | None = None, options: Mapping[str, Any] | None = None):
        """Starts episodes: slot i from seed + i, or from its own seed of a list.

        ``options["reset_mask"]``, bool[num_envs], resets some slots only; other keys are the task's options.
        """
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        if mask is not None:
            mask = self._checked_mask(mask)
            if self._last is None:
                raise ValueError("options['reset_mask'] is set at the first reset; reset all slots first.")
        if _values.is_many(seed):
            seed = _values.seeds(seed)
        elif seed is not None:
            seed = _values.seed(seed)
            super().reset(seed=seed)
        if seed is None and not self._was_seeded:
            seed = self._draw_seed()
        self._was_seeded = True
        if isinstance(seed, int):
            seed = [seed + slot for slot in range(self.num_envs)]
        if seed is not None and mask is not None and len(seed) == self.num_envs:
            seed = [value for value, chosen in zip(seed, mask) if chosen]
        observations = self.environment.reset(seed, mask=mask, options=options or None)
        if mask is None:
            self._last = self._batched(observations)
            told = observations.get("info")
            return self._last, LazyInfos(lambda: self._infos(told))
        rows = np.flatnonzero(mask)
        self._last = self._merged(observations, rows)
        return self._last, self._infos(observations.get("info"), rows)

    def step(self, actions: Any):
        """Acts once in every slot."""
        step = self.environment.step(self._form.many(actions, self.num_envs))
        self._last = self._batched(step.observations)
        self._rewards = rewards = step.rewards.astype(np.float64)
        final = None
        if self._mode is AutoresetMode.SAME_STEP and (ended := step.terminated | step.truncated).any():
            final = np.flatnonzero(ended), step.final_observations.get("info"), self._batched(step.final_observations, True)
        told = step.observations.get("info")  # Alone: whoever keeps infos shall not keep pictures with them.
        infos = LazyInfos(lambda: self._infos(told, None, final))
        return self._last, rewards, step.terminated.copy(), step.truncated.copy(), infos

    def render(self):
        """Every slot's picture or text, as a tuple."""
        if self.render_mode == "rgb_array":
            return tuple(picture.copy() for picture in self.environment.render(outcome="settled")["rgb"])
        if self.render_mode == "ansi":
            verdicts = [""] * self.num_envs if self._rewards is None else [f"\nreward {it:g}" for it in self._rewards]
            return tuple(f"{self.task.id}: {self.task.title}{verdict}" for verdict in verdicts)
        return None

    def _checked_mask(self, mask: Any) -> np.ndarray:
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(
                f"options['reset_mask'] is {mask.dtype}{list(mask.shape)} with {int(mask.sum())} set; it must be "
                f"bool[{self.num_envs}] with at least one set.")
        return mask

    def _batched(self, observations: Mapping[str, Any], copy: bool = False) -> Any:
        parts = {name: _stacked(observations[name], copy or self._copy) for name in self._observe}
        if len(self._observe) > 1:
            return parts
        values = parts[self._observe[0]]
        return values.reshape(len(values), -1) if self._flat else values

    def _merged(self, observations: Mapping[str, Any], rows: np.ndarray) -> Any:
        def merge(name: str, old: Any) -> Any:
            if isinstance(old, tuple):
                fresh = dict(zip(rows.tolist(), map(_own, observations[name])))
                return tuple(fresh.get(slot, value) for slot, value in enumerate(old))
            merged = old.copy()
            merged[rows] = observations[name].reshape(merged[rows].shape)
            return merged

        if len(self._observe) == 1:
            return merge(self._observe[0], self._last)
        return {name: merge(name, self._last[name]) for name in self._observe}

    def _infos(
        self, facts: wire.Infos | None, rows: np.ndarray | None = None, final: tuple[Any, ...] | None = None,
    ) -> dict[str, Any]:
        rows = np.arange(self.num_envs) if rows is None else rows
        told = [] if facts is None else facts.all()
        if None in told:
            rows, told = rows[[info is not None for info in told]], [info for info in told if info is not None]
        infos: dict[str, Any] = {}
        for key in told[0] if told else ():  # Every row has the same keys.
            infos[key], infos[f"_{key}"] = _column([info[key] for info in told], rows, self.num_envs), self._mask(rows)
        return infos if final is None else infos | self._final(*final)

    def _mask(self, rows: np.ndarray) -> np.ndarray:
        mask = np.zeros(self.num_envs, bool)
        mask[rows] = True
        return mask

    def _final(self, ended: np.ndarray, facts: wire.Infos | None, values: Any) -> dict[str, Any]:
        mask = self._mask(ended)
        final = np.full(self.num_envs, None, object)
        for row, slot in enumerate(ended):
            final[slot] = {name: part[row] for name, part in values.items()} if isinstance(values, dict) else values[row]
        return {
            "final_obs": final, "_final_obs": mask,
            "final_info": self._infos(facts, ended), "_final_info": mask.copy(),
        }


def _stacked(values: Any, copy: bool) -> Any:
    if isinstance(values, np.ndarray):
        return values.copy() if copy else values
    return tuple(map(_own, values))


def _check_render_mode(mode: str | None, metadata: Mapping[str, Any]) -> None:
    if mode is not None and mode not in metadata["render_modes"]:
        raise _values.refuse("render_mode", mode, f"it must be None or one of {', '.join(metadata['render_modes'])}",
                             _values.near(mode, metadata["render_modes"]).strip())


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    # As Gymnasium spells them (NextStep), or as `Environment` does (next_step).
    by_name = {name: each for each, wire_name in _MODES.items() for name in (each.value, wire_name)}
    return by_name[_values.choice("autoreset_mode", mode, by_name)]


def _column(values: Sequence[Any], rows: np.ndarray, n: int) -> np.ndarray:
    # The type must not depend on which row happens to lack a value: None among floats is nan.
    kinds = set(map(type, values))
    if kinds == {bool}:
        column = np.zeros(n, bool)
    elif kinds == {int}:
        column = np.zeros(n, np.int64)
    elif float in kinds and kinds <= {int, float, type(None)}:
        column = np.zeros(n, np.float64)
    else:
        column = np.full(n, None, object)
    column[rows] = values
    return column


def _check_settings(kind: type, settings: Mapping[str, Any]) -> None:
    names = list(inspect.signature(kind).parameters)[1:]
    for name in settings:
        if name not in names:
            raise TypeError(
                f"{name!r} is no setting; there is {', '.join(names)}. Choose one.{_values.near(name, names)}")


def make(task: str, **settings: Any) -> PhysIntuitionEnv:
    """One environment; settings as for `PhysIntuitionEnv`."""
    _check_settings(PhysIntuitionEnv, settings)
    return PhysIntuitionEnv(task.removeprefix(f"{NAMESPACE}/"), **settings)


def make_vec(task: str, num_envs: int = 1, **settings: Any) -> PhysIntuitionVectorEnv:
    """A batch of environments; settings as for `PhysIntuitionVectorEnv`."""
    _check_settings(PhysIntuitionVectorEnv, settings)
    return PhysIntuitionVectorEnv(task.removeprefix(f"{NAMESPACE}/"), num_envs, **settings)


def register(address: str | None = None) -> list[str]:
    """Registers the tasks with Gymnasium; returns the ids.

    ``PhysIntuition/Stability-v1`` shows pictures, ``PhysIntuition/Stability-state-v1`` the state as one vector.
    Importing this package registers the tasks that it knows; no server is asked, and each environment looks for its
    server when it is made. With an address the tasks of the server there are registered, and that address is theirs.
    """
    if not _gym.HAS_GYMNASIUM:
        raise ImportError("Gymnasium is not installed. Install gymnasium, or use physintuition.make and make_vec.")
    if address is None:
        return [name for task, has_state in TASKS.items() for name in _register(task, has_state, {})]
    with Client(address) as client:
        tasks = {task.id: "state" in task.observations for task in client.tasks()}
    return [name for task, has_state in tasks.items() for name in _register(task, has_state, {"address": address})]


def _register(task: str, has_state: bool, settings: dict[str, Any]) -> list[str]:
    import gymnasium

    stem, _, version = task.rpartition("-v")
    variants: dict[str, dict[str, Any]] = {task: {}}
    if has_state:
        variants[f"{stem}-state-v{version}"] = {"observe": ("state",), "flat": True}
    for name, variant in variants.items():
        gymnasium.registry.pop(f"{NAMESPACE}/{name}", None)  # Registering twice is nothing to warn of.
        gymnasium.register(
            id=f"{NAMESPACE}/{name}", entry_point=f"{__name__}:PhysIntuitionEnv",
            vector_entry_point=f"{__name__}:PhysIntuitionVectorEnv", kwargs={"task": task, **variant, **settings},
            disable_env_checker=True)
    return [f"{NAMESPACE}/{name}" for name in variants]


if _gym.HAS_GYMNASIUM:
    register()
