"""One-time codes by time, and recovery codes."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.one_time import (
    SECRET_LENGTH,
    STEP,
    code_at,
    recovery_code_of,
    recovery_digest_of,
    secret_of,
    shown_secret,
    step_at,
    step_of,
    typed_code,
    typed_recovery_code,
    uri_of,
)
from tests.fixtures import NOON

RFC = b"12345678901234567890"
HOTP = (
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
)  # fmt: skip
ENTROPY = st.text("0123456789abcdefABCDEF", min_size=32, max_size=32)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238 §4.2, appendix B (the rows of SHA-1). Of six digits they are the last six (RFC 4226 §5.3)."""
    assert code_at(RFC, step_at(seconds), 8) == code
    assert code_at(RFC, step_at(seconds)) == code[2:]


@pytest.mark.parametrize(
    ("count", "code"),
    [*enumerate(HOTP)],
)
def test_a_step_is_the_counter_of_hotp(count: int, code: str) -> None:
    """RFC 4226 appendix D."""
    assert code_at(RFC, count) == code


@pytest.mark.parametrize(("ago", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step_either_way(ago: int, taken: bool) -> None:
    """RFC 6238 §5.2, §6: one time step is allowed as the network delay, and for a clock that drifts."""
    here = step_at(NOON)
    assert step_of(RFC, code_at(RFC, here - ago), NOON) == (here - ago if taken else None)


def test_a_code_is_good_for_its_own_secret_alone() -> None:
    assert step_of(secret_of("another"), code_at(RFC, step_at(NOON)), NOON) is None


@pytest.mark.parametrize("typed", ["287082", " 287 082 ", "287-082", "28 70 82\n"])
def test_a_code_is_taken_with_whatever_stands_between_its_digits(typed: str) -> None:
    assert typed_code(typed) == "287082"


@pytest.mark.parametrize("typed", ["", "28708", "2870821", "28708a", "٢٨٧٠٨٢", "+87082", "287.82"])
def test_row_52_what_is_no_code_is_none(typed: str) -> None:
    assert typed_code(typed) is None


def test_a_secret_is_as_long_as_the_hash_and_nobody_elses() -> None:
    """RFC 4226 §4, R6: 160 bits are recommended."""
    one, other = secret_of("0" * 32), secret_of("1" * 32)
    assert len(one) == len(other) == SECRET_LENGTH
    assert one != other


def test_an_app_reads_who_it_is_for_and_how_codes_are_made() -> None:
    """The secret in base32 (RFC 4648 §6)."""
    uri = urlsplit(uri_of(RFC, "auth.example", "a+b@example.com"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/auth.example:a%2Bb%40example.com")
    assert parse_qs(uri.query) == {
        "secret": [shown_secret(RFC)],
        "issuer": ["auth.example"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": [str(STEP)],
    }
    assert shown_secret(RFC) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@given(ENTROPY)
def test_a_recovery_code_has_eighty_bits_and_no_letters_that_look_alike(entropy: str) -> None:
    code = recovery_code_of(entropy)
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert not set(code) & set("ILOU")


@given(ENTROPY, st.sampled_from(["", " ", "-", "\n"]), st.booleans())
def test_a_recovery_code_is_known_however_it_is_typed(entropy: str, between: str, small: bool) -> None:
    code = recovery_code_of(entropy)
    typed = between.join(code.lower() if small else code)
    known = typed_recovery_code(typed)
    assert known is not None
    assert recovery_digest_of(known) == recovery_digest_of(code)


def test_letters_that_a_recovery_code_has_not_are_read_as_the_digits_they_look_like() -> None:
    assert typed_recovery_code("iLoO-0000-0000-0000") == "1100000000000000"


@pytest.mark.parametrize(
    "typed", ["", "7K3M-Q0ZX-4T9A", "7K3M-Q0ZX-4T9A-WWE11", "U" * 16, "é" * 16, "7K3M_Q0ZX_4T9A_WWE1"]
)
def test_row_52_what_is_no_recovery_code_is_none(typed: str) -> None:
    assert typed_recovery_code(typed) is None


@given(ENTROPY, ENTROPY)
def test_two_recovery_codes_are_never_the_same(one: str, other: str) -> None:
    assert (recovery_code_of(one) == recovery_code_of(other)) is (one == other)
