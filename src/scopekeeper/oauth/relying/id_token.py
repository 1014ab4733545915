"""What a provider's id_token tells, once it is believed (OpenID Connect Core §3.1.3.7; RFC 8725 §3).

Its header is read to find out which key it may have been signed with, and for nothing else: the algorithm has to be
one of these, of the provider's own list, and of the kind of that key; a key in the header is not looked at.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.oauth.relying import Mistrusted

LONGEST: Final = 16_384
"""Characters of an id_token."""
MOST_KEYS: Final = 100
SKEW: Final = 120
"""Seconds by which its clock and ours may differ."""
LONGEST_SUBJECT: Final = 255
LONGEST_EMAIL: Final = 254

_SMALLEST_RSA: Final = 256
"""Bytes of a modulus (RFC 7518 §3.3)."""
_LARGEST_RSA: Final = 1_024


@dataclass(frozen=True, slots=True)
class Alg:
    """What an algorithm takes: a key of this kind, and of this curve; and the hash that `at_hash` is made by."""

    kty: str
    crv: str | None
    hash: str


ALGS: Final[Mapping[str, Alg]] = {
    "RS256": Alg("RSA", None, "sha256"),
    "RS384": Alg("RSA", None, "sha384"),
    "RS512": Alg("RSA", None, "sha512"),
    "PS256": Alg("RSA", None, "sha256"),
    "PS384": Alg("RSA", None, "sha384"),
    "PS512": Alg("RSA", None, "sha512"),
    "ES256": Alg("EC", "P-256", "sha256"),
    "ES384": Alg("EC", "P-384", "sha384"),
    "ES512": Alg("EC", "P-521", "sha512"),
    "Ed25519": Alg("OKP", "Ed25519", "sha512"),
    "EdDSA": Alg("OKP", "Ed25519", "sha512"),
}
"""What is believed (RFC 7518 §3.1, RFC 9864 §2.2): never `none`, and nothing that two sides share a secret for."""

_ONE_NAME: Final = frozenset({"Ed25519", "EdDSA"})
"""Two names of the same signature with the same key (RFC 9864 §2.2)."""

Jwk = Mapping[str, Any]
"""A key as a provider publishes it (RFC 7517 §4)."""


class UnknownKey(Mistrusted):
    """There is no such key among those that are known."""


@dataclass(frozen=True, slots=True)
class Head:
    """The header of an id_token, before anything of it is believed."""

    alg: str
    kid: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id_token has to fit."""

    issuer: str
    client_id: str
    nonce: str
    alg: str
    access_token: str
    begun_at: int
    """When its person was sent to the provider."""
    anew: bool
    """Were they to prove there, after that, who they are?"""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a provider tells of: by its own name for them, and at which address they are written to."""

    subject: str
    email: str | None = None
    email_verified: bool = False


def head_of(id_token: str, algs: Collection[str]) -> Head:
    """The header, if it is one that can be believed. Raises Mistrusted."""
    if len(id_token) > LONGEST:
        raise Mistrusted("the id_token is too long")
    encoded, *others = id_token.split(".")
    try:
        if len(others) != 2:
            raise ValueError("not three parts")
        header = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        raise Mistrusted("the id_token is no signed JWT") from None
    if not isinstance(header, dict):
        raise Mistrusted("the id_token is no signed JWT")
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(alg, str) or alg not in ALGS or alg not in algs:
        raise Mistrusted("the id_token is signed by an algorithm that is not believed")
    if "crit" in header:
        raise Mistrusted("the id_token has extensions that are not known here")  # RFC 7515 §4.1.11
    if not isinstance(typ, str) or typ.lower() not in ("jwt", "application/jwt"):
        raise Mistrusted("it is a JWT of another kind")  # RFC 8725 §3.11
    if kid is not None and not isinstance(kid, str):
        raise Mistrusted("the id_token names no key")
    return Head(alg, kid)


def keys_in(document: object) -> tuple[Jwk, ...]:
    """The keys of a key set (RFC 7517 §5). Raises Mistrusted."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise Mistrusted("its key set is none")
    return tuple(each for each in keys if isinstance(each, dict))


def key_for(head: Head, keys: Sequence[Jwk]) -> Jwk:
    """The one key by which the id_token says that it was signed. Raises UnknownKey, and Mistrusted for several.

    Without a `kid` it is the only one that fits (OpenID Connect Core §10.1).
    """
    fitting = [each for each in keys if _fits(each, head.alg) and (head.kid is None or each.get("kid") == head.kid)]
    if not fitting:
        raise UnknownKey("it is signed with a key that the provider does not publish")
    if len(fitting) > 1:
        raise Mistrusted("the provider publishes several keys that it may be signed with")
    return fitting[0]


def told_in(claims: Mapping[str, object], expected: Expected, now: int) -> Told:
    """Whom it tells of, if it is for us, of this very sign-in, and good now (§3.1.3.7). Raises Mistrusted."""
    if claims.get("iss") != expected.issuer:
        raise Mistrusted("the id_token is of another issuer")
    _require_audience(claims, expected.client_id)
    if now >= _moment(claims, "exp") + SKEW:
        raise Mistrusted("the id_token has expired")
    issued_at = _moment(claims, "iat")
    if issued_at > now + SKEW or issued_at < expected.begun_at - SKEW:
        raise Mistrusted("the id_token was not issued since they were sent there")
    if "nbf" in claims and _moment(claims, "nbf") > now + SKEW:
        raise Mistrusted("the id_token does not hold yet")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise Mistrusted("the id_token answers another request")
    if "at_hash" in claims and claims["at_hash"] != at_hash_of(expected.access_token, expected.alg):
        raise Mistrusted("the id_token is of another access token")
    if expected.anew and _moment(claims, "auth_time") < expected.begun_at - SKEW:
        raise Mistrusted("they have not proven anew who they are")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isascii():
        raise Mistrusted("the id_token names nobody")
    if not subject.isprintable():
        raise Mistrusted("the id_token names nobody")
    return replaced_email(Told(subject), claims)


def replaced_email(told: Told, claims: Mapping[str, object]) -> Told:
    """The same person with the address that these claims tell, if they do (§5.1).

    That it is verified counts only as the boolean that it has to be: "false", as some write it, is true to many.
    """
    email = claims.get("email")
    if not isinstance(email, str) or not 0 < len(email) <= LONGEST_EMAIL or not email.isprintable():
        return told
    return Told(told.subject, email, claims.get("email_verified") is True)


def at_hash_of(access_token: str, alg: str) -> str:
    """The left half of the access token's hash, by the hash of the id_token's algorithm (§3.1.3.6)."""
    digest = hashlib.new(ALGS[alg].hash, access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _require_audience(claims: Mapping[str, object], client_id: str) -> None:
    """It is for us (§3.1.3.7, 3 to 5). Where others are named beside us, it has to be us who were given it."""
    audience, party = claims.get("aud"), claims.get("azp")
    named = audience if isinstance(audience, list) else [audience]
    if client_id not in named:
        raise Mistrusted("the id_token is for somebody else")
    if (party is not None or len(named) > 1) and party != client_id:
        raise Mistrusted("the id_token was given to somebody else")


def _moment(claims: Mapping[str, object], name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Mistrusted(f"the id_token has no {name}")
    return found


def _fits(key: Jwk, alg: str) -> bool:
    """Can it have signed by this algorithm? Such keys as are for something else are left alone (RFC 7517 §4.2)."""
    takes, named = ALGS[alg], key.get("alg")
    if key.get("kty") != takes.kty or key.get("use", "sig") != "sig":
        return False
    if named not in (None, alg) and not {named, alg} <= _ONE_NAME:
        return False
    if takes.crv is not None:
        return bool(key.get("crv") == takes.crv)
    modulus = key.get("n")
    return isinstance(modulus, str) and _SMALLEST_RSA <= len(modulus) * 3 // 4 <= _LARGEST_RSA
