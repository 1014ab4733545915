"""The grammar of a scope: `api[:module[:access[:resource]]]`, and of a list of them (RFC 6749 §3.3)."""

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

Api = Literal["rest", "gql"]
Access = Literal["read", "write"]

APIS: Final[tuple[Api, ...]] = ("rest", "gql")
ACCESSES: Final[tuple[Access, ...]] = ("read", "write")
OPENID: Final = "openid"
PROFILE: Final = "profile"
EMAIL: Final = "email"
ADDRESS: Final = "address"
PHONE: Final = "phone"
OFFLINE_ACCESS: Final = "offline_access"
IDENTITY: Final = (OPENID, PROFILE, EMAIL, ADDRESS, PHONE, OFFLINE_ACCESS)

# Nobody needs more, and whatever a stranger sends has a bound.
MOST_SCOPES: Final = 1_000
LONGEST_LIST: Final = 60_000

_SCOPE: Final = re.compile(r"(rest|gql)(?::([a-z][a-z0-9]{0,62})(?::(read|write)(?::([a-z][a-z0-9]{0,62}))?)?)?")
_TOKEN: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


class MalformedScope(ValueError):
    """The text is no scope, or no list of scopes. The message is safe to show to whoever sent it."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One scope, taken apart. `str()` puts it together again."""

    api: Api
    module: str | None = None
    access: Access | None = None
    resource: str | None = None

    def __str__(self) -> str:
        return ":".join(part for part in (self.api, self.module, self.access, self.resource) if part is not None)


def parse(text: str) -> Scope:
    """The scope that `text` spells. Raises MalformedScope. Case counts (RFC 6749 §3.3)."""
    match = _SCOPE.fullmatch(text)
    if match is None:
        raise MalformedScope("a scope is written api[:module[:access[:resource]]], for example rest:callforward:read")
    api, module, access, resource = match.groups()
    return Scope(cast(Api, api), module, cast("Access | None", access), resource)


def words(text: str) -> tuple[str, ...]:
    """The scope-tokens of a space-separated list, each once, in the order written (RFC 6749 §3.3).

    Raises MalformedScope for a character that no scope-token may have and for a list beyond all measure.
    """
    if len(text) > LONGEST_LIST:
        raise MalformedScope(f"a list of scopes has at most {LONGEST_LIST} characters")
    found = tuple(dict.fromkeys(part for part in text.split(" ") if part))
    if len(found) > MOST_SCOPES:
        raise MalformedScope(f"at most {MOST_SCOPES} scopes may be named")
    if not all(map(_TOKEN.fullmatch, found)):
        raise MalformedScope("scopes are separated by single spaces and made of printable ASCII characters")
    return found
