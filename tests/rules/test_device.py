"""Device authorization: how a device begins to wait, what its user code is, and when a person is asked."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.device import (
    INTERVAL,
    LETTERS,
    Question,
    claimed_by,
    decision_on,
    question_of,
    shown,
    user_code_from,
    user_code_of,
    waiting,
)
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Consent, DeviceCode, Grantor
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.secrets import ALPHABET, ENTROPY_LENGTH, Kind, digest_of, row_of
from tests.altered import replace
from tests.rules.makers import KNOWN, NOW, client, mint

ALICE, BOB = 7, 8
READ, WRITE = "rest:callforward:read", "rest:callforward:write"

user_codes = st.text(LETTERS, min_size=8, max_size=8)


def television(**more: object) -> Client:
    return client(type=ApplicationType.NATIVE, grant_types=(GrantType.DEVICE_CODE,), secrets=(), **more)


def device(**more: object) -> DeviceCode:
    made = waiting(television(), None, mint(), "0" * ENTROPY_LENGTH).device
    return replace(made, **more)


def question(made: DeviceCode | None = None, of: Client | None = None, now: int = NOW) -> Question | None:
    return question_of(made or device(), of or television(), ALICE, now, KNOWN.__contains__)


def test_rfc_8628_3_2_a_device_waits_for_ten_minutes_with_a_code_of_its_own() -> None:
    """RFC 8628 §3.2."""
    begun = waiting(television(), READ, mint(), "1" * ENTROPY_LENGTH)
    assert row_of(begun.device_code, Kind.DEVICE_CODE) == begun.device.id
    assert begun.device.digest == digest_of(begun.device_code)
    assert begun.device.scope == (READ,)
    assert (begun.device.issued_at, begun.device.expires_at, begun.device.interval) == (NOW, NOW + 600, INTERVAL)
    assert begun.device.approved is None
    assert begun.device.grantor is None


def test_row_31_neither_the_device_code_nor_the_user_code_is_in_a_repr() -> None:
    begun = waiting(television(), None, mint(), "1" * ENTROPY_LENGTH)
    for text in (repr(begun), repr(begun.device)):
        assert begun.device_code[-38:] not in text
        assert begun.device.user_code not in text


def test_rfc_8628_3_1_without_scope_a_device_gets_what_its_application_may_have_and_nothing_of_the_person() -> None:
    """RFC 8628 §3.1: as RFC 6749 §3.3 says."""
    of = television(scope=("openid", READ, "offline_access"))
    assert waiting(of, None, mint(), "0" * 32).device.scope == (READ,)
    assert waiting(of, f"openid {READ}", mint(), "0" * 32).device.scope == ("openid", READ)


@pytest.mark.parametrize("asked", ["rest", "rest:unknown", "  ", "rest:callforward:read\u00e9", "email"])
def test_row_41_a_device_gets_no_more_than_its_application_may_have(asked: str) -> None:
    with pytest.raises(OAuthError) as refused:
        waiting(television(), asked, mint(), "0" * 32)
    assert refused.value.error == "invalid_scope"


def test_an_application_without_the_grant_has_no_devices() -> None:
    with pytest.raises(OAuthError) as refused:
        waiting(client(), None, mint(), "0" * 32)
    assert (refused.value.error, refused.value.status) == ("unauthorized_client", 400)


def test_row_51_no_letter_comes_up_more_often_than_another_at_any_place() -> None:
    """χ² of 19 degrees of freedom: its mean is 19, and one in a hundred thousand is above 60."""
    drawn, draws = Random(8628), 20_000
    places = [Counter[str]() for _ in range(8)]
    for _ in range(draws):
        for place, letter in zip(places, user_code_from("".join(drawn.choices(ALPHABET, k=32))), strict=True):
            place[letter] += 1
    expected = draws / len(LETTERS)
    for place in places:
        assert sum((place[letter] - expected) ** 2 / expected for letter in LETTERS) < 60


@given(user_codes)
def test_every_user_code_can_come_up(user_code: str) -> None:
    number = 0
    for letter in reversed(user_code):
        number = number * 20 + LETTERS.index(letter)
    digits = ""
    for _ in range(ENTROPY_LENGTH):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    assert user_code_from(digits) == user_code


@given(st.text(ALPHABET, min_size=ENTROPY_LENGTH, max_size=ENTROPY_LENGTH))
def test_rfc_8628_6_1_a_user_code_has_eight_consonants(entropy: str) -> None:
    """RFC 8628 §6.1."""
    user_code = user_code_from(entropy)
    assert len(user_code) == 8
    assert set(user_code) <= set("BCDFGHJKLMNPQRSTVWXZ")


@given(user_codes, st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", "-", " ", "\u2013", " - "]))
def test_rfc_8628_6_1_case_and_grouping_are_overlooked(user_code: str, case: object, between: str) -> None:
    """RFC 8628 §6.1."""
    assert callable(case)
    assert user_code_of(case(shown(user_code).replace("-", between))) == user_code


@pytest.mark.parametrize(
    "typed",
    [
        "BCDF-GHJK", "bcdfghjk", " bcdf ghjk\n", "BCDF\u2011GHJK", "BCDF\u2212GHJK", "BCDF\u00a0GHJK", "BCDF_GHJK.",
        "\u201cBCDF-GHJK\u201d", "B C D F G H J K", "BCDF\u200bGHJK",
        "\uff22\uff23\uff24\uff26\uff0d\uff27\uff28\uff2a\uff2b",
    ],
)  # fmt: skip
def test_a_user_code_is_read_however_it_is_punctuated(typed: str) -> None:
    assert user_code_of(typed) == "BCDFGHJK"


@pytest.mark.parametrize(
    "typed", ["", "BCDF", "BCDF-GHJ", "BCDF-GHJKL", "AEIO-UAEI", "BCDFGHJ\u00df", "B" * 101, "-" * 9]
)
def test_what_cannot_be_a_user_code_is_none(typed: str) -> None:
    assert user_code_of(typed) is None


def test_a_person_is_asked_about_the_device_and_what_it_would_have() -> None:
    found = question()
    assert found is not None
    assert found.scope == (READ, WRITE)
    assert found.user_code == "BBBB-BBBB"


@pytest.mark.parametrize(
    ("made", "of", "now"),
    [
        (device(), television(), NOW + 600),
        (device(user_id=BOB), television(), NOW),
        (device(), television(enabled=False), NOW),
        (device(), television(generation=1), NOW),
        (device(), television(client_id="other"), NOW),
        (device(), television(scope=()), NOW),
        (device(), television(scope=("gql",)), NOW),
        (device(), client(), NOW),
        (device(scope=("rest:gone",)), television(scope=("rest",)), NOW),
    ],
    ids=[
        "expired", "somebody else's", "disabled", "compromised", "another application's", "no scope", "other scopes",
        "grant taken away", "unheard-of scope",
    ],
)  # fmt: skip
def test_nobody_is_asked_where_nothing_could_come_of_it(made: DeviceCode, of: Client, now: int) -> None:
    assert question(made, of, now) is None


def test_nobody_is_asked_about_what_is_not_there() -> None:
    assert question_of(None, None, ALICE, NOW, KNOWN.__contains__) is None
    assert question_of(device(), None, ALICE, NOW, KNOWN.__contains__) is None


def test_an_application_that_was_narrowed_meanwhile_gets_what_is_left() -> None:
    found = question(of=television(scope=(READ,)))
    assert found is not None
    assert found.scope == (READ,)
    decided, consent = decision_on(found, Grantor(ALICE, "alice", NOW, 3), True, None, NOW)
    assert decided.scope == (READ,)
    assert consent is not None
    assert consent.scope == (READ,)


def test_row_51_a_device_is_claimed_by_one_person_in_one_session() -> None:
    claimed = device(user_id=ALICE, session_id=3)
    assert claimed_by(claimed, Grantor(ALICE, "alice", NOW, 3))
    assert not claimed_by(claimed, Grantor(ALICE, "alice", NOW, 4))
    assert not claimed_by(claimed, Grantor(BOB, "bob", NOW, 3))
    assert not claimed_by(device(), Grantor(ALICE, "alice", NOW, 3))


def test_an_approval_is_remembered_with_what_was_allowed_before() -> None:
    found, grantor = question(of=television(scope=(READ,))), Grantor(ALICE, "alice", NOW - 60, 3)
    assert found is not None
    before = Consent(ALICE, "abc", 0, ("email", READ), NOW - 9, NOW - 9)
    decided, consent = decision_on(found, grantor, True, before, NOW)
    assert (decided.approved, decided.grantor) == (True, grantor)
    assert consent == Consent(ALICE, "abc", 0, ("email", READ), NOW - 9, NOW)


def test_what_was_allowed_before_the_application_was_compromised_is_void() -> None:
    found = question(device(generation=1), television(generation=1))
    assert found is not None
    before = Consent(ALICE, "abc", 0, ("email",), NOW - 9, NOW - 9)
    _, consent = decision_on(found, Grantor(ALICE, "alice", NOW, 3), True, before, NOW)
    assert consent == Consent(ALICE, "abc", 1, (READ, WRITE), NOW, NOW)


def test_a_denial_is_remembered_by_the_device_alone() -> None:
    found = question()
    assert found is not None
    decided, consent = decision_on(found, Grantor(ALICE, "alice", NOW, 3), False, None, NOW)
    assert (decided.approved, consent) == (False, None)
