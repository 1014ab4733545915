"""`/oauth/authorize`, with a whole house behind it: where the browser goes, and where it never goes."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import ApplicationType, GrantType
from tests.asking import ask, bearer
from tests.building import NOW, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import PASSWORD
from tests.web.applicant import (
    AUTHORIZE,
    CALLBACK,
    LOOPBACK,
    READ,
    an_applicant,
    approved,
    asked,
    decided,
    policy,
    seat,
    seated,
    told,
)

ISSUER = "http://127.0.0.1:8000"
SPA_IMPLICIT: dict[str, Any] = {"type": ApplicationType.SPA, "grants": (GrantType.IMPLICIT,)}


async def test_row_7_what_cannot_be_proven_is_a_page_and_leads_nowhere(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2.1, RFC 9700 §4.11.2."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        for url in (
            AUTHORIZE,
            applicant.url("client_id"),
            applicant.url(client_id="unknown"),
            applicant.url("redirect_uri"),
            applicant.url(redirect_uri="https://evil.example/cb", prompt="none"),
            applicant.url(redirect_uri="https://evil.example/cb", response_type="nonsense"),
            applicant.url() + "&client_id=other",
            applicant.url() + "&redirect_uri=https%3A%2F%2Fevil.example",
            applicant.url() + "&state=%zz",
            applicant.url(state="\x00"),
            applicant.url(state="x" * 20_000),
            applicant.url() + "".join(f"&p{n}=1" for n in range(2_000)),
        ):
            answer = await browser.get(url)
            assert answer.status == 400, url
            assert "location" not in answer.headers
            assert "nothing was given away" in text_of(answer)
            assert policy(answer, "frame-ancestors") == "'none'"


async def test_a_person_is_told_which_application_is_wrong_and_whom_to_tell(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, website="https://calendar.example/")
        answer = await Browser(h.front).get(applicant.url(redirect_uri="https://evil.example/<script>"))
        assert "Team Calendar sent you here" in text_of(answer)
        assert {link["href"] for link in Seen(answer.body).all("a")} == {"https://calendar.example/"}
        assert b"<script" not in answer.body
        assert b"evil.example" not in answer.body


async def test_row_7_an_application_that_was_switched_off_leads_nowhere(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        await h.house.applications.change(applicant.client.client_id, Changes(enabled=False), "cli:test")
        answer = await Browser(h.front).get(applicant.url())
        assert (answer.status, "location" in answer.headers) == (400, False)


async def test_what_fails_later_is_told_to_the_client(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        answer = await Browser(h.front).get(applicant.url(scope="rest"))
        heard = told(answer)
        assert answer.headers["location"].startswith(f"{CALLBACK}?")
        assert (heard["error"], heard["state"], heard["iss"]) == ("invalid_scope", "xyz", ISSUER)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_somebody_signs_in_approves_and_the_client_gets_a_token(tmp_path: Path) -> None:
    """RFC 6749 §4.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        await h.house.accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:test")
        browser = Browser(h.front)
        answer = await browser.get(applicant.url(login_hint="alice", nonce="n", scope=f"openid {READ}"))
        assert answer.status == 303
        login = answer.headers["location"]
        assert login.startswith("/login?next=%2Foauth%2Fauthorize%3F")
        page = await browser.get(login)
        assert "to go on to Team Calendar" in text_of(page)
        assert Seen(page.body).by_id("username")["value"] == "alice"
        assert policy(page, "form-action") == ""
        answer = await browser.fill(login, "/login", username="alice", password=PASSWORD)
        heard = await approved(browser, answer.headers["location"])
        assert (heard["state"], heard["iss"]) == ("xyz", ISSUER)
        answer = await applicant.redeem(heard["code"])
        assert answer.status == 200, answer.body
        assert answer.json()["scope"] == f"openid {READ}"
        assert "id_token" in answer.json()


async def test_a_post_is_answered_as_a_get_of_the_same(tmp_path: Path) -> None:
    """RFC 6749 §3.1, OpenID Connect Core §3.1.2.1. What another site posts comes without the session's cookie."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        head = {"origin": "https://app.example", "sec_fetch_site": "cross-site"}
        answer = await Browser(h.front).post(AUTHORIZE, applicant.request(state="é +&"), **head)
        assert answer.status == 303
        assert "code" in await approved(browser, answer.headers["location"])
        for wrong in (applicant.request("client_id"), applicant.request() + "&x=" + "y" * 17_000):
            assert (await browser.post(AUTHORIZE, wrong)).status == 400
        assert told(await browser.post(AUTHORIZE, applicant.request(scope="x")))["error"] == "invalid_scope"
        assert (await ask(h.front, "POST", AUTHORIZE, body=applicant.request().encode())).status == 400


async def test_what_can_be_taken_in_can_be_taken_all_the_way(tmp_path: Path) -> None:
    """Spaces do not make the address longer from one page to the next, until it is too long to be read."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        url = applicant.url(login_hint="a " * 7_800)
        assert len(url) > 15 * 1024
        assert "code" in await approved(browser, url)


async def test_no_method_but_get_and_post(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        assert (await ask(h.front, "PUT", applicant.url())).status == 405


async def test_consent_is_remembered_for_a_client_that_proves_itself(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        first = await approved(browser, applicant.url())
        second = told(await browser.get(applicant.url(prompt="none")))
        assert first["code"] != second["code"]
        consent = await h.house.store.consent(user.id, applicant.client.client_id)
        assert consent is not None
        assert consent.scope == (READ,)
        acts = [(act.actor, act.action, act.target) for act in await h.house.store.acts()]
        assert acts.count(("user:alice", "consent.give", applicant.client.client_id)) == 1
        await asked(browser, applicant.url(scope=f"{READ} rest:callforward:write"))


async def test_row_46_a_public_client_asks_every_time(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=ApplicationType.SPA)
        trusted = await an_applicant(h, type=ApplicationType.SPA, trusted=True)
        browser, _ = await seated(h)
        await approved(browser, applicant.url())
        await asked(browser, applicant.url())
        assert told(await browser.get(applicant.url(prompt="none")))["error"] == "consent_required"
        await approved(browser, trusted.url())
        assert "code" in told(await browser.get(trusted.url()))


async def test_prompt_none_shows_nothing_to_nobody(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.6."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        assert told(await Browser(h.front).get(applicant.url(prompt="none")))["error"] == "login_required"
        browser, _ = await seated(h)
        assert told(await browser.get(applicant.url(prompt="none")))["error"] == "consent_required"
        answer = await browser.get("/consent?" + applicant.request(prompt="none"))
        assert told(answer)["error"] == "consent_required"


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
async def test_row_46_a_sign_in_that_was_demanded_and_turned_away_from_opens_nothing(
    tmp_path: Path, more: dict[str, str]
) -> None:
    """OpenID Connect Core §3.1.2.1; the old session does not do, though it is not a second old."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        await approved(browser, applicant.url())
        answer = await browser.get(applicant.url(**more))
        login = answer.headers["location"]
        page = await browser.get(login)
        assert page.status == 200
        assert "You are signed in as alice" in text_of(page)
        onward = Seen(page.body).form("/login")["next"]
        for path in (onward, onward.replace(AUTHORIZE, "/consent"), applicant.url(**more)):
            assert (await browser.get(path)).headers["location"].startswith("/login?next="), path
        await seat(h, browser, user)
        assert (await browser.get(login)).headers["location"] == onward
        assert "code" in told(await browser.get(onward))


async def test_row_46_a_ticket_is_for_one_request_one_browser_and_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        await approved(browser, applicant.url())
        login = (await browser.get(applicant.url(prompt="login"))).headers["location"]
        onward = parse_qs(urlsplit(login).query)["next"][0]
        other, _ = await seated(h)
        assert (await other.get(onward)).headers["location"].startswith("/login?")
        await seat(h, browser, user)
        changed = onward.replace("state=xyz", "state=abc")
        assert (await browser.get(changed)).headers["location"].startswith("/login?")
        assert (await browser.get(onward.replace("anew=1", "anew=2"))).headers["location"].startswith("/login?")
        assert "code" in told(await browser.get(onward))
        h.clock.advance(15 * 60)
        assert (await browser.get(onward)).headers["location"].startswith("/login?")


async def test_another_person_may_sign_in_instead(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        await h.house.accounts.add("bob", password=PASSWORD, email=None, admin=False, actor="cli:test")
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url())
        [elsewhere] = [link["href"] for link in Seen(page.body).all("a") if link["href"].startswith("/login")]
        answer = await browser.fill(elsewhere, "/login", username="bob", password=PASSWORD)
        answer = await browser.get(answer.headers["location"])
        assert "Signed in as bob" in text_of(await browser.get(answer.headers["location"]))
        old = await decided(browser, page)
        assert old.status == 403, "what alice was asked is not bob's to answer"


async def test_an_id_token_hint_of_somebody_else_is_not_answered_with_whoever_is_there(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        alice, _ = await seated(h)
        bob, bobs_account = await seated(h, "bob")
        code = (await approved(alice, applicant.url(scope="openid")))["code"]
        hint = (await applicant.redeem(code)).json()["id_token"]
        await approved(bob, applicant.url(scope="openid"))
        again = {"scope": "openid", "id_token_hint": hint}
        assert "code" in told(await alice.get(applicant.url(prompt="none", **again)))
        assert told(await bob.get(applicant.url(prompt="none", **again)))["error"] == "login_required"
        login = (await bob.get(applicant.url(**again))).headers["location"]
        onward = Seen((await bob.get(login)).body).form("/login")["next"]
        await seat(h, bob, bobs_account)
        assert told(await bob.get(onward))["error"] == "login_required"
        forged = hint[:-4] + ("AAAA" if hint[-4:] != "AAAA" else "BBBB")
        answer = await alice.get(applicant.url(scope="openid", id_token_hint=forged))
        assert told(answer)["error"] == "invalid_request"


async def test_max_age_is_held_to(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        await approved(browser, applicant.url())
        h.clock.advance(60)
        assert "code" in told(await browser.get(applicant.url(max_age="60")))
        assert (await browser.get(applicant.url(max_age="59"))).headers["location"].startswith("/login?")


async def test_the_pages_speak_the_language_that_the_application_asks_for(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1: ui_locales; else the browser's own (RFC 9110 §12.5.4)."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        for more, header, language in (
            ({"ui_locales": "tlh de-AT en"}, "en", "de"),
            ({"ui_locales": "tlh"}, "de", "de"),
            ({}, "de", "de"),
            ({"ui_locales": "en"}, "de", "en"),
        ):
            login = (await Browser(h.front).get(applicant.url(**more))).headers["location"]
            for page in (
                await Browser(h.front).get(login, accept_language=header),
                await browser.get("/consent?" + applicant.request(**more), accept_language=header),
            ):
                assert Seen(page.body).all("html") == [{"lang": language}]


async def test_row_18_a_token_by_the_implicit_grant_where_it_is_switched_on(tmp_path: Path) -> None:
    """RFC 6749 §4.2, §4.2.2: in the fragment, never with a refresh token."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, **SPA_IMPLICIT)
        browser, _ = await seated(h)
        url = applicant.url("code_challenge", "code_challenge_method", response_type="token", scope=f"openid {READ}")
        answer = await decided(browser, await asked(browser, url))
        assert answer.headers["location"].startswith(f"{CALLBACK}#")
        heard = told(answer)
        assert heard | {"access_token": ""} == {
            "access_token": "",
            "token_type": "Bearer",
            "expires_in": "3600",
            "scope": f"openid {READ}",
            "state": "xyz",
            "iss": ISSUER,
        }
        userinfo = await browser.get("/oauth/userinfo", authorization=bearer(heard["access_token"])[1])
        assert userinfo.status == 200, userinfo
        off = await an_applicant(h, type=ApplicationType.SPA)
        assert told(await browser.get(off.url(response_type="token")))["error"] == "unauthorized_client"


async def test_row_17_47_48_a_form_post_carries_the_answer_and_nothing_that_runs(tmp_path: Path) -> None:
    """RFC 9207 §2, OAuth 2.0 Form Post Response Mode §2."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        state = '"><script>alert(1)</script>'
        url = applicant.url(response_mode="form_post", state=state)
        answer = await decided(browser, await asked(browser, url))
        page = Seen(answer.body)
        form = page.form(CALLBACK)
        assert (form["state"], form["iss"]) == (state, ISSUER)
        assert form["code"].startswith("skpr_ac_")
        [script] = page.all("script")
        assert script["src"].startswith("/static/onward.")
        assert answer.headers["cache-control"] == "no-store"
        assert policy(answer, "script-src") == "'self'"
        assert policy(answer, "form-action") == ""
        answer = await browser.get(script["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        refused = await browser.get(applicant.url(response_mode="form_post", scope="x", state=state))
        form = Seen(refused.body).form(CALLBACK)
        assert (form["error"], form["state"], form["iss"]) == ("invalid_scope", state, ISSUER)


@pytest.mark.parametrize(
    ("registered", "sent"),
    [
        (LOOPBACK, "http://127.0.0.1:49152/cb"),
        ("http://[::1]/cb", "http://[::1]:49152/cb"),
        ("com.example.app:/cb", "com.example.app:/cb"),
        ("https://App.example:8443/cb", "https://App.example:8443/cb"),
    ],
)
async def test_row_4_47_the_answer_goes_to_the_proven_address_letter_by_letter(
    tmp_path: Path, registered: str, sent: str
) -> None:
    """RFC 8252 §7.3. The page has no say in where the application leads on from there."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=ApplicationType.NATIVE, redirect_uris=(registered,))
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url(redirect_uri=sent))
        assert policy(page, "form-action") == ""
        assert policy(page, "script-src") == ""
        answer = await decided(browser, page)
        assert answer.headers["location"].startswith(f"{sent}?code=")


async def test_a_code_lives_as_long_as_its_application_says(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        code = (await approved(browser, applicant.url()))["code"]
        assert h.clock.now() == NOW
        h.clock.advance(60)
        assert (await applicant.redeem(code)).json()["error"] == "invalid_grant"


async def test_no_other_site_reads_an_answer(tmp_path: Path) -> None:
    """RFC 9700 §2.6: no CORS on the authorization endpoint."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=ApplicationType.SPA)
        answer = await Browser(h.front).get(applicant.url(), origin="https://app.example")
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_the_metadata_says_where_it_is(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        found = (await Browser(h.front).get("/.well-known/openid-configuration")).json()
        assert found["authorization_endpoint"] == f"{ISSUER}/oauth/authorize"
        assert found["response_modes_supported"] == ["query", "fragment", "form_post"]
        assert found["response_types_supported"] == ["code", "token"]


async def test_no_page_on_the_way_cuts_off_the_window_that_opened_it(tmp_path: Path) -> None:
    """Every other page does: whoever opens it from elsewhere gets no hold on it."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        stranger = Browser(h.front)
        login = (await stranger.get(applicant.url())).headers["location"]
        forged = Seen((await stranger.get(login)).body).form("/login") | {"csrf": "0" * 64}
        browser, _ = await seated(h)
        consent = (await browser.get(applicant.url())).headers["location"]
        refused = Seen((await browser.get(consent)).body).form("/consent") | {"csrf": "0" * 64}
        for status, answer in (
            (303, await stranger.get(applicant.url())),
            (200, await stranger.get(login)),
            (403, await stranger.post("/login", forged)),
            (200, await browser.get(consent)),
            (403, await browser.post("/consent", refused)),
            (400, await browser.get(applicant.url(client_id="unknown"))),
            (405, await ask(h.front, "PUT", AUTHORIZE)),
            (200, await browser.get(applicant.url(response_mode="form_post", scope="x"))),
        ):
            assert answer.status == status
            assert "cross-origin-opener-policy" not in answer.headers, answer
        for path in ("/account", "/device", "/link", "/nowhere", "/login?next=%2Fdevice"):
            answer = await (stranger if "login" in path else browser).get(path)
            assert answer.headers["cross-origin-opener-policy"] == "same-origin", path
