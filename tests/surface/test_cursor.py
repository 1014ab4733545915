"""Cursors: opaque, the same for both faces, and nothing but a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.sdk import Invalid
from scopekeeper.surface.cursor import LONGEST_CURSOR, cursor_of, key_of

keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200)


@given(keys)
def test_a_cursor_gives_its_key_back(key: str) -> None:
    assert key_of(cursor_of(key)) == key


@given(st.text())
def test_whatever_is_no_cursor_of_ours_is_invalid_and_nothing_else(text: str) -> None:
    try:
        key = key_of(text)
    except Invalid:
        return
    assert cursor_of(key) == text


@pytest.mark.parametrize(
    "text", ["", "AQ", "AQ==", cursor_of("1001") + "=", "MTAwMQ", "AX8A", "!", "é", "AQ\n", "A" * 10_000]
)
def test_row_56_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        key_of(text)
    assert refused.value.path == "after"


def test_a_cursor_too_long_to_be_ours_is_not_even_decoded() -> None:
    with pytest.raises(Invalid):
        key_of(cursor_of("k" * LONGEST_CURSOR))


def test_a_cursor_is_safe_in_an_address() -> None:
    assert set(cursor_of("ÿ?>~/+&=")) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
