"""A JSON Web Signature in its compact form (RFC 7515 §7.1), by a private key that was opened once."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_ECDSA: Final = ECDSA(SHA256())
_PKCS1: Final = PKCS1v15()
_SHA256: Final = SHA256()

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class SigningPen:
    """Signs with one key, under one header."""

    head: bytes
    """The header as it stands in front of every payload, with its dot."""
    private: EllipticCurvePrivateKey | RSAPrivateKey

    def sign(self, claims: Mapping[str, object]) -> str:
        """The claims, signed."""
        text = self.head + _base64url(_encode(claims))
        return (text + b"." + _base64url(self._signature(text))).decode("ascii")

    def _signature(self, text: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, _PKCS1, _SHA256)  # RS256 (RFC 7518 §3.3)
        r, s = decode_dss_signature(self.private.sign(text, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")  # ES256: R and S, not DER (RFC 7518 §3.4)


def pen_of(pem: bytes, *, alg: str, kid: str, typ: str) -> SigningPen:
    """The pen for this private key."""
    private = load_pem_private_key(pem, None)
    if not isinstance(private, EllipticCurvePrivateKey | RSAPrivateKey):
        raise TypeError(f"{alg} does not sign with a {type(private).__name__}")
    return SigningPen(_base64url(_encode({"alg": alg, "typ": typ, "kid": kid})) + b".", private)


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
