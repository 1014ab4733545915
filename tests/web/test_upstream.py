"""Signing in at another provider, page by page. The provider is a second Scopekeeper, a process of its own."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from scopekeeper.oauth.relying.registration import UpstreamChanges, UpstreamDraft
from tests.asking import Answer, ask
from tests.building import Built, built
from tests.clients.inhabited import ALICE, PASSWORD, alice_at, inhabited
from tests.live import Live
from tests.pages.browsing import Browser, Seen, text_of

NAME: Final = "work"
WITH: Final = f"/login/with/{NAME}"
FROM: Final = f"/login/from/{NAME}"
OURS: Final = "http://127.0.0.1:8000"
IDENTITIES: Final = "/account/security/identities"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The provider, where alice has an account with a verified address."""
    with inhabited(tmp_path_factory.mktemp("theirs")) as server:
        server.run("user", "edit", ALICE, "--email-verified")
        yield server


@dataclass(frozen=True, slots=True)
class World:
    """Us, with somebody's browser, and the provider."""

    h: Built
    theirs: Live
    browser: Browser

    async def person(self, name: str = "alice", *, password: str | None = PASSWORD, email: str | None = None) -> None:
        await self.h.house.accounts.add(
            name, password=password, email=email, email_verified=True, admin=False, actor="cli:test"
        )

    async def leave(self, onward: str = "") -> Answer:
        """Press the button of the provider at the sign-in page."""
        page = f"/login?next={quote(onward, safe='')}" if onward else "/login"
        form = Seen((await self.browser.get(page)).body).form(WITH)
        return await self.browser.post(WITH, form)

    def sign_in_there(self, sent: Answer) -> str:
        """Be sent to the provider, sign in there and say yes; where they send the browser then: a path of ours."""
        with alice_at(self.theirs) as alice:
            back = alice.allow(place_of(sent)).url
        assert back.startswith(f"{OURS}{FROM}?")
        return back.removeprefix(OURS)

    async def sign_in(self, onward: str = "") -> Answer:
        """All of it."""
        return await self.browser.get(self.sign_in_there(await self.leave(onward)))

    async def connect(self) -> Answer:
        """Press the button of the provider in the account."""
        form = Seen((await self.browser.get("/account/security")).body).form(IDENTITIES)
        return await self.browser.post(IDENTITIES, form)


def place_of(sent: Answer) -> str:
    """Where a page sends the browser by itself."""
    assert sent.status == 200, text_of(sent)
    found = re.fullmatch(r"0; url=(\S+)", sent.headers["refresh"])
    assert found, sent.headers
    return found[1]


@asynccontextmanager
async def world(folder: Path, theirs: Live, *, link_by_email: bool = False, **environ: str) -> AsyncIterator[World]:
    allowed = {"SCOPEKEEPER_FETCH_ALLOW": theirs.issuer.removeprefix("http://")}
    application = theirs.json(
        "app", "add", "Scopekeeper", "--type", "web", "--scope", "openid email", "--redirect-uri", OURS + FROM
    )
    async with built(folder, allowed | environ) as h:
        h.clock.advance(time.time() - h.clock.now())  # the provider has the time of the machine
        draft = UpstreamDraft(
            NAME, theirs.issuer, application["client_id"], "Example Inc.", link_by_email=link_by_email
        )
        await h.house.upstreams.add(draft, application["client_secret"], "cli:test")
        yield World(h, theirs, Browser(h.front))


async def test_somebody_signs_in_there_connects_it_here_and_comes_in_by_it_from_then_on(
    tmp_path: Path, theirs: Live
) -> None:
    async with world(tmp_path, theirs) as it:
        await it.person()
        nobody = await it.sign_in()
        assert (nobody.status, "scopekeeper" in it.browser.cookies) == (403, False)
        assert "connect Example Inc. in your account" in text_of(nobody)
        assert (await it.browser.sign_in(ALICE, PASSWORD)).status == 303
        connected = await it.browser.get(it.sign_in_there(await it.connect()))
        assert (connected.status, connected.headers["location"]) == (303, "/account/security?note=linked")
        assert "Example Inc." in text_of(await it.browser.get("/account/security"))
        another = World(it.h, theirs, Browser(it.h.front))
        here = await another.sign_in("/account?note=hello")
        assert (here.status, here.headers["location"]) == (303, "/account?note=hello")
        assert (await another.browser.get("/account")).status == 200
        assert "scopekeeper-away" not in another.browser.cookies
        [session, _] = await it.h.house.login.sessions(await it.h.house.accounts.get(ALICE))
        assert session.amr == ("fed",)


async def test_a_verified_address_is_enough_where_the_operator_says_so(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs, link_by_email=True) as it:
        await it.person("alice.at.work", password=None, email="alice@example.com")
        assert (await it.sign_in()).headers["location"] == "/account"
        assert "alice.at.work" in text_of(await it.browser.get("/account"))


async def test_the_word_of_another_is_one_step_and_a_second_factor_is_asked_for_all_the_same(
    tmp_path: Path, theirs: Live
) -> None:
    async with world(tmp_path, theirs, link_by_email=True, SCOPEKEEPER_SECOND_FACTOR="everyone") as it:
        await it.person(email="alice@example.com")
        further = await it.sign_in("/account?note=hello")
        assert further.headers["location"] == "/login/second?next=%2Faccount%3Fnote%3Dhello"
        assert "scopekeeper" not in it.browser.cookies
        assert "scopekeeper-stage" in it.browser.cookies


async def test_row_47_no_link_sends_anybody_there_and_no_form_of_another_site(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs) as it:
        asked = await it.browser.get(WITH)
        assert (asked.status, asked.headers["location"]) == (303, "/login")
        form = Seen((await it.browser.get("/login")).body).form(WITH)
        for forged in (form | {"csrf": "0" * 64}, {"next": "/account"}):
            assert (await it.browser.post(WITH, forged)).status == 403
        assert (await it.browser.post(WITH, form, origin="https://evil.example")).status == 403
        assert "scopekeeper-away" not in it.browser.cookies
        await it.person()
        await it.browser.sign_in(ALICE, PASSWORD)
        assert (await it.browser.get(IDENTITIES)).headers["location"] == "/account/security"
        assert (await it.browser.post(IDENTITIES, {"name": NAME})).status == 403
        assert "scopekeeper-away" not in it.browser.cookies


async def test_row_53_whoever_is_sent_back_here_without_having_left_is_signed_in_nowhere(
    tmp_path: Path, theirs: Live
) -> None:
    """Somebody signs in there in their own browser, and sends another one here with what they got."""
    async with world(tmp_path, theirs, link_by_email=True) as it:
        await it.person(email="alice@example.com")
        back = it.sign_in_there(await it.leave())
        victim = Browser(it.h.front)
        await victim.get("/login")
        refused = await victim.get(back)
        assert (refused.status, "scopekeeper" in victim.cookies) == (403, False)
        assert (await it.browser.get(back)).status == 303
        assert (await it.browser.get(back)).status == 403  # once


async def test_row_53_connecting_ends_in_the_session_in_which_it_began(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs) as it:
        await it.person()
        await it.browser.sign_in(ALICE, PASSWORD)
        back = it.sign_in_there(await it.connect())
        before = dict(it.browser.cookies)
        await it.browser.fill("/login?anew=1", "/login", username=ALICE, password=PASSWORD)
        assert (await it.browser.get(back)).status == 403
        it.browser.cookies = {name: value for name, value in before.items() if name != "scopekeeper"}
        assert (await it.browser.get(back)).status == 403
        assert await it.h.house.linked.of(await it.h.house.accounts.get(ALICE)) == []


async def test_nothing_is_connected_or_given_up_by_a_session_that_is_old(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs) as it:
        await it.person()
        await it.h.house.upstreams.link(NAME, ALICE, "theirs", "cli:test")
        await it.browser.sign_in(ALICE, PASSWORD)
        page = Seen((await it.browser.get("/account/security")).body)
        removal = page.form(f"{IDENTITIES}/remove")
        it.h.clock.advance(700)
        for path, form in ((IDENTITIES, removal | {"name": NAME}), (f"{IDENTITIES}/remove", removal)):
            stale = await it.browser.post(path, form)
            assert (stale.status, stale.headers["location"]) == (303, "/account/security")
        assert "scopekeeper-away" not in it.browser.cookies
        alice = await it.h.house.accounts.get(ALICE)
        assert len(await it.h.house.linked.of(alice)) == 1
        await it.browser.fill("/login?anew=1", "/login", username=ALICE, password=PASSWORD)
        removal = Seen((await it.browser.get("/account/security")).body).form(f"{IDENTITIES}/remove")
        done = await it.browser.post(f"{IDENTITIES}/remove", removal)
        assert done.headers["location"] == "/account/security?note=unlinked"
        assert await it.h.house.linked.of(alice) == []


async def test_the_only_way_in_is_not_given_up(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs, link_by_email=True) as it:
        await it.person(password=None, email="alice@example.com")
        await it.sign_in()
        form = Seen((await it.browser.get("/account/security")).body).form(f"{IDENTITIES}/remove")
        kept = await it.browser.post(f"{IDENTITIES}/remove", form)
        assert kept.status == 409
        assert "only way in which you can sign in" in text_of(kept)


async def test_row_50_where_the_provider_sends_people_back_to_is_made_of_the_issuer_alone(
    tmp_path: Path, theirs: Live
) -> None:
    async with world(tmp_path, theirs) as it:
        form = Seen((await it.browser.get("/login")).body).form(WITH)
        sent = await it.browser.post(WITH, form, host="evil.example", x_forwarded_host="evil.example")
        [told] = parse_qs(urlsplit(place_of(sent)).query)["redirect_uri"]
        assert told == OURS + FROM


async def test_row_39_a_provider_that_cannot_be_reached_is_a_page_that_says_nothing_of_why(
    tmp_path: Path, theirs: Live, logbook: pytest.CaptureFixture[str]
) -> None:
    async with world(tmp_path, theirs) as it:
        inner = UpstreamDraft("inner", "https://169.254.169.254", "id")
        with pytest.raises(ValueError, match="it cannot be fetched") as refused:
            await it.h.house.upstreams.add(inner, None, "cli:test")
        assert "link-local" not in str(refused.value)
        sent = await it.leave()
        back = it.sign_in_there(sent)
        await it.h.house.upstreams.edit(NAME, UpstreamChanges(client_secret="wrong"), "cli:test")
        failed = await it.browser.get(back)
        assert failed.status == 403
        assert "the reason is in its log" in text_of(failed)
        assert "invalid_client" not in failed.body.decode()
        said = logbook.readouterr().err
        assert "invalid_client" in said
        [code] = parse_qs(urlsplit(back).query)["code"]
        assert code not in said


async def test_addresses_that_name_no_provider_lead_nowhere(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs) as it:
        form = Seen((await it.browser.get("/login")).body).form(WITH)
        for name in ("another", "", "work/more", "..%2fwork"):
            assert (await it.browser.post(f"/login/with/{name}", form)).status == 404
            assert (await it.browser.get(f"/login/from/{name}?code=a&state=b")).status == 403
        assert (await it.browser.get(f"{FROM}?state=a&state=b")).status == 400
        for method in ("HEAD", "POST", "DELETE"):
            assert (await ask(it.h.front, method, FROM)).status == 405


async def test_a_page_leads_on_by_itself_and_by_hand_and_its_forms_end_here(tmp_path: Path, theirs: Live) -> None:
    async with world(tmp_path, theirs) as it:
        sent = await it.leave()
        [link] = Seen(sent.body).all("a")
        assert link["href"] == place_of(sent)
        assert "form-action 'self'" in sent.headers["content-security-policy"]
        assert "cross-origin-opener-policy" not in sent.headers, "an application's popup may be on its way"
