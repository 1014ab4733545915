"""Where there is nothing: a page for people, a problem for programs."""

import pytest

from tests.asking import ask
from tests.pages.browsing import Browser, text_of
from tests.pages.people import place

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/login/", "/account/x", "/link/x", "/static/x", "/<script>"])
async def test_a_browser_is_told_in_words(path: str) -> None:
    answer = await Browser(place().front, headers={"accept": HTML}).get(path)
    assert answer.status == 404
    assert "There is nothing here" in text_of(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert b"<script" not in answer.body


@pytest.mark.parametrize("accept", [(), [("accept", "*/*")], [("accept", "application/json")]])
async def test_a_program_is_told_by_a_problem(accept: list[tuple[str, str]]) -> None:
    answer = await ask(place().front, "GET", "/nowhere", headers=accept)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
