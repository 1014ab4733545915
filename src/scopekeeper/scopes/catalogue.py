"""The catalogue: every scope that exists, with its words. Derived from the modules' operations, never typed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from scopekeeper.scopes.covering import lineage
from scopekeeper.scopes.grammar import APIS, IDENTITY, Access, Api, Scope

_FACES: Final = {"rest": "REST", "gql": "GraphQL"}

_IDENTITY_WORDS: Final = {
    "openid": "Know who you are",
    "profile": "See your name and profile",
    "email": "See your e-mail address",
    "address": "See your postal address",
    "phone": "See your telephone number",
    "offline_access": "Stay connected when you are not signed in",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One scope that exists: its place, and the words that people read. Roots have no module."""

    scope: str
    api: str
    module: str | None
    title: str
    access: Access | None
    resource: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What one operation of a module says of its scope: the input from which the catalogue is made."""

    api: Api
    module: str
    title: str
    access: Access
    resource: str | None
    description: str
    """The module's words for this access."""
    of_resource: str = ""
    """Its words for this access to the resource; made of the others where it has none."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Which scopes exist. Iterating gives the entries in the order in which people read them."""

    entries: tuple[Entry, ...]
    leaves: frozenset[str]
    """The scopes that operations demand. One may also be a parent: `read` beside `read:ringtimer`."""
    _by_scope: dict[str, Entry] = field(repr=False)
    _children: dict[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def of(cls, declared: Iterable[Declared]) -> Self:
        """The catalogue of these declarations, with their parents and the identity scopes."""
        found: dict[str, Entry] = {}
        leaves: set[str] = set()
        for each in sorted(declared, key=lambda d: (APIS.index(d.api), d.module, d.access, d.resource or "")):
            leaf = str(Scope(each.api, each.module, each.access, each.resource))
            leaves.add(leaf)
            for scope in lineage(leaf):
                found.setdefault(scope, _entry_of(scope, each))
        for name in IDENTITY:
            found[name] = Entry(name, "openid", None, "Identity", None, None, _IDENTITY_WORDS[name])
        children: dict[str, list[str]] = {}
        for scope in found:
            above = lineage(scope)
            if len(above) > 1:
                children.setdefault(above[-2], []).append(scope)
        return cls(
            tuple(found.values()),
            frozenset(leaves),
            found,
            {parent: tuple(below) for parent, below in children.items()},
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, scope: object) -> bool:
        return scope in self._by_scope

    def __getitem__(self, scope: str) -> Entry:
        return self._by_scope[scope]

    def children(self, scope: str) -> tuple[str, ...]:
        """The scopes one step below."""
        return self._children.get(scope, ())

    @property
    def parents_deepest_first(self) -> tuple[str, ...]:
        """Every scope that has children, such that children come before their parents."""
        return tuple(sorted(self._children, key=lambda scope: -scope.count(":")))


def _entry_of(scope: str, declared: Declared) -> Entry:
    api, *below = scope.split(":")
    face = _FACES[api]
    match below:
        case []:
            return Entry(
                scope, api, None, "Everything", None, None, f"Read and change everything, in every module [{face}]"
            )
        case [module]:
            return Entry(
                scope, api, module, declared.title, None, None, f"Read and change everything in {declared.title}"
            )
        case [module, _]:
            return Entry(scope, api, module, declared.title, declared.access, None, declared.description)
        case _:
            words = declared.of_resource or f"{declared.description}: {declared.resource} only"
            return Entry(scope, api, declared.module, declared.title, declared.access, declared.resource, words)
