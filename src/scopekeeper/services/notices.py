"""What people are told of their own accounts, if there is a way to tell them."""

from typing import Final, Protocol

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client


class Notices(Protocol):
    """Tells people what happened to their account. Nothing here fails what it tells of, or holds it up."""

    async def signed_in(self, user: User, session: Session) -> None:
        """Somebody signed in. They are told where that was from a device that they were not seen with before."""
        ...

    async def connected(self, user: User, client: Client, address: str | None) -> None:
        """An application may act in their name from now on, which could not before."""
        ...

    async def changed(self, user: User, what: str, address: str | None) -> None:
        """How they prove who they are has changed: `password`, `passkey.add`, `passkey.remove`, `totp.add`,
        `totp.remove`, `recovery.replace`, `recovery.used`, `factors.remove`, `identity.add`, `identity.remove`,
        `email`."""
        ...


class Silent:
    """Tells nobody anything: there is no way to."""

    async def signed_in(self, user: User, session: Session) -> None:
        """Nobody hears."""

    async def connected(self, user: User, client: Client, address: str | None) -> None:
        """Nobody hears."""

    async def changed(self, user: User, what: str, address: str | None) -> None:
        """Nobody hears."""


SILENT: Final[Notices] = Silent()
