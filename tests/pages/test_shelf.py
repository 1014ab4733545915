"""Static files: named by their content, kept forever, and nothing else is given."""

import hashlib

import pytest

from scopekeeper.pages.shelf import Shelf
from tests.asking import ask
from tests.pages.people import place


def test_a_files_address_has_the_digest_of_its_content() -> None:
    shelf = Shelf()
    for name in ("pages.css", "mark.svg"):
        address = shelf.address_of(name)
        assert hashlib.sha256(shelf.replies[address].body).hexdigest()[:12] in address


async def test_a_file_is_given_with_its_type_and_leave_to_keep_it() -> None:
    answer = await ask(place().front, "GET", Shelf().address_of("pages.css"))
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/pages.css",
        "/static/../pages/page.py",
        "/static/..%2f..%2fpage.py",
        "/static//etc/passwd",
        "/static/templates/layout.html",
        "/static/pages.000000000000.css",
    ],
)
async def test_a_path_that_was_not_made_here_leads_nowhere(path: str) -> None:
    assert (await ask(place().front, "GET", path)).status == 404


async def test_files_are_there_to_be_read() -> None:
    address = Shelf().address_of("mark.svg")
    assert (await ask(place().front, "HEAD", address)).body == b""
    assert (await ask(place().front, "POST", address)).status == 405
