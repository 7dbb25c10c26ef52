"""Arrays to messages and back, without copies where the message already holds the bytes."""

from __future__ import annotations

import json
from typing import Any, Iterable, Sequence

import numpy as np

from . import _values, chat
from .v1 import environment_pb2 as pb

_TYPES = {
    pb.DATA_TYPE_UINT8: np.dtype("u1"),
    pb.DATA_TYPE_INT32: np.dtype("<i4"),
    pb.DATA_TYPE_INT64: np.dtype("<i8"),
    pb.DATA_TYPE_UINT64: np.dtype("<u8"),
    pb.DATA_TYPE_FLOAT32: np.dtype("<f4"),
    pb.DATA_TYPE_FLOAT64: np.dtype("<f8"),
}
_ENCODINGS = {
    "raw": pb.PICTURE_ENCODING_RAW,
    "png": pb.PICTURE_ENCODING_PNG,
    "jpeg": pb.PICTURE_ENCODING_JPEG,
}


_KEY = '{"type":"image_url","image_url":{"url":"'
_PICTURE = _KEY + "data:image/png;base64,"


class Info(dict):
    """One row's facts; ``text`` is the JSON as it came."""

    def __init__(self, text: str):
        super().__init__(json.loads(text))
        self.text = text


class Infos(Sequence):
    """One `Info` for each row, or None; read when it is looked at."""

    def __init__(self, packed: bytes, ends: bytes, values: Iterable[str]):
        # Not the message itself, which would keep its whole reply alive.
        self._parts = packed, ends, list(values)
        self._rows: list[str] | None = None

    def __len__(self) -> int:
        _, ends, values = self._parts
        return len(ends) // 4 or len(values)

    @property
    def _texts(self) -> list[str]:
        if self._rows is None:
            self._rows = _unpacked(*self._parts)
        return self._rows

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        text = self._texts[index]
        return Info(text) if text else None

    def all(self) -> list[dict[str, Any] | None]:
        """Every row's facts as plain dicts, read at once."""
        texts = self._texts
        if len(set(texts)) == 1:  # As after every reset.
            return [json.loads(texts[0] or "null")] * len(texts)
        return json.loads(f"[{','.join(text or 'null' for text in texts)}]")


class Messages(list):
    """One row's turns of a chat; ``text`` is the JSON as it came."""

    def __init__(self, text: str):
        # The pictures are nearly all of it, and have nothing that a JSON reader would have to look for: each is cut out
        # once, as it stands there.
        rest, urls, place = [], [], 0
        while (start := text.find(_PICTURE, place)) >= 0:
            start += len(_KEY)
            end = text.index('"', start)
            rest.append(text[place:start])
            urls.append(text[start:end])
            place = end
        super().__init__(json.loads("".join([*rest, text[place:]])))
        asked = [turn for turn in self if turn["role"] == "user"]
        for turn, url in zip(asked, urls):
            turn["content"][0]["image_url"]["url"] = url
        self.text = text


def dtype(kind: int) -> np.dtype:
    """NumPy's type of a wire type."""
    return _TYPES[kind]


def observe(
    names: Iterable[str], size: tuple[int, int], encoding: str = "raw", history: str | int = "new",
) -> pb.ObservationRequest:
    """What is wanted; ``size`` is (width, height) in pixels, ``history`` says which turns ``messages`` shows."""
    _values.choice("encoding", encoding, _ENCODINGS)
    width, height = _values.size(size)
    return pb.ObservationRequest(
        names=chat.wire_names(names), width=width, height=height, encoding=_ENCODINGS[encoding], packed_texts=True,
        shared_texts=True, history="" if chat.check_history(history) == "new" else str(history))


def put_actions(request: Any, actions: list[str] | np.ndarray) -> None:
    """Texts as texts, numbers as float32[rows, action_size]."""
    if isinstance(actions, list):
        request.texts.answers.extend(actions)
    else:
        request.numbers = actions.tobytes()


def _unpacked(packed: bytes, ends: bytes, values: Iterable[str]) -> list[str]:
    if not ends:
        return list(values)
    stops = np.frombuffer(ends, "<u4").tolist()
    return [packed[start:stop].decode() for start, stop in zip([0, *stops], stops)]


def _parts(observation: pb.Observation, shared: Any) -> tuple[bytes, bytes, Iterable[str]]:
    texts = observation.texts
    ends = texts.ends
    if texts.memory_offset:
        # Copied: whoever keeps facts may look at them when the memory holds others.
        packed = _memory(observation, shared).bytes(texts.memory_offset, int.from_bytes(ends[-4:], "little"))
        return packed, ends, ()
    return texts.packed, ends, texts.values


def _memory(observation: pb.Observation, shared: Any) -> Any:
    if shared is None:
        raise ValueError(
            f"'{observation.name}' lies in memory that the server shares with the client that made the "
            "environment. Make it with shared_buffers=0 where another client shall go on with it.")
    return shared


def read(observations: Iterable[pb.Observation], shared: Any = None) -> dict[str, Any]:
    """Tensors as arrays over the message's own bytes or shared memory, files as lists of bytes, texts as lists."""
    return {observation.name: _content(observation, shared) for observation in observations}


def _content(observation: pb.Observation, shared: Any) -> Any:
    kind = observation.WhichOneof("content")
    if kind == "tensor":
        tensor = observation.tensor
        if tensor.memory_offset:
            return _memory(observation, shared).array(_TYPES[tensor.type], tensor)
        return np.frombuffer(tensor.data, _TYPES[tensor.type]).reshape(tuple(tensor.shape))
    if kind == "pictures":
        return list(observation.pictures.files)
    parts = _parts(observation, shared)
    if observation.name == "info":
        return Infos(*parts)
    rows = _unpacked(*parts)
    if observation.name == "messages":
        return [Messages(text) if text else None for text in rows]
    return rows
