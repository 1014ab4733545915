"""Where people are sent after signing in: to our own pages, by paths that cannot mean anything else."""

import pytest

from scopekeeper.pages.onward import HOME, onward


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account?note=changed",
        "/account/security",
        "/account/security?note=totp",
        "/account/data",
        "/account/remove",
        "/console/",
        "/console/applications/1?tab=secrets",
        "/device?user_code=BCDF-GHJK",
        "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=%0d%0a",
    ],
)
def test_our_own_pages_are_gone_to(path: str) -> None:
    assert onward(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "account", "/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "https://evil.example", "https:evil.example", "javascript:alert(1)", "//evil.example/account",
        "/account/../../evil", "/account//evil.example", "/account@evil.example", "/account.evil.example",
        "/accountant", "/login", "/link?key=1", "/account/sign-out", "/account/security/", "/account/security/totp",
        "/account/data/", "/account/removed", "/account/password",
        "/account/securityx", "/account#x", "/account?a=\r\nset-cookie: a=b",
        "/account?a=\u00e9", " /account", "/account ", "/account\n", "/%61ccount", "/oauth/authorize/..",
        "/oauth/token", "/console/../account", "/device?a=<script>", "/device?a=\"",
    ],
)  # fmt: skip
def test_rfc_9700_4_11_2_nothing_else_is(path: str | None) -> None:
    """RFC 9700 §4.11.2."""
    assert onward(path) == HOME
