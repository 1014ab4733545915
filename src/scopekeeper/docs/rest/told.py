"""One operation of the REST API, as its page shows it: what it is at a glance, and all that is said of it."""

from dataclasses import dataclass

from markupsafe import Markup

from scopekeeper.docs.rest.snippets import Snippet
from scopekeeper.docs.row import Row


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation at a glance."""

    id: str
    """Its anchor."""
    key: str
    """Its operationId."""
    module: str
    method: str
    path: str
    """Below `/api/rest`, with its parameters in braces."""
    section: str
    """The path without what names one record at its end: what is kept together."""
    name: str
    """Its title: a sentence without its stop."""
    words: Markup
    """What else is said of it."""
    scope: str
    writes: bool
    system: bool
    """Only for callers that act for the whole system."""
    owned: bool
    """Does a person reach only what is theirs?"""
    deprecated: str
    refusals: tuple[str, ...]
    """The statuses with which it may refuse."""
    sought: str


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent."""

    media: tuple[str, ...]
    rows: tuple[Row, ...]
    example: str
    """JSON, indented."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered with one status, when it is done."""

    status: str
    words: Markup
    headers: tuple[tuple[str, Markup], ...]
    rows: tuple[Row, ...]
    example: str
    """JSON, indented; empty where there is no body."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a value is filled in, to try the operation."""

    name: str
    place: str
    """path, query or header."""
    required: bool
    value: str
    """What it is filled with."""
    hint: str
    """What it may look like."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """All that is said of an operation."""

    parameters: tuple[tuple[str, tuple[Row, ...]], ...]
    """By where they stand: pairs of title and rows."""
    body: Body | None
    answers: tuple[Answer, ...]
    snippets: tuple[Snippet, ...]
    boxes: tuple[Box, ...]
