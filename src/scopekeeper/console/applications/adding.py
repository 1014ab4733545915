"""`/console/applications/new`: the type, then what it needs. One form makes one application, however often sent."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.filled import Filled
from scopekeeper.console.applications.form import fitting, form_facts
from scopekeeper.console.applications.shown_once import shown_next
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.scopes import Picker
from scopekeeper.oauth.applications import MOST_URIS, Unfit
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.selection import selection_of
from scopekeeper.services.applications import fresh_client_id
from scopekeeper.services.ports import Taken
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/new"

_ADDRESSES: Final = ("redirect_uri", "post_logout_redirect_uri")
"""The boxes of which an application can have several."""


def rooms(desk: Desk) -> Sequence[Room]:
    """The form, and what it does; and what it asks for while somebody types."""

    picker = Picker.of(desk.catalogue, desk.docs.operations)

    async def show(call: Call) -> Reply:
        asked = selection_of(call.query.all("scope"), desk.catalogue)
        filled = Filled(type=call.query.one("type"), scope=asked.scopes)
        return _form(call, filled, fresh_client_id(), unknown=asked.unknown)

    async def create(call: Call) -> Reply:
        filled, client_id = Filled.of_form(call.form, call.form.one("type")), call.form.one("client_id")
        try:
            made = await desk.applications.add(filled.draft(), call.actor, call.address, client_id=client_id)
        except Taken:
            return sent_on(f"{HERE}/{client_id}?note=made")
        except Unfit as unfit:
            fresh = fresh_client_id() if unfit.field == "client_id" else client_id
            return _form(call, filled, fresh, unfit)
        return shown_next(desk, call, made, "made")

    def _form(
        call: Call, filled: Filled, client_id: str, unfit: Unfit | None = None, unknown: Sequence[str] = ()
    ) -> Reply:
        facts = form_facts(desk, filled, unfit)
        facts |= {"client_id": client_id, "unknown": unknown, "picker": picker}
        return desk.sheets(call, "applications_new.html", facts, 200 if unfit is None else 422)

    async def check(call: Call) -> Reply:
        """Is this address one that an application of this type may register? Asked while it is typed."""
        uri = next((uri for name in _ADDRESSES for uri in call.query.all(name)), "").strip()
        facts = {"uri": uri, "wrong": fitting(uri, call.query.one("type")) if uri else ""}
        return desk.sheets(call, "applications_check.html", facts)

    async def another(call: Call) -> Reply:
        """One more box for an address."""
        number = call.query.one("number")
        known = number.isascii() and number.isdigit() and len(number) < 4
        name = call.query.one("name") if call.query.one("name") in _ADDRESSES else "redirect_uri"
        facts = {"name": name, "number": min(int(number), MOST_URIS) if known else 2}
        return desk.sheets(call, "applications_another.html", facts)

    return [
        Room("GET", PATH, show),
        Room("POST", PATH, create),
        Room("GET", f"{HERE}/check-redirect", check),
        Room("GET", f"{HERE}/another-redirect", another),
    ]
