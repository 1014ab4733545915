"""RFC 9457, Problem Details for HTTP APIs: how the REST API says what went wrong."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.asking import Answer, ask, bearer
from tests.building import Built, built

FORWARD = "/api/rest/callforward/users/1001"
JSON = ("content-type", "application/json")

Asking = Callable[[Built, str], Awaitable[Answer]]


def asking(method: str, path: str, body: bytes = b"", *headers: tuple[str, str], token: bool = True) -> Asking:
    """One request, with a token that may do everything over REST or without one."""

    async def run(house: Built, held: str) -> Answer:
        sent = [*([bearer(held)] if token else []), *headers]
        return await ask(house.front, method, path, headers=sent, body=body)

    return run


WRONG: dict[str, tuple[int, Asking]] = {
    "malformed JSON": (400, asking("PUT", FORWARD, b"{", JSON)),
    "a malformed query": (400, asking("GET", "/api/rest/extensions/?limit=%zz")),
    "a malformed condition": (400, asking("GET", FORWARD, b"", ("if-none-match", "x"))),
    "no token": (401, asking("GET", FORWARD, token=False)),
    "a dead token": (401, asking("GET", FORWARD, b"", bearer("dead"), token=False)),
    "an unknown extension": (404, asking("GET", "/api/rest/callforward/users/9999")),
    "an unknown path": (404, asking("GET", "/api/rest/nowhere")),
    "an unknown address": (404, asking("GET", "/nowhere", token=False)),
    "another method": (405, asking("POST", FORWARD, b"{}", JSON)),
    "what is there already": (409, asking("POST", "/api/rest/extensions/", b'{"extension":"1001","name":"x"}', JSON)),
    "an unmet condition": (412, asking("PUT", FORWARD, b"{}", JSON, ("if-match", '"other"'))),
    "a body beyond its bound": (413, asking("PUT", FORWARD, b" " * 300_000, JSON)),
    "another media type": (415, asking("PUT", FORWARD, b"<a/>", ("content-type", "application/xml"))),
    "an unfit value": (422, asking("PUT", FORWARD, b'{"ring_timer":500}', JSON)),
}

every_problem = pytest.mark.parametrize(("status", "wrong"), WRONG.values(), ids=WRONG)


async def told(folder: Path, wrong: Asking) -> Answer:
    async with built(folder) as house:
        return await wrong(house, await house.token(await house.register("rest")))


@every_problem
async def test_a_problem_has_its_media_type_and_its_members(tmp_path: Path, status: int, wrong: Asking) -> None:
    """RFC 9457 §3, §3.1: application/problem+json: type, title and detail are strings, status is a number."""
    answer = await told(tmp_path, wrong)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {name: type(problem[name]) for name in ("type", "title", "status", "detail")} == {
        "type": str,
        "title": str,
        "status": int,
        "detail": str,
    }


@every_problem
async def test_the_status_told_is_the_status_sent(tmp_path: Path, status: int, wrong: Asking) -> None:
    """RFC 9457 §3.1.2: generators MUST use the same status code in the actual HTTP response."""
    assert (await told(tmp_path, wrong)).json()["status"] == status


async def test_a_title_is_the_same_for_every_occurrence(tmp_path: Path) -> None:
    """RFC 9457 §3.1.3: the title SHOULD NOT change from occurrence to occurrence; what differs is in the detail."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        bodies = (b'{"ring_timer":500}', b'{"busy":"no number"}', b'{"unconditional":"1001"}')
        problems = [(await asking("PUT", FORWARD, body, JSON)(house, token)).json() for body in bodies]
        assert len({problem["title"] for problem in problems}) == 1
        assert len({problem["detail"] for problem in problems}) == 3


async def test_a_detail_helps_to_mend_the_request_and_tells_nothing_of_the_inside(tmp_path: Path) -> None:
    """RFC 9457 §3.1.4, §5: help to correct the problem rather than debugging information."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest:extensions"))
        problem = (await asking("GET", FORWARD)(house, token)).json()
        assert "rest:callforward:read" in problem["detail"]
        assert not any(word in problem["detail"] for word in ("Traceback", "sqlite", ".py"))


async def test_where_the_body_is_at_fault_an_extension_points_at_the_place(tmp_path: Path) -> None:
    """RFC 9457 §3.2: extension members; `errors` lists each place and what is wrong with it."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        problem = (await asking("PUT", FORWARD, b'{"ring_timer":500}', JSON)(house, token)).json()
        assert [error["path"] for error in problem["errors"]] == ["ring_timer"]


@every_problem
async def test_no_type_is_claimed_that_is_not_described(tmp_path: Path, status: int, wrong: Asking) -> None:
    """RFC 9457 §4.2.1: about:blank says that the problem has no meaning beyond that of its status code."""
    assert (await told(tmp_path, wrong)).json()["type"] == "about:blank"
