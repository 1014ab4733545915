"""What a declaration says of an operation, what it may say of the sign-in, and the error for what cannot stand."""

import re
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.scopes import Access
from scopekeeper.sdk.table import Table

LONGEST_AGE: Final = 365 * 86_400
"""Seconds: who says more, does not mean a sign-in."""

_ACR: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
"""One word, and one that can stand in a quoted-string (RFC 9110 §5.6.4) as it is."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a declaration says of an operation: the arguments of `read` and `write`."""

    access: Access
    route: str
    field: str
    of: Table[Any] | str | None
    system: bool
    resource: str | None
    gives: tuple[str, ...]
    deprecated: str
    max_age: int | None
    acr: tuple[str, ...]


class DeclarationError(Exception):
    """A module declares what cannot stand. The message says where and how to mend it; the server does not start."""


def require_sign_in(where: str, max_age: object, acr: object) -> None:
    """See that what is demanded of a sign-in can be met, as far as a module can know. Raises DeclarationError."""
    if max_age is not None and (
        not isinstance(max_age, int) or isinstance(max_age, bool) or not 0 < max_age <= LONGEST_AGE
    ):
        raise DeclarationError(f"{where}: max_age={max_age!r} is no number of seconds from 1 to {LONGEST_AGE}")
    if not isinstance(acr, tuple) or not all(isinstance(each, str) and _ACR.fullmatch(each) for each in acr):
        raise DeclarationError(f"{where}: acr={acr!r} is no tuple of names, such as acr=('urn:example:acr:one',)")
    if len(set(acr)) < len(acr):
        raise DeclarationError(f"{where}: acr={acr!r} names something twice")
