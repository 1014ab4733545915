"""People in the console: added, edited, let in, shut out, removed; and somebody is always left to keep the server."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from scopekeeper.oauth.people import User
from tests.console.steward import Steward, place, read, signed_in, stewarding
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person, a_session, an_application, granted

USERS = "/console/users"
NEW = "/console/new-user"
PASSWORD = "correct horse battery"


async def with_password(s: Steward, name: str, *, admin: bool = False) -> User:
    """An account that can be signed in to."""
    return await s.h.house.accounts.add(name, password=PASSWORD, email=None, admin=admin, actor="cli:test")


async def user(s: Steward, name: str) -> User:
    return await s.h.house.accounts.get(name)


def link_on(page: Seen) -> str:
    """The link that the page shows."""
    return page.by_id("link")["value"]


async def test_all_are_listed_with_what_hangs_on_them(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        await a_session(s.h, alice)
        await granted(s.h, alice, await an_application(s.h))
        await s.h.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        said = (await s.page(USERS)).text
        assert re.search(r"alice none enabled no password yet 1001 1 1 just now", said)
        assert re.search(r"root you none enabled administrator no password yet none 1 0 just now", said)


async def test_filters_find_by_name_address_role_and_state_and_the_export_is_what_they_match(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for name in ("alice", "bob"):
            await a_person(s.h, name)
        await s.h.house.accounts.edit("bob", email="=bob@example.com", actor="cli:test")
        await s.h.house.accounts.enable("alice", False, "cli:test")
        for query, names in (
            ({"text": "EXAMPLE"}, ["bob"]),
            ({"role": "administrator"}, ["root"]),
            ({"role": "person"}, ["alice", "bob"]),
            ({"state": "disabled"}, ["alice"]),
            ({"state": "enabled", "role": "person"}, ["bob"]),
            ({"state": "odd", "role": "odd"}, ["alice", "bob", "root"]),
            ({"text": "nobody"}, []),
        ):
            listed = (await s.browser.get(f"{USERS}.json?{urlencode(query)}")).json()
            assert [row["name"] for row in listed] == names, query
            shown = read(await s.results(f"{USERS}?{urlencode(query)}"))
            assert (f"{len(names)} of {len(names)}" in shown) == bool(names)
        assert ",'=bob@example.com," in (await s.browser.get(f"{USERS}.csv")).body.decode()


async def test_a_new_one_gets_a_link_that_is_shown_once_and_a_password_is_chosen_with_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.send(NEW, NEW, name="Carol", email="carol@example.com", admin="on")
        shown = place(answer)
        assert "skpr" not in shown
        page = await s.page(shown)
        link = link_on(page)
        assert "The account is added." in page.text
        for again in (shown, shown):
            body = (await s.browser.get(again)).body.decode()
            assert "skpr_ln_" not in body
            assert "shown once" in body
        carol = await user(s, "carol")
        assert (carol.email, carol.admin, carol.password) == ("carol@example.com", True, None)
        hers = Browser(s.h.front)
        await hers.get(link.removeprefix("http://127.0.0.1:8000"))
        await hers.fill("/link", "/link", password=PASSWORD)
        assert (await hers.sign_in("carol", PASSWORD)).status == 303
        acts = [(act.actor, act.action, act.target) for act in await s.h.house.store.acts()]
        assert ("user:root", "user.add", "carol") in acts
        assert ("user:root", "user.link", "carol") in acts
        assert "skpr_ln_" not in repr([act.details for act in await s.h.house.store.acts()])


async def test_what_cannot_stand_is_told_beside_its_field_and_keeps_what_was_typed(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        evil = '<script>alert(1)</script>"\u202e'
        for fields, words in (
            ({"name": ""}, "1 to 64 of a-z"),
            ({"name": evil}, "1 to 64 of a-z"),
            ({"name": "a" * 10_000}, "1 to 64 of a-z"),
            ({"name": "carol", "email": "nowhere"}, "no e-mail address"),
            ({"name": "carol", "phone_number": "none"}, "A telephone number is written"),
            ({"name": "ROOT"}, "There is an account of this name already."),
        ):
            answer = await s.send(NEW, NEW, **fields)
            assert (answer.status, words in read(answer)) == (422, True), fields
            assert Seen(answer.body).by_id("name")["value"] == fields["name"]
            assert b"<script>alert" not in answer.body
        assert [each.name for each in await s.h.house.accounts.all()] == ["root"]


async def test_a_form_that_is_sent_again_makes_no_second_account_and_no_second_link(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        form = {**(await s.page(NEW)).form(NEW), "name": "carol"}
        form.pop("admin", None)
        assert place(await s.post(NEW, form)) == f"{USERS}/carol/link?done=added"
        again = await s.post(NEW, form)
        assert (again.status, "already" in read(again)) == (422, True)
        reset = (await s.page(f"{USERS}/carol")).form(f"{USERS}/carol/link")
        assert place(await s.post(f"{USERS}/carol/link", reset)) == f"{USERS}/carol/link"
        assert link_on(await s.page(f"{USERS}/carol/link"))
        assert place(await s.post(f"{USERS}/carol/link", reset)) == f"{USERS}/carol?done=linked"
        assert "A link was made meanwhile" in (await s.page(f"{USERS}/carol?done=linked")).text
        assert [act.action for act in await s.h.house.store.acts()].count("user.link") == 2


async def test_another_administrator_is_not_shown_what_was_left_for_the_first(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await s.send(NEW, NEW, name="carol")
        other = await signed_in(s.h, await a_person(s.h, "other", admin=True))
        other.browser.cookies["scopekeeper-once"] = s.browser.cookies["scopekeeper-once"]
        assert b"skpr_ln_" not in (await other.browser.get(f"{USERS}/carol/link")).body
        assert b"skpr_ln_" not in (await s.browser.get(f"{USERS}/root/link")).body


async def test_two_who_edit_one_address_do_not_overwrite_each_other_unseen(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_person(s.h, "alice")
        first, second = [(await s.page(f"{USERS}/alice")).form(f"{USERS}/alice/email") for _ in range(2)]
        answer = await s.post(f"{USERS}/alice/email", {**first, "email": "first@example.com"})
        assert "The e-mail address is changed." in read(await s.browser.get(place(answer)))
        refused = await s.post(f"{USERS}/alice/email", {**second, "email": "second@example.com"})
        assert refused.status == 409
        assert "Somebody else changed this account meanwhile." in read(refused)
        page = Seen(refused.body)
        assert page.by_id("email")["value"] == "second@example.com"
        assert (await user(s, "alice")).email == "first@example.com"
        done = await s.post(f"{USERS}/alice/email", page.form(f"{USERS}/alice/email"))
        assert (done.status, (await user(s, "alice")).email) == (303, "second@example.com")
        bad = await s.send(f"{USERS}/alice", f"{USERS}/alice/email", email="nowhere")
        assert (bad.status, "no e-mail address" in read(bad)) == (422, True)


async def test_what_applications_may_be_told_is_kept_by_a_form_of_its_own(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_person(s.h, "alice")
        place_of = f"{USERS}/alice"
        first, second = [(await s.page(place_of)).form(f"{place_of}/profile") for _ in range(2)]
        typed = {"full_name": "Alice J.", "phone_number": "1001", "address": "1 Main Street\r\nVancouver"}
        answer = await s.post(f"{place_of}/profile", first | typed)
        assert "What applications may be told is changed." in read(await s.browser.get(place(answer)))
        alice = await user(s, "alice")
        assert (alice.full_name, alice.phone_number, alice.address) == (
            "Alice J.",
            "1001",
            "1 Main Street\nVancouver",
        )
        stale = await s.post(f"{place_of}/profile", second | {"full_name": "Mallory"})
        assert (stale.status, "Somebody else changed this account meanwhile." in read(stale)) == (409, True)
        wrong = await s.send(place_of, f"{place_of}/profile", full_name="Bob", zoneinfo="here <b>")
        assert (wrong.status, "A time zone is written Europe/Vienna" in read(wrong)) == (422, True)
        assert [Seen(wrong.body).by_id(box)["value"] for box in ("full_name", "zoneinfo")] == ["Bob", "here <b>"]
        assert await user(s, "alice") == alice


async def test_row_53_an_address_is_vouched_for_by_whoever_saw_that_very_address(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_person(s.h, "alice")
        place_of = f"{USERS}/alice"
        page = await s.page(place_of)
        assert "email_verified" not in read(await s.browser.get(place_of)), "there is nothing to vouch for"
        await s.post(f"{place_of}/email", page.form(f"{place_of}/email") | {"email": "a@example.com"})
        seen = (await s.page(place_of)).form(f"{place_of}/profile")
        await s.send(place_of, f"{place_of}/email", email="b@example.com")
        assert (await s.post(f"{place_of}/profile", {**seen, "email_verified": "on"})).status == 409
        assert not (await user(s, "alice")).email_verified
        await s.send(place_of, f"{place_of}/profile", email_verified="on")
        assert (await user(s, "alice")).email_verified
        await s.send(place_of, f"{place_of}/email", email="c@example.com")
        assert not (await user(s, "alice")).email_verified


async def test_one_page_says_all_about_one_person(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        await a_session(s.h, alice)
        await granted(s.h, alice, await an_application(s.h))
        await s.h.register(name="Hers", owner="alice")
        page = await s.page(f"{USERS}/ALICE")
        said = page.text
        assert "/console/graphql?user=alice" in {each["href"] for each in page.all("a")}
        for words in ("Phone book", "Owned applications 1", "Hers", "signed in", "added an account", "Unknown browser"):
            assert words in said


async def test_one_session_is_ended_by_the_administrator_and_so_are_all(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        cookies = [(await a_session(s.h, alice))[1] for _ in range(3)]
        form = (await s.page(f"{USERS}/alice")).form(f"{USERS}/alice/session")
        assert place(await s.post(f"{USERS}/alice/session", form)) == f"{USERS}/alice?done=session"
        act = await s.noted()
        assert (act.actor, act.action, act.target) == ("user:root", "session.end", "alice")
        assert len(await s.h.house.login.sessions(alice)) == 2
        assert "2 sessions" in (await s.page(f"{USERS}/alice/sign-out")).text
        await s.send(f"{USERS}/alice/sign-out", f"{USERS}/alice/sign-out")
        assert await s.h.house.login.sessions(alice) == []
        assert [await s.h.house.login.session(cookie) for cookie in cookies] == [None] * 3
        for forged in ("x", "-1", "9" * 400, str(s.person.id), "\N{FULLWIDTH DIGIT ONE}"):
            assert (await s.post(f"{USERS}/alice/session", {**form, "session": forged})).status == 303
        assert len(await s.h.house.login.sessions(s.person)) == 1


async def test_who_ends_all_of_their_own_keeps_the_one_they_are_in(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_session(s.h, s.person)
        await s.send(f"{USERS}/root/sign-out", f"{USERS}/root/sign-out")
        assert len(await s.h.house.login.sessions(s.person)) == 1
        assert (await s.browser.get(USERS)).status == 200


async def test_who_is_shut_out_loses_sessions_and_tokens_and_comes_back_without_them(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        _, cookie = await a_session(s.h, alice)
        issue = await granted(s.h, alice, await an_application(s.h))
        said = (await s.page(f"{USERS}/alice/disable")).text
        assert "1 session" in said
        assert "1 refresh token and 1 access token" in said
        answer = await s.send(f"{USERS}/alice/disable", f"{USERS}/alice/disable")
        assert "The account is disabled" in read(await s.browser.get(place(answer)))
        assert await s.h.house.login.session(cookie) is None
        await s.send(f"{USERS}/alice", f"{USERS}/alice/enable")
        assert (await user(s, "alice")).enabled
        assert (await s.h.get("/api/rest/extensions/", issue.access_token)).status == 401


async def test_one_is_removed_once_the_name_is_typed_with_all_that_goes_with_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        await granted(s.h, alice, await an_application(s.h), remembered=True)
        owned = await s.h.register(name="Hers", owner="alice")
        page = await s.page(f"{USERS}/alice/remove")
        for words in ("1 refresh token", "1 connected application", "1 application is owned by alice", "Type the name"):
            assert words in page.text
        form = page.form(f"{USERS}/alice/remove")
        for typed in ("", "Alice", "bob", "alice" * 2_000):
            answer = await s.post(f"{USERS}/alice/remove", {**form, "typed": typed})
            assert (answer.status, "Nothing was done." in read(answer)) == (422, True)
        answer = await s.post(f"{USERS}/alice/remove", {**form, "typed": "alice"})
        assert "The account is removed." in read(await s.browser.get(place(answer)))
        assert (await s.h.house.applications.get(owned.client_id)).owner is None
        assert (await s.post(f"{USERS}/alice/remove", {**form, "typed": "alice"})).status == 404


async def test_one_becomes_an_administrator_and_is_none_any_more(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await with_password(s, "alice")
        await s.send(f"{USERS}/alice/administrator", f"{USERS}/alice/administrator")
        assert (await user(s, "alice")).admin
        act = await s.noted()
        assert act.details == {"admin": {"before": False, "after": True}}
        await s.send(f"{USERS}/alice/administrator", f"{USERS}/alice/administrator")
        assert (await s.noted()).id == act.id
        stale = (await s.page(f"{USERS}/alice/no-administrator")).form(f"{USERS}/alice/no-administrator")
        await s.h.house.accounts.edit("alice", email="a@example.com", actor="cli:test")
        assert (await s.post(f"{USERS}/alice/no-administrator", stale)).status == 409
        await with_password(s, "keeper", admin=True)
        await s.send(f"{USERS}/alice/no-administrator", f"{USERS}/alice/no-administrator")
        assert not (await user(s, "alice")).admin


@pytest.mark.parametrize("act", ["disable", "remove", "no-administrator"])
async def test_the_last_administrator_stays_and_who_acts_on_themselves_is_told_so(tmp_path: Path, act: str) -> None:
    async with stewarding(tmp_path) as s:
        target = f"{USERS}/root/{act}"
        assert "This is your own account." in (await s.page(target)).text
        answer = await s.send(target, target, typed="root")
        assert answer.status == 409
        assert "root is the last administrator: make another one first" in read(answer)
        assert (await user(s, "root")).admin
        await with_password(s, "other", admin=True)
        await s.send(target, target, typed="root")
        assert (await s.browser.get(USERS)).status in (303, 403)


@pytest.mark.parametrize("name", ["nobody", "%3Cscript%3E", "a" * 10_000, "%E2%80%AEalice", "..%2f"])
async def test_a_page_of_nobody_says_so(tmp_path: Path, name: str) -> None:
    async with stewarding(tmp_path) as s:
        for below in ("", "/remove", "/link", "/nothing"):
            assert (await s.browser.get(f"{USERS}/{name}{below}")).status == 404
        for below in ("/email", "/link", "/enable", "/session", "/remove", "/nothing"):
            assert (await s.post(f"{USERS}/{name}{below}", await s.proof())).status == 404


async def test_row_48_what_a_browser_says_of_itself_is_shown_as_text(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await with_password(s, "alice")
        hers = Browser(s.h.front, headers={"user-agent": "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"})
        await hers.sign_in("alice", PASSWORD)
        page = await s.page(f"{USERS}/alice")
        assert [each for each in page.all("img") if each.get("src") == "x"] == []
        assert [each for each in page.all("script") if not each.get("src")] == []
        assert "<img src=x onerror=alert(1)>" in json.dumps([each.get("title", "") for each in page.all("p")])


async def test_row_47_no_act_is_done_without_the_form_that_was_made_for_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_person(s.h, "alice")
        acts = len(await s.h.house.store.acts())
        forms = ("remove", "disable", "administrator", "link", "email", "profile", "session", "sign-out")
        for target in (NEW, *(f"{USERS}/alice/{act}" for act in forms)):
            for fields in ({"typed": "alice", "name": "mallory"}, {"csrf": "0" * 64, "typed": "alice"}):
                assert (await s.post(target, fields)).status == 403
            proof = await s.proof()
            elsewhere = await s.browser.post(target, {**proof, "typed": "alice"}, origin="https://evil.example")
            assert elsewhere.status == 403
        assert len(await s.h.house.store.acts()) == acts
