"""The module that the guide builds, built and run exactly as it stands there."""

import datetime
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from scopekeeper import app
from scopekeeper.api.modules import Modules, installed
from scopekeeper.sdk import ApiModule
from tests.asking import ask, bearer
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

GUIDE = Path(__file__).parents[2] / "docs/guides/write-a-module.md"


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiModule]:
    """The guide's module, installed beside those in the box."""
    guide = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python [a-z-]+\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    made = types.ModuleType("greeting_of_the_guide")
    sys.modules[made.__name__] = made
    exec(compile("".join(blocks), str(GUIDE), "exec"), made.__dict__)
    api: ApiModule = made.api
    monkeypatch.setattr(app, "modules_of", lambda settings: Modules([*installed(), api]))
    monkeypatch.setattr("tests.building.modules_of", lambda settings: Modules([*installed(), api]))
    yield api
    del sys.modules[made.__name__]


async def _token(house: Built, scope: str) -> str:
    return await house.token(await house.register(scope))


async def _put(house: Built, token: str, extension: str, body: bytes) -> int:
    headers = [bearer(token), ("content-type", "application/json")]
    path = f"/api/rest/greeting/greetings/{extension}"
    return (await ask(house.front, "PUT", path, headers=headers, body=body)).status


async def test_its_routes_work_and_validate(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "rest:greeting")
        assert await _put(house, token, "1001", b'{"text": "Hello.", "language": "de"}') == 200
        assert await _put(house, token, "1001", b'{"text": "HELLO"}') == 422
        assert await _put(house, token, "1001", b'{"text": "Hello.", "language": "fr"}') == 422
        assert await _put(house, token, "9999", b'{"text": "Hello."}') == 404
        read = await house.get("/api/rest/greeting/greetings/1001", token)
        assert read.json() == {"extension": "1001", "text": "Hello.", "language": "de"}
        for language, count in (("de", 1), ("en", 0)):
            listed = await house.get(f"/api/rest/greeting/greetings?language={language}", token)
            assert len(listed.json()["items"]) == count


async def test_its_scopes_are_demanded(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "rest:greeting:write:language")
        answer = await house.get("/api/rest/greeting/greetings/1001", token)
        assert answer.status == 403
        assert 'scope="rest:greeting:read"' in answer.headers["www-authenticate"]
        assert await _put(house, token, "1001", b'{"text": "Hello."}') == 403


async def test_its_fields_work(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "gql:greeting")
        query = (
            b'{"query": "mutation { setGreeting(extension: \\"1001\\", body: {text: \\"Hi.\\"}) { text language } }"}'
        )
        headers = [bearer(token), ("content-type", "application/json")]
        answer = await ask(house.front, "POST", "/api/graphql", headers=headers, body=query)
        assert answer.json()["data"]["setGreeting"]["text"] == "Hi."


async def test_a_greeting_goes_with_its_extension(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "rest:greeting rest:extensions")
        await _put(house, token, "1001", b'{"text": "Hello."}')
        answer = await ask(house.front, "DELETE", "/api/rest/extensions/1001", headers=[bearer(token)])
        assert answer.status == 204
        assert "greeting" in answer.headers["scopekeeper-removed"]


async def test_what_asks_for_a_recent_sign_in_gets_one(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        await house.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        alice, application = await a_person(house, "alice"), await an_application(house)
        path, token = "/api/rest/greeting/greetings/1001/reset", (await granted(house, alice, application)).access_token
        assert (await ask(house.front, "POST", path, headers=[bearer(token)])).status == 201
        house.clock.advance(301)
        answer = await ask(house.front, "POST", path, headers=[bearer(token)])
        assert answer.status == 401
        assert 'acr_values="urn:scopekeeper:acr:password", max_age="300"' in answer.headers["www-authenticate"]
        newer = (await granted(house, alice, application)).access_token
        assert (await ask(house.front, "POST", path, headers=[bearer(newer)])).status == 201
        nobodys = await _token(house, "rest:greeting")
        assert (await ask(house.front, "POST", path, headers=[bearer(nobodys)])).status == 201


async def test_what_nobody_said_reads_as_its_default_and_is_kept_where_it_differs(
    tmp_path: Path, greeting: ApiModule
) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "rest:greeting")
        path, headers = "/api/rest/greeting/delays/1001", [bearer(token), ("content-type", "application/json")]
        for body, seconds in ((b"{}", 0), (b'{"seconds": 3}', 3), (b'{"seconds": null}', 0)):
            assert (await ask(house.front, "PATCH", path, headers=headers, body=body)).status == 200
            assert (await house.get(path, token)).json() == {"extension": "1001", "seconds": seconds}


async def test_what_a_chorus_names_is_there_and_stays(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        token = await _token(house, "rest:greeting rest:extensions")
        path, headers = "/api/rest/greeting/choruses/evening", [bearer(token), ("content-type", "application/json")]
        for body, status in (
            (b'{"voices": [{"recording": "hello"}, {"extension": "9999"}]}', 422),
            (b'{"voices": [{"recording": "hello", "extension": "1001"}]}', 422),
            (b'{"voices": [{"recording": "hello"}, {"extension": "1001"}]}', 200),
        ):
            assert (await ask(house.front, "PUT", path, headers=headers, body=body)).status == status
        answer = await ask(house.front, "DELETE", "/api/rest/extensions/1001", headers=[bearer(token)])
        assert (answer.status, answer.json()["detail"]) == (409, "1001 is in use: greeting evening.")


async def test_its_list_is_narrowed_and_in_order(tmp_path: Path, greeting: ApiModule) -> None:
    async with built(tmp_path) as house:
        (table,) = (each for each in greeting.tables if each.name == "greeting.playings")
        heard = [datetime.datetime(2026, 3, day, tzinfo=datetime.UTC) for day in range(1, 10)]
        rows = [table.record(f"{at:%Y%m%d}-1", f"100{at.day % 3}", "1002", at=at) for at in heard]
        assert await house.house.data.append(table, rows) == len(rows)
        token = await _token(house, "rest:greeting")
        asked = "since=2026-03-02T00:00:00Z&until=2026-03-09T00:00:00Z&number=1001&limit=1"
        first = (await house.get(f"/api/rest/greeting/playings?{asked}", token)).json()
        second = (await house.get(f"/api/rest/greeting/playings?{asked}&after={first['next']}", token)).json()
        assert [each["id"] for each in first["items"] + second["items"]] == ["20260307-1", "20260304-1"]
        assert second["next"] is None
