"""`If-Match` and `If-None-Match` on writes (RFC 9110 §13): honoured, never demanded, and no oracle."""

from typing import Any

import pytest

from scopekeeper.modules.callforward import Forward
from scopekeeper.sdk import Table
from scopekeeper.sdk.data import Changed, Found, Report, Work
from tests.api.house import House

FORWARD = "/callforward/users/1003"
READ, WRITE = "rest:callforward:read", "rest:callforward:write"


async def etag_of(house: House) -> str:
    return (await house.ask("GET", FORWARD, READ)).headers["etag"]


async def put(house: House, *scope: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await house.ask("PUT", FORWARD, *(scope or (READ, WRITE)), body={"busy": "7"}, headers=named)
    return answer.status


async def test_a_write_goes_through_while_the_record_is_as_supposed() -> None:
    house = House.furnished()
    etag = await etag_of(house)
    assert await put(house, if_match=f'"other", {etag}') == 200
    assert await put(house, if_match=etag) == 412
    assert await put(house, if_match="*") == 200


async def test_the_tag_on_a_write_is_good_for_the_next_write() -> None:
    house = House.furnished()
    answer = await house.ask("PATCH", FORWARD, READ, WRITE, body={"busy": "8"})
    assert await put(house, if_match=answer.headers["etag"]) == 200


async def test_a_weak_tag_never_matches_for_a_write() -> None:
    house = House.furnished()
    assert await put(house, if_match=f"W/{await etag_of(house)}") == 412


async def test_if_none_match_excludes() -> None:
    house = House.furnished()
    assert await put(house, if_none_match="*") == 412
    assert await put(house, if_none_match=await etag_of(house)) == 412
    assert await put(house, if_none_match='"other"') == 200


@pytest.mark.parametrize("value", ["", "abc", '"a" "b"', '"a', "*, *", 'w/"a"'])
async def test_a_malformed_condition_is_malformed(value: str) -> None:
    assert await put(House.furnished(), if_match=value) == 400


async def test_who_may_not_read_may_not_ask_by_tag() -> None:
    house = House.furnished()
    answer = await house.ask("PUT", FORWARD, WRITE, body={}, headers={"if-match": await etag_of(house)})
    assert answer.status == 403
    assert f'scope="{READ}"' in answer.headers["www-authenticate"]
    assert await put(house, WRITE, if_match="*") == 204


async def test_what_is_not_there_is_not_found_with_or_without_a_condition() -> None:
    house = House.furnished()
    for named in ({}, {"if-match": "*"}, {"if-match": '"x"'}):
        for method, path in (
            ("DELETE", "/extensions/9999"),
            ("PATCH", "/extensions/9999"),
            ("PUT", FORWARD[:-4] + "9999"),
        ):
            body: object = None if method == "DELETE" else {}
            assert (await house.ask(method, path, "rest", body=body, headers=named)).status == 404


async def test_delete_is_conditional_too() -> None:
    house = House.furnished()
    assert (await house.ask("DELETE", "/extensions/1003", "rest", headers={"if-match": '"x"'})).status == 412
    etag = (await house.ask("GET", "/extensions/1003", "rest")).headers["etag"]
    assert (await house.ask("DELETE", "/extensions/1003", "rest", headers={"if-match": etag})).status == 204


async def test_what_was_compared_is_still_so_when_it_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House.furnished()
    etag, commit = await etag_of(house), house.data.commit
    meddled: list[Work] = []

    async def meddling(work: Work) -> Report:
        if not meddled:
            meddled.append(work)
            house.data.keep(Forward("1003", busy="1"))
        return await commit(work)

    monkeypatch.setattr(house.data, "commit", meddling)
    assert await put(house, if_match=etag) == 412
    assert house.data.trips.count("commit") == 1


async def test_what_was_compared_is_what_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody comes between the look at the tag and the operation's own look at the record."""
    house = House.furnished()
    etag, get = await etag_of(house), house.data.get
    looks: list[str] = []

    async def meddled(table: Table[Any], key: str, whose: str | None) -> Found | None:
        looks.append(key)
        if len(looks) == 2:
            house.data.keep(Forward("1003", busy="1"))
        return await get(table, key, whose)

    monkeypatch.setattr(house.data, "get", meddled)
    named = {"if-match": etag}
    assert (await house.ask("PATCH", FORWARD, READ, WRITE, body={"busy": "7"}, headers=named)).status == 412
    assert "commit" not in house.data.trips


async def test_data_that_never_holds_still_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House.furnished()
    tries: list[Work] = []

    async def never(work: Work) -> Report:
        tries.append(work)
        raise Changed

    monkeypatch.setattr(house.data, "commit", never)
    assert await put(house) == 409
    assert len(tries) == 5
