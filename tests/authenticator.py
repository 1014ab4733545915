"""A browser with an authenticator in it, in software: it answers what `services/passkeys.py` asks, as it is told to.

It makes its own CBOR and its own signatures, so that it shares no line with what reads them.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

UP: Final = 0x01
UV: Final = 0x04
BE: Final = 0x08
BS: Final = 0x10
AT: Final = 0x40

Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(slots=True)
class Credential:
    """A passkey, with its private half."""

    id: bytes
    key: Private
    handle: bytes
    count: int


@dataclass(slots=True)
class Authenticator:
    """Says what it is told to say; by itself it is one that verifies whoever uses it, and counts."""

    origin: str
    counts: bool = True
    flags: int = UP | UV
    party: str | None = None
    """Whose id it signs for, where that is another than was asked for."""
    client: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise in the client data."""
    credentials: list[Credential] = field(default_factory=list)

    def make(self, options: str, key: Private | None = None, *, id: bytes | None = None, **more: Any) -> str:
        """A new passkey, and what the browser says of it."""
        asked = json.loads(options)
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = Credential(id or os.urandom(32), key, plain(asked["user"]["id"]), 1 if self.counts else 0)
        self.credentials.append(made)
        attested = bytes(16) + len(made.id).to_bytes(2) + made.id + cbor(cose(key))
        data = self._data(self.party or asked["rp"]["id"], self.flags | AT, made.count) + attested
        response = {
            "clientDataJSON": text(self._client("webauthn.create", asked)),
            "attestationObject": text(cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid"],
        }
        return answered(made.id, response | more)

    def prove(self, options: str, credential: Credential | None = None, **more: Any) -> str:
        """That the last passkey, or this one, is here."""
        asked, used = json.loads(options), credential or self.credentials[-1]
        if self.counts:
            used.count += 1
        client = self._client("webauthn.get", asked)
        data = self._data(self.party or asked["rpId"], self.flags, used.count)
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signed(used.key, data + hashlib.sha256(client).digest())),
            "userHandle": text(used.handle),
        }
        return answered(used.id, response | more)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client).encode()

    def _data(self, party: str, flags: int, count: int) -> bytes:
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + count.to_bytes(4)


def answered(id: bytes, response: dict[str, Any]) -> str:
    """As `passkeys.js` writes it down; what is None is left out."""
    given = {name: value for name, value in response.items() if value is not None}
    return json.dumps({"id": text(id), "rawId": text(id), "type": "public-key", "response": given})


def signed(key: Private, message: bytes) -> bytes:
    """The message's signature."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), SHA256())
    return key.sign(message, ec.ECDSA(SHA256()))


def cose(key: Private) -> dict[int, Any]:
    """Its public half as a COSE_Key (RFC 9053 §7)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
    if isinstance(key, rsa.RSAPrivateKey):
        number = key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: number.n.to_bytes((number.n.bit_length() + 7) // 8), -2: number.e.to_bytes(3)}
    point = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    curve, algorithm = {256: (1, -7), 384: (2, -35)}[key.curve.key_size]
    return {1: 2, 3: algorithm, -1: curve, -2: point.x.to_bytes(size), -3: point.y.to_bytes(size)}


def cbor(value: Any) -> bytes:
    """The value in CBOR (RFC 8949 §3.1), as far as authenticators use it."""
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(cbor(name) + cbor(each) for name, each in value.items())
    assert isinstance(value, int)
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


def text(value: bytes) -> str:
    """base64url, without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def plain(value: str) -> bytes:
    """The bytes of base64url."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes([major << 5 | size])
    width = 1 if size < 0x100 else 2 if size < 0x1_0000 else 4
    return bytes([major << 5 | 23 + width.bit_length()]) + size.to_bytes(width)
