"""Applications: the list, the form, credentials that are shown once, and all that is done to one of them."""

from collections.abc import Sequence

from scopekeeper.console.applications import (
    adding,
    changing,
    compromise,
    credentials,
    guide,
    one,
    register,
    removing,
    secrets,
    several,
)
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room

__all__ = ["rooms"]

_PAGES = (register, several, adding, credentials, one, changing, secrets, compromise, removing, guide)


def rooms(desk: Desk) -> Sequence[Room]:
    """Every page of applications."""
    return [room for page in _PAGES for room in page.rooms(desk)]
