"""Entity tags and the conditions that a request may set on them (RFC 9110 §8.8.3, §13.1)."""

import re
from hashlib import sha256
from typing import Final, Self

from starlette.types import Scope

from scopekeeper.sdk import Problem
from scopekeeper.wire.headers import headers

_ONE: Final = rb'(W/)?("[\x21\x23-\x7e\x80-\xff]*")'
_TAG: Final = re.compile(_ONE)
_LIST: Final = re.compile(rb"%b(?:[ \t]*,[ \t]*%b)*" % (_ONE, _ONE))


class PreconditionFailed(Problem):
    """The record is not, or no more, as the request supposes (RFC 9110 §15.5.13). Nothing was done."""

    status = 412
    title = "Precondition failed"
    code = "PRECONDITION_FAILED"


class MalformedCondition(ValueError):
    """The header is no list of entity tags. The message is safe to show."""


def etag_of(representation: bytes) -> bytes:
    """The strong entity tag of these very bytes."""
    return b'"%s"' % sha256(representation).hexdigest()[:32].encode()


class Condition:
    """What If-Match or If-None-Match names: any representation, or those with these tags."""

    __slots__ = ("any", "strong", "weak")

    def __init__(self, *, any: bool, strong: frozenset[bytes], weak: frozenset[bytes]) -> None:
        self.any: Final = any
        """`*`: whatever there is."""
        self.strong: Final = strong
        self.weak: Final = weak

    @classmethod
    def of(cls, scope: Scope, name: bytes) -> Self | None:
        """The condition in the header of this name, or None where there is none. Raises MalformedCondition."""
        sent = headers(scope, name)
        if not sent:
            return None
        value = b",".join(sent).strip()
        if value == b"*":
            return cls(any=True, strong=frozenset(), weak=frozenset())
        if _LIST.fullmatch(value) is None:
            raise MalformedCondition(f"{name.decode().title()} is * or a list of entity tags in double quotes.")
        tags = _TAG.findall(value)
        return cls(
            any=False,
            strong=frozenset(tag for weak, tag in tags if not weak),
            weak=frozenset(tag for weak, tag in tags if weak),
        )

    def matches(self, etag: bytes | None) -> bool:
        """Is the present representation among those named, byte for byte (RFC 9110 §13.1.1)?"""
        return etag is not None and (self.any or etag in self.strong)

    def matches_weakly(self, etag: bytes | None) -> bool:
        """Is the present representation among those named, in meaning (RFC 9110 §13.1.2)?"""
        return etag is not None and (self.any or etag in self.strong or etag in self.weak)
