"""Compromised: what has leaked ends at once, a new secret is shown once, and the report stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scopekeeper.oauth.records import Client
from tests.asking import Answer, ask, bearer
from tests.console.applications import again, made, page_of
from tests.console.steward import Steward, place, read, stewarding
from tests.console.test_applications_credentials import SECRET, secret_on
from tests.persons import a_person, granted


async def declare(s: Steward, client: Client, **fields: str) -> Answer:
    address = page_of(client, "/compromised")
    return await s.send(address, address, **{"typed": client.name, **fields})


async def test_the_page_says_what_will_die(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        await granted(s.h, await a_person(s.h, "alice"), client)
        page = await s.page(page_of(client, "/compromised"))
        assert "1 secret" in page.text
        assert "1 access token, 1 refresh token" in page.text
        since = datetime.fromtimestamp(s.h.clock.now() - 30 * 86_400, UTC).strftime("%Y-%m-%dT%H:%M")
        assert page.by_id("since")["value"] == since
        [button] = [each for each in (await s.page(page_of(client))).all("form") if "compromised" in each["action"]]
        assert button["method"] == "get"


async def test_everything_ends_and_what_it_did_is_told_then_and_later(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        mine = await s.h.register("rest:callforward")
        token = await s.h.token(mine)
        await s.h.get("/api/rest/callforward/users", token)
        json = ("content-type", "application/json")
        address, busy = "/api/rest/callforward/users/1001", b'{"busy": "5551234"}'
        put = await ask(s.h.front, "PUT", address, headers=[bearer(token), json], body=busy)
        assert put.status == 200
        house = s.h.house
        await house.uses.write(house.store, house.clock, house.entropy)
        client = await house.applications.get(mine.client_id)

        answer = await declare(s, client)
        first = await s.browser.get(place(answer))
        assert secret_on(first) != mine.client_secret
        said = read(first)
        for word in ("callforward/1001", "203.0.113.7", "rest:callforward:write", "2 REST", "Tokens issued 1"):
            assert word in said, word
        assert (await s.h.get("/api/rest/callforward/users", token)).status == 401
        assert (await s.h.ask_token(mine)).status == 401

        later = await s.browser.get(place(answer))
        assert SECRET.search(later.body.decode()) is None
        assert "callforward/1001" in read(later)
        report = (await s.browser.get(place(answer).partition("?")[0] + "/json")).json()
        assert report["objects_written"] == {"callforward/1001": 1}
        assert (report["calls"], report["tokens_issued"], report["secrets_ended"]) == ({"rest": 2}, 1, 1)
        assert report["declared_by"] == "user:root"
        assert place(answer).partition("?")[0] in (await s.browser.get(page_of(client))).body.decode()
        assert mine.client_secret not in str(await house.log.store.acts())


async def test_declared_twice_by_the_same_form_it_is_done_once(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        address = page_of(client, "/compromised")
        form = {**(await s.page(address)).form(address), "typed": client.name}
        await s.post(address, form)
        second = await s.post(address, form)
        assert place(second) == page_of(client, "?note=compromised-meanwhile")
        assert (await again(s, client)).generation == client.generation + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"typed": "phone book"}, "That is not its name."),
        ({"since": ""}, "Say a date and a time"),
        ({"since": "yesterday"}, "Say a date and a time"),
        ({"since": "2999-01-01T00:00"}, "Say a date and a time"),
        ({"since": "0001-01-01T00:00"}, "Say a date and a time"),
        ({"since": "99999999-01-01T00:00"}, "Say a date and a time"),
    ],
)
async def test_it_takes_the_name_and_a_moment_that_has_passed(
    tmp_path: Path, fields: dict[str, str], words: str
) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        answer = await declare(s, client, **fields)
        assert answer.status == 422
        assert words in read(answer)
        assert (await again(s, client)).generation == client.generation


async def test_a_report_is_only_of_its_own_application_and_only_a_report(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client, other = await made(s), await made(s, name="Other")
        report = place(await declare(s, client)).partition("?")[0].rpartition("/")[2]
        assert (await s.browser.get(page_of(client, f"/reports/{report}"))).status == 200
        assert (await s.browser.get(page_of(other, f"/reports/{report}"))).status == 404
        for forged in ("0", "abc", "AAAAAAAAAAA", "%3Cscript%3E"):
            assert (await s.browser.get(page_of(client, f"/reports/{forged}"))).status == 404, forged


async def test_a_public_client_gets_no_secret_and_the_report_outlives_the_application(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, type="spa")
        answer = await s.browser.get(place(await declare(s, client)))
        assert answer.status == 200
        assert SECRET.search(answer.body.decode()) is None
        report = page_of(client, "/reports/")
        [line] = [each for each in (await s.page(page_of(client))).all("a") if each["href"].startswith(report)]
        await s.send(page_of(client, "/remove"), page_of(client, "/remove"), typed=client.name)
        assert "What Phone book did" in (await s.page(line["href"])).text
