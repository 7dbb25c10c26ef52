"""What a step tells beside its arrays, read when somebody looks: few learners do, and at every step it costs more than the
call."""

from __future__ import annotations

from typing import Any, Callable


class LazyInfos(dict):
    """A dictionary that is filled at its first use."""

    def __init__(self, read: Callable[[], dict[str, Any]]):
        super().__init__()
        self._read: Callable[[], dict[str, Any]] | None = read

    def _fill(self) -> None:
        read, self._read = self._read, None
        if read is not None:
            dict.update(self, read())

    def __reduce_ex__(self, _: Any) -> Any:
        self._fill()
        return dict, (list(dict.items(self)),)

    def __copy__(self) -> dict[str, Any]:
        return self.copy()


def _filled(name: str) -> Callable[..., Any]:
    own = getattr(dict, name)

    def method(self: LazyInfos, *arguments: Any, **named: Any) -> Any:
        for infos in (self, *arguments):
            if isinstance(infos, LazyInfos):
                infos._fill()
        return own(self, *arguments, **named)

    method.__name__, method.__doc__ = name, own.__doc__
    return method


for _name in (
    "__contains__", "__delitem__", "__eq__", "__getitem__", "__ior__", "__iter__", "__len__", "__ne__", "__or__",
    "__repr__", "__reversed__", "__ror__", "__setitem__", "clear", "copy", "get", "items", "keys", "pop", "popitem",
    "setdefault", "update", "values",
):
    setattr(LazyInfos, _name, _filled(_name))
