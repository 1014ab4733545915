"""`/account/applications`: what an owner sees of an application, and the two things that they may do to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.oauth.applications import Changes, Draft
from scopekeeper.oauth.lint import RULES
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.pages.findings import FINDINGS
from scopekeeper.pages.words import LANGUAGES
from tests.building import Application, Built, built
from tests.house.tree import PACKAGE
from tests.pages.browsing import Browser, Seen, text_of
from tests.persons import a_person, a_session

HERE: Final = "/account/applications"
CEILING: Final = "rest:callforward:read rest:callforward:write"
NAME: Final = "Night shift"
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Door:
    """A house in which alice owns an application and bob none, each with a browser."""

    h: Built
    alice: User
    bob: User
    application: Application
    of_alice: Browser
    of_bob: Browser

    @property
    def address(self) -> str:
        return f"{HERE}/{self.application.client_id}"

    async def rotate(self, **fields: str) -> Any:
        return await self.of_alice.fill(self.address, f"{self.address}/secrets", **{"overlap": str(DAY), **fields})

    async def compromise(self, **fields: str) -> Any:
        form = {"typed": NAME, "since": str(DAY), **fields}
        return await self.of_alice.fill(f"{self.address}/compromised", f"{self.address}/compromised", **form)

    async def status(self, secret: str) -> int:
        """What the token endpoint answers to this secret."""
        answer = await self.h.ask_token(Application(self.application.client_id, secret))
        return answer.status

    async def facts(self) -> object:
        """All that an act on the application could have changed."""
        client = await self.h.house.applications.get(self.application.client_id)
        return client, len(await self.h.house.store.acts())


async def a_browser(h: Built, person: User) -> Browser:
    """Their browser, signed in."""
    _, cookie = await a_session(h, person)
    return Browser(h.front, {"scopekeeper": cookie})


@asynccontextmanager
async def a_door(folder: Path, environ: Mapping[str, str] | None = None, **more: Any) -> AsyncIterator[Door]:
    async with built(folder, environ) as h:
        alice, bob = await a_person(h, "alice"), await a_person(h, "bob")
        draft = Draft(**{"name": NAME, "type": ApplicationType.M2M, "scope": CEILING, "owner": "alice", **more})
        made = await h.house.applications.add(draft, "cli:test")
        application = Application(made.client.client_id, made.client_secret or "")
        yield Door(h, alice, bob, application, await a_browser(h, alice), await a_browser(h, bob))


async def test_the_account_leads_to_ones_own_applications_where_there_are_any(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        assert HERE in [each.get("href") for each in Seen((await door.of_alice.get("/account")).body).all("a")]
        assert HERE not in [each.get("href") for each in Seen((await door.of_bob.get("/account")).body).all("a")]
        assert "None yet. When an administrator makes you the owner" in text_of(await door.of_bob.get(HERE))


async def test_the_list_tells_what_each_is(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.h.house.applications.change(door.application.client_id, Changes(enabled=False), "cli:test")
        text = text_of(await door.of_alice.get(HERE))
        for said in (NAME, "Switched off", "Machine-to-Machine app", "2 scopes", "not used yet"):
            assert said in text


async def test_a_long_list_has_more_pages(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        for number in range(60):
            await door.h.register(name=f"Clock {number:02}", owner="alice")
        first = await door.of_alice.get(HERE)
        [more] = [each["href"] for each in Seen(first.body).all("a") if "after=" in each.get("href", "")]
        assert "Clock 49" in text_of(first)
        second = await door.of_alice.get(more)
        assert "Clock 49" not in text_of(second)
        assert NAME in text_of(second)


async def test_an_application_is_told_of_with_its_ceiling_in_words_and_its_secrets(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        text = text_of(await door.of_alice.get(door.address))
        for said in (
            NAME,
            "Machine-to-Machine app",
            "See where calls are forwarded",
            "Change where calls are forwarded",
            f"…{door.application.client_secret[-4:]} first Newest",
            "Nothing that we have seen.",
        ):
            assert said in text
        assert door.application.client_secret not in text


async def test_it_leads_to_the_documentation_of_what_the_application_may_do(tmp_path: Path) -> None:
    async with a_door(tmp_path, scope="rest:callforward gql:callforward:read") as door:
        page = Seen((await door.of_alice.get(door.address)).body)
        [address] = [each["href"] for each in page.all("a") if each.get("href", "").startswith("/docs/")]
        told = await door.of_alice.get(address)
        assert "rest:callforward gql:callforward:read" in text_of(told)
        assert "rest:extensions:read" not in text_of(told)


async def test_it_leads_nowhere_where_the_documentation_is_private(tmp_path: Path) -> None:
    async with a_door(tmp_path, {"SCOPEKEEPER_PUBLIC_DESCRIPTIONS": "false"}) as door:
        assert b"/docs/" not in (await door.of_alice.get(door.address)).body


async def test_what_it_did_is_told_with_scopes_in_words_and_addresses(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        h, token = door.h, await door.h.token(door.application)
        assert (await h.get("/api/rest/callforward/users", token)).status == 200
        assert (await h.get("/api/rest/extensions/", token)).status == 403
        await h.house.uses.write(h.house.store, h.clock, h.house.entropy)
        text = text_of(await door.of_alice.get(door.address))
        for said in (
            "Calls 1 Refused 1 Tokens issued 1 Last used just now",
            "What it used of what it may",
            "Where it called from 203.0.113.7 1 call",
            "last used just now from 203.0.113.7",
        ):
            assert said in text


async def test_what_could_be_safer_is_said_with_its_clause_and_who_can_mend_it(tmp_path: Path) -> None:
    async with a_door(tmp_path, scope="rest gql", access_token_lifetime=7_200) as door:
        page = await door.of_alice.get(door.address)
        for said in ("It may do everything Warning", "RFC 9700 §2.3", "Its access tokens live for more than an hour"):
            assert said in text_of(page)
        assert "An administrator can change what you cannot" in text_of(page)
        assert {each["action"] for each in Seen(page.body).all("form")} == {f"{door.address}/secrets"}


async def test_rotating_shows_the_new_secret_once_and_the_old_one_works_on(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        answer = await door.rotate()
        assert (answer.status, answer.headers["location"]) == (303, f"{door.address}?note=rotated")
        shown = await door.of_alice.get(answer.headers["location"])
        secret = Seen(shown.body).by_id("client-secret")["value"]
        assert "never shown again" in text_of(shown)
        assert [await door.status(each) for each in (secret, door.application.client_secret)] == [200, 200]
        again = await door.of_alice.get(answer.headers["location"])
        assert secret.encode() not in again.body
        assert "The new secret works" not in text_of(again)
        door.h.clock.advance(DAY)
        assert [await door.status(each) for each in (secret, door.application.client_secret)] == [200, 401]


async def test_without_an_overlap_the_old_secret_ends_now(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.rotate(overlap="0")
        assert await door.status(door.application.client_secret) == 401


@pytest.mark.parametrize("overlap", ["", "1", "-1", "9" * 30, "x", str(365 * DAY), "\u0661"])
async def test_no_other_overlap_can_be_chosen(tmp_path: Path, overlap: str) -> None:
    async with a_door(tmp_path) as door:
        before = await door.facts()
        answer = await door.rotate(overlap=overlap)
        assert answer.status == 400
        assert await door.facts() == before


async def test_a_form_that_is_sent_again_by_back_does_nothing_more(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        form = Seen((await door.of_alice.get(door.address)).body).form(f"{door.address}/secrets") | {"overlap": "0"}
        assert (await door.of_alice.post(f"{door.address}/secrets", form)).headers["location"].endswith("=rotated")
        before = await door.facts()
        answer = await door.of_alice.post(f"{door.address}/secrets", form)
        assert answer.headers["location"] == f"{door.address}?note=rotated-before"
        assert "nothing was done now" in text_of(await door.of_alice.get(answer.headers["location"]))
        assert await door.facts() == before


async def test_declaring_it_compromised_says_first_what_dies(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.h.token(door.application)
        text = text_of(await door.of_alice.get(f"{door.address}/compromised"))
        assert "Secrets 1 Access tokens 1 Refresh tokens 0 Consents 0" in text
        assert "cannot be undone" in text


async def test_what_the_console_left_to_be_shown_once_is_not_shown_here_and_not_lost(tmp_path: Path) -> None:
    """An administrator who owns applications has made a link for somebody, and comes here before it was shown."""
    async with a_door(tmp_path) as door:
        root = await a_person(door.h, "root", admin=True)
        await door.h.house.applications.change(door.application.client_id, Changes(owner="root"), "cli:test")
        browser = await a_browser(door.h, root)
        await browser.fill("/console/users/bob", "/console/users/bob/link")
        assert "scopekeeper-once" in browser.cookies
        assert (await browser.get(door.address)).status == 200
        assert "/link?key=" in (await browser.get("/console/users/bob/link")).body.decode()


async def test_a_compromise_ends_everything_and_shows_the_new_secret_once_and_a_report(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        token = await door.h.token(door.application)
        answer = await door.compromise()
        assert (answer.status, answer.headers["location"]) == (303, f"{door.address}?note=compromised")
        shown = Seen((await door.of_alice.get(answer.headers["location"])).body)
        secret = shown.by_id("client-secret")["value"]
        assert [await door.status(each) for each in (secret, door.application.client_secret)] == [200, 401]
        assert (await door.h.get("/api/rest/callforward/users", token)).status == 401
        [address] = [each["href"] for each in shown.all("a") if "report" in each["href"]]
        report = await door.of_alice.get(address)
        assert report.headers["content-disposition"].startswith("attachment; ")
        assert (report.json()["tokens_ended"], report.json()["name"]) == (1, NAME)
        assert secret.encode() not in report.body
        assert (await door.of_bob.get(address)).status == 404


@pytest.mark.parametrize("typed", ["", "night shift", "Night", NAME + "x"])
async def test_whoever_types_another_name_is_asked_again_and_nothing_happens(tmp_path: Path, typed: str) -> None:
    async with a_door(tmp_path) as door:
        before = await door.facts()
        answer = await door.compromise(typed=typed)
        assert answer.status == 422
        assert Seen(answer.body).by_id("typed-error")["role"] == "alert"
        assert await door.facts() == before


async def test_a_compromise_that_is_sent_again_by_back_does_nothing_more(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        page = f"{door.address}/compromised"
        form = Seen((await door.of_alice.get(page)).body).form(page) | {"typed": NAME, "since": str(DAY)}
        await door.of_alice.post(page, form)
        before = await door.facts()
        answer = await door.of_alice.post(page, form)
        assert answer.headers["location"] == f"{door.address}?note=compromised-before"
        assert await door.facts() == before


async def test_a_public_client_has_no_secret_to_rotate_and_can_be_declared_compromised(tmp_path: Path) -> None:
    async with a_door(tmp_path, type=ApplicationType.SPA) as door:
        page = await door.of_alice.get(door.address)
        assert "It is a public client" in text_of(page)
        assert b"/secrets" not in page.body
        answer = await door.compromise()
        assert "there is no secret to give it" in text_of(await door.of_alice.get(answer.headers["location"]))


PAGES: Final = ("", "/compromised", "/report?act=1")
POSTS: Final = ("/secrets", "/compromised")


async def test_row_55_to_anybody_else_it_is_not_there(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        admin = await a_browser(door.h, await a_person(door.h, "root", admin=True))
        own = await door.h.register(name="Of bob", owner="bob")
        form = Seen((await door.of_bob.get(f"{HERE}/{own.client_id}")).body).form(f"{HERE}/{own.client_id}/secrets")
        form |= {"overlap": "0", "typed": NAME, "since": str(DAY), "generation": "0"}
        before = await door.facts()
        absent = [(await door.of_bob.get(f"{HERE}/nobody{page}")).body for page in PAGES]
        for browser in (door.of_bob, admin):
            assert [(await browser.get(door.address + page)).status for page in PAGES] == [404] * 3
        assert [(await door.of_bob.get(door.address + page)).body for page in PAGES] == absent
        assert [(await door.of_bob.post(door.address + post, form)).status for post in POSTS] == [404, 404]
        assert await door.facts() == before


@pytest.mark.parametrize(
    "client_id", ["nobody", "%00", "..", "%2e%2e", "a%2fb", "%ff", "x" * 5_000, "%3Cscript%3E", "\u0661"]
)
async def test_row_55_a_forged_id_is_nothing_at_all(tmp_path: Path, client_id: str) -> None:
    async with a_door(tmp_path) as door:
        for page in PAGES:
            assert (await door.of_alice.get(f"{HERE}/{client_id}{page}")).status == 404


@pytest.mark.parametrize("act", ["1", "0", str(2**63 - 1)])
async def test_row_55_no_other_act_is_told_as_a_report(tmp_path: Path, act: str) -> None:
    async with a_door(tmp_path) as door:
        acts = [str(each.id) for each in await door.h.house.store.acts()]
        for each in (act, *acts):
            assert (await door.of_alice.get(f"{door.address}/report?act={each}")).status == 404
        assert (await door.of_alice.get(f"{door.address}/report?act=x")).status == 400
        assert (await door.of_alice.get(f"{door.address}/report")).status == 400


async def test_whoever_it_was_given_away_from_sees_it_no_more(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        form = Seen((await door.of_alice.get(door.address)).body).form(f"{door.address}/secrets") | {"overlap": "0"}
        await door.h.house.applications.change(door.application.client_id, Changes(owner="bob"), "cli:test")
        before = await door.facts()
        assert (await door.of_alice.get(door.address)).status == 404
        assert (await door.of_alice.post(f"{door.address}/secrets", form)).status == 404
        assert await door.facts() == before
        assert (await door.of_bob.get(door.address)).status == 200


async def test_whoever_is_not_signed_in_is_asked_to_and_then_led_back(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        answer = await Browser(door.h.front).get(door.address)
        assert (answer.status, answer.headers["location"]) == (303, f"/login?next={door.address.replace('/', '%2F')}")


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize("forgery", ["no token", "wrong token", "origin", "cross-site"])
async def test_row_47_a_forged_form_does_nothing(tmp_path: Path, post: str, forgery: str) -> None:
    async with a_door(tmp_path) as door:
        form = Seen((await door.of_alice.get(door.address)).body).form(f"{door.address}/secrets")
        form |= {"overlap": "0", "typed": NAME, "since": str(DAY), "generation": "0"}
        headers: dict[str, str] = {}
        if forgery == "no token":
            del form["csrf"]
        elif forgery == "wrong token":
            form["csrf"] = "0" * 64
        else:
            headers = {"origin": "https://evil.example"} if forgery == "origin" else {"sec_fetch_site": "cross-site"}
        before = await door.facts()
        assert (await door.of_alice.post(door.address + post, form, **headers)).status == 403
        assert await door.facts() == before


async def test_what_is_only_shown_takes_no_form_and_what_only_acts_shows_nothing(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        form = Seen((await door.of_alice.get(door.address)).body).form(f"{door.address}/secrets")
        for address in (HERE, door.address):
            assert (await door.of_alice.post(address, form)).status == 405
        assert (await door.of_alice.get(f"{door.address}/secrets")).status == 405
        assert (await door.of_alice.get(f"{door.address}/settings")).status == 404


async def test_row_48_what_somebody_wrote_is_text(tmp_path: Path) -> None:
    name = '"><script>alert(1)</script>'
    async with a_door(tmp_path, name=name) as door:
        for page in (HERE, door.address, f"{door.address}/compromised", f"{door.address}?note=%3Cscript%3E"):
            answer = await door.of_alice.get(page)
            assert answer.status == 200
            assert b"<script" not in answer.body
            assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")


async def test_row_49_a_secret_on_its_way_is_opened_by_no_other_session(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        answer = await door.rotate()
        other = await a_browser(door.h, door.alice)
        other.cookies["scopekeeper-once"] = door.of_alice.cookies["scopekeeper-once"]
        assert b"client-secret" not in (await other.get(answer.headers["location"])).body
        door.h.clock.advance(60)
        assert b"client-secret" not in (await door.of_alice.get(answer.headers["location"])).body


def test_whatever_lint_finds_is_said_to_owners_in_every_language() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "oauth" / "lint").glob("*.py"))
    assert [code for code in FINDINGS if f'"{code}"' not in source] == []
    assert len(FINDINGS) == len(RULES)
    german = LANGUAGES["de"]
    assert [said for each in FINDINGS.values() for said in each if german.gettext(said) == said] == []
