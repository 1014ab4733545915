"""The audit log in the console: told in words, searched, watched as it grows, taken away as a file."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from scopekeeper.console.deeds import ALARMING, DEEDS, SUBJECTS
from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.claims import jti_of
from scopekeeper.services.ports import Act
from tests.asking import post_form
from tests.building import Application
from tests.console.steward import Steward, read, signed_in, stewarding
from tests.house.tree import PACKAGE
from tests.persons import a_person, an_application, granted

AUDIT = "/console/audit"
EVIL = '<img src=x onerror=alert(1)>"'


async def wrote(s: Steward, action: str, target: str, actor: str = "cli:root", **facts: Any) -> Act:
    """An act of the log, written as if it had been done."""
    house = s.h.house
    act = Act(house.entropy.row_id(), s.h.clock.now(), actor, action, target, **facts)
    await house.store.used((), (), [act])
    return act


async def listed(s: Steward, query: dict[str, str]) -> list[tuple[str, str]]:
    """The actions and targets that the export has."""
    return [(row["action"], row["target"]) for row in (await s.browser.get(f"{AUDIT}.json?{urlencode(query)}")).json()]


def words_of(act: str) -> str:
    return act.partition(".")[0]


def test_every_action_that_the_services_write_has_its_words_and_its_subject() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "services").rglob("*.py"))
    written = set(re.findall(r'"((?:application|consent|device|family|keys|session|setup|token|user)\.[a-z_]+)"', code))
    assert written <= DEEDS.keys()
    assert {words_of(action) for action in DEEDS} == SUBJECTS.keys()
    assert DEEDS.keys() >= ALARMING


async def test_each_act_is_told_by_whom_it_was_done_and_to_what_with_links(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register(name="Night shift")
        await a_person(s.h, "alice")
        await wrote(s, "client.refused", night.client_id, f"client:{night.client_id}", address="198.51.100.9")
        await wrote(s, "user.refused", "unknown", "user:unknown")
        await wrote(s, "application.rotate", "gone-since", "user:alice")
        await wrote(s, "later.version", "something", "stranger")
        page = await s.page(AUDIT)
        for words in (
            "test, at the CLI registered the application",
            "Night shift was refused: wrong credentials of an application client.refused Night shift 198.51.100.9",
            "unknown was refused: wrong name or password",
            "alice rotated the secret of the application application.rotate gone-since",
            "stranger later.version",
            "the server itself made the first signing keys",
        ):
            assert words in page.text, words
        links = {each.get("href") for each in page.all("a")}
        assert {f"/console/applications/{night.client_id}", "/console/users/alice", "/console/keys"} <= links
        assert "/console/users/unknown" not in links
        assert "/console/applications/gone-since" not in links


async def test_what_was_before_and_after_is_shown_side_by_side(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register(name="Night shift", scope="rest gql")
        change = Changes(name="Day shift", scope="rest rest:callforward")
        await s.h.house.applications.change(night.client_id, change, "user:root", "203.0.113.7")
        act = await s.noted()
        assert "application.change Name, Scope" in (await s.page(AUDIT)).text
        said = (await s.page(f"{AUDIT}/{jti_of(act.id)}")).text
        assert "Name Before: Night shift After: Day shift" in said
        assert "Scope Before: gql Stays: rest After: rest:callforward" in said
        assert "root" in said
        assert "203.0.113.7" in said


async def test_a_token_that_was_revoked_leads_from_the_log_to_its_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        issue = await granted(s.h, await a_person(s.h, "alice"), await an_application(s.h))
        await s.h.house.tokens.revoke([issue.token.id], "user:root")
        await s.h.house.tokens.revoke_families([issue.grant.id], "user:root")
        page = await s.page(AUDIT)
        assert f"/console/tokens/{jti_of(issue.token.id)}" in {each.get("href") for each in page.all("a")}


async def test_filters_find_by_text_actor_action_target_and_day(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await wrote(s, "application.add", "one", "cli:root", details={"name": "Über"})
        await wrote(s, "application.rotate", "one", "user:alice", address="198.51.100.9")
        s.h.clock.advance(86_400)
        s = await signed_in(s.h, s.person)
        await wrote(s, "user.add", "bob", "user:alice")
        one, rotated, bob = ("application.add", "one"), ("application.rotate", "one"), ("user.add", "bob")
        for query, found in (
            ({"text": "ÜBER"}, [one]),
            ({"text": "198.51.100"}, [rotated]),
            ({"actor": "Alice"}, [bob, rotated]),
            ({"actor": "user:alice"}, [bob, rotated]),
            ({"action": "application", "target": "one"}, [rotated, one]),
            ({"action": "application.rotate"}, [rotated]),
            ({"action": "app"}, []),
            ({"target": "bob"}, [bob]),
            ({"since": "2027-01-16", "action": "user"}, [bob]),
            ({"since": "2027-01-15", "until": "2027-01-15", "target": "one"}, [rotated, one]),
            ({"since": "soon"}, []),
        ):
            assert await listed(s, query) == found, query
            shown = read(await s.results(f"{AUDIT}?{urlencode(query)}"))
            assert (f"{len(found)} of {len(found)}" in shown) == bool(found)
        assert "A day is written" in read(await s.browser.get(f"{AUDIT}?since=soon"))
        chosen = (await s.page(f"{AUDIT}?action=application.rotate")).all("option")
        assert [each["value"] for each in chosen if "selected" in each] == ["application.rotate"]


async def test_row_48_the_export_is_equal_to_the_filter_and_no_spreadsheet_computes_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for number in range(620):
            await wrote(s, "application.change", f"=cmd|{number}", "user:@sum", details={"name": EVIL})
        query = urlencode({"action": "application.change"})
        rows = (await s.browser.get(f"{AUDIT}.json?{query}")).json()
        table = list(csv.DictReader(io.StringIO((await s.browser.get(f"{AUDIT}.csv?{query}")).body.decode())))
        assert [row["target"] for row in rows] == [f"=cmd|{number}" for number in range(619, -1, -1)]
        assert [row["target"] for row in table] == [f"'{row['target']}" for row in rows]
        assert json.loads(table[0]["details"]) == rows[0]["details"] == {"name": EVIL}
        shown, target = [], f"{AUDIT}?{query}"
        while target:
            page = await s.page(target)
            shown += [each["data-act"] for each in page.all("tr") if "data-act" in each]
            target = next((each["href"] for each in page.all("a") if each.get("rel") == "next"), "")
        assert shown == [row["id"] for row in rows]


async def test_what_has_come_since_is_given_as_rows_and_nothing_is_given_where_nothing_has(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        last = await wrote(s, "user.add", "alice")
        target = f"{AUDIT}/new?after={jti_of(last.id)}"
        assert (await s.browser.get(target)).status == 204
        await wrote(s, "user.add", "bob")
        await wrote(s, "application.add", "one")
        answer = await s.browser.get(target)
        assert b"<html" not in answer.body
        assert re.findall(r'data-label="To what"><bdi>(\w+)', answer.body.decode()) == ["one", "bob"]
        assert b">bob<" in (await s.browser.get(f"{target}&action=user")).body
        assert (await s.browser.get(f"{target}&action=token")).status == 204
        for odd in ("", "x", "9" * 300, "z" * 11):
            assert (await s.browser.get(f"{AUDIT}/new?after={odd}")).status in (200, 204)


@pytest.mark.parametrize("id", ["x", "9" * 11, "z" * 11, "a" * 10_000, "%E2%80%AE" * 4, "new.csv"])
async def test_a_forged_id_is_a_page_that_says_so(tmp_path: Path, id: str) -> None:
    async with stewarding(tmp_path) as s:
        assert (await s.browser.get(f"{AUDIT}/{id}")).status == 404
        assert (await s.browser.get(f"{AUDIT}?page={id}")).status == 200


async def test_row_48_what_strangers_had_written_down_is_shown_as_text(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await post_form(
            s.h.front, "/oauth/token", {"grant_type": "client_credentials"}, headers=[Application(EVIL, "x").basic]
        )
        await s.h.house.uses.write(s.h.house.store, s.h.clock, s.h.house.entropy)
        odd = {EVIL: [EVIL, {"before": 1}], "long": "x" * 10_000, "turned": "\u202egnp.exe", "none": None, "yes": True}
        act = await wrote(s, EVIL, EVIL, EVIL, address=EVIL, details={**odd, "name": {"before": None, "after": EVIL}})
        for target in (AUDIT, f"{AUDIT}/{jti_of(act.id)}", f"{AUDIT}?{urlencode({'text': EVIL, 'action': EVIL})}"):
            page = await s.page(target)
            assert [each for each in page.all("img") if each.get("src") == "x"] == []
            assert EVIL in page.text


async def test_the_log_is_read_and_never_written_here(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        act = await wrote(s, "user.add", "alice")
        proof = await s.proof()
        for target in (AUDIT, f"{AUDIT}/{jti_of(act.id)}", f"{AUDIT}/new", f"{AUDIT}.csv"):
            assert (await s.post(target, proof)).status == 405
