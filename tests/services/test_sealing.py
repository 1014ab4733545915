"""The answer that a refresh token bought, kept so that only that token opens it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.grants.refresh_token import decide
from scopekeeper.oauth.records import GrantType
from scopekeeper.oauth.token import Issue
from scopekeeper.services.sealing import opened, parameters_of, sealed
from tests.altered import replace
from tests.rules.granting import ALICE, family, refresh, web
from tests.rules.makers import NOW, mint, request

TOKEN = "skpr_rt_" + "a" * 49


def issue() -> Issue:
    made = decide(request(GrantType.REFRESH_TOKEN), web(), (refresh(), family(), ALICE), mint())
    return replace(made, id_token="eyJ.id.token")


def test_who_has_the_token_opens_the_answer() -> None:
    sent = request(GrantType.REFRESH_TOKEN, scope="rest", resource="https://a.example/")
    answer = opened(sealed(issue(), sent, TOKEN), TOKEN, NOW + 7)
    assert answer is not None
    assert (answer.access_token, answer.refresh_token, answer.id_token, answer.scope) == (
        issue().access_token,
        issue().refresh_token,
        "eyJ.id.token",
        issue().scope,
    )
    assert (answer.expires_in, answer.asked) == (3_593, parameters_of(sent))


@given(st.text(max_size=80))
def test_no_other_token_opens_it(token: str) -> None:
    seal = sealed(issue(), request(GrantType.REFRESH_TOKEN), TOKEN)
    assert (opened(seal, token, NOW) is None) is (token != TOKEN)


@pytest.mark.parametrize(
    "change", [lambda seal: seal[:-1], lambda seal: b"", lambda seal: bytes([seal[0] ^ 1]) + seal[1:]]
)
def test_a_seal_that_was_tampered_with_does_not_open(change: object) -> None:
    seal = sealed(issue(), request(GrantType.REFRESH_TOKEN), TOKEN)
    assert opened(change(seal), TOKEN, NOW) is None  # type: ignore[operator]


def test_row_31_neither_the_seal_nor_what_was_opened_shows_a_secret() -> None:
    seal = sealed(issue(), request(GrantType.REFRESH_TOKEN), TOKEN)
    assert issue().access_token.encode() not in seal
    assert issue().access_token not in repr(opened(seal, TOKEN, NOW))


def test_the_seals_of_two_tokens_have_nothing_in_common() -> None:
    sent = request(GrantType.REFRESH_TOKEN)
    one, other = sealed(issue(), sent, TOKEN), sealed(issue(), sent, TOKEN[:-1] + "b")
    assert len(one) == len(other)
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 10
