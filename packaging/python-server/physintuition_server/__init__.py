"""The PhysIntuition server as files; ``command`` starts it."""

from __future__ import annotations

import shutil
from pathlib import Path

__version__ = "0.1.0"


def command() -> list[str]:
    """What starts the server, in words. Raises FileNotFoundError where the .NET runtime is missing."""
    dotnet = shutil.which("dotnet")
    if dotnet is None:
        raise FileNotFoundError(
            "The server needs the .NET 10 runtime, and there is no 'dotnet' on the path. Install "
            "aspnetcore-runtime-10.0.")
    return [dotnet, str(Path(__file__).with_name("app") / "PhysIntuition.Server.dll")]
