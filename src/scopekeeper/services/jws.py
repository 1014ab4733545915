"""A JSON Web Signature in its compact form (RFC 7515 §7.1): made by a private key that was opened once; known again.

What is known again is our own alone, and begins with a header that we wrote: it is compared, byte for byte, and never
read. So there is nothing in it to be led astray by: no `alg`, no `jwk`, no `jku`, no `crit` (RFC 8725 §3.1).
"""

import binascii
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_ECDSA: Final = ECDSA(SHA256())
_PKCS1: Final = PKCS1v15()
_SHA256: Final = SHA256()

PrivateKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey
PublicKey: TypeAlias = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey

_encode: Final = msgspec.json.Encoder().encode
_claims: Final = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class SigningPen:
    """Signs with one key, under one header."""

    head: bytes
    """The header as it stands in front of every payload, with its dot."""
    private: PrivateKey

    def sign(self, claims: Mapping[str, object]) -> str:
        """The claims, signed."""
        text = self.head + _base64url(_encode(claims))
        return (text + b"." + _base64url(self._signature(text))).decode("ascii")

    def _signature(self, text: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, _PKCS1, _SHA256)  # RS256 (RFC 7518 §3.3)
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(text)  # Ed25519 (RFC 9864 §2.2)
        r, s = decode_dss_signature(self.private.sign(text, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")  # ES256: R and S, not DER (RFC 7518 §3.4)


def pen_of(pem: bytes, *, alg: str, kid: str, typ: str) -> SigningPen:
    """The pen for this private key."""
    private = load_pem_private_key(pem, None)
    if not isinstance(private, PrivateKey):
        raise TypeError(f"{alg} does not sign with a {type(private).__name__}")
    return SigningPen(_head(alg, kid, typ), private)


@dataclass(frozen=True, slots=True)
class Seal:
    """Knows again what one key of ours signed under one header."""

    head: bytes
    public: PublicKey

    def claims_in(self, jws: str) -> dict[str, object] | None:
        """The claims, if this is what the key signed; else None, whatever it is (RFC 7515 §5.2)."""
        text, _, encoded = jws.encode(errors="replace").rpartition(b".")
        if not text.startswith(self.head):
            return None
        try:
            signature = b64decode(encoded + b"=" * (-len(encoded) % 4), b"-_", validate=True)
            if _base64url(signature) != encoded:  # padded, or with bits that stand for nothing (RFC 7515 §2)
                return None
            self._verify(signature, text)
            payload = text.removeprefix(self.head)
            return _claims.decode(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        except (InvalidSignature, binascii.Error, msgspec.DecodeError):
            return None

    def _verify(self, signature: bytes, text: bytes) -> None:
        if isinstance(self.public, RSAPublicKey):
            self.public.verify(signature, text, _PKCS1, _SHA256)
            return
        if isinstance(self.public, Ed25519PublicKey):
            self.public.verify(signature, text)
            return
        if len(signature) != 64:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        self.public.verify(encode_dss_signature(r, s), text, _ECDSA)


def seal_of(jwk: str, *, typ: str) -> Seal:
    """The seal of this public key of ours (RFC 7518 §6, RFC 8037 §2)."""
    key = json.loads(jwk)
    public: PublicKey
    if key["kty"] == "RSA":
        public = RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    elif key["kty"] == "OKP":
        public = Ed25519PublicKey.from_public_bytes(_octets(key["x"]))  # RFC 8037 §2
    else:
        public = EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), SECP256R1()).public_key()
    return Seal(_head(key["alg"], key["kid"], typ), public)


def _head(alg: str, kid: str, typ: str) -> bytes:
    """The header, as it stands in front of every payload, with its dot."""
    return _base64url(_encode({"alg": alg, "typ": typ, "kid": kid})) + b"."


def _number(encoded: str) -> int:
    """A number as a JWK holds it (RFC 7518 §2, Base64urlUInt)."""
    return int.from_bytes(_octets(encoded), "big")


def _octets(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
