"""All that there is to be told of the GraphQL API, and what of it some scopes open."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scopekeeper.docs.graphql.declared import Declared
from scopekeeper.docs.graphql.entry import Entry, entry_of
from scopekeeper.docs.graphql.typed import reached, types_of
from scopekeeper.docs.library import Library
from scopekeeper.docs.shown import Held
from scopekeeper.surface.graphql import operation_of


@dataclass(frozen=True)
class Cut:
    """What some scopes open: exactly what introspection shows to whoever holds them."""

    entries: frozenset[str]
    """The anchors of the root fields."""
    types: tuple[str, ...]
    """The names of the types, in the schema's order."""

    @property
    def weight(self) -> int:
        """Bytes, about: a place in a set or a tuple each; the texts are the book's own."""
        return 500 + 100 * (len(self.entries) + len(self.types))


class Book:
    """Every root field, by module; every type; and who uses which."""

    def __init__(self, library: Library) -> None:
        self._library = library
        declared = Declared(library.schema)
        self.types = types_of(library.schema, declared)
        self.entries = self._entries(declared)
        self.reach = {each.id: frozenset(reached(each.leads, self.types)) for each in self.entries}
        """The names of the types that each root field reaches, by its anchor."""

    def cut(self, held: Held) -> Cut:
        """What these scopes open."""
        schema = self._library.projected(held)
        roots: list[tuple[str, Any]] = [("query", schema.query_type), ("mutation", schema.mutation_type)]
        return Cut(
            frozenset(
                f"{kind}-{name}"
                for kind, root in roots
                for name, field in (root.fields.items() if root is not None else ())
                if operation_of(field) is not None
            ),
            tuple(name for name in schema.type_map if name in self.types),
        )

    @cached_property
    def users(self) -> Mapping[str, tuple[Entry, ...]]:
        """The root fields that reach each type, by its name."""
        users: dict[str, list[Entry]] = {name: [] for name in self.types}
        for each in self.entries:
            for name in self.reach[each.id]:
                users[name].append(each)
        return {name: tuple(each) for name, each in users.items()}

    def _entries(self, declared: Declared) -> tuple[Entry, ...]:
        """Module after module, what reads before what writes."""
        schema, library = self._library.schema, self._library
        fields: dict[str, Any] = {}
        for root in (schema.query_type, schema.mutation_type):
            fields.update(root.fields if root is not None else {})
        places = {module.name: place for place, module in enumerate(library.modules)}
        titles = {module.name: module.title for module in library.modules}
        ordered = sorted(library.operations, key=lambda each: (places[each.module], each.access == "write"))
        return tuple(entry_of(library, each, fields[each.field], declared, titles[each.module]) for each in ordered)
