"""A credential on its way from the act that made it to the page that shows it, once."""

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.pages.once import left, taken
from scopekeeper.pages.page import sent_on
from scopekeeper.services.applications import Credential
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers


def shown_next(desk: Desk, call: Call, credential: Credential, note: str, page: str = "credentials") -> Reply:
    """On to the page that shows what was just made."""
    client_id = credential.client.client_id
    facts = {"client_id": client_id, "client_secret": credential.client_secret or ""}
    kept = left(desk.jar.once, call.visit, call.stay, facts)
    return sent_on(f"{HERE}/{client_id}/{page}?note={note}", kept)


def shown_now(desk: Desk, call: Call, client_id: str) -> tuple[str, Headers]:
    """The secret of this application that was just made, and the headers with which it is forgotten.

    No text where there is none to show: it was shown before, was never made, or is another application's.
    """
    found = taken(desk.jar.once, call.visit, call.stay)
    if found is None or found.get("client_id") != client_id:
        return "", ()
    return found.get("client_secret", ""), (desk.jar.once.forget(),)
