"""The page of the REST API for one reader's view."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from scopekeeper.docs.prose import prose
from scopekeeper.docs.rest.operations import Document
from scopekeeper.docs.rest.snippets import json_of
from scopekeeper.docs.rest.told import Entry, Told
from scopekeeper.sdk import Operation
from scopekeeper.surface.openapi.refusals import REFUSALS

MOST_FULL: Final = 24
"""Operations that a page tells all of. Of more it is a list, and each leads to where it is told of."""


@dataclass(frozen=True, slots=True)
class Group:
    """A module's operations, in the order in which one reads them."""

    id: str
    module: str
    title: str
    entries: tuple[Entry, ...]
    """Those outside the selection among them, where they are to be shown."""
    inside: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A refusal as it is sent."""

    summary: str
    headers: tuple[tuple[str, str], ...]
    body: str
    """JSON, indented."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to refuse, whatever the operation."""

    id: str
    status: int
    name: str
    words: Markup
    sent: tuple[Sent, ...]

    @property
    def writes(self) -> bool:
        """It is no operation: the contents mark it as nothing."""
        return False


def _told(name: str) -> str:
    """`PreconditionFailed` in words."""
    return re.sub("(?<!^)([A-Z])", lambda found: f" {found[1].lower()}", name)


FAILURES: Final = tuple(
    Failure(
        f"error-{each.status}",
        each.status,
        _told(each.name),
        prose(each.words),
        tuple(Sent(sample.summary, tuple(sample.headers.items()), json_of(sample.problem)) for sample in each.samples),
    )
    for each in REFUSALS
)


class Tales:
    """All that is said of each operation, made when it is first wanted. There are as many as operations."""

    def __init__(self, document: Document, operations: dict[str, Operation]) -> None:
        self._document = document
        self._operations = operations
        self._told: dict[str, Told] = {}

    def __call__(self, entry: Entry) -> Told:
        """What is said of it."""
        told = self._told.get(entry.key)
        if told is None:
            told = self._told[entry.key] = self._document.told(self._operations[entry.key])
        return told


@dataclass(frozen=True, slots=True)
class Page:
    """What `docs/rest.html` shows."""

    address: str
    """Of which all paths are below."""
    groups: tuple[Group, ...]
    count: int
    """How many operations are inside the selection, and are shown."""
    brief: bool
    """Are there too many to tell all of each?"""
    held: bool
    """Does the selection open any operation at all, whatever else is asked?"""
    wider: tuple[str, ...]
    """Where it does not: the scopes of this API that are like those selected of the other."""
    failures: tuple[Failure, ...]
    """Those that the operations shown may answer."""
    told: Tales
    nears: Mapping[str, str]
    """Of each operation in a module of which no page tells all: what to look for to be told all of it."""

    def near(self, entry: Entry) -> str:
        """What to look for in its module so that all is told of it; nothing where all is told of the module."""
        return self.nears.get(entry.key, "")
