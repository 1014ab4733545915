"""`/account/connections/…`: what one application may do in my name, and what it did with that lately."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.oauth.people import User
from scopekeeper.pages.endpoint import Form
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.pages.wording import grouped
from scopekeeper.scopes import Catalogue
from scopekeeper.services.connections import Lately
from scopekeeper.wire import Reply
from scopekeeper.wire.paths import segments_of

BELOW: Final = "/account/connections/"


class Watching(Protocol):
    """What is known of it."""

    def lately(self, user: User, client_id: str) -> Awaitable[Lately | None]:
        """What this application may do in this person's name, and did. None: they let in no such application."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """Shows it. To take it back is an act of the account's."""

    pages: Pages
    connections: Watching
    catalogue: Catalogue

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        if form is not None:
            return sent_on("/account")
        segments = segments_of(visit.scope["raw_path"].lstrip(b"/")) or ()
        lately = await self.connections.lately(stay.user, segments[-1]) if len(segments) == 3 else None
        if lately is None:
            raise Refused("nowhere", "no such connection")
        connection = lately.connection
        groups = grouped(connection.scope, self.catalogue, (), connection.claims)
        facts = {"user": stay.user, "lately": lately, "connection": connection, "groups": groups}
        return self.pages(visit, "connection.html", facts)
