"""What a caller gives, as what the wire carries: exactly, or refused with field, value, rule and remedy."""

from __future__ import annotations

import difflib
import json
import operator
from typing import Any, Iterable, Mapping, Sequence

import numpy as np

from .errors import InvalidArgument

_SEED_LIMIT = 2**64
_LONGEST = 80  # characters of a value that are shown


def refuse(field: str, value: Any, rule: str, remedy: str = "") -> InvalidArgument:
    """The error for a value that is not sent."""
    return InvalidArgument.of(field, shown(value), rule, remedy)


def shown(value: Any) -> str:
    """A value for people: arrays by type and shape, everything else shortened."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype}{list(value.shape)}"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def near(name: Any, names: Iterable[str]) -> str:
    """A question that names what was probably meant, or nothing."""
    by_lower = {each.lower(): each for each in names}
    found = difflib.get_close_matches(str(name).lower(), by_lower, 1)
    return f" Did you mean {by_lower[found[0]]!r}?" if found else ""


def choice(field: str, value: Any, names: Iterable[str]) -> Any:
    """One of some names."""
    names = list(names)
    if value not in names:
        raise refuse(field, value, f"it must be one of {', '.join(names)}", near(value, names).strip())
    return value


def whole(field: str, value: Any, low: int = 0, limit: int = 2**32) -> int:
    """A whole number in [low, limit): Python's, NumPy's, a 0-d array or a tensor with one element."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except (TypeError, ValueError):
        remedy = f"Give int({field}) if that is meant." if _is_one_number(value) else ""
        raise refuse(field, value, "it must be a whole number", remedy) from None
    if not low <= number < limit:
        raise refuse(field, value, f"it must be in [{low}, {limit - 1}]")
    return number


def _is_one_number(value: Any) -> bool:
    try:
        int(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def wholes(field: str, values: Any, limit: int = 2**32) -> list[int]:
    """Whole numbers in order; each is named by its place if it is none."""
    if isinstance(values, (str, bytes, set, frozenset, Mapping)):
        raise refuse(field, values, "it must be a list of whole numbers")
    try:
        items = list(array(field, values) if _is_tensor(values) else values)
    except TypeError:
        raise refuse(field, values, "it must be a list of whole numbers") from None
    return [whole(f"{field}[{place}]", value, limit=limit) for place, value in enumerate(items)]


def seed(value: Any) -> int:
    """A seed: a whole number of 64 bits."""
    return whole("seed", value, limit=_SEED_LIMIT)


def seeds(values: Any) -> list[int]:
    """Seeds, one for each row."""
    return wholes("seeds", values, _SEED_LIMIT)


def is_many(value: Any) -> bool:
    """Whether a value has rows."""
    return getattr(value, "ndim", None) != 0 and hasattr(value, "__len__") and not isinstance(value, (str, bytes))


def mask(field: str, value: Any) -> bytes:
    """bool[slots] as bytes; nothing: all slots."""
    if value is None:
        return b""
    flags = array(field, value)
    if flags.ndim != 1 or (flags.dtype != bool and not (flags.dtype.kind in "iu" and np.isin(flags, (0, 1)).all())):
        raise refuse(field, flags if flags.dtype != object else value, "it must be bool[slots]", "One for each slot.")
    return flags.astype(bool).tobytes()


def names(field: str, values: Any) -> list[str]:
    """Names of observations; one text is one name."""
    values = [values] if isinstance(values, str) else list(values)
    for value in values:
        if not isinstance(value, str):
            raise refuse(field, value, "it must be the name of an observation")
    return values


def size(value: Any) -> tuple[int, int]:
    """(width, height) in pixels."""
    if not is_many(value) or len(value) != 2:
        raise refuse("size", value, "it must be (width, height) in pixels", "For example (224, 224).")
    return whole("size[0]", value[0]), whole("size[1]", value[1])


def options(field: str, value: Mapping[str, Any] | None) -> str:
    """A task's options as JSON; nothing: defaults."""
    if value is None:
        return ""
    if not isinstance(value, Mapping):
        raise refuse(field, value, "it must be a mapping from option to value", "For example {'blocks': 4}.")
    try:
        return json.dumps(dict(value), allow_nan=False, default=_plain) if value else ""
    except (TypeError, ValueError) as error:
        raise refuse(field, value, f"it must hold what JSON can say ({error})") from None


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)) or _is_tensor(value):
        return array("options", value).tolist()
    raise TypeError(f"{value!r} is no number, text, list or mapping")


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach") and hasattr(value, "cpu")


def _one_of_each_type(values: Sequence[Any]) -> Iterable[Any]:
    return dict(zip(map(type, values), values)).values()


def array(field: str, values: Any) -> np.ndarray:
    """Anything that holds numbers as an array: lists, scalars, tensors of torch on any device, lists of these."""
    if type(values) is np.ndarray:
        return values
    if _is_tensor(values):
        values = values.detach().cpu()
        # NumPy has no bfloat16; float32 holds all of its values.
        values = (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    elif isinstance(values, (list, tuple)) and any(map(_is_tensor, _one_of_each_type(values))):
        values = [array(field, value) for value in values]
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise refuse(field, values, f"it must hold numbers, in rows of equal length ({error})") from None


def floats(field: str, values: Any) -> np.ndarray:
    """Numbers as float32 in the shape in which they came."""
    numbers = array(field, values)
    if numbers.dtype == np.float32 and numbers.flags.c_contiguous:
        return numbers
    if numbers.dtype == object:
        try:
            numbers = numbers.astype(np.float64)
        except (TypeError, ValueError):
            pass
    if numbers.dtype.kind not in "biuf":
        raise refuse(field, values, "it must hold numbers", "Texts and numbers cannot be mixed.")
    if numbers.dtype == np.float32:
        return np.ascontiguousarray(numbers).reshape(numbers.shape)
    with np.errstate(over="ignore"):  # The server names what is outside the range, infinity too.
        return np.ascontiguousarray(numbers, "<f4").reshape(numbers.shape)


def actions(values: Any, rows: int | None) -> list[str] | np.ndarray:
    """Texts as texts; everything else as float32 with one row for each slot that acts."""
    if type(values) is np.ndarray and values.dtype == np.float32 and values.ndim == 2 and len(values) == rows:
        return floats("actions", values)  # As nearly always.
    if not is_many(values) or isinstance(values, (set, frozenset, Mapping)):
        raise refuse("actions", values, "it must be a list with one action for each row, in order", "Give [action].")
    if not (_is_tensor(values) or (isinstance(values, np.ndarray) and values.dtype.kind in "biuf")):
        if len(values) and all(isinstance(value, str) for value in values):
            return texts("actions", values)
        for row, value in enumerate(values):
            if isinstance(value, (str, bytes)) or value is None:
                raise refuse(f"actions[{row}]", value, "it must be a number, or all actions must be texts")
    numbers = floats("actions", values)
    if numbers.ndim > 2:
        raise refuse("actions", numbers, "it must be float32[rows, action_size]")
    # What has the right number of elements in another shape would be taken for what it is not.
    if rows and len(numbers) != rows and numbers.size % rows == 0:
        raise refuse("actions", numbers, f"it must have {rows} rows, one for each slot that acts",
                     "Transpose it?" if numbers.shape[1:] == (rows,) else "")
    return numbers


def texts(field: str, values: Sequence[str]) -> list[str]:
    """Texts that the wire can carry: whole Unicode. They are looked at together, as looking costs more than sending."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return [text(f"{field}[{row}]", value) for row, value in enumerate(values)]
    return list(map(str, values))


def text(field: str, value: str) -> str:
    """A text that the wire can carry: whole Unicode."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise refuse(field, value, f"it must be Unicode; place {error.start} holds half a character",
                     "Give text.encode('utf-8', 'replace').decode().") from None
    return str(value)
