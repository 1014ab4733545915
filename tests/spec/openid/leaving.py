"""The suite's client sends its person to sign out, and looks at where they end up."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.asking import Answer, ask
from tests.pages.browsing import Seen
from tests.spec.openid.metadata import DISCOVERY, members
from tests.spec.openid.suite import ISSUER, PRINTABLE, Flow, Suite

HOME: Final = "https://suite.example/test/a/scopekeeper"
BACK: Final = f"{HOME}/post_logout_redirect"
LEAVING: Final[dict[str, Any]] = {"post_logout_redirect_uris": (BACK,)}
"""How the client is registered for the logout plans."""

STATE: Final = PRINTABLE
LOGOUT: Final = "/oauth/logout"


async def leave(client: Suite, flow: Flow, *without: str, **more: str) -> Answer:
    """What there is at the end of the way that begins at the end_session_endpoint; whoever is asked says yes."""
    parameters = {"id_token_hint": flow.tokens["id_token"], "post_logout_redirect_uri": BACK, "state": STATE} | more
    query = urlencode({name: value for name, value in parameters.items() if name not in without})
    browser, path = client.person.browser, client.path("end_session_endpoint")
    answer = await browser.get(f"{path}?{query}" if query else path)
    client.person.shown.clear()
    if any(form["action"] == LOGOUT for form in Seen(answer.body).all("form")):
        client.person.shown.append(LOGOUT)
        answer = await browser.post(LOGOUT, Seen(answer.body).form(LOGOUT) | {"decision": "approve"})
    return answer


def told_at(url: str, place: str) -> dict[str, str]:
    """The parameters with which a browser comes to this place, each of them once."""
    parts = urlsplit(url)
    assert parts._replace(query="").geturl() == place
    pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def is_stopped(answer: Answer, said: str) -> bool:
    """A page that says what is wrong, from which no way leads to the client."""
    return (
        answer.status == 400
        and "location" not in answer.headers
        and said in Seen(answer.body).text
        and b"suite.example" not in answer.body
    )


def is_farewell(answer: Answer) -> bool:
    """A page that says that one is signed out, from which no way leads to the client."""
    said = answer.status == 200 and "You are signed out" in Seen(answer.body).text
    return said and "location" not in answer.headers and b"suite.example" not in answer.body


async def is_signed_out(client: Suite) -> bool:
    """With prompt=none the client is told that somebody has to do something first (OpenID Connect Core §3.1.2.6)."""
    request = client.request(prompt="none", state=(PRINTABLE * 2)[:128])
    found = client.heard(await client.send(request), request)
    return found.get("error") in ("login_required", "interaction_required", "account_selection_required")


async def discovered(client: Suite) -> dict[str, Any]:
    """What discovery says, of which each member can be so; the end_session_endpoint is there, by https."""
    answer = await ask(client.house.front, "GET", DISCOVERY)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    members(found)
    assert found["end_session_endpoint"].startswith(ISSUER + "/")
    return found
