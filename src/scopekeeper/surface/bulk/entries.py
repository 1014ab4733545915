"""One line of what is imported: of which extension it speaks, and what it asks of each part of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from scopekeeper.sdk import Invalid
from scopekeeper.surface.bulk.cells import asked_of
from scopekeeper.surface.bulk.columns import leaves_of
from scopekeeper.surface.bulk.plan import Part, Plan


class Entry(Protocol):
    """One line."""

    @property
    def key(self) -> str:
        """The extension."""
        ...

    def speaks_of(self, part: Part) -> bool:
        """Does it say anything of this part?"""
        ...

    def asked(self, part: Part, present: Mapping[str, Any] | None) -> dict[str, Any]:
        """What it asks to be changed of the part as it is, as the body of a PATCH. Raises Invalid at the column."""
        ...


class Sheet:
    """What the columns of a CSV file are, by its header."""

    def __init__(self, plan: Plan, header: Sequence[str]) -> None:
        """Raises Invalid for a header that cannot be taken: at the column, or at the key's where that is missing."""
        for place, name in enumerate(header, start=1):
            if name not in plan.known:
                raise Invalid(name or f"column {place}", "There is no such column.")
            if name in header[: place - 1]:
                raise Invalid(name, "This column is there twice.")
        if plan.key not in header:
            raise Invalid(plan.key, "This column is required.")
        self.width: Final = len(header)
        self.key: Final = list(header).index(plan.key)
        places = {name: place for place, name in enumerate(header)}
        self.columns: Final[Mapping[str, Mapping[str, int]]] = {
            part.name: {
                leaf.name: places[name]
                for leaf in leaves_of((*part.columns, *part.unread))
                if (name := f"{part.prefix}{leaf.name}") in places
            }
            for part in plan.parts
        }


class Row:
    """A line of a CSV file."""

    def __init__(self, sheet: Sheet, cells: Sequence[str]) -> None:
        """Raises Invalid for a row that is longer or shorter than the header."""
        if len(cells) != sheet.width:
            raise Invalid("", f"The line has {len(cells)} cells, and the header {sheet.width}.")
        self._sheet = sheet
        self._cells = cells
        self.key: Final = cells[sheet.key].strip()
        if not self.key:
            raise Invalid("", "The line names no extension.")

    def speaks_of(self, part: Part) -> bool:
        return bool(self._sheet.columns[part.name])

    def asked(self, part: Part, present: Mapping[str, Any] | None) -> dict[str, Any]:
        cells = {name: self._cells[place] for name, place in self._sheet.columns[part.name].items()}
        try:
            # Of what cannot be read an empty cell says nothing: as there is nothing to see, it is empty everywhere.
            return {**asked_of(part.columns, cells, present), **asked_of(part.unread, cells, None)}
        except Invalid as wrong:
            raise Invalid(part.at(wrong.path), wrong.detail) from None


class Item:
    """An object of a JSON file."""

    def __init__(self, plan: Plan, told: object) -> None:
        """Raises Invalid for what is no object, or has fields that nobody knows."""
        if not isinstance(told, dict):
            raise Invalid("", "This is no object.")
        key = told.get(plan.key)
        if not isinstance(key, str) or not key:
            raise Invalid(plan.key, "This field is required, as a text.")
        self.key: Final = key
        modules = {part.name for part in plan.others}
        own = {each.field for each in (*plan.base.columns, *plan.base.unread)}
        for name, value in told.items():
            if name not in modules and name not in own and name != plan.key:
                raise Invalid(name, "There is no such field.")
            if name in modules and not isinstance(value, dict):
                raise Invalid(name, "This is no object.")
        self._parts = {name: told[name] for name in modules if name in told}
        self._parts[plan.base.name] = {name: value for name, value in told.items() if name in own}

    def speaks_of(self, part: Part) -> bool:
        return bool(self._parts.get(part.name))

    def asked(self, part: Part, present: Mapping[str, Any] | None) -> dict[str, Any]:
        was = present or {}
        told = self._parts.get(part.name, {})
        return {name: value for name, value in told.items() if name not in was or was[name] != value}
