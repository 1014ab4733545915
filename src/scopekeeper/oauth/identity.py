"""The id_token: who signed in, told to the application that asked (OpenID Connect Core §2)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Final

from scopekeeper.oauth.claims import sign_in_claims
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Mint

ID_TOKEN_TYPE: Final = "JWT"

ID_TOKEN_ALG: Final = "RS256"
"""What every client must be able to verify (OpenID Connect Core §15.1): for those that do not say."""

_HASHES: Final[Mapping[str, Callable[[bytes], "hashlib._Hash"]]] = {
    ID_TOKEN_ALG: hashlib.sha256,
    "ES256": hashlib.sha256,
    "Ed25519": hashlib.sha512,
}
"""The hash inside each algorithm: `at_hash` goes by it (RFC 7518 §3.3, §3.4; RFC 8032 §5.1)."""

ID_TOKEN_ALGS: Final = tuple(_HASHES)
"""By what an id_token can be signed, as its application chooses (`id_token_signed_response_alg`)."""

USERINFO_TYPE: Final = "userinfo+jwt"
"""Of signed userinfo, so that nobody takes it for an id_token, which has the same members (RFC 8725 §3.11)."""

ID_TOKEN_LIFETIME: Final = 3_600
"""Seconds."""


def identity_claims(
    grantor: Grantor, client: Client, mint: Mint, nonce: str | None, about: Mapping[str, object]
) -> dict[str, object]:
    """The claims of an id_token, without `at_hash`: the access token is not signed yet (OpenID Connect Core §2).

    With the `sid` of the session in which they signed in, if there was one (OpenID Connect Back-Channel Logout §2.1).
    `about`: what it tells of the person besides, because the client asked for it one by one (§5.5).
    """
    claims: dict[str, object] = {
        **about,
        "iss": mint.issuer,
        "sub": mint.subjects.of(client, grantor.user_id),
        "aud": client.client_id,
        "exp": mint.now + ID_TOKEN_LIFETIME,
        "iat": mint.now,
        **sign_in_claims(grantor),
    }
    if grantor.session_id is not None:
        claims["sid"] = mint.subjects.sid(client, grantor.session_id)
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


def at_hash_of(access_token: str, alg: str) -> str:
    """The left half of the access token's hash, by the hash of the id_token's `alg` (OpenID Connect Core §3.1.3.6).

    Raises KeyError for an algorithm of which it is not known: never a hash that the alg does not stand for.
    """
    digest = _HASHES[alg](access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
