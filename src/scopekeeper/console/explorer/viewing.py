"""Through whose eyes the explorer looks: `client`, `user` and `scope` of an address or a form, made into a view."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.call import Fields
from scopekeeper.console.desk import Desk
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.viewing import View, seen_as
from scopekeeper.pages.selection import selection_of
from scopekeeper.services.ports import Gone

_LONGEST_TOLD: Final = 100


class Unknown(Exception):
    """There is no such application or person. The message is a sentence to show."""


async def view_of(desk: Desk, fields: Fields, otherwise: Sequence[str] = ()) -> View | None:
    """The view that is asked for by `client` (a client_id) and `user` (a name, in any case); None where neither is.

    `scope` (many times, or space-separated) cuts it; where it is left empty, an application has its whole ceiling, and
    a person alone what is given as `otherwise`. A box in which no word is a scope is not an empty one: it cuts to
    nothing. `View.nothing` and `View.barred` say what stands in the way of reading. Raises Unknown, Unavailable.
    """
    client = await _application(desk, fields.one("client").strip())
    person = await _person(desk, fields.one("user").strip())
    if client is None and person is None:
        return None
    selection = selection_of(fields.all("scope"), desk.catalogue)
    asked = selection.scopes if selection.scopes or selection.unknown else None
    if asked is None and client is None:
        asked = tuple(otherwise)
    return seen_as(client, person, asked, desk.catalogue.__contains__)


async def _application(desk: Desk, client_id: str) -> Client | None:
    try:
        return await desk.applications.get(client_id) if client_id else None
    except Gone:
        raise Unknown(f"There is no application {client_id[:_LONGEST_TOLD]!r}.") from None


async def _person(desk: Desk, name: str) -> User | None:
    try:
        return await desk.accounts.get(name) if name else None
    except Gone:
        raise Unknown(f"There is no account {name[:_LONGEST_TOLD]!r}.") from None
