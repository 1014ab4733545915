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
        target = f"{CONSENTS}/withdraw?{urlencode({'user': 'alice', 'app': book.client_id})}"
        page = await s.page(target)
        assert "Dies with it 1 grant with what came of it, 1 access token among that" in page.text
        form = page.form(f"{CONSENTS}/withdraw")
        answer = await s.post(f"{CONSENTS}/withdraw", form)
        assert "The consent is withdrawn" in read(await s.browser.get(place(answer)))
        assert (await s.h.get("/api/rest/extensions/", issue.access_token)).status == 401
        assert (await s.h.get("/api/rest/extensions/", spared.access_token)).status == 200
        act = await s.noted()
        assert (act.actor, act.action, act.details["user"]) == ("user:root", "consent.withdraw", "alice")
        assert place(await s.post(f"{CONSENTS}/withdraw", form)) == f"{CONSENTS}?done=gone"
        assert (await s.noted()).id == act.id


@pytest.mark.parametrize("query", ["", "user=alice", "user=%E2%80%AE&app=x", f"user={'a' * 10_000}&app={'b' * 10_000}"])
async def test_what_is_not_allowed_is_a_page_that_says_so(tmp_path: Path, query: str) -> None:
    async with stewarding(tmp_path) as s:
        assert (await s.browser.get(f"{CONSENTS}/withdraw?{query}")).status == 404
        assert (await s.browser.get(f"{CONSENTS}?page={query}")).status == 200
