"""What a GraphQL document may amount to, whoever sends it."""

from dataclasses import dataclass
from typing import Final


class LimitExceeded(Exception):
    """The document asks for more than anyone may. The message says which limit it breaks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds. Introspection by the usual tools keeps within them."""

    characters: int = 20_000
    tokens: int = 4_000
    definitions: int = 50
    directives: int = 50
    levels: int = 40
    """Selection sets inside one another, fragments counted."""
    depth: int = 15
    """Fields inside one another."""
    roots: int = 20
    """Root fields of one operation, fragments expanded."""
    fields: int = 500
    """Fields of all operations, fragments expanded."""
    repeats: int = 20
    """One response name in one selection set: validation compares them pair by pair."""
    aliases: int = 50
    values: int = 100_000
    """Fields times the items asked for by `first`, and those that lists within records may have."""
    introspected: int = 12
    """Lists asked for in introspection."""


LIMITS: Final = Limits()


def require(amount: int, limit: int, what: str) -> None:
    """Raises LimitExceeded for more than the limit. `what` is counted, in the words of whoever wrote the document."""
    if amount > limit:
        raise LimitExceeded(f"A document may have at most {limit} {what}.")
