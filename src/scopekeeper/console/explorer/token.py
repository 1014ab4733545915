"""`/console/explorer/token`: a token for the page that asks, for ten minutes, with the scopes that it names."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.naming import id_of, jti_of
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.explorer import Denied, Unselectable
from scopekeeper.oauth.token import told
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Gone, Unavailable
from scopekeeper.wire import NO_STORE, Reply, json_reply

PATH: Final = "/console/explorer/token"


def rooms(desk: Desk) -> Sequence[Room]:
    """The errand."""

    async def issue(call: Call) -> Reply:
        """200 with the token (RFC 6749 §5.1), its id and what was left out of it; 422, 403, 503 with an error (§5.2).

        The token is in this answer alone, and nowhere else ever after. `token_id` is its row, as lists of tokens show
        it: as text, for a number in JavaScript has too few bits.
        """
        scope = " ".join(call.form.all("scope"))
        try:
            made, selected = await desk.explorer.token(
                call.stay.user,
                call.stay.session,
                scope,
                previous=id_of(call.form.one("previous")),
                address=call.address,
            )
        except OAuthError as refused:
            return _refusal(refused)
        except Unavailable as away:
            return _refusal(OAuthError.temporarily_unavailable(str(away)))
        except Gone:  # the session was ended in this very moment: what its door says from now on
            return sent_on("/login?note=ended")
        answer = {**told(made), "token_id": jti_of(made.token.id), "left_out": selected.left_out}
        return json_reply(answer, 200, NO_STORE)

    return (Room("POST", PATH, issue),)


def _refusal(refused: OAuthError) -> Reply:
    body: dict[str, object] = {"error": refused.error, "error_description": refused.description}
    if isinstance(refused, Unselectable):
        body["unknown"] = refused.unknown
    if isinstance(refused, Denied):
        body["missing"] = refused.lacking
    return json_reply(body, refused.status, NO_STORE)
