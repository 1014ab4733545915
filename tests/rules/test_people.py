"""What a name, an e-mail address and a password may be; when a session and a link hold."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.people import (
    ABSOLUTE,
    IDLE,
    LONGEST_EXTERNAL_ID,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Link,
    Purpose,
    Session,
    UnfitPerson,
    User,
    email_of,
    external_id_of,
    link_holds,
    name_of,
    normalized,
    password_of,
    session_holds,
)

NOW = 1_800_000_000
ALICE = User(1, "alice", "hash", NOW)


def refused(field: str, judge: Callable[..., str], *text: str) -> bool:
    """It is refused, for this field, in words that do not repeat the text."""
    with pytest.raises(UnfitPerson) as told:
        judge(*text)
    return told.value.field == field and not any(len(each) > 8 and each in str(told.value) for each in text)


@given(st.text())
def test_a_name_is_a_name_or_refused_and_folding_it_again_changes_nothing(text: str) -> None:
    try:
        name = name_of(text)
    except UnfitPerson:
        return
    assert re.fullmatch(r"[a-z0-9._@+-]{1,64}", name)
    assert name_of(name) == name
    assert name_of(f"  {name.upper()}\n") == name


@given(st.from_regex(r"[a-z0-9]([a-z0-9._@+\-]{0,62}[a-z0-9])?", fullmatch=True), st.data())
def test_whoever_writes_a_name_otherwise_means_the_same_account(name: str, data: st.DataObject) -> None:
    assert name_of(name) == name
    wide = "".join(chr(ord(each) + 0xFEE0) if data.draw(st.booleans()) else each for each in name.upper())
    assert name_of(wide) == name


@pytest.mark.parametrize(
    "text", ["", " ", ".", "-a", "a-", "a b", "a\nb", "a\x00", "ä", "\u0430lice", "a" * 65, "a/b", "a:b"]
)
def test_what_could_pass_for_another_or_break_a_line_is_no_name(text: str) -> None:
    assert refused("name", name_of, text)


@pytest.mark.parametrize("text", ["alice@example.com", "a.b+c@x", "ü@example.com", "a@" + "b" * 250])
def test_an_address_is_kept_as_it_is_written(text: str) -> None:
    assert email_of(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "alice", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nBcc: x", "a@b.", '"a"@b', "a@" + "b" * 300],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refused("email", email_of, text)


@given(st.text(max_size=2_000))
def test_row_54_a_password_that_may_be_chosen_is_long_enough_and_not_too_long_to_hash(text: str) -> None:
    try:
        password = password_of(text, "alice")
    except UnfitPerson:
        return
    assert len(password) >= SHORTEST_PASSWORD
    assert len(password.encode()) <= LONGEST_PASSWORD
    assert password_of(password, "alice") == password


@given(st.text(min_size=20, max_size=80).filter(lambda text: len(set(unicodedata.normalize("NFC", text))) > 3))
def test_the_same_characters_are_the_same_password_on_every_keyboard(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normalized(composed) == normalized(apart)
    assert password_of(composed, "alice") == password_of(apart, "alice") == normalized(apart)


@pytest.mark.parametrize(
    "text",
    ["", "short", "aaaaaaaaaaaa", "abababababab", "a" * 1_025, "ü" * 513 + "abc", "a bad one \udcff", "x" * 10**6],
)
def test_row_54_what_is_too_short_too_plain_too_long_or_no_text_is_refused(text: str) -> None:
    assert refused("password", password_of, text, "alice")


def test_ones_own_name_is_no_password() -> None:
    assert refused("password", password_of, "Alice.Liddell", "alice.liddell")


@pytest.mark.parametrize(
    "text", ["correct horse", "        ab c", "пароль на русском", "🔑🔒🗝️🔓🧰🪛🔧🔨", "\x00nul is fine too"]
)
def test_any_characters_may_be_in_a_password(text: str) -> None:
    assert password_of(text, "alice") == unicodedata.normalize("NFC", text)


def a_stay(signed_in: int = NOW, seen: int = NOW, user_id: int = 1) -> Session:
    return Session(10, b"", user_id, "alice", signed_in, seen)


def test_what_an_account_is_called_elsewhere_is_kept_as_it_is_written() -> None:
    """RFC 7643 §3.1: whoever keeps it there says what it is."""
    for text in ("701984", "2819c223-7f76-453a-919d-413861904646", "CN=Ä b, OU=x", "x" * LONGEST_EXTERNAL_ID):
        assert external_id_of(text) == text
    for text in ("", "x" * (LONGEST_EXTERNAL_ID + 1), "a\nb", "a\0b", "\ud800"):
        with pytest.raises(UnfitPerson) as unfit:
            external_id_of(text)
        assert unfit.value.field == "external_id"


def test_a_session_ends_when_nobody_was_seen_and_when_it_has_lasted_long_enough() -> None:
    assert session_holds(a_stay(), ALICE, NOW)
    assert session_holds(a_stay(), ALICE, NOW + IDLE - 1)
    assert not session_holds(a_stay(), ALICE, NOW + IDLE)
    end = NOW + ABSOLUTE
    assert session_holds(a_stay(seen=end - 1), ALICE, end - 1)
    assert not session_holds(a_stay(seen=end - 1), ALICE, end)


def test_a_session_of_a_disabled_or_another_account_does_not_hold() -> None:
    assert not session_holds(a_stay(), User(1, "alice", "hash", NOW, enabled=False), NOW)
    assert not session_holds(a_stay(user_id=2), ALICE, NOW)


def test_a_link_works_until_its_end() -> None:
    link = Link(20, b"", Purpose.PASSWORD, 1, NOW, NOW + 60)
    assert link_holds(link, NOW + 59)
    assert not link_holds(link, NOW + 60)


def test_row_31_no_hash_and_no_digest_shows_in_what_a_record_says_of_itself() -> None:
    told = repr((ALICE, a_stay(), Link(20, b"digest", Purpose.SETUP, None, NOW, NOW)))
    assert "hash" not in told
    assert "digest" not in told
