"""A selection of scopes, told in as few words as can be, or in all of its operations. Both need to know what exists."""

from collections.abc import Iterable

from scopekeeper.scopes.catalogue import Catalogue
from scopekeeper.scopes.covering import covers, lineage


def expand(scopes: Iterable[str], catalogue: Catalogue) -> frozenset[str]:
    """The scopes of single operations that these scopes open today."""
    held = frozenset(scopes)
    return frozenset(leaf for leaf in catalogue.leaves if covers(held, leaf))


def collapse(scopes: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
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
