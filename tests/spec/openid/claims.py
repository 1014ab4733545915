"""What the suite looks at in an id_token and in userinfo, whichever of its modules runs."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Set
from hashlib import sha256
from typing import Any, Final

SKEW: Final = 300
"""Seconds by which its clock and ours may differ."""


def is_text(value: object) -> bool:
    """What nobody knows is left out: neither null nor empty (OpenID Connect Core §5.3.2)."""
    return isinstance(value, str) and value.strip() not in ("", "null")


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_address(value: object) -> bool:
    parts = {"formatted", "street_address", "locality", "region", "postal_code", "country"}
    return isinstance(value, dict) and len(value) > 0 and value.keys() <= parts and all(map(is_text, value.values()))


def is_birthdate(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}(-\d{2}-\d{2})?", value) is not None


STANDARD: Final[Mapping[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("sub", "name", "given_name", "family_name", "middle_name", "nickname"), is_text),
    **dict.fromkeys(("preferred_username", "profile", "picture", "website", "gender"), is_text),
    **dict.fromkeys(("zoneinfo", "locale", "email", "phone_number"), is_text),
    **dict.fromkeys(("email_verified", "phone_number_verified"), is_flag),
    "birthdate": is_birthdate,
    "address": is_address,
    "updated_at": is_number,
}
"""The standard claims, and what each has to be (OpenID Connect Core §5.1)."""

SCOPES: Final[Mapping[str, Set[str]]] = {
    "openid": {"sub"},
    "profile": {
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    },
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}  # fmt: skip
"""What each scope stands for (§5.4)."""

ITS_OWN: Final = {
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "nbf",
    "jti", "sid", "txn",
}  # fmt: skip
"""What an id_token may say though nobody asked for it by a scope (§2; Front-Channel Logout §3)."""


def sound_userinfo(claims: Mapping[str, Any]) -> None:
    """Each claim has the form that it is defined in, and is a standard one (OpenID Connect Core §5.1, §5.3.2)."""
    assert claims["sub"]
    for name, value in claims.items():
        assert STANDARD[name](value), (name, value)
    assert 0 <= claims.get("updated_at", 0) < 2**32, "seconds, not milliseconds"


def sound_id_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str | None, access_token: str, now: int
) -> None:
    """OpenID Connect Core §2, §3.1.3.7: whatever holds of an id_token from the token endpoint in any case."""
    assert claims["iss"] == issuer
    assert claims["aud"] == client_id or claims["aud"] == [client_id]
    assert claims.get("azp", client_id) == client_id
    assert now - SKEW < claims["exp"] < now + 50 * 365 * 86_400
    assert now - SKEW <= claims["iat"] <= now + SKEW
    assert now - 365 * 86_400 <= claims.get("auth_time", now) <= now + SKEW
    assert claims.get("nonce") == nonce
    assert isinstance(claims["sub"], str)
    assert 0 < len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert claims.get("acr") != ""
    if "at_hash" in claims:
        assert claims["at_hash"] == half_hash(access_token)
    assert "c_hash" not in claims, "it belongs to the hybrid flow"
    assert claims.keys() <= ITS_OWN, "whoever has an access token reads the others at userinfo (§5.4)"


def half_hash(value: str) -> str:
    """The left half of its hash by SHA-256, which RS256 and ES256 stand on (§3.1.3.6)."""
    return urlsafe_b64encode(sha256(value.encode("ascii")).digest()[:16]).rstrip(b"=").decode()
