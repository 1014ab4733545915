"""RFC 7396, JSON Merge Patch: what a PATCH does to a forward."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Answer, ask, bearer
from tests.building import Built, built

FORWARD = "/api/rest/callforward/users/1001"
BEFORE = {"unconditional": "5551234", "busy": "5552222", "unavailable": None, "ring_timer": 20}


async def patched(house: Built, patch: Any, kind: str = "application/merge-patch+json") -> Answer:
    """The answer to this patch of a forward that says BEFORE."""
    token = await house.token(await house.register("rest"))
    headers = [bearer(token), ("content-type", "application/json")]
    put = await ask(house.front, "PUT", FORWARD, headers=headers, body=json.dumps(BEFORE).encode())
    assert put.status == 200
    headers = [bearer(token), ("content-type", kind)]
    return await ask(house.front, "PATCH", FORWARD, headers=headers, body=json.dumps(patch).encode())


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({}, {}),
        ({"busy": "5553333"}, {"busy": "5553333"}),
        ({"busy": None}, {"busy": None}),
        ({"unavailable": "5554444"}, {"unavailable": "5554444"}),
        ({"unavailable": None}, {}),
        ({"unconditional": None, "busy": None}, {"unconditional": None, "busy": None}),
        ({"ring_timer": -1, "busy": "1"}, {"ring_timer": -1, "busy": "1"}),
    ],
    ids=["nothing", "replaces", "removes", "adds", "removes what is not there", "removes several", "several at once"],
)
async def test_a_patch_is_merged(tmp_path: Path, patch: dict[str, Any], after: dict[str, Any]) -> None:
    """RFC 7396 §2: members given are added or replaced, null removes, members not given stay as they are."""
    async with built(tmp_path) as house:
        answer = await patched(house, patch)
        assert (answer.status, answer.json()) == (200, {"extension": "1001", **BEFORE, **after})


@pytest.mark.parametrize("patch", [None, [], [{"busy": "1"}], "busy", 5, True])
async def test_a_patch_that_is_no_object_would_replace_the_whole_and_cannot_stand(tmp_path: Path, patch: Any) -> None:
    """RFC 7396 §2: such a patch replaces the entire target, and no forward is a list, a text or a number."""
    async with built(tmp_path) as house:
        answer = await patched(house, patch)
        assert answer.status in (400, 422)
        token = await house.token(await house.register("rest"))
        assert (await house.get(FORWARD, token)).json() == {"extension": "1001", **BEFORE}


async def test_a_patch_whose_outcome_cannot_stand_changes_nothing(tmp_path: Path) -> None:
    """RFC 7396 §2 with RFC 5789 §2: the server MUST apply the entire set of changes atomically."""
    async with built(tmp_path) as house:
        answer = await patched(house, {"busy": "5559999", "ring_timer": 500})
        assert (answer.status, answer.json()["errors"][0]["path"]) == (422, "ring_timer")
        token = await house.token(await house.register("rest"))
        assert (await house.get(FORWARD, token)).json()["busy"] == BEFORE["busy"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/merge-patch+json", 200),
        ("Application/Merge-Patch+JSON; charset=utf-8", 200),
        ("application/json", 200),
        ("application/json-patch+json", 415),
    ],
)
async def test_the_media_type_says_that_it_is_a_merge_patch(tmp_path: Path, kind: str, status: int) -> None:
    """RFC 7396 §4: application/merge-patch+json; plain JSON is taken as one, a patch of another kind is not."""
    async with built(tmp_path) as house:
        assert (await patched(house, {"busy": None}, kind)).status == status


async def test_which_patches_are_taken_is_told(tmp_path: Path) -> None:
    """RFC 7396 §4 with RFC 5789 §3.1, §2.2: Accept-Patch on OPTIONS, and where another type was sent."""
    async with built(tmp_path) as house:
        refused = await patched(house, {}, "application/json-patch+json")
        asked = await ask(house.front, "OPTIONS", FORWARD)
        for answer in (refused, asked):
            assert answer.headers["accept-patch"] == "application/merge-patch+json, application/json"
