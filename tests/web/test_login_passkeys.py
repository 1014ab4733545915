"""`/login` by other ways than a name and a password: by a passkey, by a next step, and by doors to other providers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.upstreams import Upstream
from scopekeeper.services.passkeys import Asking
from scopekeeper.services.ports import Act
from tests.altered import replace
from tests.asking import Answer
from tests.authenticator import Authenticator
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.web.applicant import an_applicant

ISSUER: Final = "http://localhost:8000"
PASSWORD: Final = "correct horse battery"
REFUSED: Final = "That passkey was not accepted. Try again, or sign in with your password."


@dataclass(frozen=True, slots=True)
class Place:
    """A house whose issuer has a name; alice, who has a passkey; and a browser that was never there."""

    h: Built
    alice: User
    hers: Authenticator
    browser: Browser

    async def page(self, target: str = "/login") -> tuple[Answer, Seen, Asking]:
        """The sign-in page, and what it asks of the browser."""
        answer = await self.browser.get(target)
        assert answer.status == 200, answer
        page = Seen(answer.body)
        [form] = [each for each in page.all("form") if "data-passkey" in each]
        return answer, page, Asking(form["data-options"], page.form("/login", "ask")["sealed"])

    async def sign_in(self, target: str = "/login", **more: str) -> Answer:
        """By the passkey, as the script does it."""
        _, page, asking = await self.page(target)
        fields = page.form("/login", "ask") | {"answer": self.hers.prove(asking.options)}
        return await self.browser.post("/login", fields | more)


@asynccontextmanager
async def a_place(folder: Path, *, issuer: str = ISSUER) -> AsyncIterator[Place]:
    async with built(folder, {"SCOPEKEEPER_ISSUER": issuer}) as h:
        accounts, hers = h.house.accounts, Authenticator(issuer)
        alice = await accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:test")
        yield Place(h, alice, hers, Browser(h.front))


async def with_passkey(place: Place) -> None:
    house, alice = place.h.house, place.alice
    asking = house.passkeys.make("a browser", alice, await house.store.factors(alice.id))
    made = await house.passkeys.made("a browser", asking.sealed, place.hers.make(asking.options), "Phone", alice)
    act = Act(house.entropy.row_id(), place.h.clock.now(), "user:alice", "passkey.add", "alice")
    await house.store.add_passkey(made, 20, act)


async def test_whoever_has_a_passkey_signs_in_by_it_alone(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        answer = await place.sign_in()
        assert (answer.status, answer.headers["location"]) == (303, "/account")
        assert text_of(await place.browser.get("/account")).count("alice")
        [session] = await place.h.house.store.sessions(place.alice.id)
        assert session.amr == ("pop", "user", "mfa")
        assert session.signed_in_at == place.h.clock.now()


async def test_and_goes_on_to_what_they_wanted(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        answer = await place.sign_in("/login?next=%2Fdevice")
        assert answer.headers["location"] == "/device"


async def test_nobody_is_led_out_of_the_house_by_a_passkey(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        answer = await place.sign_in(next="https://evil.example/")
        assert answer.headers["location"] == "/account"


async def test_the_page_asks_by_a_script_of_ours_and_is_complete_without_it(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        answer, page, asking = await place.page()
        policy = answer.headers["content-security-policy"].split("; ")
        assert "script-src 'self'" in policy
        assert "form-action 'self'" in policy
        assert not any(each.startswith("connect-src") for each in policy)
        assert "unsafe" not in answer.headers["content-security-policy"]
        [script] = page.all("script")
        assert script["src"].startswith("/static/passkeys.")
        assert page.by_id("username")["autocomplete"] == "username webauthn"
        [form] = [each for each in page.all("form") if "data-passkey" in each]
        [go] = [each for each in page.all("button") if "data-passkey-go" in each]
        assert "hidden" in form
        assert "hidden" in go
        assert form["data-passkey"] == "ask"
        assert "data-autofill" in form
        assert all(form[f"data-said-{each}"] for each in ("none", "known", "failed"))
        options = json.loads(asking.options)
        assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
        assert options["allowCredentials"] == []
        assert not any(
            name.startswith("on") or name == "style" for _, attributes in page.elements for name in attributes
        )
        plain = {"username": "alice", "password": PASSWORD}
        assert (await place.browser.post("/login", page.form("/login") | plain)).headers["location"] == "/account"


async def test_where_the_issuer_is_an_address_nothing_is_said_of_passkeys(tmp_path: Path) -> None:
    async with a_place(tmp_path, issuer="http://127.0.0.1:8000") as place:
        answer = await place.browser.get("/login")
        page = Seen(answer.body)
        assert page.all("script") == []
        assert "script-src" not in answer.headers["content-security-policy"]
        assert len(page.all("form")) == 1
        assert page.by_id("username")["autocomplete"] == "username"


@pytest.mark.parametrize("wrong", ["", "x", "{}", "answered before", "of another browser", "grown old", "never asked"])
async def test_whatever_is_wrong_with_a_passkey_the_page_says_the_same(tmp_path: Path, wrong: str) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        said = await _tried(place, wrong)
        assert said.status == 422
        assert not any(line.startswith("scopekeeper=") and "Max-Age=0" not in line for line in said.cookies)
        page = Seen(said.body)
        assert REFUSED in page.text
        assert page.all("p")
        assert "script-src 'self'" in said.headers["content-security-policy"]
        assert page.form("/login", "ask")["sealed"] != ""


async def _tried(place: Place, wrong: str) -> Answer:
    _, page, asking = await place.page()
    fields = page.form("/login", "ask")
    if wrong in ("", "x", "{}"):
        return await place.browser.post("/login", fields | {"answer": wrong})
    answer = place.hers.prove(asking.options)
    if wrong == "answered before":
        await place.browser.post("/login", fields | {"answer": answer})
        place.browser.cookies.pop("scopekeeper")
    elif wrong == "of another browser":
        stranger = replace(place, browser=Browser(place.h.front))
        _, theirs, asking = await stranger.page()
        fields |= {"sealed": theirs.form("/login", "ask")["sealed"]}
        answer = place.hers.prove(asking.options)
    elif wrong == "grown old":
        place.h.clock.advance(3_600)
    else:
        fields |= {"sealed": "A" * 200}
    return await place.browser.post("/login", fields | {"answer": answer})


async def test_row_54_unknown_disabled_and_wrong_hear_the_same_words(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        said = []
        for step in ("disabled", "removed"):
            if step == "disabled":
                await place.h.house.accounts.edit("alice", enabled=False, actor="cli:test")
            else:
                await place.h.house.accounts.remove("alice", actor="cli:test")
            answer = await place.sign_in()
            said.append((answer.status, Seen(answer.body).text))
        answer = await place.sign_in(answer="{}")
        said.append((answer.status, Seen(answer.body).text))
        assert len(set(said)) == 1
        assert said[0][0] == 422


async def test_row_47_a_forged_form_signs_nobody_in_by_a_passkey(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        _, page, asking = await place.page()
        fields = page.form("/login", "ask") | {"answer": place.hers.prove(asking.options)}
        for forged in ({"csrf": "0" * 64}, {"csrf": ""}):
            assert (await place.browser.post("/login", fields | forged)).status == 403
        assert (await place.browser.post("/login", fields, origin="https://evil.example")).status == 403
        assert (await place.browser.post("/login", fields)).status == 303  # the challenge was not spent by them


async def test_row_49_a_passkey_makes_a_new_session_in_place_of_the_old_one(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        await place.sign_in()
        first = place.browser.cookies["scopekeeper"]
        await place.sign_in("/login?anew=1")
        assert place.browser.cookies["scopekeeper"] != first
        assert len(await place.h.house.store.sessions(place.alice.id)) == 1
        assert (await Browser(place.h.front, {"scopekeeper": first}).get("/account")).status == 303


async def test_row_52_too_many_wrong_passkeys_are_429(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        for _ in range(30):
            assert (await place.sign_in(answer="{}")).status == 422
        answer = await place.sign_in()
        assert answer.status == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_row_52_after_a_password_whoever_has_a_second_factor_is_not_in_yet(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        answer = await place.browser.sign_in("alice", PASSWORD)
        assert (answer.status, answer.headers["location"]) == (303, "/login/second")
        assert "scopekeeper" not in place.browser.cookies
        assert "scopekeeper-stage" in place.browser.cookies
        answer = await place.browser.fill(
            "/login?next=%2Fdevice", "/login", username="alice", password=PASSWORD, next="/device"
        )
        assert answer.headers["location"] == "/login/second?next=%2Fdevice"
        assert (await place.browser.get("/account")).headers["location"].startswith("/login")


async def test_what_was_under_way_is_forgotten_once_somebody_is_in(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        await place.browser.sign_in("alice", PASSWORD)
        await place.sign_in()
        assert "scopekeeper" in place.browser.cookies
        assert "scopekeeper-stage" not in place.browser.cookies


async def test_whoever_is_to_sign_in_anew_is_shown_the_page_and_nobody_else_who_is_in(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await place.browser.sign_in("alice", PASSWORD)
        assert (await place.browser.get("/login")).status == 303
        answer = await place.browser.get("/login?anew=1&next=%2Faccount")
        assert answer.status == 200
        assert "You are signed in as alice" in text_of(answer)
        seen = Seen(answer.body)
        assert seen.by_id("username")["value"] == "alice"
        assert ("autofocus" in seen.by_id("username"), "autofocus" in seen.by_id("password")) == (False, True)
        place.h.clock.advance(60)
        await place.browser.fill("/login?anew=1", "/login", username="alice", password=PASSWORD)
        [session] = await place.h.house.store.sessions(place.alice.id)
        assert session.signed_in_at == place.h.clock.now()


async def test_an_application_that_takes_more_than_a_password_takes_a_passkey(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        await with_passkey(place)
        asking = await an_applicant(place.h, required_acr="urn:scopekeeper:acr:mfa")
        wanted = asking.url()
        answer = await place.sign_in(f"/login?next={quote(wanted, safe='')}")
        assert answer.headers["location"] == wanted
        assert (await place.browser.get(wanted)).headers["location"].startswith("/consent?")


@pytest.mark.parametrize("on_the_way", [True, False])
async def test_row_47_the_form_ends_here_unless_it_leads_to_an_application_whatever_doors_there_are(
    tmp_path: Path, on_the_way: bool
) -> None:
    async with a_place(tmp_path) as place:
        wanted = (await an_applicant(place.h)).url() if on_the_way else "/device"
        for doors in (0, 1):
            if doors:
                await _with_door(place)
            answer, _, _ = await place.page(f"/login?next={quote(wanted, safe='')}")
            held = "form-action 'self'" in answer.headers["content-security-policy"].split("; ")
            assert held is not on_the_way
            assert "script-src 'self'" in answer.headers["content-security-policy"].split("; ")
            assert (answer.headers.get("cross-origin-opener-policy") == "same-origin") is not on_the_way


async def test_other_providers_have_a_button_each_that_carries_what_is_wanted(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        assert not any(
            each["action"].startswith("/login/with")
            for each in Seen((await place.browser.get("/login")).body).all("form")
        )
        await _with_door(place, label="<b>Work & play</b>")
        await _with_door(place, name="closed", enabled=False)
        answer = await place.browser.get("/login?next=%2Fdevice")
        page = Seen(answer.body)
        assert [each["action"] for each in page.all("form") if "/with/" in each["action"]] == ["/login/with/work"]
        assert page.form("/login/with/work").keys() == {"csrf", "next"}
        assert page.form("/login/with/work")["next"] == "/device"
        assert "Sign in with <b>Work & play</b>" in text_of(answer)
        assert page.all("b") == []


async def _with_door(place: Place, *, name: str = "work", label: str = "Work", enabled: bool = True) -> None:
    house = place.h.house
    door = Upstream(
        house.entropy.row_id(), name, label, "https://idp.example", "us", place.h.clock.now(), enabled=enabled
    )
    act = Act(house.entropy.row_id(), place.h.clock.now(), "cli:test", "upstream.add", name)
    await house.store.add_upstream(door, act)
