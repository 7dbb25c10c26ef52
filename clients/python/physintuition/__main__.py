"""``physintuition serve``: finds the server that listens already, or starts one."""

from __future__ import annotations

import os
import sys

from . import __version__, _values
from ._address import Address
from .launcher import is_listening, server_command

_USAGE = """usage: physintuition serve [OPTION...]
  says where the server listens that PHYSINTUITION_SERVER names, or that listens on 127.0.0.1:50051; where none does, starts
  one, with the options of the server's own serve (--help lists them); with options it starts one in any case
physintuition --version"""


def main(words: list[str] | None = None) -> int:
    """Carries out a command line; gives the exit code."""
    words = sys.argv[1:] if words is None else words
    if words == ["--version"]:
        print(__version__)
        return 0
    if not words or words[0] in ("--help", "-h"):
        print(_USAGE)
        return 0
    if words[0] != "serve":
        print(f"physintuition: there is no command {words[0]!r}.{_values.near(words[0], ['serve'])}\n{_USAGE}",
              file=sys.stderr)
        return 2
    return serve(words[1:])


def serve(options: list[str]) -> int:
    """Says where a server listens, or becomes one."""
    try:
        where = Address.parse()
        if not options and is_listening(where):
            print(f"PhysIntuition listens: grpc={where.text}")
            return 0
        command = server_command()
    except (FileNotFoundError, ValueError) as error:
        print(f"physintuition: {error}", file=sys.stderr)
        return 1
    sys.stdout.flush()
    os.execvp(command[0], [*command, "serve", *options])


if __name__ == "__main__":
    sys.exit(main())
