"""Paths: taken apart first, decoded after, and found in a tree."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.wire.paths import Routes, segments_of

SEGMENTS = st.lists(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(
        lambda segment: segment not in (".", "..")
    ),
    min_size=1,
    max_size=5,
)


@given(SEGMENTS)
def test_what_was_quoted_is_read_back_segment_by_segment(segments: list[str]) -> None:
    path = "/".join(quote(segment, safe="") for segment in segments).encode()
    assert segments_of(path) == tuple(segments)
    assert segments_of(path + b"/") == tuple(segments)


@given(st.binary(max_size=60))
def test_whatever_is_sent_is_read_or_refused(path: bytes) -> None:
    segments = segments_of(path)
    if segments is not None:
        assert len(segments) in (path.count(b"/"), path.count(b"/") + 1)
        assert not {"", ".", ".."} & set(segments)
        assert "\0" not in "".join(segments)


@given(st.text(alphabet="/.%2ef;", max_size=20))
def test_row_45_no_spelling_reaches_another_segment(path: str) -> None:
    segments = segments_of(path.encode())
    if segments:
        assert len(segments) == len(path.removesuffix("/").split("/"))


@pytest.mark.parametrize("path", [b"a%", b"a%2", b"a%g0", b"%c0%ae", b"%ed%a0%80", b"\xff"])
def test_bytes_that_are_no_utf_8_and_escapes_that_are_none_are_refused(path: bytes) -> None:
    assert segments_of(path) is None


def test_a_written_segment_wins_over_a_parameter() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/phones/{number}", "one")
    routes.add("GET", "/phones/mine", "mine")
    routes.add("GET", "/phones/{number}/calls/{call}", "call")
    routes.add("GET", "/phones/", "all")
    routes.add("PUT", "/phones/{number}", "set")
    assert routes.find("GET", ("phones", "mine")) == ("mine", [])
    assert routes.find("GET", ("phones", "7")) == ("one", ["7"])
    assert routes.find("GET", ("phones", "7", "calls", "a/b")) == ("call", ["7", "a/b"])
    assert routes.find("GET", ("phones",)) == ("all", [])
    assert routes.find("GET", ("phones", "7", "calls")) is None
    assert routes.find("GET", ("phones", "7", "calls", "1", "2")) is None
    assert routes.find("DELETE", ("phones", "7")) is None
    assert routes.methods(("phones", "7")) == ("GET", "PUT")


def test_what_is_written_is_no_parameter_of_another_method() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/phones/{number}", "one")
    routes.add("POST", "/phones/calls", "call")
    assert routes.find("POST", ("phones", "calls")) == ("call", [])
    assert routes.find("GET", ("phones", "calls")) is None
    assert routes.methods(("phones", "calls")) == ("POST",)
