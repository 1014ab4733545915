"""Proof Key for Code Exchange (RFC 7636)."""

import string
from base64 import urlsafe_b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.pkce import CHALLENGE_METHODS, challenge_of, is_challenge, is_verifier, require_verifier

UNRESERVED = string.ascii_letters + string.digits + "-._~"
VERIFIERS = st.text(UNRESERVED, min_size=43, max_size=128)

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def refused(challenge: str | None, verifier: str | None) -> str:
    with pytest.raises(OAuthError) as error:
        require_verifier(challenge, verifier)
    return error.value.error


def test_the_challenge_is_the_one_of_the_documents_example() -> None:
    """RFC 7636 §4.2 and appendix B."""
    assert challenge_of(VERIFIER) == CHALLENGE
    require_verifier(CHALLENGE, VERIFIER)


@given(VERIFIERS)
def test_whoever_has_the_verifier_is_let_through(verifier: str) -> None:
    """RFC 7636 §4.6."""
    assert is_verifier(verifier)
    assert is_challenge(challenge_of(verifier))
    require_verifier(challenge_of(verifier), verifier)


@given(VERIFIERS, st.text(max_size=200))
def test_row_16_nothing_else_is(verifier: str, sent: str) -> None:
    """RFC 7636 §4.6: if the values are not equal, invalid_grant."""
    assume(sent != verifier)
    assert refused(challenge_of(verifier), sent) == "invalid_grant"


@given(VERIFIERS)
def test_row_16_the_challenge_is_not_its_own_verifier(verifier: str) -> None:
    """RFC 9700 §2.1.1: `plain` would let whoever saw the authorization request redeem its code."""
    assert refused(challenge_of(verifier), challenge_of(verifier)) == "invalid_grant"
    assert CHALLENGE_METHODS == ("S256",)


def test_row_16_a_verifier_may_neither_be_left_out_nor_come_unexpected() -> None:
    """RFC 9700 §2.1.1: a code_verifier is accepted only if a code_challenge was there."""
    assert refused(CHALLENGE, None) == "invalid_grant"
    assert refused(None, VERIFIER) == "invalid_grant"
    require_verifier(None, None)


@pytest.mark.parametrize(
    "text", ["", "a" * 42, "a" * 129, "a" * 42 + "=", "a" * 42 + "+", "a" * 42 + " ", "a" * 43 + "\n", "é" * 43]
)
def test_a_verifier_has_43_to_128_unreserved_characters(text: str) -> None:
    """RFC 7636 §4.1."""
    assert not is_verifier(text)
    assert refused(urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode(), text) == "invalid_grant"


@pytest.mark.parametrize("text", ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "=", CHALLENGE[:-1] + "~", "é" * 43])
def test_a_challenge_has_the_43_characters_of_a_digest(text: str) -> None:
    """RFC 7636 §4.2: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))), without padding."""
    assert not is_challenge(text)
