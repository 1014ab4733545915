"""Who has just proven who they are: what a stolen session, or a browser that somebody left open, does not get."""

from collections.abc import Awaitable
from typing import Protocol

from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import User
from scopekeeper.pages.visit import Stay
from scopekeeper.services.factors import Fresh, NotFresh


class Proving(Protocol):
    """What people have, and whether they have shown it lately."""

    def of(self, user: User) -> Awaitable[Factors]:
        """All that this person has besides a password."""
        ...

    def require_fresh(self, factors: Factors, fresh: Fresh) -> None:
        """Have they signed in lately, and by all that they have? Raises NotFresh."""
        ...


async def is_fresh(proving: Proving, stay: Stay) -> bool:
    """Have they signed in lately in this session, and by a second factor where they have one?"""
    try:
        proving.require_fresh(await proving.of(stay.user), Fresh(stay.session.signed_in_at, stay.session.amr))
    except NotFresh:
        return False
    return True
