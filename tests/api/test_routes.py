"""A module with everything that the ones in the box lack: resources, paths of several parameters, mixed reach."""

from typing import Any

import pytest

from scopekeeper.api.modules import Modules
from scopekeeper.sdk import ApiModule, Caller, Page, Paging, Patch, record
from tests.api.house import House


@record
class Bell:
    """A bell in a tower."""

    bell: str
    tower: str
    ringer: str | None = None
    tone: str = "c"


@record
class NewBell:
    """A bell to be hung."""

    bell: str
    tone: str = "c"


@record
class Tone:
    """How a bell sounds."""

    bell: str
    tone: str


api = ApiModule("bells", title="Bells", read="See bells", write="Hang bells")
bells = api.table(Bell, key="bell", owner="ringer")


@api.read("GET /{tower}/bells", field="bells", of=bells)
async def list_bells(
    caller: Caller, tower: str, paging: Paging, tone: str | None = None, loud: bool = False
) -> Page[Bell]:
    """The bells of a tower."""
    where: dict[str, Any] = {} if tone is None else {"tone": tone}
    return await caller.rows(bells).page(paging, tower=tower, **where)


@api.read("GET /{tower}/bells/{bell}", field="bell", system=True)
async def get_bell(caller: Caller, tower: str, bell: str) -> Bell:
    """A bell, for whoever looks after all of them."""
    return await caller.rows(bells).get(bell)


@api.write("POST /{tower}/bells", field="hangBell", system=True)
async def hang_bell(caller: Caller, tower: str, body: NewBell) -> Bell:
    """Hang a bell."""
    return await caller.rows(bells).add(Bell(body.bell, tower, None, body.tone))


@api.write("PATCH /{place}/bells/{name}", field="tuneBell", of=bells)
async def tune_bell(caller: Caller, place: str, name: str, body: Patch[Bell]) -> Bell:
    """Tune a bell."""
    return caller.rows(bells).put(body.onto(await caller.rows(bells).get(name)))


@api.read("GET /{tower}/bells/{bell}/tone", field="bellTone", of=bells, resource="tone")
async def get_tone(caller: Caller, tower: str, bell: str) -> Tone:
    """How a bell sounds."""
    found = await caller.rows(bells).get(bell)
    return Tone(found.bell, found.tone)


@api.write("PUT /{tower}/bells/{bell}/tone", field="setBellTone", of=bells, resource="tone")
async def set_tone(caller: Caller, tower: str, bell: str, body: Tone) -> Tone:
    """Say how a bell sounds."""
    old = await caller.rows(bells).get(bell)
    caller.rows(bells).put(Bell(old.bell, old.tower, old.ringer, body.tone))
    return body


@api.write("POST /{tower}/peals", field="peal", system=True)
async def peal(caller: Caller, tower: str, body: NewBell) -> Tone:
    """Ring them all. What rang is nowhere to be read."""
    return Tone(body.bell, body.tone)


def house() -> House:
    made = House(modules=Modules([api]))
    made.data.keep(Bell("great", "north", "alice"), Bell("small", "north", "bob", "e"))
    return made


async def test_a_new_record_is_where_its_get_reads_it() -> None:
    at = house()
    answer = await at.ask("POST", "/bells/south%20tower/bells", "rest", body={"bell": "a/b"})
    assert (answer.status, answer.headers["location"]) == (201, "/api/rest/bells/south%20tower/bells/a%2Fb")
    read = await at.ask("GET", answer.headers["location"].removeprefix("/api/rest"), "rest")
    assert (read.status, read.headers["etag"]) == (200, answer.headers["etag"])


async def test_what_is_nowhere_to_be_read_has_no_location_and_no_tag() -> None:
    answer = await house().ask("POST", "/bells/north/peals", "rest", body={"bell": "great"})
    assert answer.status == 201
    assert not {"location", "etag"} & set(answer.headers)


async def test_a_query_narrows_a_list_and_stays_in_the_way_to_the_next_page() -> None:
    at = house()
    at.data.keep(Bell("third", "north", "bob", "e"))
    answer = await at.ask("GET", "/bells/north/bells?tone=e&limit=1&loud=true", "rest")
    assert [each["bell"] for each in answer.json["items"]] == ["small"]
    assert answer.headers["link"].startswith("</api/rest/bells/north/bells?tone=e&limit=1&loud=true&after=")
    assert (await at.ask("GET", "/bells/north/bells?loud=perhaps", "rest")).json["errors"][0]["path"] == "loud"


async def test_a_resource_is_a_scope_of_its_own() -> None:
    at = house()
    path = "/bells/north/bells/great/tone"
    for scope in ("rest:bells:read:tone", "rest:bells:read", "rest:bells", "rest"):
        assert (await at.ask("GET", path, scope)).json == {"bell": "great", "tone": "c"}
    refused = await at.ask("GET", path, "rest:bells:write:tone")
    assert refused.headers["www-authenticate"].endswith('scope="rest:bells:read:tone"')
    assert (await at.ask("GET", "/bells/north/bells", "rest:bells:read:tone")).status == 403


async def test_what_a_resources_write_shows_needs_that_resources_read() -> None:
    at = house()
    path, body = "/bells/north/bells/great/tone", {"tone": "d"}
    assert (await at.ask("PUT", path, "rest:bells:write:tone", body=body)).status == 204
    shown = await at.ask("PUT", path, "rest:bells:write:tone", "rest:bells:read:tone", body=body)
    assert shown.json == {"bell": "great", "tone": "d"}


async def test_a_tag_asks_for_the_scope_of_the_read_beside() -> None:
    path, named = "/bells/north/bells/great", {"if-match": '"x"'}
    scopes = ("rest:bells:write", "rest:bells:read:tone")
    refused = await house().ask("PATCH", path, *scopes, body={}, headers=named)
    assert refused.headers["www-authenticate"].endswith('scope="rest:bells:read"')


async def test_a_person_cannot_ask_by_tag_what_no_person_may_read() -> None:
    at, path = house(), "/bells/north/bells/great"
    assert (await at.ask("PATCH", path, "rest", user="alice", body={"tone": "f"})).status == 200
    refused = await at.ask("PATCH", path, "rest", user="alice", body={}, headers={"if-match": '"x"'})
    assert refused.status == 403


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_person_sees_only_what_is_theirs_through_every_path(method: str) -> None:
    body = {"tone": "f"} if method == "PUT" else None
    answer = await house().ask(method, "/bells/north/bells/small/tone", "rest", user="alice", body=body)
    assert answer.status == 404
