"""What a SCIM client is refused with, as the document that it reads (RFC 7644 §3.12)."""

from typing import Final, Self

import msgspec

from scopekeeper.wire import NO_STORE, Reply
from scopekeeper.wire.reply import Headers

ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA_TYPE: Final = b"application/scim+json"

_encode: Final = msgspec.json.Encoder().encode


class Fault(Exception):
    """A request that is not carried out. `kind` is the `scimType`, where there is one; the message is safe to show."""

    def __init__(self, status: int, detail: str, kind: str | None = None) -> None:
        super().__init__(detail)
        self.status: Final = status
        self.kind: Final = kind

    @classmethod
    def invalid_filter(cls, detail: str) -> Self:
        """The filter cannot be read, or asks what cannot be asked."""
        return cls(400, detail, "invalidFilter")

    @classmethod
    def too_many(cls, detail: str) -> Self:
        """More would have to be looked at than the server is willing to."""
        return cls(400, detail, "tooMany")

    @classmethod
    def uniqueness(cls, detail: str) -> Self:
        """Somebody else has that already."""
        return cls(409, detail, "uniqueness")

    @classmethod
    def mutability(cls, detail: str) -> Self:
        """That is not to be changed."""
        return cls(400, detail, "mutability")

    @classmethod
    def invalid_syntax(cls, detail: str) -> Self:
        """The body is not of the shape that it has to be of."""
        return cls(400, detail, "invalidSyntax")

    @classmethod
    def invalid_path(cls, detail: str) -> Self:
        """The path of a PATCH cannot be read, or names nothing that there is."""
        return cls(400, detail, "invalidPath")

    @classmethod
    def no_target(cls, detail: str) -> Self:
        """The path of a PATCH finds nothing that it could work on."""
        return cls(400, detail, "noTarget")

    @classmethod
    def invalid_value(cls, detail: str) -> Self:
        """A value is missing, or cannot stand."""
        return cls(400, detail, "invalidValue")

    @classmethod
    def not_found(cls) -> Self:
        """No such resource. What was asked for is not repeated."""
        return cls(404, "There is no such resource.")

    @classmethod
    def forbidden(cls, detail: str) -> Self:
        """It is not for this caller, whatever its scopes."""
        return cls(403, detail)

    @classmethod
    def conflict(cls, detail: str) -> Self:
        """It cannot be done as things are."""
        return cls(409, detail)

    @classmethod
    def precondition_failed(cls) -> Self:
        """The resource is not, or no more, as If-Match or If-None-Match supposes (RFC 7644 §3.14)."""
        return cls(412, "The resource is not, or no more, what the request supposes.")

    def reply(self) -> Reply:
        """As its document."""
        return fault_reply(self.status, str(self), kind=self.kind)


def fault_reply(status: int, detail: str, *, kind: str | None = None, headers: Headers = ()) -> Reply:
    """The document of an error. `status` stands in it as text (RFC 7644 §3.12)."""
    named = {} if kind is None else {"scimType": kind}
    body = {"schemas": [ERROR], "status": str(status), **named, "detail": detail}
    return Reply(status, _encode(body), ((b"content-type", MEDIA_TYPE), *NO_STORE, *headers))
