"""Scopes in the words that people read: by module, what is written marked, what is new since last time marked."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scopekeeper.pages.unfit import N_
from scopekeeper.scopes import IDENTITY, Catalogue, covers
from scopekeeper.scopes.catalogue import Entry

YOU: Final = N_("You")
EVERYTHING: Final = N_("Everything")
OTHER: Final = N_("Other")

SAID: Final = (
    N_("Know who you are"),
    N_("See your name and profile"),
    N_("See your e-mail address"),
    N_("See your postal address"),
    N_("See your telephone number"),
    N_("Stay connected when you are not signed in"),
    N_("Read and change everything, in every module [REST]"),
    N_("Read and change everything, in every module [GraphQL]"),
)
"""What the catalogue says of scopes that belong to no module, marked to be translated."""


CLAIMS: Final = {
    "name": N_("See your name"),
    "given_name": N_("See your name"),
    "family_name": N_("See your name"),
    "preferred_username": N_("See the name that you sign in with"),
    "zoneinfo": N_("See your time zone"),
    "locale": N_("See your language"),
    "updated_at": N_("See when your account was last changed"),
    "email": N_("See your e-mail address"),
    "email_verified": N_("See your e-mail address"),
    "address": N_("See your postal address"),
    "phone_number": N_("See your telephone number"),
    "phone_number_verified": N_("See your telephone number"),
}
"""What a claim is called where it is asked for by itself (OpenID Connect Core §5.5)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is allowed. Scopes that differ by their face alone are one thing to people, hence one line."""

    scope: str
    """The scope, or several of them, space-separated."""
    words: str
    writes: bool
    """Can something be changed with it?"""
    new: bool
    """Was it not allowed before, where something was?"""


@dataclass(frozen=True, slots=True)
class Group:
    """What is allowed in one module, reading first; or of the person; or everywhere."""

    title: str
    lines: tuple[Line, ...]


def grouped(
    scope: Iterable[str],
    catalogue: Catalogue,
    known: Iterable[str] = (),
    claims: Iterable[str] = (),
    known_claims: Collection[str] = (),
) -> tuple[Group, ...]:
    """These scopes by module, the person first, with the claims that are asked for one by one.

    `known` is what was allowed before, and `known_claims` with it: nothing is new without it. A scope that does not
    exist (any more) is shown as itself.
    """
    wanted, before = dict.fromkeys(scope), frozenset(known)
    found: dict[str, dict[tuple[str, bool], list[str]]] = {YOU: {}, EVERYTHING: {}}
    for entry in catalogue:
        if entry.scope in wanted:
            lines = found.setdefault(_title_of(entry), {})
            lines.setdefault((entry.description, _writes(entry)), []).append(entry.scope)
    found[OTHER] = {(each, False): [each] for each in wanted if each not in catalogue}
    groups = {
        title: [_line(said, writes, scopes, before) for (said, writes), scopes in lines.items()]
        for title, lines in found.items()
    }
    groups[YOU] += _one_by_one(claims, frozenset(known_claims), anything_known=bool(before))
    return tuple(Group(title, tuple(lines)) for title, lines in groups.items() if lines)


def _one_by_one(claims: Iterable[str], known: frozenset[str], *, anything_known: bool) -> Iterator[Line]:
    said: dict[str, list[str]] = {}
    for name in claims:
        said.setdefault(CLAIMS[name], []).append(name)
    for words, names in said.items():
        yield Line(" ".join(names), words, writes=False, new=anything_known and not known.issuperset(names))


def _line(said: str, writes: bool, scopes: Collection[str], before: frozenset[str]) -> Line:
    new = bool(before) and not all(covers(before, scope) for scope in scopes)
    return Line(" ".join(scopes), said, writes, new)


def _title_of(entry: Entry) -> str:
    if entry.scope in IDENTITY:
        return YOU
    return EVERYTHING if entry.module is None else entry.title


def _writes(entry: Entry) -> bool:
    """A scope without an access covers both."""
    return entry.access == "write" or (entry.access is None and entry.scope not in IDENTITY)
