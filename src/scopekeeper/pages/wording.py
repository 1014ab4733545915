"""Scopes in the words that people read: by module, what is written marked, what is new since last time marked."""

from collections.abc import Collection, Iterable
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
    N_("Stay connected when you are not signed in"),
    N_("Read and change everything, in every module [REST]"),
    N_("Read and change everything, in every module [GraphQL]"),
)
"""What the catalogue says of scopes that belong to no module, marked to be translated."""


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


def grouped(scope: Iterable[str], catalogue: Catalogue, known: Iterable[str] = ()) -> tuple[Group, ...]:
    """These scopes by module, the person first. `known` is what was allowed before: nothing is new without it.

    A scope that does not exist (any more) is shown as itself.
    """
    wanted, before = dict.fromkeys(scope), frozenset(known)
    found: dict[str, dict[tuple[str, bool], list[str]]] = {YOU: {}, EVERYTHING: {}}
    for entry in catalogue:
        if entry.scope in wanted:
            lines = found.setdefault(_title_of(entry), {})
            lines.setdefault((entry.description, _writes(entry)), []).append(entry.scope)
    found[OTHER] = {(each, False): [each] for each in wanted if each not in catalogue}
    return tuple(
        Group(title, tuple(_line(said, writes, scopes, before) for (said, writes), scopes in lines.items()))
        for title, lines in found.items()
        if lines
    )


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
