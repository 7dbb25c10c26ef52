"""The tasks as Gymnasium environments, alone or in batches."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from . import _gym, wire
from ._gym import AutoresetMode, spaces
from .client import DEFAULT_ADDRESS, Client, Task
from .environment import Environment
from .launcher import ensure_server
from .v1 import environment_pb2 as pb

NAMESPACE = "PhysIntuition"
_TEXT_LIMIT = 65_536  # characters
_CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))
_MODES = {
    AutoresetMode.NEXT_STEP: "next_step",
    AutoresetMode.SAME_STEP: "same_step",
    AutoresetMode.DISABLED: "disabled",
}


class ActionForm:
    """How an agent's action becomes the wire's: text as it is, numbers by the task's own space.

    A box is presented as [-1, 1] unless ``rescale`` is off; the wire carries the task's units, rounded where the
    task wants whole numbers.
    """

    def __init__(self, task: Task, text: bool, rescale: bool):
        wanted = task.action_space
        self.is_text = text or not wanted
        self._low = self._high = None
        self.is_discrete = not self.is_text and wanted["type"] == "discrete"
        if self.is_text:
            self.space = spaces.Text(_TEXT_LIMIT, min_length=0, charset=_CHARACTERS)
        elif self.is_discrete:
            self.space = spaces.Discrete(int(wanted["n"]))
        else:
            low, high = np.asarray(wanted["low"], np.float32), np.asarray(wanted["high"], np.float32)
            if rescale:
                self._low, self._high = low, high
                self._whole = np.asarray(wanted.get("integer", [False] * len(low)))
                low, high = -np.ones_like(low), np.ones_like(high)
            self.space = spaces.Box(low, high, dtype=np.float32)

    def rows(self, actions: Any, n: int) -> Any:
        """n actions as the wire wants them: a list of texts, or float32[n, action_size]."""
        if self.is_text:
            return list(actions)
        numbers = np.asarray(actions, np.float32).reshape(n, -1)
        if self._low is None:
            return numbers
        numbers = self._low + (np.clip(numbers, -1, 1) + 1) * 0.5 * (self._high - self._low)
        return np.where(self._whole, np.rint(numbers), numbers)


def _observation_space(info: pb.ObservationInfo, size: tuple[int, int]) -> Any:
    if info.type == pb.DATA_TYPE_TEXT:
        return spaces.Text(_TEXT_LIMIT, min_length=0, charset=_CHARACTERS)
    dtype = wire.dtype(info.type)
    shape = tuple(info.shape)
    if info.is_picture:
        shape = (size[1], size[0]) + shape[2:]
    if dtype == np.uint8:
        return spaces.Box(0, 255, shape, np.uint8)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return spaces.Box(limits.min, limits.max, shape, dtype)
    return spaces.Box(-np.inf, np.inf, shape, dtype)


class _Shared:
    """What the single and the vector environment do alike."""

    def _open(
        self, task: str, slots: int, *, client: Client | None, address: str, launch: bool, observe: Sequence[str],
        size: tuple[int, int], text_actions: bool, rescale_actions: bool, **settings: Any,
    ) -> None:
        self._owns_client = client is None
        self.client = client or Client(ensure_server(address) if launch else address)
        self.task = self.client.task(task)
        unknown = [name for name in observe if name not in self.task.observations]
        if unknown:
            raise ValueError(f"observe names {unknown}; {task} offers {list(self.task.observations)}.")
        self._observe = tuple(observe)
        self._asked = self._observe + (("info",) if "info" in self.task.observations and "info" not in observe else ())
        self._form = ActionForm(self.task, text_actions, rescale_actions)
        parts = {name: _observation_space(self.task.observations[name], size) for name in observe}
        self._single_space = parts[observe[0]] if len(observe) == 1 else spaces.Dict(parts)
        self.environment: Environment | None = self.client.make(
            task, slots, observe=self._asked, size=size, **settings)

    def _pick(self, observations: Mapping[str, Any], row: int) -> Any:
        if len(self._observe) == 1:
            return _copy(observations[self._observe[0]][row])
        return {name: _copy(observations[name][row]) for name in self._observe}

    def _draw_seed(self) -> int:
        return int(self.np_random.integers(2**31))

    def close(self, **_: Any) -> None:
        environment, self.environment = self.environment, None
        if environment is not None:
            environment.close()
            if self._owns_client:
                self.client.close()


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


class PhysIntuitionEnv(_Shared, _gym.Env):
    """One task, one episode at a time.

    Args:
        task: id, for example ``Stability-v1``.
        render_mode: None, ``rgb_array``, ``rgb_array_list`` (one picture for the reset and each step since the last
            call of render) or ``ansi`` (the task and the verdict as text).
        observe: names of the observations; one name gives its array, more give a dict.
        size: (width, height) of pictures, pixels.
        split, options: see `physintuition.Environment`.
        text_actions: act by the model's text instead of numbers.
        rescale_actions: present a numeric box as [-1, 1]; off: the task's own units.
        address, client: where the server is; a client may be shared between environments.
        launch: start a server if none listens there; it ends with this process.
    """

    metadata = {"render_modes": ["rgb_array", "rgb_array_list", "ansi"], "render_fps": 30}

    def __init__(
        self, task: str, *, render_mode: str | None = None, observe: Sequence[str] = ("rgb",),
        size: tuple[int, int] = (224, 224), split: str = "train", options: Mapping[str, Any] | None = None,
        text_actions: bool = False, rescale_actions: bool = True, address: str = DEFAULT_ADDRESS,
        client: Client | None = None, launch: bool = False,
    ):
        _check_render_mode(render_mode, self.metadata)
        self.render_mode = render_mode
        self._open(
            task, 1, client=client, address=address, launch=launch, observe=observe, size=size,
            text_actions=text_actions, rescale_actions=rescale_actions, split=split, options=options,
            autoreset="disabled")
        self.observation_space, self.action_space = self._single_space, self._form.space
        self._verdict = ""
        self._frames: list[np.ndarray] = []

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None):
        """Starts an episode. ``options`` are the task's options, from this episode on."""
        super().reset(seed=seed)
        self._verdict = ""
        chosen = self._draw_seed() if seed is None else int(seed)
        observations = self.environment.reset([chosen], options=options or None)
        self._frames.clear()
        result = self._pick(observations, 0), self._info(observations)
        self._film()
        return result

    def step(self, action: Any):
        """Acts once. One-step tasks terminate."""
        step = self.environment.step(self._form.rows([action], 1))
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
        return self.environment.render()["rgb"][0].copy()

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
            overwritten three calls later.
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 30, "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self, task: str, num_envs: int = 1, *, autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None, observe: Sequence[str] = ("rgb",), size: tuple[int, int] = (224, 224),
        split: str = "train", options: Mapping[str, Any] | None = None,
        slot_options: Sequence[Mapping[str, Any] | None] | None = None, text_actions: bool = False,
        rescale_actions: bool = True, address: str = DEFAULT_ADDRESS, client: Client | None = None,
        launch: bool = False, copy: bool = True,
    ):
        _check_render_mode(render_mode, self.metadata)
        mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self.num_envs, self.render_mode = num_envs, render_mode
        self._mode, self._copy = mode, copy
        self._verdicts = [""] * num_envs
        self._open(
            task, num_envs, client=client, address=address, launch=launch, observe=observe, size=size,
            text_actions=text_actions, rescale_actions=rescale_actions, split=split, options=options,
            slot_options=slot_options, autoreset=_MODES[mode])
        self.single_observation_space, self.single_action_space = self._single_space, self._form.space
        batch = _batch_space()
        self.observation_space = batch(self.single_observation_space, num_envs)
        self.action_space = batch(self.single_action_space, num_envs)
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
        if seed is not None and np.isscalar(seed):
            super().reset(seed=int(seed))
        if seed is None and not self._was_seeded:
            seed = self._draw_seed()
        self._was_seeded = True
        if seed is not None and np.isscalar(seed):
            seed = [int(seed) + slot for slot in range(self.num_envs)]
        if seed is not None and mask is not None and len(seed) == self.num_envs:
            seed = [value for value, chosen in zip(seed, mask) if chosen]
        observations = self.environment.reset(seed, mask=mask, options=options or None)
        if mask is None:
            self._last = self._batched(observations)
            return self._last, self._infos(observations, np.arange(self.num_envs))
        rows = np.flatnonzero(mask)
        self._last = self._merged(observations, rows)
        return self._last, self._infos(observations, rows)

    def step(self, actions: Any):
        """Acts once in every slot."""
        step = self.environment.step(self._form.rows(actions, self.num_envs))
        self._last = self._batched(step.observations)
        infos = self._infos(step.observations, np.arange(self.num_envs))
        self._verdicts = [f"reward {reward:g}" for reward in step.rewards]
        ended = np.flatnonzero(step.terminated | step.truncated)
        if self._mode is AutoresetMode.SAME_STEP and len(ended):
            infos |= self._final(step.final_observations, ended)
        return self._last, step.rewards.astype(np.float64), step.terminated.copy(), step.truncated.copy(), infos

    def render(self):
        """Every slot's picture or text, as a tuple."""
        if self.render_mode == "rgb_array":
            return tuple(picture.copy() for picture in self.environment.render()["rgb"])
        if self.render_mode == "ansi":
            return tuple(f"{self.task.id}: {self.task.title}\n{text}".rstrip() for text in self._verdicts)
        return None

    def _checked_mask(self, mask: Any) -> np.ndarray:
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(
                f"options['reset_mask'] is {mask.dtype}{list(mask.shape)} with {int(mask.sum())} set; it must be "
                f"bool[{self.num_envs}] with at least one set.")
        return mask

    def _batched(self, observations: Mapping[str, Any]) -> Any:
        parts = {name: _stacked(observations[name], self._copy) for name in self._observe}
        return parts[self._observe[0]] if len(self._observe) == 1 else parts

    def _merged(self, observations: Mapping[str, Any], rows: np.ndarray) -> Any:
        def merge(name: str, old: Any) -> Any:
            if isinstance(old, tuple):
                fresh = dict(zip(rows.tolist(), observations[name]))
                return tuple(fresh.get(slot, value) for slot, value in enumerate(old))
            merged = old.copy()
            merged[rows] = observations[name]
            return merged

        if len(self._observe) == 1:
            return merge(self._observe[0], self._last)
        return {name: merge(name, self._last[name]) for name in self._observe}

    def _infos(self, observations: Mapping[str, Any], rows: np.ndarray) -> dict[str, Any]:
        columns: dict[str, dict[int, Any]] = {}
        for row, info in zip(rows, observations.get("info", ())):
            for key, value in (info or {}).items():
                columns.setdefault(key, {})[row] = value
        infos: dict[str, Any] = {}
        for key, values in columns.items():
            infos[key], infos[f"_{key}"] = _column(values, self.num_envs), np.zeros(self.num_envs, bool)
            infos[f"_{key}"][list(values)] = True
        return infos

    def _final(self, observations: Mapping[str, Any], ended: np.ndarray) -> dict[str, Any]:
        mask = np.zeros(self.num_envs, bool)
        mask[ended] = True
        final = np.full(self.num_envs, None, object)
        for row, slot in enumerate(ended):
            final[slot] = self._pick(observations, row)
        return {
            "final_obs": final, "_final_obs": mask,
            "final_info": self._infos(observations, ended), "_final_info": mask.copy(),
        }


def _stacked(values: Any, copy: bool) -> Any:
    if isinstance(values, np.ndarray):
        return values.copy() if copy else values
    return tuple(values)


def _check_render_mode(mode: str | None, metadata: Mapping[str, Any]) -> None:
    if mode is not None and mode not in metadata["render_modes"]:
        raise ValueError(f"render_mode is {mode!r}; it must be None or one of {metadata['render_modes']}.")


def _column(values: Mapping[int, Any], n: int) -> np.ndarray:
    # The type must not depend on which row happens to lack a value: None among floats is nan.
    kinds = {type(value) for value in values.values()}
    if kinds == {bool}:
        column = np.zeros(n, bool)
    elif kinds == {int}:
        column = np.zeros(n, np.int64)
    elif float in kinds and kinds <= {int, float, type(None)}:
        column = np.zeros(n, np.float64)
    else:
        column = np.full(n, None, object)
    for row, value in values.items():
        column[row] = value
    return column


def _batch_space():
    if _gym.HAS_GYMNASIUM:
        from gymnasium.vector.utils import batch_space

        return batch_space
    return spaces.batch_space


def make(task: str, **settings: Any) -> PhysIntuitionEnv:
    """One environment; settings as for `PhysIntuitionEnv`."""
    return PhysIntuitionEnv(task.removeprefix(f"{NAMESPACE}/"), **settings)


def make_vec(task: str, num_envs: int = 1, **settings: Any) -> PhysIntuitionVectorEnv:
    """A batch of environments; settings as for `PhysIntuitionVectorEnv`."""
    return PhysIntuitionVectorEnv(task.removeprefix(f"{NAMESPACE}/"), num_envs, **settings)


def register(address: str = DEFAULT_ADDRESS) -> list[str]:
    """Registers every task of a running server with Gymnasium as ``PhysIntuition/<task>``; returns the ids."""
    if not _gym.HAS_GYMNASIUM:
        raise ImportError("Gymnasium is not installed. Install gymnasium, or use physintuition.make and make_vec.")
    import gymnasium

    with Client(address) as client:
        tasks = [task.id for task in client.tasks()]
    for task in tasks:
        gymnasium.register(
            id=f"{NAMESPACE}/{task}", entry_point="physintuition.gymnasium:PhysIntuitionEnv",
            vector_entry_point="physintuition.gymnasium:PhysIntuitionVectorEnv", kwargs={"task": task},
            disable_env_checker=True)
    return [f"{NAMESPACE}/{task}" for task in tasks]
