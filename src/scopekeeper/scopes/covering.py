"""What covers what: a scope covers itself and all below it; `write` does not cover `read`.

Scopes are plain strings here, as they are written and stored. A scope's ancestors are its prefixes at a colon, so
one set operation answers the question that the guard asks on every call.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache


@lru_cache(maxsize=16_384)
def lineage(scope: str) -> tuple[str, ...]:
    """The scope and all that stand above it, the widest first: rest, rest:callforward, rest:callforward:read."""
    parts = scope.split(":")
    return tuple(":".join(parts[: depth + 1]) for depth in range(len(parts)))


def covers(held: Collection[str], needed: str) -> bool:
    """Does what is held allow what is needed?"""
    return any(map(held.__contains__, lineage(needed)))


def missing(held: Collection[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Of what is needed, what is not covered, in the order asked."""
    return tuple([scope for scope in needed if not covers(held, scope)])


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


def least_cover(needs: Iterable[str]) -> tuple[str, ...]:
    """The least scopes that allow all that is needed: the needs themselves, without those that others cover."""
    asked = frozenset(needs)
    return tuple(sorted(scope for scope in asked if not any(above in asked for above in lineage(scope)[:-1])))
