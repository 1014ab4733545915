"""Access tokens in the console: listed, filtered, looked up, revoked one, many or all."""

import csv
import io
from pathlib import Path
from urllib.parse import urlencode

import pytest

from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.secrets import Kind, row_of, secret_of
from scopekeeper.services.lists import HOUR, SYSTEM, Count
from scopekeeper.services.lists import Kind as Tally
from tests.building import JWT
from tests.console.steward import Steward, place, read, stewarding
from tests.pages.browsing import Seen
from tests.persons import a_person, an_application, granted

TOKENS = "/console/tokens"
READ = "rest:callforward:read"


def id_of(token: str) -> str:
    return jti_of(row_of(token, Kind.ACCESS_TOKEN) or 0)


async def rows(s: Steward, target: str = TOKENS) -> list[str]:
    """The ids of the tokens that the page lists."""
    return [each["value"] for each in (await s.page(target)).all("input") if each.get("name") == "id"]


async def works(s: Steward, token: str) -> bool:
    return (await s.h.get("/api/rest/callforward/users", token)).status == 200


async def test_every_token_that_holds_is_listed_with_whose_it_is_and_none_can_be_used(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        token = await s.h.token(await s.h.register(name="Night shift", scope=READ))
        answer = await s.browser.get(TOKENS)
        said = read(answer)
        for shown in (id_of(token), "Night shift", READ, "cannot be used as a token", "1 of 1"):
            assert shown in said
        assert token not in answer.body.decode()


async def test_filters_narrow_by_application_person_scope_and_day_and_say_so_where_nothing_can_match(
    tmp_path: Path,
) -> None:
    async with stewarding(tmp_path) as s:
        night, book = await s.h.register(name="Night shift", scope=READ), await an_application(s.h)
        first = id_of(await s.h.token(night))
        second = jti_of((await granted(s.h, await a_person(s.h, "alice"), book)).token.id)
        for query, found in (
            ({"app": "night SHIFT"}, [first]),
            ({"app": night.client_id}, [first]),
            ({"app": "book"}, [second]),
            ({"user": "Alice "}, [second]),
            ({"user": "nobody"}, []),
            ({"scope": "rest:extensions:read"}, [second]),
            ({"scope": READ}, [second, first]),
            ({"since": "2027-01-15"}, [second, first]),
            ({"since": "2027-01-16"}, []),
            ({"until": "2027-01-15"}, [second, first]),
            ({"until": "2027-01-14"}, []),
            ({"app": "nothing of this name"}, []),
            ({"since": "yesterday"}, []),
            ({"since": "2027-13-45"}, []),
            ({"scope": "Rest callforward"}, []),
        ):
            assert await rows(s, f"{TOKENS}?{urlencode(query)}") == found, query
        assert "There is no application of this name." in read(await s.browser.get(f"{TOKENS}?app=nothing"))
        assert "2026-11-25" in read(await s.browser.get(f"{TOKENS}?since=yesterday"))


async def test_where_several_applications_may_be_meant_one_is_chosen(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        made = [await s.h.register(name=f"Night shift {number}") for number in range(2)]
        tokens = [id_of(await s.h.token(each)) for each in made]
        page = await s.page(f"{TOKENS}?app=shift")
        offered = [each["href"] for each in page.all("a") if each.get("href", "").startswith(f"{TOKENS}?app=")]
        assert "Choose one." in page.text
        assert [await rows(s, each) for each in offered] == [[token] for token in tokens]


async def test_the_results_are_given_alone_to_a_page_that_has_the_rest(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        token = id_of(await s.h.token(await s.h.register()))
        answer = await s.results(TOKENS)
        assert answer.status == 200
        assert token in answer.body.decode()
        assert b"<html" not in answer.body


async def test_a_long_list_is_read_page_by_page_and_no_row_comes_twice_or_not_at_all(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        application = await s.h.register()
        made = [id_of(await s.h.token(application)) for _ in range(103)]
        seen, target = [], TOKENS
        for _ in range(3):
            page = await s.page(target)
            seen.append(await rows(s, target))
            target = next((each["href"] for each in page.all("a") if each.get("rel") == "next"), "")
        assert [len(each) for each in seen] == [50, 50, 3]
        assert [each for few in seen for each in few] == made[::-1]
        assert target == ""


async def test_what_is_exported_is_what_the_filters_match_all_of_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night, other = await s.h.register(name="=Night shift"), await s.h.register(name="Other")
        made = [id_of(await s.h.token(night)) for _ in range(60)]
        await s.h.token(other)
        answer = await s.browser.get(f"{TOKENS}.csv?app={night.client_id}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="access-tokens.csv"'
        table = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert [row["id"] for row in table] == made[::-1]
        assert {row["application"] for row in table} == {"'=Night shift"}
        listed = (await s.browser.get(f"{TOKENS}.json?app={night.client_id}")).json()
        assert [row["id"] for row in listed] == made[::-1]
        assert {row["application"] for row in listed} == {"=Night shift"}
        assert listed[0]["issued_at"] == "2027-01-15T08:00:00Z"
        assert (await s.browser.get(f"{TOKENS}.json?app=nothing+like+this")).json() == []


async def test_the_same_list_is_told_as_a_command_and_as_a_call(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register(name="Night shift")
        await s.h.token(night)
        said = read(await s.browser.get(f"{TOKENS}?app=night+shift&scope={READ}"))
        assert f"scopekeeper token list --app={night.client_id} --scope={READ}" in said
        assert f"/api/rest/admin/tokens?client_id={night.client_id}&scope=rest%3Acallforward%3Aread" in said


async def test_row_31_a_token_that_is_looked_up_is_found_and_neither_shown_nor_put_into_an_address(
    tmp_path: Path, logbook: pytest.CaptureFixture[str]
) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register(name="Night shift")
        book = await an_application(s.h)
        issue = await granted(s.h, await a_person(s.h, "alice"), book)
        refresh = issue.refresh_token
        told = {await s.h.token(night): None, await s.h.token(await s.h.register(**JWT)): None, refresh: None}
        for token in told:
            answer = await s.send(TOKENS, f"{TOKENS}/look-up", token=token)
            found = place(answer)
            page = await s.browser.get(found)
            assert page.status == 200
            assert "it is looked up, not shown" in read(page)
            for text in (found, page.body.decode()):
                assert token not in text
        for garbage in (
            "",
            "x",
            secret_of(Kind.ACCESS_TOKEN, 4_711, "0" * 32),
            "eyJhbGciOiJub25lIn0.e30.",
            "9" * 11,
            "🙂",
        ):
            answer = await s.send(TOKENS, f"{TOKENS}/look-up", token=garbage)
            assert place(answer) == f"{TOKENS}?done=unknown", garbage
        assert not any(token in logbook.readouterr().err for token in told)


async def test_row_31_a_token_in_a_filter_is_not_shown_again_either(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        token = await s.h.token(await s.h.register())
        for name in ("app", "user", "scope"):
            answer = await s.browser.get(f"{TOKENS}?{name}={token}")
            assert place(answer) == f"{TOKENS}/{id_of(token)}?done=found"
        for path in ("refresh-tokens", "consents", "users", "audit"):
            for name in ("app", "user", "scope", "text", "actor", "target"):
                answer = await s.browser.get(f"/console/{path}?{name}={token}&page={token}")
                assert (answer.status, token in answer.body.decode()) == (200, False), (path, name)


async def test_one_token_is_shown_alive_revoked_and_expired(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        application = await s.h.register()
        first, second, third = [id_of(await s.h.token(application)) for _ in range(3)]
        assert "State works" in (await s.page(f"{TOKENS}/{first}")).text
        await s.send(f"{TOKENS}/revoke?id={second}", f"{TOKENS}/revoke", id=second)
        assert "State revoked" in (await s.page(f"{TOKENS}/{second}")).text
        await s.h.house.applications.compromised(application.client_id, 0, "cli:test")
        assert "State dead" in (await s.page(f"{TOKENS}/{third}")).text
        s.h.clock.advance(3_600)
        assert "State expired" in (await s.page(f"{TOKENS}/{first}")).text


@pytest.mark.parametrize("id", ["x", "9" * 11, "z" * 11, "00000000000", "a" * 10_000, "-1", "%E2%80%AE" * 4])
async def test_a_forged_id_is_a_page_that_says_so(tmp_path: Path, id: str) -> None:
    async with stewarding(tmp_path) as s:
        assert (await s.browser.get(f"{TOKENS}/{id}")).status == 404
        assert (await s.browser.get(f"{TOKENS}?page={id}")).status == 200
        answer = await s.browser.get(f"{TOKENS}/revoke?id={id}")
        assert "Nothing to revoke" in read(answer)


async def test_who_revokes_one_is_told_what_dies_with_it_and_then_the_next_call_fails(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        book, alice = await an_application(s.h), await a_person(s.h, "alice")
        issue = await granted(s.h, alice, book)
        token = issue.access_token
        night = await s.h.token(await s.h.register())
        said = (await s.page(f"{TOKENS}/revoke?id={id_of(token)}")).text
        for words in ("Revoke 1 access token", "Of the application Phone book", "alice", "1 refresh token"):
            assert words in said
        answer = await s.send(f"{TOKENS}/revoke?id={id_of(token)}", f"{TOKENS}/revoke")
        assert place(answer) == f"{TOKENS}?done=1"
        assert "1 access token is revoked." in read(await s.browser.get(place(answer)))
        assert (await s.h.get("/api/rest/extensions/", token)).status == 401
        assert await works(s, night)
        act = await s.noted()
        assert (act.actor, act.action, act.address) == ("user:root", "token.revoke", "203.0.113.7")


async def test_many_are_revoked_and_a_form_that_is_sent_again_revokes_nothing(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        application = await s.h.register()
        tokens = [await s.h.token(application) for _ in range(3)]
        ids = [id_of(token) for token in tokens[:2]]
        target = f"{TOKENS}/revoke?{urlencode({'id': ids}, doseq=True)}"
        form = {**(await s.page(target)).form(f"{TOKENS}/revoke"), "id": ids}
        assert place(await s.post(f"{TOKENS}/revoke", form)) == f"{TOKENS}?done=2"
        assert [await works(s, token) for token in tokens] == [False, False, True]
        acts = len(await s.h.house.store.acts())
        again = await s.post(f"{TOKENS}/revoke", form)
        assert "there was nothing left of it" in read(await s.browser.get(place(again)))
        assert len(await s.h.house.store.acts()) == acts


async def test_all_that_match_are_revoked_once_it_is_typed_whose_they_are(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night, other = await s.h.register(name="Night shift"), await s.h.register(name="Other")
        tokens, spared = [await s.h.token(night) for _ in range(55)], await s.h.token(other)
        target = f"{TOKENS}/revoke?all=1&app={night.client_id}"
        page = await s.page(target)
        assert "Revoke 55 access tokens" in page.text
        assert "Type whose they are to confirm: Night shift" in page.text
        form = page.form(f"{TOKENS}/revoke")
        for typed in ("", "all", "night shift"):
            answer = await s.post(f"{TOKENS}/revoke", {**form, "typed": typed})
            assert (answer.status, "Nothing was revoked." in read(answer)) == (422, True)
        assert await works(s, tokens[0])
        s.h.clock.advance(5)
        later = await s.h.token(night)
        answer = await s.post(f"{TOKENS}/revoke", {**form, "typed": "Night shift"})
        assert place(answer) == f"{TOKENS}?app={night.client_id}&done=55"
        assert [await works(s, token) for token in (tokens[0], tokens[-1], spared, later)] == [False, False, True, True]
        act = await s.noted()
        assert (act.action, act.target, act.details["matched"]) == ("token.revoke_matching", night.client_id, 55)


async def test_all_of_everybody_takes_a_word_and_a_filter_that_matches_nothing_revokes_nothing(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        token = await s.h.token(await s.h.register())
        proof = await s.proof()
        for filters in ({"app": "nothing of this name"}, {"since": "never"}, {"scope": "no scope"}):
            answer = await s.post(f"{TOKENS}/revoke", {**proof, **filters, "all": "1", "typed": "all"})
            assert answer.status == 422
        assert await works(s, token)
        answer = await s.send(f"{TOKENS}/revoke?all=1", f"{TOKENS}/revoke", typed="all")
        assert place(answer) == f"{TOKENS}?done=1"
        assert not await works(s, token)


async def test_row_48_names_and_numbers_out_of_an_address_are_shown_as_text(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        evil = '<img src=x onerror=alert(1)>"\u202e'
        await s.h.token(await s.h.register(name=evil.replace("\u202e", "")))
        for target in (TOKENS, f"{TOKENS}?{urlencode({'app': evil, 'user': evil, 'scope': evil, 'done': evil})}"):
            page = await s.page(target)
            assert [each for each in page.all("img") if each.get("src") == "x"] == []
        for query in (f"app={'a' * 10_000}", f"done={'9' * 10_000}", f"before={'9' * 400}&all=1", f"page={'é' * 300}"):
            assert (await s.browser.get(f"{TOKENS}?{query}")).status == 200
            assert (await s.browser.get(f"{TOKENS}/revoke?{query}")).status == 200


async def test_where_there_is_none_the_next_step_is_named(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await s.page(TOKENS)
        assert "No live token" in page.text
        assert "No token matches" in (await s.page(f"{TOKENS}?user=alice")).text
        assert Seen((await s.results(TOKENS)).body).all("form") == []


async def test_it_is_drawn_how_many_were_issued_of_late_to_whom_the_list_is_about(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register(name="Night shift")
        hour = s.h.clock.now() - s.h.clock.now() % HOUR
        counts = [
            Count(whose, hour, Tally.TOKENS, "client_credentials", times)
            for whose, times in ((SYSTEM, 3), (night.client_id, 2))
        ]
        await s.h.house.store.count(counts, {})
        assert "3 issued in 24 hours" in (await s.page(TOKENS)).text
        assert "2 issued in 24 hours to Night shift" in (await s.page(f"{TOKENS}?app=night")).text
        assert "in 24 hours" not in (await s.page(f"{TOKENS}?app=night&user=alice")).text
