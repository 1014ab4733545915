"""What an account tells of its person besides name and e-mail address, and what each of it may be. Pure.

Kept to what whoever keeps such a server writes down, and what a client reads (OpenID Connect Core §5.1).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from scopekeeper.oauth.people import UnfitPerson, User

LONGEST: Final = 200
"""Characters of a name, and of whatever has one line."""

LONGEST_ADDRESS: Final = 500
"""Characters of a postal address, which may have several lines."""

_PHONE: Final = re.compile(r"\+?[0-9](?:[0-9 ().\-/]{0,38}[0-9])?(?:;ext=[0-9]{1,12})?")
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]{0,31}(?:/[A-Za-z0-9_+\-]{1,32}){0,3}")


def with_profile(user: User, texts: Mapping[str, str | None]) -> User:
    """The account with these fields, by name; what is empty is None. Raises UnfitPerson, KeyError for no such field."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        require = PROFILE[name]
        trimmed = (text or "").replace("\r\n", "\n").strip()
        if trimmed:
            require(name, trimmed)
        found[name] = trimmed or None
    return replace(user, **found)


def _one_line(name: str, text: str) -> None:
    if len(text) > LONGEST or not text.isprintable():
        raise UnfitPerson(name, f"that has one line of at most {LONGEST} printable characters")


def _address(name: str, text: str) -> None:
    if len(text) > LONGEST_ADDRESS or not all(each.isprintable() or each == "\n" for each in text):
        raise UnfitPerson(name, f"an address has lines of printable characters, {LONGEST_ADDRESS} in all")


def _phone_number(name: str, text: str) -> None:
    if _PHONE.fullmatch(text) is None:
        raise UnfitPerson(name, "a telephone number is written +1 (604) 555-1234, or +1 (604) 555-1234;ext=5678")


def _locale(name: str, text: str) -> None:
    if _LOCALE.fullmatch(text) is None:
        raise UnfitPerson(name, "a language is written de, de-AT or pt-BR (BCP 47)")


def _zoneinfo(name: str, text: str) -> None:
    if _ZONE.fullmatch(text) is None:
        raise UnfitPerson(name, "a time zone is written Europe/Vienna, as the IANA database has it")


PROFILE: Final[Mapping[str, Callable[[str, str], None]]] = {
    "full_name": _one_line,
    "given_name": _one_line,
    "family_name": _one_line,
    "phone_number": _phone_number,
    "address": _address,
    "locale": _locale,
    "zoneinfo": _zoneinfo,
}
"""The fields, in the order in which they are shown, and what sees that each can stand: raises UnfitPerson."""
