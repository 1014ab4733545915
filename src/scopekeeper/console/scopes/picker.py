"""The Scope Visualizer within a form: what `scope_picker` of `console/picker.html` needs to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from scopekeeper.console.scopes.sheet import CatalogueSheet
from scopekeeper.scopes import IDENTITY, Catalogue
from scopekeeper.scopes.catalogue import Entry
from scopekeeper.sdk import Operation

MOST_BOXES: Final = 600
"""Scopes that a form without scripts has check boxes for; of a larger catalogue they are typed."""


@dataclass(frozen=True, slots=True)
class Picker:
    """Give it to the page as `picker`. The form's field `scope` comes once with a list, or once for each scope: read it
    by `selection_of(form.all("scope"), catalogue)`."""

    address: str
    """Where the browser finds the catalogue."""
    modules: Sequence[tuple[str, Sequence[Entry]]]
    """Every scope by module, for check boxes; none where there are too many."""

    @classmethod
    def of(cls, catalogue: Catalogue, operations: tuple[Operation, ...]) -> Self:
        """Made once, like the catalogue."""
        modules = _by_module(catalogue) if len(catalogue) <= MOST_BOXES else ()
        return cls(CatalogueSheet.of(catalogue, operations).address, modules)


def _by_module(entries: Iterable[Entry]) -> Sequence[tuple[str, Sequence[Entry]]]:
    found: dict[str, list[Entry]] = {"Everything": []}
    for entry in entries:
        whole = entry.module is None and entry.scope not in IDENTITY
        found.setdefault("Everything" if whole else entry.title, []).append(entry)
    return tuple(found.items())
