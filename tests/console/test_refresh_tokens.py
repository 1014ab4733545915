"""Refresh tokens in the console: listed for as long as they work, each with its family, and revoked with it."""

import csv
import io
from pathlib import Path

import pytest

from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.token import Issue
from tests.console.steward import Steward, place, read, signed_in, stewarding
from tests.persons import a_person, an_application, granted

REFRESH = "/console/refresh-tokens"


def family_of(issue: Issue) -> str:
    return jti_of(issue.grant.id)


async def rows(s: Steward, target: str = REFRESH) -> list[str]:
    """The ids of the families that the page lists."""
    return [each["value"] for each in (await s.page(target)).all("input") if each.get("name") == "id"]


async def two(s: Steward) -> tuple[Issue, Issue]:
    """What alice and bob granted to the phone book."""
    book = await an_application(s.h)
    return await granted(s.h, await a_person(s.h, "alice"), book), await granted(s.h, await a_person(s.h, "bob"), book)


async def test_one_is_listed_as_long_as_it_works_whether_its_access_token_lives_or_not(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issues = await two(s)
        said = (await s.page(REFRESH)).text
        for words in ("Phone book", "alice", "bob", "by consent", "in 14 days", "in 30 days"):
            assert words in said
        assert await rows(s, f"{REFRESH}?user=alice") == [family_of(issues[0])]
        s.h.clock.advance(7_200)
        later = await signed_in(s.h, s.person)
        assert await rows(later) == [family_of(each) for each in issues[::-1]]
        page = await later.page(f"{REFRESH}/{family_of(issues[0])}")
        assert "State works" in page.text
        assert "none is alive" in page.text
        s.h.clock.advance(14 * 86_400)
        assert await rows(await signed_in(s.h, s.person)) == []


async def test_a_family_is_shown_with_what_holds_of_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issue, _ = await two(s)
        said = (await s.page(f"{REFRESH}/{family_of(issue)}")).text
        assert jti_of(issue.token.id) in said
        assert issue.refresh is not None
        assert jti_of(issue.refresh.id) in said
        for secret in (issue.access_token, issue.refresh_token):
            assert secret not in said


async def test_who_revokes_one_is_told_what_else_dies_and_both_ends_are_dead(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issue, spared = await two(s)
        target = f"{REFRESH}/revoke?id={family_of(issue)}"
        said = (await s.page(target)).text
        for words in ("Revoke 1 refresh token", "Dies with it 1 access token", "Phone book", "alice"):
            assert words in said
        form = (await s.page(target)).form(f"{REFRESH}/revoke")
        assert place(await s.post(f"{REFRESH}/revoke", form)) == f"{REFRESH}?done=1"
        assert (await s.h.get("/api/rest/extensions/", issue.access_token)).status == 401
        assert await rows(s) == [family_of(spared)]
        assert "State revoked" in (await s.page(f"{REFRESH}/{family_of(issue)}")).text
        assert place(await s.post(f"{REFRESH}/revoke", form)) == f"{REFRESH}?done=0"
        act = await s.noted()
        assert (act.actor, act.action, act.target) == ("user:root", "family.revoke", str(issue.grant.id))


async def test_all_that_match_are_revoked_once_it_is_typed_whose_they_are(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issue, spared = await two(s)
        target = f"{REFRESH}/revoke?all=1&user=alice"
        wrong = await s.send(target, f"{REFRESH}/revoke", typed="all")
        assert (wrong.status, "Nothing was revoked." in read(wrong)) == (422, True)
        answer = await s.send(target, f"{REFRESH}/revoke", typed="alice")
        assert place(answer) == f"{REFRESH}?user=alice&done=1"
        assert await rows(s) == [family_of(spared)]
        assert (await s.h.get("/api/rest/extensions/", issue.access_token)).status == 401


async def test_what_is_exported_is_what_is_listed(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issues = await two(s)
        table = list(csv.DictReader(io.StringIO((await s.browser.get(f"{REFRESH}.csv")).body.decode())))
        assert [(row["family"], row["user"], row["grant_type"], row["offline"]) for row in table] == [
            (family_of(issue), issue.grant.user, "authorization_code", str(issue.grant.offline).lower())
            for issue in issues[::-1]
        ]
        listed = (await s.browser.get(f"{REFRESH}.json?user=bob")).json()
        assert [row["family"] for row in listed] == [family_of(issues[1])]


@pytest.mark.parametrize("id", ["x", "9" * 11, "z" * 11, "a" * 10_000, "%E2%80%AE" * 4])
async def test_a_forged_id_is_a_page_that_says_so(tmp_path: Path, id: str) -> None:
    async with stewarding(tmp_path) as s:
        assert (await s.browser.get(f"{REFRESH}/{id}")).status == 404
        assert (await s.browser.get(f"{REFRESH}?page={id}")).status == 200
        assert "Nothing to revoke" in read(await s.browser.get(f"{REFRESH}/revoke?id={id}"))
