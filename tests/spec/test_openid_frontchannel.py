"""OpenID Connect Front-Channel Logout 1.0, clause by clause: what a page of ours has a browser load."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from scopekeeper.oauth.applications import Changes, Unfit
from tests.asking import ask
from tests.building import built
from tests.pages.browsing import Browser, Seen
from tests.spec.connecting import HOUSE, ISSUER, read
from tests.web.applicant import policy
from tests.web.departing import BYE, a_relying_party, shown, stayed, url

OUT = "https://app.example/out"


def at_home(browser: Browser) -> None:
    """The cookie has the name that it has over https."""
    browser.cookies["__Host-scopekeeper"] = browser.cookies.pop("scopekeeper")


async def test_discovery_says_that_there_is_such_a_thing(tmp_path: Path) -> None:
    """§3: frontchannel_logout_supported, frontchannel_logout_session_supported."""
    async with built(tmp_path) as h:
        found = (await ask(h.front, "GET", "/.well-known/openid-configuration")).json()
        assert found["frontchannel_logout_supported"] is True
        assert found["frontchannel_logout_session_supported"] is True


async def test_which_addresses_can_be_registered(tmp_path: Path) -> None:
    """§2: domain, port and scheme MUST be those of a registered redirection URI; a query if one likes."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=f"{OUT}?a=b")
        for uri in ("https://other.example/out", "https://app.example:8443/out", "http://app.example/out", f"{OUT}#x"):
            with pytest.raises(Unfit):
                await h.house.applications.change(client.client_id, Changes(frontchannel_logout_uri=uri), "cli:test")


async def test_the_page_loads_the_address_in_a_frame_with_who_says_so_and_of_which_session(tmp_path: Path) -> None:
    """§2, §3: rendered in an iframe, with iss and sid; the sid is that of the id_token; its own query is retained."""
    async with built(tmp_path, HOUSE) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=f"{OUT}?a=b")
        browser, user, session = await stayed(h)
        at_home(browser)
        hint = await shown(h, user, client, session)
        answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE))
        [frame] = Seen(answer.body).all("iframe")
        told = urlsplit(frame["src"])
        assert f"{told.scheme}://{told.netloc}{told.path}" == OUT
        sid = (await read(h, hint)).claims["sid"]
        assert parse_qsl(told.query) == [("a", "b"), ("iss", ISSUER), ("sid", sid)]
        assert policy(answer, "frame-src") == "https://app.example"
        assert [link["href"] for link in Seen(answer.body).all("a")] == [BYE]


async def test_all_that_were_used_in_the_session_are_told_whoever_asked(tmp_path: Path) -> None:
    """§3: the OP renders the frames of the RPs that the End-User is logged in at."""
    async with built(tmp_path) as h:
        asking, other = await a_relying_party(h), await a_relying_party(h, "Other", frontchannel_logout_uri=OUT)
        unused = await a_relying_party(h, "Unused", frontchannel_logout_uri=f"{OUT}/unused")
        assert unused.frontchannel_logout_uri is not None
        browser, user, session = await stayed(h)
        await shown(h, user, other, session)
        answer = await browser.get(url(id_token_hint=await shown(h, user, asking, session)))
        [frame] = Seen(answer.body).all("iframe")
        assert urlsplit(frame["src"]).path == "/out"


async def test_where_nobody_listens_no_frame_is_shown(tmp_path: Path) -> None:
    """§2: frontchannel_logout_uri OPTIONAL; it is used where it is registered."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        answer = await browser.get(url(id_token_hint=await shown(h, user, client, session)))
        assert (answer.status, Seen(answer.body).all("iframe")) == (200, [])
        assert policy(answer, "frame-src") == ""


async def test_the_session_has_ended_before_anything_is_loaded(tmp_path: Path) -> None:
    """§4: what loads in the frames may be slow or blocked; nothing here waits for it."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=OUT)
        browser, user, session = await stayed(h)
        await browser.get(url(id_token_hint=await shown(h, user, client, session)))
        assert await h.house.store.session(session.id) is None
