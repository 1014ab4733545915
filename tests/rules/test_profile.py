"""What an account tells of its person: what each of it may be, and that what can stand goes on standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.people import UnfitPerson, User
from scopekeeper.oauth.profile import LONGEST, LONGEST_ADDRESS, PROFILE, with_profile
from scopekeeper.oauth.userinfo import CLAIMS, claims_of

ALICE = User(1, "alice", None, 0)

GOOD = {
    "full_name": ["Alice", "Алиса", "José Ángel", "x" * LONGEST],
    "given_name": ["Alice"],
    "family_name": ["O'Neill-Jørgensen"],
    "phone_number": ["1001", "+16045551234", "+1 (604) 555-1234", "+1 (604) 555-1234;ext=5678"],
    "address": ["1 Main Street\nVancouver", "x" * LONGEST_ADDRESS],
    "locale": ["de", "de-AT", "zh-Hant-TW"],
    "zoneinfo": ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
}
BAD = {
    "full_name": ["a\nb", "a\x00", "a\u202eb", "x" * (LONGEST + 1)],
    "given_name": ["a\tb"],
    "family_name": ["a\rb"],
    "phone_number": ["x", "+", "12+3", "+1;ext=", "1" * 60, "1\n2", "tel:1", "\u0661\u0662"],
    "address": ["a\x00b", "a\tb", "x" * (LONGEST_ADDRESS + 1)],
    "locale": ["d", "de_AT", "de-", "de AT", "../de", "d" * 50],
    "zoneinfo": ["/Vienna", "Europe/", "../../etc/passwd", "Europe Vienna", "x/" * 10],
}


def pairs(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, each in texts.items() for text in each]


def test_every_field_is_tried() -> None:
    assert GOOD.keys() == BAD.keys() == PROFILE.keys()


@pytest.mark.parametrize(("name", "text"), pairs(GOOD))
def test_what_can_stand_stands_as_it_was_written(name: str, text: str) -> None:
    assert getattr(with_profile(ALICE, {name: f"  {text} \r\n"}), name) == text


@pytest.mark.parametrize(("name", "text"), pairs(BAD))
def test_what_cannot_stand_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(UnfitPerson) as told:
        with_profile(ALICE, {name: text})
    assert told.value.field == name


@pytest.mark.parametrize("empty", ["", " ", "\n", None])
def test_what_is_empty_is_nothing(empty: str | None) -> None:
    known = with_profile(ALICE, {name: texts[0] for name, texts in GOOD.items()})
    assert with_profile(known, dict.fromkeys(PROFILE, empty)) == ALICE


def test_there_is_no_other_field() -> None:
    for name in ("admin", "password", "id", "nickname"):
        with pytest.raises(KeyError):
            with_profile(ALICE, {name: "x"})


@given(st.sampled_from(sorted(PROFILE)), st.text(max_size=600))
def test_what_stands_once_stands_again_unchanged_and_nothing_else_is_touched(name: str, text: str) -> None:
    try:
        once = with_profile(ALICE, {name: text})
    except UnfitPerson:
        return
    assert with_profile(once, {name: getattr(once, name)}) == once
    assert with_profile(once, {name: None}) == ALICE
    kept = getattr(once, name)
    assert kept is None or (kept == kept.strip() != "" and "\x00" not in kept)


@given(st.sets(st.sampled_from(sorted(CLAIMS))), st.sampled_from(sorted(CLAIMS)))
def test_more_scopes_never_tell_less_and_no_claim_is_told_without_its_scope(held: set[str], more: str) -> None:
    known = with_profile(ALICE, {name: texts[0] for name, texts in GOOD.items()})
    told = claims_of(known, held)
    assert told.items() <= claims_of(known, held | {more}).items()
    assert all(any(name in CLAIMS[scope] for scope in held) for name in told)
