"""Forged forms: what proves a form, and what a browser says of another site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from scopekeeper.pages.csrf import foreign, proves, token_of

ISSUER = "https://id.example.com"


def asking(**headers: str) -> Scope:
    return {"type": "http", "headers": [(name.replace("_", "-").encode(), v.encode()) for name, v in headers.items()]}


KEYS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1)
"""As browsers' keys are: HMAC fills a short one up with NULs, so one that ends in them is the same as without."""


@given(KEYS, st.text(), KEYS, st.text())
def test_a_token_proves_one_form_of_one_browser_and_no_other(key: str, form: str, other: str, name: str) -> None:
    """RFC 9700 §4.7."""
    token = token_of(key, form)
    assert proves(token, key, form)
    assert proves(token, other, form) == (other == key)
    assert proves(token, key, name) == (name == form)


@pytest.mark.parametrize("token", [None, "", "\u00e9", "0" * 64])
def test_what_is_no_token_proves_nothing(token: str | None) -> None:
    assert not proves(token, "key", "login")


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"origin": ISSUER}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "http://id.example.com"}, True),
        ({"origin": "https://id.example.com:8443"}, True),
        ({"origin": "https://id.example.com.evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "cross-site", "origin": ISSUER}, True),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "none", "sec_fetch_mode": "cors", "sec_fetch_dest": "iframe"}, False),
    ],
)
def test_a_foreign_origin_or_cross_site_is_foreign_and_nothing_else_is(
    headers: dict[str, str], is_foreign: bool
) -> None:
    assert foreign(asking(**headers), ISSUER) == is_foreign
