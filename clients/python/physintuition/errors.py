"""What can go wrong, with field, value, rule and remedy."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Any

from .v1 import environment_pb2 as pb

if TYPE_CHECKING:
    import grpc

_TRAILER = "physintuition-error-bin"


class StatusCode(Enum):
    """gRPC's status codes; gRPC's own where it is loaded, see `PhysIntuitionError.code`."""

    OK = (0, "ok")
    CANCELLED = (1, "cancelled")
    UNKNOWN = (2, "unknown")
    INVALID_ARGUMENT = (3, "invalid argument")
    DEADLINE_EXCEEDED = (4, "deadline exceeded")
    NOT_FOUND = (5, "not found")
    ALREADY_EXISTS = (6, "already exists")
    PERMISSION_DENIED = (7, "permission denied")
    RESOURCE_EXHAUSTED = (8, "resource exhausted")
    FAILED_PRECONDITION = (9, "failed precondition")
    ABORTED = (10, "aborted")
    OUT_OF_RANGE = (11, "out of range")
    UNIMPLEMENTED = (12, "unimplemented")
    INTERNAL = (13, "internal")
    UNAVAILABLE = (14, "unavailable")
    DATA_LOSS = (15, "data loss")
    UNAUTHENTICATED = (16, "unauthenticated")


class PhysIntuitionError(Exception):
    """A failure that the caller can understand and fix.

    Attributes:
        reason: stable, for programs, for example ``OUT_OF_RANGE``; may be empty.
        field: the request field at fault, in the wire's spelling; may be empty.
        remedy: what to do; may be empty.
        retry_after: seconds after which a retry makes sense, or None.
    """

    def __init__(self, code: Any, message: str, detail: pb.Error | None = None):
        super().__init__(message)
        self._code = StatusCode[code.name]
        self._detail = b"" if detail is None else detail.SerializeToString()
        self.reason = detail.reason if detail else ""
        self.field = detail.field if detail else ""
        self.value = detail.value if detail else ""
        self.rule = detail.rule if detail else ""
        self.remedy = detail.remedy if detail else ""
        self.option = detail.option if detail else ""
        self.retry_after = detail.retry_after_ms / 1000 if detail and detail.retry_after_ms else None

    @property
    def code(self) -> "grpc.StatusCode | StatusCode":
        """The gRPC status code; gRPC's own where it is loaded, so that it can be compared."""
        grpc = sys.modules.get("grpc")
        return self._code if grpc is None else grpc.StatusCode[self._code.name]

    def __reduce__(self):
        # Workers hand their exceptions over as pickles; one that cannot be read leaves a pool waiting for ever.
        return _restored, (type(self), self._code, str(self), self._detail)


class InvalidArgument(PhysIntuitionError, ValueError):
    """A field is outside its documented range; nothing was changed."""

    @classmethod
    def of(cls, field: str, value: str, rule: str, remedy: str = "") -> "InvalidArgument":
        """The error for a value that was not even sent."""
        message = f"'{field}' is {value}; {rule}. {remedy}".rstrip()
        detail = pb.Error(
            code=StatusCode.INVALID_ARGUMENT.value[0], message=message, reason="INVALID_ARGUMENT", field=field,
            value=value, rule=rule, remedy=remedy)
        return cls(StatusCode.INVALID_ARGUMENT, message, detail)


class WrongOrder(PhysIntuitionError, RuntimeError):
    """The call came in the wrong order, for example step before reset."""


class NotFound(PhysIntuitionError, LookupError):
    """No such task, session or environment."""


class LimitReached(PhysIntuitionError):
    """A limit was reached; the message names the option that raises it and when to retry."""


class NotAllowed(PhysIntuitionError, PermissionError):
    """The token lacks the scope, or the data is withheld."""


class Unavailable(PhysIntuitionError, ConnectionError):
    """The server cannot be reached, drains or is gone."""


class DeadlineExceeded(PhysIntuitionError, TimeoutError):
    """The reply did not come in time."""


class Cancelled(PhysIntuitionError):
    """Nobody waited for the reply any more."""


class Internal(PhysIntuitionError):
    """The server failed; its log has the details under the reference that the message gives."""


def _restored(kind: type[PhysIntuitionError], code: StatusCode, message: str, detail: bytes):
    return kind(code, message, pb.Error.FromString(detail) if detail else None)


_CLASSES = {
    StatusCode.INVALID_ARGUMENT: InvalidArgument,
    StatusCode.OUT_OF_RANGE: InvalidArgument,
    StatusCode.FAILED_PRECONDITION: WrongOrder,
    StatusCode.NOT_FOUND: NotFound,
    StatusCode.RESOURCE_EXHAUSTED: LimitReached,
    StatusCode.PERMISSION_DENIED: NotAllowed,
    StatusCode.UNAUTHENTICATED: NotAllowed,
    StatusCode.UNAVAILABLE: Unavailable,
    StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    StatusCode.CANCELLED: Cancelled,
    StatusCode.INTERNAL: Internal,
    StatusCode.UNKNOWN: Internal,
}


def from_code(number: int, detail: pb.Error) -> PhysIntuitionError:
    """The exception that says what a failed call of the embedded engine said."""
    code = next(code for code in StatusCode if code.value[0] == number)
    return _CLASSES.get(code, PhysIntuitionError)(code, detail.message, detail)


def from_rpc(error: "grpc.RpcError") -> PhysIntuitionError:
    """The exception that says what a failed call said."""
    code = StatusCode[error.code().name]
    detail = None
    for key, value in error.trailing_metadata() or ():
        if key == _TRAILER:
            detail = pb.Error.FromString(value)
    message = (detail.message if detail else "") or error.details() or code.name
    return _CLASSES.get(code, PhysIntuitionError)(code, message, detail)
