"""Where a server is: HOST:PORT with or without a scheme, or a Unix domain socket."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from typing import Sequence
from urllib.parse import urlsplit

from ._engine import ADDRESS, find

DEFAULT_ADDRESS = "127.0.0.1:50051"
SERVER_VARIABLE = "PHYSINTUITION_SERVER"
_PORT = 50051
_PORTS = {"": _PORT, "http": 80, "https": 443}  # where the address names none
_FORMS = "HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH"
_CONNECT = 1.0  # s, for one look whether somebody listens


def is_embedded(address: str | Sequence[str] | None, needs_server: bool = False) -> bool:
    """Whether that is the engine in this process."""
    if address is None:
        address = os.environ.get(SERVER_VARIABLE) or (
            ADDRESS if find() is not None and not needs_server else DEFAULT_ADDRESS)
    return address == ADDRESS


@dataclass(frozen=True)
class Address:
    """One server's gRPC endpoint."""

    text: str  # as it was given
    host: str  # empty: a Unix domain socket
    port: int
    path: str = ""  # of the socket
    is_secure: bool = False

    @staticmethod
    def parse(address: str | None = None) -> "Address":
        """Reads an address; None: what PHYSINTUITION_SERVER names, else 127.0.0.1:50051."""
        field = "address"
        if address is None and (address := os.environ.get(SERVER_VARIABLE)):
            field = SERVER_VARIABLE
        address = DEFAULT_ADDRESS if not address else address
        if not isinstance(address, str):
            raise TypeError(f"{field} is {address!r}; it must be a text: {_FORMS}.")
        text = address.strip()
        if text.startswith("unix:"):
            return Address(text, "", 0, path=os.path.abspath(text[5:].removeprefix("//")))
        scheme, _, rest = text.partition("://") if "://" in text else ("", "", text)
        try:
            parts = urlsplit(f"//{rest}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if scheme.lower() not in _PORTS or not host or parts.path not in ("", "/") or parts.query or parts.username:
            raise ValueError(f"{field} is {address!r}; it must be {_FORMS}, for example {DEFAULT_ADDRESS}.")
        port = _PORTS[scheme.lower()] if port is None else port
        return Address(text, host, port, is_secure=scheme.lower() == "https")

    @staticmethod
    def parse_all(address: str | Sequence[str] | None = None) -> "list[Address]":
        """Reads an address, or several: a list, or one text with commas. The first one is used while it is there."""
        if not isinstance(address, (list, tuple)):
            named = address if isinstance(address, str) and address else os.environ.get(SERVER_VARIABLE) or ""
            texts = named.split(",")
            return [Address.parse(address)] if len(texts) == 1 else [Address.parse(text) for text in texts]
        if not address:
            raise ValueError("address is an empty list; name one or more servers.")
        return [Address.parse(text) for text in address]

    @property
    def target(self) -> str:
        """What gRPC dials."""
        return f"unix:{self.path}" if self.path else self.authority

    @property
    def authority(self) -> str:
        """HOST:PORT, or the socket's path."""
        return self.path or (f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}")

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        if self.path or self.host == "localhost":
            return True
        try:
            ip = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return ip.is_loopback or ip.is_unspecified

    def connect(self) -> None:
        """Looks whether somebody listens. Raises OSError: nobody does, or the name is not known."""
        if self.path:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(_CONNECT)
                probe.connect(self.path)
        else:
            socket.create_connection((self.host, self.port), _CONNECT).close()

    def is_listening(self) -> bool:
        """Whether somebody listens there."""
        try:
            self.connect()
        except OSError:
            return False
        return True

    def why_unreachable(self) -> str | None:
        """Why nobody can be reached there, with the remedy; None: somebody listens, or it cannot be told."""
        try:
            self.connect()
        except (ConnectionRefusedError, FileNotFoundError):
            reason = f"Nobody listens at {self.authority}."
        except socket.gaierror:
            reason = f"There is no machine called {self.host!r}."
        except OSError:
            return None
        else:
            return None
        start = "./physintuition serve" + (
            "" if self.path or self.port == _PORT or not self.is_local else f" --port {self.port}")
        remedy = f"Start a server there with '{start}'" if self.is_local else "Start a server there"
        return f"{reason} {remedy}, or name another as address or in {SERVER_VARIABLE}."
