"""OpenID Connect Core 1.0 §3.1.2.1, §5.5: what a client asks for, through the pages, and what it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.people import User
from tests.asking import ask, basic, post_form
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen
from tests.spec.connecting import read
from tests.web.applicant import Applicant, an_applicant, approved, asked, decided, seat, told

EVERY_SCOPE = "openid profile email address phone offline_access"
ACR = "urn:scopekeeper:acr:password"


@dataclass
class Meeting:
    """A person at a browser, and an application that asks for them."""

    h: Built
    browser: Browser
    user: User
    app: Applicant

    def url(self, *, scope: str = "openid", claims: Any = None, **more: str) -> str:
        asked_for = {} if claims is None else {"claims": claims if isinstance(claims, str) else json.dumps(claims)}
        return self.app.url(scope=scope, **asked_for, **more)

    async def tokens(self, url: str) -> dict[str, Any]:
        """What the application is answered once the person has approved, or where they need not be asked."""
        answer = await self.browser.get(url)
        if answer.headers["location"].startswith("/consent?"):
            answer = await decided(self.browser, await self.browser.get(answer.headers["location"]))
        found: dict[str, Any] = (await self.app.redeem(told(answer)["code"])).json()
        return found

    async def userinfo(self, tokens: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.h.get("/oauth/userinfo", tokens["access_token"])).json()
        return found

    async def id_token(self, tokens: dict[str, Any]) -> dict[str, Any]:
        return dict((await read(self.h, tokens["id_token"])).claims)

    async def error(self, url: str) -> str:
        return told(await self.browser.get(url))["error"]


@asynccontextmanager
async def meeting(tmp_path: Path, **facts: Any) -> AsyncIterator[Meeting]:
    async with built(tmp_path) as h:
        alice = await h.house.accounts.add(
            "alice",
            password=None,
            email="alice@example.com",
            admin=False,
            actor="cli:test",
            profile={"full_name": "Alice J.", "phone_number": "+16045551234", "locale": "de-AT"},
        )
        browser = Browser(h.front)
        await seat(h, browser, alice)
        yield Meeting(h, browser, alice, await an_applicant(h, **{"scope": EVERY_SCOPE, **facts}))


async def test_claims_come_where_they_were_asked_for(tmp_path: Path) -> None:
    """OpenID Connect Core §5.5: `userinfo` and `id_token`, besides what the scopes stand for."""
    async with meeting(tmp_path) as m:
        claims = {"userinfo": {"email": None, "phone_number": {"essential": True}}, "id_token": {"name": None}}
        tokens = await m.tokens(m.url(claims=claims))
        assert await m.userinfo(tokens) == {
            "sub": subject_of(m.user.id),
            "email": "alice@example.com",
            "phone_number": "+16045551234",
        }
        id_token = await m.id_token(tokens)
        assert id_token["name"] == "Alice J."
        assert {"email", "phone_number"}.isdisjoint(id_token)


async def test_claims_come_again_with_every_refresh(tmp_path: Path) -> None:
    """OpenID Connect Core §12.2: they were granted with the rest."""
    async with meeting(tmp_path) as m:
        claims = {"userinfo": {"email": None}, "id_token": {"locale": None}}
        tokens = await m.tokens(m.url(claims=claims))
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        proof = [basic(m.app.client.client_id, m.app.secret)]
        later = (await post_form(m.h.front, "/oauth/token", form, headers=proof)).json()
        assert (await m.userinfo(later))["email"] == "alice@example.com"
        assert (await m.id_token(later))["locale"] == "de-AT"


async def test_what_nobody_knows_here_is_ignored(tmp_path: Path) -> None:
    """OpenID Connect Core §5.5, §5.5.1: not even an essential claim that is missing is an error."""
    async with meeting(tmp_path) as m:
        claims = {
            "userinfo": {"nickname": {"essential": True}, "zoneinfo": {"essential": True}, "https://x/y": None},
            "verified_claims": {"x": 1},
        }
        tokens = await m.tokens(m.url(claims=claims))
        assert set(await m.userinfo(tokens)) == {"sub"}


async def test_claims_beyond_the_ceiling_are_neither_asked_for_nor_told(tmp_path: Path) -> None:
    """OpenID Connect Core §5.5.1: voluntary, each of them; the ceiling bounds them as it bounds scopes."""
    async with meeting(tmp_path, scope="openid email") as m:
        url = m.url(claims={"userinfo": {"email": None, "phone_number": None}, "id_token": {"name": None}})
        page = await asked(m.browser, url)
        assert b"telephone" not in page.body
        tokens = await m.tokens(url)
        assert set(await m.userinfo(tokens)) == {"sub", "email"}
        assert "name" not in await m.id_token(tokens)
        await m.h.house.applications.change(m.app.client.client_id, Changes(scope="openid"), "cli:test")
        m.h.clock.advance(1)
        assert set(await m.userinfo(tokens)) == {"sub"}


async def test_the_person_is_asked_for_each_and_may_have_said_so_before(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.4: consent to what is told, remembered for those very claims."""
    async with meeting(tmp_path) as m:
        await approved(m.browser, m.url())
        assert await m.error(m.url(claims={"userinfo": {"email": None}}, prompt="none")) == "consent_required"
        page = await asked(m.browser, m.url(claims={"userinfo": {"email": None}, "id_token": {"name": None}}))
        words = " ".join(Seen(page.body).text.split())
        assert "See your e-mail address new" in words
        assert "See your name new" in words
        await decided(m.browser, page)
        consent = await m.h.house.store.consent(m.user.id, m.app.client.client_id)
        assert consent
        assert (consent.scope, consent.claims) == (("openid",), ("email", "name"))
        [act] = [each for each in await m.h.house.store.acts() if each.details.get("claims")]
        assert (act.action, act.details["claims"]) == ("consent.give", "email name")
        assert "See your e-mail address" in Seen((await m.browser.get("/account")).body).text
        for place in ("userinfo", "id_token"):
            assert "code" in told(await m.browser.get(m.url(claims={place: {"email": None}}, prompt="none")))
        assert await m.error(m.url(claims={"userinfo": {"locale": None}}, prompt="none")) == "consent_required"
        assert await m.error(m.url(scope="openid email", prompt="none")) == "consent_required"


async def test_who_allowed_a_scope_allowed_its_claims(tmp_path: Path) -> None:
    """OpenID Connect Core §5.4: the scope stands for them."""
    async with meeting(tmp_path) as m:
        await approved(m.browser, m.url(scope="openid email"))
        answer = await m.browser.get(m.url(claims={"id_token": {"email": None}}, prompt="none"))
        assert "code" in told(answer)


async def test_row_46_a_yes_to_some_claims_is_none_to_others(tmp_path: Path) -> None:
    async with meeting(tmp_path) as m:
        page = await asked(m.browser, m.url(claims={"userinfo": {"email": None}}))
        other = m.url(claims={"userinfo": {"email": None, "phone_number": None}}).partition("?")[2]
        assert (await decided(m.browser, page, request=other)).status == 403


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
async def test_another_person_than_the_one_that_is_meant_does_not_answer(tmp_path: Path, place: str) -> None:
    """OpenID Connect Core §3.1.2.2, §5.5.1: `sub` with a value."""
    async with meeting(tmp_path) as m:
        await approved(m.browser, m.url())
        mine, other = subject_of(m.user.id), subject_of(m.user.id + 1)
        url = m.url(claims={place: {"sub": {"value": other}}})
        assert await m.error(url + "&prompt=none") == "login_required"
        answer = await m.browser.get(url)
        assert answer.headers["location"].startswith("/login?"), "somebody else may sign in"
        for sub in ({"value": mine}, {"values": [other, mine]}):
            assert "code" in told(await m.browser.get(m.url(claims={place: {"sub": sub}}, prompt="none")))


@pytest.mark.parametrize("claims", ["x", "[]", '{"userinfo": []}', '{"id_token": {"acr": "x"}}'])
async def test_row_32_claims_that_cannot_be_read_are_refused(tmp_path: Path, claims: str) -> None:
    """OpenID Connect Core §3.1.2.6: invalid_request."""
    async with meeting(tmp_path) as m:
        assert await m.error(m.url(claims=claims)) == "invalid_request"


async def test_without_openid_the_claims_are_nobodys(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1: without `openid` it is no request of OpenID Connect."""
    async with meeting(tmp_path) as m:
        page = await asked(m.browser, m.url(scope="email", claims={"userinfo": {"phone_number": None}}))
        assert b"telephone" not in page.body


async def test_an_id_token_says_how_somebody_proved_who_they_are(tmp_path: Path) -> None:
    """OpenID Connect Core §2, acr, amr, auth_time; §5.5: also where it is asked for by name."""
    async with meeting(tmp_path) as m:
        claims = {"id_token": {"auth_time": {"essential": True}, "acr": None, "amr": None}}
        for url in (m.url(), m.url(claims=claims), m.url(acr_values="phr 0"), m.url(acr_values=ACR)):
            id_token = await m.id_token(await m.tokens(url))
            assert (id_token["acr"], id_token["amr"], id_token["auth_time"]) == (ACR, ["pwd"], m.h.clock.now())


@pytest.mark.parametrize(
    ("acr", "error"),
    [
        ({"essential": True, "values": ["phr", ACR]}, None),
        ({"essential": True, "value": ACR}, None),
        ({"essential": True}, None),
        ({"values": ["phr"]}, None),
        ({"essential": True, "values": ["phr", "0"]}, "unmet_authentication_requirements"),
        ({"essential": True, "value": "phr"}, "unmet_authentication_requirements"),
    ],
)
async def test_an_acr_that_is_essential_is_reached_or_refused(tmp_path: Path, acr: Any, error: str | None) -> None:
    """OpenID Connect Core §5.5.1.1; Core Unmet Authentication Requirements §3."""
    async with meeting(tmp_path) as m:
        answer = await m.browser.get(m.url(claims={"id_token": {"acr": acr}}))
        if error is None:
            assert answer.headers["location"].startswith("/consent?")
        else:
            assert told(answer)["error"] == error


async def test_what_the_metadata_says_of_requests_holds(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3: acr_values_supported, claims_parameter_supported."""
    async with meeting(tmp_path) as m:
        found = (await ask(m.h.front, "GET", "/.well-known/openid-configuration")).json()
        assert (found["claims_parameter_supported"], found["acr_values_supported"]) == (True, list(ACR_VALUES))


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "hologram"])
async def test_every_display_is_shown_as_a_page(tmp_path: Path, display: str) -> None:
    """OpenID Connect Core §3.1.2.1, §15.1: to ignore it is no error; the pages fit any window."""
    async with meeting(tmp_path) as m:
        page = await asked(m.browser, m.url(display=display))
        assert page.status == 200


async def test_the_pages_speak_a_language_that_was_asked_for(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1, ui_locales: by preference, and none is an error; claims_locales (§5.2) neither."""
    async with meeting(tmp_path) as m:
        claims = {"userinfo": {"phone_number": None}}
        page = await asked(m.browser, m.url(claims=claims, ui_locales="fr-CA de-CH en", claims_locales="fr"))
        assert "Ihre Telefonnummer sehen" in Seen(page.body).text
        page = await asked(m.browser, m.url(claims=claims, ui_locales="xx zz"))
        assert "See your telephone number" in Seen(page.body).text
        login = await Browser(m.h.front).get(m.url(ui_locales="de", login_hint="alice"))
        shown = await Browser(m.h.front).get(login.headers["location"])
        assert 'lang="de"' in shown.body.decode()
        assert Seen(shown.body).by_id("username")["value"] == "alice"
