"""Resource indicators: for which API a token is meant (RFC 8707). Only what is malformed is told apart yet."""

import re
from typing import Final

from scopekeeper.oauth.errors import OAuthError

_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")


def require_absolute(resource: str | None) -> None:
    """Refuse a resource that is no absolute URI, or has a fragment (RFC 8707 §2)."""
    if resource is not None and _ABSOLUTE_URI.fullmatch(resource) is None:
        raise OAuthError.invalid_target("The resource is to be an absolute URI without a fragment.")
