"""Consents in the console: listed in words, and withdrawn in a person's stead."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.console.steward import place, read, stewarding
from tests.persons import a_person, an_application, granted

CONSENTS = "/console/consents"


async def test_each_is_listed_with_what_it_allows_in_words(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book = await an_application(s.h, "rest:callforward:write")
        await granted(s.h, await a_person(s.h, "alice"), book, remembered=True)
        said = (await s.page(CONSENTS)).text
        for words in ("alice", "Phone book", "Change where calls are forwarded", "1 of 1"):
            assert words in said
        assert "No consent matches" in (await s.page(f"{CONSENTS}?user=bob")).text
        assert "1 of 1" in (await s.page(f"{CONSENTS}?app=book&user=Alice")).text
        [row] = (await s.browser.get(f"{CONSENTS}.json")).json()
        assert (row["user"], row["application"], row["scope"]) == ("alice", "Phone book", "rest:callforward:write")


async def test_a_long_list_is_read_page_by_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book = await an_application(s.h)
        for number in range(53):
            await granted(s.h, await a_person(s.h, f"user{number:02}"), book, remembered=True)
        first = await s.page(CONSENTS)
        [target] = [each["href"] for each in first.all("a") if each.get("rel") == "next"]
        second = await s.page(target)
        people = [
            each["href"].rpartition("/")[2]
            for page in (first, second)
            for each in page.all("a")
            if each.get("href", "").startswith("/console/users/")
        ]
        assert people == [f"user{number:02}" for number in range(53)]


async def test_who_withdraws_one_is_told_what_dies_and_then_the_next_call_fails(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book, alice = await an_application(s.h), await a_person(s.h, "alice")
        issue = await granted(s.h, alice, book, remembered=True)
        spared = await granted(s.h, await a_person(s.h, "bob"), book, remembered=True)
        target = f"{CONSENTS}/withdraw?{urlencode({'consent': f'alice {book.client_id}'})}"
        page = await s.page(target)
        assert "Dies with it 1 grant with what came of it, 1 access token among that" in page.text
        form = page.form(f"{CONSENTS}/withdraw")
        answer = await s.post(f"{CONSENTS}/withdraw", form)
        assert "1 consent is withdrawn." in read(await s.browser.get(place(answer)))
        assert (await s.h.get("/api/rest/extensions/", issue.access_token)).status == 401
        assert (await s.h.get("/api/rest/extensions/", spared.access_token)).status == 200
        act = await s.noted()
        assert (act.actor, act.action, act.details["user"]) == ("user:root", "consent.withdraw", "alice")
        assert place(await s.post(f"{CONSENTS}/withdraw", form)) == f"{CONSENTS}?done=0"
        assert (await s.noted()).id == act.id


async def test_many_are_withdrawn_at_once_after_a_page_that_names_them(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book = await an_application(s.h)
        issues = {
            name: await granted(s.h, await a_person(s.h, name), book, remembered=True)
            for name in ("alice", "bob", "carol")
        }
        chosen = urlencode([("consent", f"{name} {book.client_id}") for name in ("alice", "bob", "alice", "nobody")])
        page = await s.page(f"{CONSENTS}/withdraw?{chosen}")
        for words in ("Withdraw 2 consents", "2 grants with what came of them", "bob allows Phone book"):
            assert words in page.text
        answer = await s.post(
            f"{CONSENTS}/withdraw",
            {**page.form(f"{CONSENTS}/withdraw"), "consent": [f"{name} {book.client_id}" for name in ("alice", "bob")]},
        )
        assert "2 consents are withdrawn." in read(await s.browser.get(place(answer)))
        for name, status in (("alice", 401), ("bob", 401), ("carol", 200)):
            assert (await s.h.get("/api/rest/extensions/", issues[name].access_token)).status == status


async def test_all_that_match_are_withdrawn_once_it_is_typed_whose_they_are(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book, alice = await an_application(s.h), await a_person(s.h, "alice")
        await granted(s.h, alice, book, remembered=True)
        await granted(s.h, await a_person(s.h, "bob"), book, remembered=True)
        ask = f"{CONSENTS}/withdraw?{urlencode({'app': book.client_id, 'all': '1'})}"
        page = await s.page(ask)
        assert "Type whose they are to confirm: Phone book" in page.text
        form = {**page.form(f"{CONSENTS}/withdraw"), "typed": "Something else"}
        refused = await s.post(f"{CONSENTS}/withdraw", form)
        assert refused.status == 422
        assert "Nothing was withdrawn." in read(refused)
        s.h.clock.advance(60)
        late = await granted(s.h, await a_person(s.h, "carol"), book, remembered=True)
        answer = await s.post(f"{CONSENTS}/withdraw", {**form, "typed": "Phone book"})
        assert "2 consents are withdrawn." in read(await s.browser.get(place(answer)))
        assert (await s.h.get("/api/rest/extensions/", late.access_token)).status == 200
        assert "1 of 1" in (await s.page(CONSENTS)).text


@pytest.mark.parametrize("query", ["", "user=alice", "consent=", "consent=%E2%80%AE+x", f"consent={'a' * 9_000}"])
async def test_what_is_not_allowed_is_a_page_that_says_so(tmp_path: Path, query: str) -> None:
    async with stewarding(tmp_path) as s:
        assert "Nothing to withdraw" in (await s.page(f"{CONSENTS}/withdraw?{query}")).text
        assert (await s.browser.get(f"{CONSENTS}?page={query}")).status == 200
