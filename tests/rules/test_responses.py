"""How an answer travels."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.responses import Destination, FormPost, Redirect, response_of
from tests.rules.granting import REDIRECT
from tests.rules.makers import ISSUER


def location(uri: str, mode: str, state: str | None = None) -> str:
    response = response_of(Destination(uri, mode, state), {"code": "c"}, ISSUER)
    assert isinstance(response, Redirect)
    return response.location


@pytest.mark.parametrize(
    ("uri", "sent_to"),
    [
        (REDIRECT, f"{REDIRECT}?code=c&"),
        (f"{REDIRECT}?a=1", f"{REDIRECT}?a=1&code=c&"),
        (f"{REDIRECT}?", f"{REDIRECT}?code=c&"),
        (f"{REDIRECT}?a=1&", f"{REDIRECT}?a=1&code=c&"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c&"),
    ],
)
def test_what_the_client_has_in_its_query_stays_there(uri: str, sent_to: str) -> None:
    """RFC 6749 §3.1.2."""
    assert location(uri, "query").startswith(sent_to)


@given(st.text(max_size=200))
def test_row_48_a_state_comes_back_exactly_and_is_nothing_but_a_state(state: str) -> None:
    """RFC 6749 §4.1.2."""
    encodable = state.encode("utf-8", "replace").decode()
    for mode in ("query", "fragment"):
        parts = urlsplit(location(REDIRECT, mode, encodable))
        told = parse_qs(getattr(parts, mode), keep_blank_values=True, strict_parsing=True)
        assert told == {"code": ["c"], "state": [encodable], "iss": [ISSUER]}
        assert parts._replace(query="", fragment="").geturl() == REDIRECT


def test_row_17_every_way_says_who_answers() -> None:
    """RFC 9207 §2."""
    posted = response_of(Destination(REDIRECT, "form_post", None), {"error": "x"}, ISSUER)
    assert posted == FormPost(REDIRECT, {"error": "x", "iss": ISSUER})
    assert location(REDIRECT, "fragment").startswith(f"{REDIRECT}#code=c&iss=")


def test_an_answer_is_not_seen_in_a_log() -> None:
    response = response_of(Destination(REDIRECT, "query", "secret"), {"code": "secret"}, ISSUER)
    assert "secret" not in repr(response) + repr(Destination(REDIRECT, "query", "secret"))
