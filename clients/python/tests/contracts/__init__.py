"""The trainers' side of their contracts, for tests: signatures and order of calls as read in their public sources.

None of them can be installed here. Each module says which version it was read in; it holds as much as an adapter meets.
"""

from __future__ import annotations

import sys
import types
from typing import Any, Mapping


def provide(modules: Mapping[str, Mapping[str, Any]]) -> None:
    """Puts modules with these names in them where imports find them, and their parents."""
    for path, names in modules.items():
        parts = path.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name not in sys.modules:
                sys.modules[name] = types.ModuleType(name)
                if end > 1:
                    setattr(sys.modules[".".join(parts[:end - 1])], parts[end - 1], sys.modules[name])
        vars(sys.modules[path]).update(names)
