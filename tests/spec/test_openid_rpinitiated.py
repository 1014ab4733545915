"""OpenID Connect RP-Initiated Logout 1.0, clause by clause."""

from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes, Unfit
from scopekeeper.oauth.records import ApplicationType
from tests.asking import ask
from tests.building import built
from tests.pages.browsing import Browser, text_of
from tests.web.departing import BYE, LOGOUT, a_relying_party, decided, is_in, shown, stayed, url

DAY = 86_400


async def test_discovery_names_the_endpoint(tmp_path: Path) -> None:
    """§2.1: end_session_endpoint REQUIRED, an https URL, which may have a port, path and query."""
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": "https://id.example.com"}) as h:
        found = (await ask(h.front, "GET", "/.well-known/openid-configuration")).json()
        assert found["end_session_endpoint"] == "https://id.example.com/oauth/logout"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_get_and_post_are_taken(tmp_path: Path, method: str) -> None:
    """§2: OPs MUST support the use of the HTTP GET and POST methods."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        sent = {"id_token_hint": await shown(h, user, client, session), "post_logout_redirect_uri": BYE}
        answer = await (browser.get(url(**sent)) if method == "GET" else browser.post(LOGOUT, sent))
        while answer.headers.get("location", "").startswith(LOGOUT):
            answer = await browser.get(answer.headers["location"])
        assert answer.headers["location"] == BYE
        assert not await is_in(browser)


async def test_every_parameter_may_be_missing(tmp_path: Path) -> None:
    """§2: id_token_hint RECOMMENDED; all others OPTIONAL."""
    async with built(tmp_path) as h:
        browser, _, _ = await stayed(h)
        assert (await browser.get(LOGOUT)).status == 200
        assert (await Browser(h.front).get(LOGOUT)).status == 200


async def test_the_hint_has_to_be_issued_here(tmp_path: Path) -> None:
    """§2: the OP MUST validate that it was the issuer of the ID Token."""
    async with built(tmp_path / "one") as h, built(tmp_path / "other") as other:
        client = await a_relying_party(other)
        _, user, session = await stayed(other)
        foreign = await shown(other, user, client, session)
        browser, _, _ = await stayed(h)
        assert (await browser.get(url(id_token_hint=foreign))).status == 400
        assert await is_in(browser)


async def test_a_hint_may_have_expired(tmp_path: Path) -> None:
    """§2: the OP SHOULD accept ID Tokens when the session is current, even when the exp time has passed."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        h.clock.advance(6_000)  # an id_token lives for one hour, and a session in which nothing happens for two
        assert (await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE))).headers["location"] == BYE
        assert not await is_in(browser)
        h.clock.advance(7 * DAY)
        assert (await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE))).headers["location"] == BYE


async def test_the_client_id_is_that_to_which_the_hint_was_issued(tmp_path: Path) -> None:
    """§2: when both are present, the OP MUST verify that the Client Identifier matches the one used when issuing."""
    async with built(tmp_path) as h:
        client, other = await a_relying_party(h), await a_relying_party(h, "Other")
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        assert (await browser.get(url(id_token_hint=hint, client_id=other.client_id))).status == 400
        assert await is_in(browser)
        both = url(id_token_hint=hint, client_id=client.client_id, post_logout_redirect_uri=BYE)
        assert (await browser.get(both)).headers["location"] == BYE


async def test_the_person_is_asked_without_a_hint_or_by_the_hint_of_somebody_else(tmp_path: Path) -> None:
    """§2: the OP MUST ask if an id_token_hint was not provided or is not of the current session with that RP."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        _, bob, bobs = await stayed(h, "bob")
        for sent in ({}, {"client_id": client.client_id}, {"id_token_hint": await shown(h, bob, client, bobs)}):
            assert "Sign out?" in text_of(await browser.get(url(**sent)))
            assert await is_in(browser)
        assert (await decided(browser, await browser.get(LOGOUT))).status == 200
        assert not await is_in(browser)


async def test_the_logout_hint_changes_nothing(tmp_path: Path) -> None:
    """§2, logout_hint: its use is left to the OP's discretion."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        page = await browser.get(url(client_id=client.client_id, logout_hint="bob"))
        assert "Signed in as alice" in text_of(page)
        assert "bob" not in text_of(page)


async def test_the_page_is_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    """§2, ui_locales: as OpenID Connect Core §3.1.2.1 has it; an error SHOULD NOT result from one that there is not."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        for asked, language in (("de", "de"), ("fr-CA fr en", "en"), ("xx de", "de"), ("%", "en")):
            page = await browser.get(url(client_id=client.client_id, ui_locales=asked))
            assert f'lang="{language}"'.encode() in page.body, asked


async def test_the_browser_goes_on_after_the_logout_with_the_state_that_was_sent(tmp_path: Path) -> None:
    """§3: redirected to the post_logout_redirect_uri after the logout; state is passed back, if it was included."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, post_logout_redirect_uris=(BYE, f"{BYE}?a=b"))
        for uri, state, onward in (
            (BYE, {}, BYE),
            (BYE, {"state": "ä b"}, f"{BYE}?state=%C3%A4%20b"),
            (f"{BYE}?a=b", {"state": "s"}, f"{BYE}?a=b&state=s"),
        ):
            browser, user, session = await stayed(h)
            hint = await shown(h, user, client, session)
            answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=uri, **state))
            assert answer.headers["location"] == onward
            assert not await is_in(browser)


async def test_the_address_is_exactly_one_that_is_registered(tmp_path: Path) -> None:
    """§3: MUST NOT be redirected if it does not exactly match one of the registered; nor where nobody is known."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        for sent in (
            {"id_token_hint": hint, "post_logout_redirect_uri": f"{BYE}?"},
            {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example/"},
            {"post_logout_redirect_uri": BYE},
        ):
            answer = await browser.get(url(**sent))
            assert (answer.status, "location" in answer.headers) == (400, False)
        assert await is_in(browser)


async def test_which_addresses_can_be_registered(tmp_path: Path) -> None:
    """§3.1: an array of URLs; https, http for some (here: on loopback), and a scheme that a native application has."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, post_logout_redirect_uris=(BYE, f"{BYE}/2", "http://127.0.0.1:8080/bye"))
        assert len(client.post_logout_redirect_uris) == 3
        for uri in ("http://app.example/bye", "javascript:alert(1)", "/bye", f"{BYE}#x", "com.example.app:/bye"):
            with pytest.raises(Unfit):
                await h.house.applications.change(
                    client.client_id, Changes(post_logout_redirect_uris=(uri,)), "cli:test"
                )
        native = await a_relying_party(
            h, "Native", type=ApplicationType.NATIVE, post_logout_redirect_uris=("com.example.app:/bye",)
        )
        browser, user, session = await stayed(h)
        hint = await shown(h, user, native, session)
        answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri="com.example.app:/bye", state="s"))
        assert answer.headers["location"] == "com.example.app:/bye?state=s"


async def test_where_validation_fails_nobody_is_sent_on_and_the_person_is_told(tmp_path: Path) -> None:
    """§4: any of the validation procedures fail: the OP MUST NOT perform the redirection; it may display an error."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        answer = await browser.get(url(id_token_hint=f"{hint[:-3]}AAA", post_logout_redirect_uri=BYE))
        assert (answer.status, "location" in answer.headers) == (400, False)
        assert "id_token_hint" in text_of(answer)
        assert await is_in(browser)


async def test_a_link_alone_signs_nobody_out(tmp_path: Path) -> None:
    """§6: logout requests without a valid id_token_hint value are a potential means of denial of service."""
    async with built(tmp_path) as h:
        await a_relying_party(h)
        browser, _, _ = await stayed(h)
        assert "Sign out?" in text_of(await browser.get(LOGOUT))
        assert await is_in(browser)
