"""What is asked of the visualizer, in its address: what is selected, what is looked for, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from scopekeeper.console.call import Fields
from scopekeeper.console.scopes.opening import Openings, route_of
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.scopes import Catalogue
from scopekeeper.scopes.catalogue import Entry

FACES: Final = {"rest": "REST", "gql": "GraphQL", "openid": "Identity"}

_COLUMNS: Final[Mapping[str, Callable[[Entry], str]]] = {
    "scope": lambda entry: entry.scope,
    "api": lambda entry: FACES[entry.api],
    "module": lambda entry: module_of(entry),
    "description": lambda entry: entry.description,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One view of the catalogue. Empty answers do not narrow it."""

    selection: Selection
    text: str = ""
    """Words, each in the scope, its module, its description, or an operation that demands it."""
    api: str = ""
    module: str = ""
    access: str = ""
    sort: str = ""
    """A column; with a dash before it, the other way round."""
    compare: str = ""
    """The client_id of an application."""
    narrowed: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "narrowed", any((self.text, self.api, self.module, self.access)))

    @classmethod
    def of(cls, query: Fields, catalogue: Catalogue) -> Self:
        """What this query asks."""
        return cls(
            selection=selection_of(query.all("scope"), catalogue),
            text=query.one("text")[:200],
            api=query.one("api"),
            module=query.one("module"),
            access=query.one("access"),
            sort=query.one("sort"),
            compare=query.one("compare"),
        )


class Register:
    """The catalogue with the words in which each scope is found."""

    def __init__(self, catalogue: Catalogue, openings: Openings) -> None:
        self._entries = tuple((entry, _words(entry, openings)) for entry in catalogue)

    def find(self, asked: Asked) -> Sequence[Entry]:
        """The scopes that are asked for, in the order asked."""
        wanted = asked.text.lower().split()
        found = [
            entry
            for entry, words in self._entries
            if asked.api in ("", entry.api)
            and asked.module in ("", entry.module)
            and asked.access in ("", entry.access)
            and all(word in words for word in wanted)
        ]
        column = _COLUMNS.get(asked.sort.removeprefix("-"))
        return found if column is None else sorted(found, key=column, reverse=asked.sort.startswith("-"))


def module_of(entry: Entry) -> str:
    """The module, in words."""
    return "All modules" if entry.module is None and entry.api != "openid" else entry.title


def _words(entry: Entry, openings: Openings) -> str:
    opened = (f"{route_of(each)} {each.field} {each.title}" for each in openings.demanding(entry.scope))
    return " ".join((entry.scope, entry.title, entry.description, *opened)).lower()
