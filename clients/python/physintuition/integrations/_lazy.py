"""Classes that stand on a trainer's own base classes, made when they are first asked for."""

from __future__ import annotations

from typing import Any, Callable, Mapping


def made_on_demand(module: dict[str, Any], makers: Mapping[str, Callable[[], type]]) -> Callable[[str], type]:
    """The ``__getattr__`` of a module (PEP 562): a trainer finds a class by its path, and only then is it imported."""

    def find(name: str) -> type:
        if name not in makers:
            raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
        if name not in module:
            made = makers[name]()
            made.__module__, made.__qualname__ = module["__name__"], name
            module.setdefault(name, made)
        return module[name]

    return find
