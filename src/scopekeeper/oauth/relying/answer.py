"""What comes back with somebody from a provider (OpenID Connect Core §3.1.2.5, §3.1.2.6; RFC 9207 §2.4)."""

import hmac
import re
from collections.abc import Mapping
from typing import Final

from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.provider import Provider

LONGEST_CODE: Final = 4_096

_ERROR: Final = re.compile(r"[a-z_]{1,60}")


class Declined(Exception):
    """Whoever was sent there turned back, or was turned back, and the provider says so."""


def require_state(answer: Mapping[str, str], state: str) -> None:
    """Is it the answer to what this browser was sent with (RFC 6749 §10.12)? Raises Mistrusted."""
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise Mistrusted("it answers another request")


def code_in(answer: Mapping[str, str], provider: Provider) -> str:
    """The code. Raises Mistrusted, and Declined.

    Who answers is looked at first, and of a refusal, too (RFC 9207 §2.4): a provider that says so never leaves it out,
    and no other one answers in its place.
    """
    issuer = answer.get("iss")
    if issuer is None and provider.names_itself:
        raise Mistrusted("it does not say who answers")
    if issuer is not None and issuer != provider.issuer:
        raise Mistrusted("another provider answers")
    error = answer.get("error")
    if error in ("access_denied", "login_required", "interaction_required", "consent_required"):
        raise Declined(error)
    if error is not None:
        raise Mistrusted(f"it refused: {error_of(error)}")
    code = answer.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise Mistrusted("it has no code")
    return code


def error_of(error: object) -> str:
    """An error code of theirs, if it can be one (RFC 6749 §5.2): nothing else that they wrote gets into the log."""
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else "an error of its own"
