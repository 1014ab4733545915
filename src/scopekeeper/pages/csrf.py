"""Forged forms: what another site makes a browser send is refused (RFC 9700 §4.7; OWASP ASVS 5.0 §3.5.1)."""

import hmac

from starlette.types import Scope

from scopekeeper.wire import header

FIELD = "csrf"
"""The name of the hidden field that bears the token."""


def token_of(key: str, form: str) -> str:
    """The token of one form for one browser. `key` is what the browser keeps in a cookie that no script can read."""
    return hmac.digest(key.encode(), b"form:" + form.encode(), "sha256").hex()


def proves(token: str | None, key: str, form: str) -> bool:
    """Was this form made by us, for this browser? Compared in constant time."""
    return token is not None and hmac.compare_digest(token.encode(), token_of(key, form).encode())


def foreign(scope: Scope, issuer: str) -> bool:
    """Does the browser itself say that another site sent this? An absent Origin says nothing."""
    origin = header(scope, b"origin")
    return (origin is not None and origin != issuer.encode()) or header(scope, b"sec-fetch-site") == b"cross-site"
