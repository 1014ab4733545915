"""Proof Key for Code Exchange (RFC 7636), by S256 alone: `plain` proves nothing (RFC 9700 §2.1.1)."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

from scopekeeper.oauth.errors import OAuthError

CHALLENGE_METHODS: Final = ("S256",)

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_\-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~\-]{43,128}")


def challenge_of(verifier: str) -> str:
    """The code_challenge of this code_verifier (RFC 7636 §4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_challenge(text: str) -> bool:
    """Could this be a code_challenge: a SHA-256 digest in base64url, without padding (RFC 7636 §4.2)?"""
    return _CHALLENGE.fullmatch(text) is not None


def is_verifier(text: str) -> bool:
    """Could this be a code_verifier: 43 to 128 unreserved characters (RFC 7636 §4.1)?"""
    return _VERIFIER.fullmatch(text) is not None


def require_verifier(challenge: str | None, verifier: str | None) -> None:
    """Refuse whoever cannot show what the challenge was made from (RFC 7636 §4.6).

    A verifier where there was no challenge is refused, too: somebody took the challenge out of the authorization
    request on its way, and the client does not know (RFC 9700 §2.1.1).
    """
    if challenge is None:
        if verifier is not None:
            raise OAuthError.invalid_grant("a code_verifier for a code that was asked for without a code_challenge")
        return
    if verifier is None:
        raise OAuthError.invalid_grant("no code_verifier")
    if not is_verifier(verifier):
        raise OAuthError.invalid_grant("a malformed code_verifier")
    if not hmac.compare_digest(challenge_of(verifier), challenge):
        raise OAuthError.invalid_grant("a code_verifier that the code_challenge was not made from")
