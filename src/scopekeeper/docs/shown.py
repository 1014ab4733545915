"""What of the documentation is shown: which scopes, what lies outside them, and what is looked for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from scopekeeper.scopes import covers

MOST_TEXT: Final = 200

Held = frozenset[str] | None
"""Scopes to cut to; None for the whole."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One reader's view. Without a selection all there is is shown, and nothing lies outside."""

    scopes: tuple[str, ...] | None = None
    """What is selected, in its order; None for the whole."""
    beyond: bool = False
    """Show also, greyed, what lies outside, and which scope would bring it in."""
    text: str = ""
    """Words, each in what is shown of an operation or a type."""
    module: str = ""
    """This module only."""

    @property
    def held(self) -> Held:
        """What the documents are cut to, and kept by."""
        return None if self.scopes is None else frozenset(self.scopes)

    def within(self, scope: str) -> bool:
        """Is what demands this scope inside?"""
        return self.scopes is None or covers(self.scopes, scope)

    def widened(self, *scopes: str) -> tuple[str, ...]:
        """The selection with these scopes besides, where it does not cover them."""
        held = self.scopes or ()
        return tuple(dict.fromkeys((*held, *(each for each in scopes if not covers(held, each)))))


def selected(scopes: Collection[str]) -> Shown:
    """The view of exactly these scopes."""
    return Shown(tuple(scopes))
