"""What can go wrong, with field, value, rule and remedy."""

from __future__ import annotations

import grpc

from .v1 import environment_pb2 as pb

_TRAILER = "physintuition-error-bin"


class PhysIntuitionError(Exception):
    """A failure that the caller can understand and fix.

    Attributes:
        code: the gRPC status code.
        reason: stable, for programs, for example ``OUT_OF_RANGE``; may be empty.
        field: the request field at fault, in the wire's spelling; may be empty.
        remedy: what to do; may be empty.
        retry_after: seconds after which a retry makes sense, or None.
    """

    def __init__(self, code: grpc.StatusCode, message: str, detail: pb.Error | None = None):
        super().__init__(message)
        self.code = code
        self._detail = b"" if detail is None else detail.SerializeToString()
        self.reason = detail.reason if detail else ""
        self.field = detail.field if detail else ""
        self.value = detail.value if detail else ""
        self.rule = detail.rule if detail else ""
        self.remedy = detail.remedy if detail else ""
        self.option = detail.option if detail else ""
        self.retry_after = detail.retry_after_ms / 1000 if detail and detail.retry_after_ms else None

    def __reduce__(self):
        # Workers hand their exceptions over as pickles; one that cannot be read leaves a pool waiting for ever.
        return _restored, (type(self), self.code, str(self), self._detail)


class InvalidArgument(PhysIntuitionError, ValueError):
    """A field is outside its documented range; nothing was changed."""

    @classmethod
    def of(cls, field: str, value: str, rule: str, remedy: str = "") -> "InvalidArgument":
        """The error for a value that was not even sent."""
        message = f"'{field}' is {value}; {rule}. {remedy}".rstrip()
        detail = pb.Error(
            code=grpc.StatusCode.INVALID_ARGUMENT.value[0], message=message, reason="INVALID_ARGUMENT", field=field,
            value=value, rule=rule, remedy=remedy)
        return cls(grpc.StatusCode.INVALID_ARGUMENT, message, detail)


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


def _restored(kind: type[PhysIntuitionError], code: grpc.StatusCode, message: str, detail: bytes):
    return kind(code, message, pb.Error.FromString(detail) if detail else None)


_CLASSES = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.OUT_OF_RANGE: InvalidArgument,
    grpc.StatusCode.FAILED_PRECONDITION: WrongOrder,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LimitReached,
    grpc.StatusCode.PERMISSION_DENIED: NotAllowed,
    grpc.StatusCode.UNAUTHENTICATED: NotAllowed,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Cancelled,
    grpc.StatusCode.INTERNAL: Internal,
    grpc.StatusCode.UNKNOWN: Internal,
}


def from_rpc(error: grpc.RpcError) -> PhysIntuitionError:
    """The exception that says what a failed call said."""
    code = error.code()
    detail = None
    for key, value in error.trailing_metadata() or ():
        if key == _TRAILER:
            detail = pb.Error.FromString(value)
    message = (detail.message if detail else "") or error.details() or code.name
    return _CLASSES.get(code, PhysIntuitionError)(code, message, detail)
