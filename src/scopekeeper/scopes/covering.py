"""What covers what: a scope covers itself and all below it; `write` does not cover `read`.

Scopes are plain strings here, as they are written and stored. A scope's ancestors are its prefixes at a colon, so
one set operation answers the question that the guard asks on every call.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scopekeeper.scopes.catalogue import Catalogue


@lru_cache(maxsize=16_384)
def lineage(scope: str) -> tuple[str, ...]:
    """The scope and all that stand above it, the widest first: rest, rest:callforward, rest:callforward:read."""
    parts = scope.split(":")
    return tuple(":".join(parts[: depth + 1]) for depth in range(len(parts)))


def covers(held: Collection[str], needed: str) -> bool:
    """Does what is held allow what is needed?"""
    return any(scope in held for scope in lineage(needed))


def missing(held: Collection[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Of what is needed, what is not covered, in the order asked."""
    return tuple(scope for scope in needed if not covers(held, scope))


def widens(requested: Iterable[str], ceiling: Collection[str]) -> bool:
    """Would the request reach beyond the ceiling?"""
    return bool(missing(ceiling, requested))


def cut(held: Iterable[str], ceiling: Collection[str]) -> tuple[str, ...]:
    """What is held, cut to the ceiling: never more than either, and all that both allow."""
    kept: dict[str, None] = {}
    for scope in held:
        if covers(ceiling, scope):
            kept[scope] = None
        else:
            kept.update((below, None) for below in ceiling if scope in lineage(below))
    return tuple(kept)


def expand(scopes: Iterable[str], catalogue: "Catalogue") -> frozenset[str]:
    """The scopes of single operations that these scopes open today."""
    held = frozenset(scopes)
    return frozenset(leaf for leaf in catalogue.leaves if covers(held, leaf))


def collapse(scopes: Iterable[str], catalogue: "Catalogue") -> tuple[str, ...]:
    """The same reach in fewer scopes: a parent takes the place of its children where all of them are there.

    Never more reach than before: a parent that opens operations of its own, or has a single child, does not take its
    children's place (the single child's sibling may come with the next version of the module).
    """
    kept = {scope for scope in scopes if scope in catalogue}
    for parent in catalogue.parents_deepest_first:
        children = catalogue.children(parent)
        if parent not in catalogue.leaves and len(children) > 1 and all(covers(kept, child) for child in children):
            kept.add(parent)
    narrow = {scope for scope in kept if any(above in kept for above in lineage(scope)[:-1])}
    return tuple(entry.scope for entry in catalogue if entry.scope in kept - narrow)


def least_cover(needs: Iterable[str]) -> tuple[str, ...]:
    """The least scopes that allow all that is needed: the needs themselves, without those that others cover."""
    asked = frozenset(needs)
    return tuple(sorted(scope for scope in asked if not any(above in asked for above in lineage(scope)[:-1])))
