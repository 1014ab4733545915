"""`/console/graphql` and `/console/explorer/…`: the GraphQL Explorer, and what its page asks for while it is used."""

from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.explorer import looking, needs, page, token

__all__ = ["rooms"]

_PAGES = (page, needs, token, looking)


def rooms(desk: Desk) -> tuple[Room, ...]:
    """The explorer's page, and its errands."""
    return tuple(room for each in _PAGES for room in each.rooms(desk))
