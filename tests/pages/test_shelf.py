"""Static files: named by their content, kept forever, compressed, and nothing else is given."""

import gzip
import hashlib

import pytest

from scopekeeper.pages.shelf import Shelf, reads_gzip
from tests.asking import ask
from tests.pages.people import place


def test_a_files_address_has_the_digest_of_its_content() -> None:
    shelf = Shelf()
    for name in ("pages.css", "mark.svg"):
        address = shelf.address_of(name)
        kept = shelf.at(address)
        assert kept is not None
        assert hashlib.sha256(kept.plain.body).hexdigest()[:12] in address


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


async def test_a_file_is_compressed_for_whoever_reads_that() -> None:
    address = Shelf().address_of("pages.css")
    plain = await ask(place().front, "GET", address)
    packed = await ask(place().front, "GET", address, headers=[("accept-encoding", "br, gzip")])
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("said", "reads"),
    [
        (None, False),
        (b"", False),
        (b"identity", False),
        (b"gzip", True),
        (b"GZIP;q=0.5", True),
        (b"deflate, gzip;q=1.0, *;q=0.5", True),
        (b"gzip;q=0", False),
        (b"gzip ; q=0.000", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"gzip;q=0, *", False),
        (b"br," * 400 + b"gzip", False),
        (b"\xff;\x00=\xff", False),
    ],
)
def test_gzip_is_given_only_to_who_says_so(said: bytes | None, reads: bool) -> None:
    """RFC 9110 §12.5.3."""
    assert reads_gzip(said) is reads
