"""The answers of browsers and authenticators, read (Web Authentication Level 3 §5.8.1, §6.1, §6.5), and their keys.

What a stranger sends comes as JSON around CBOR. `fido2` reads the inner of it; it costs 50 ms and some megabytes, so it
is there once somebody answers by a passkey, and a server that only gives tokens never has it. Which algorithms there
are, and what has to be true of an answer, is in `oauth/webauthn.py`.
"""

import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scopekeeper.oauth.webauthn import EDDSA, ES256, LARGEST_ANSWER, LONGEST_ID, RS256, Answered, Unfit, reached

_P256: Final = 32
"""Bytes of a coordinate on the curve P-256."""
_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_N, _E = -1, -2
_OKP, _EC2, _RSA = 1, 2, 3
_ON_P256, _ON_ED25519 = 1, 6
"""Members of a COSE_Key and what they may be (RFC 9053 §7, RFC 8230 §4)."""
_RSA_BITS: Final = range(2_048, 4_097)
_RSA_EXPONENT: Final = 65_537

Reader = Callable[[bytes], Any]
"""Takes apart what authenticators write."""

_B64URL: Final = re.compile(r"[A-Za-z0-9_\-]*")
_TO_PLAIN: Final = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Proved:
    """A passkey was used (§7.2)."""

    credential_id: bytes
    said: Answered
    signed: bytes
    signature: bytes
    handle: bytes | None


@dataclass(frozen=True, slots=True)
class Created:
    """A passkey was made (§7.1)."""

    credential_id: bytes
    said: Answered
    public_key: bytes
    transports: tuple[str, ...]


class _Used(msgspec.Struct, frozen=True, rename="camel"):
    client_data: str = msgspec.field(name="clientDataJSON")
    authenticator_data: str
    signature: str
    user_handle: str | None = None


class _Made(msgspec.Struct, frozen=True, rename="camel"):
    client_data: str = msgspec.field(name="clientDataJSON")
    attestation_object: str
    transports: tuple[str, ...] = ()


class _Proof(msgspec.Struct, frozen=True, rename="camel"):
    type: Literal["public-key"]
    raw_id: str
    response: _Used


class _Making(msgspec.Struct, frozen=True, rename="camel"):
    type: Literal["public-key"]
    raw_id: str
    response: _Made


class _ClientData(msgspec.Struct, frozen=True, rename="camel"):
    type: str
    challenge: str
    origin: str
    cross_origin: bool = False
    top_origin: str | None = None


def proved(answer: str) -> Proved:
    """A passkey's answer to a challenge, as it says. Nothing of it is proven. Raises Unfit."""
    from fido2.webauthn import AuthenticatorData

    try:
        return _proved(answer, AuthenticatorData)
    except Exception as wrong:  # whatever readers of bytes stumble over, in what a stranger sent
        raise Unfit("the answer cannot be read") from wrong


def created(answer: str) -> Created:
    """The answer of an authenticator that made a passkey, with a key that can be kept. Raises Unfit.

    Its attestation is not looked at: we take any authenticator (§6.5.4, "none").
    """
    from fido2.webauthn import AttestationObject

    try:
        return _created(answer, AttestationObject)
    except Exception as wrong:  # as above
        raise Unfit("the answer cannot be read") from wrong


def signed_by(public_key: bytes, signed: bytes, signature: bytes) -> bool:
    """Is this the signature of whoever has the private half of this key?"""
    from fido2.cbor import decode
    from fido2.cose import CoseKey

    key: Any = decode(public_key)
    try:
        CoseKey.parse(key).verify(signed, signature)
    except InvalidSignature:
        return False
    return True


def _proved(answer: str, reader: Reader) -> Proved:
    read = msgspec.json.decode(_short(answer), type=_Proof)
    client_data, response = _bytes_of(read.response.client_data), read.response
    data = reader(_bytes_of(response.authenticator_data))
    handle = None if response.user_handle is None else _bytes_of(response.user_handle)
    signed = bytes(data) + hashlib.sha256(client_data).digest()
    return Proved(_id_of(read.raw_id), _said(client_data, data), signed, _bytes_of(response.signature), handle or None)


def _created(answer: str, reader: Reader) -> Created:
    read = msgspec.json.decode(_short(answer), type=_Making)
    data = reader(_bytes_of(read.response.attestation_object)).auth_data
    attested = data.credential_data
    if attested is None or attested.credential_id != _id_of(read.raw_id):
        raise ValueError("no credential, or another one")
    said = _said(_bytes_of(read.response.client_data), data)
    key = _kept(attested.public_key)
    return Created(bytes(attested.credential_id), said, key, reached(read.response.transports))


def _said(client_data: bytes, data: Any) -> Answered:
    told = msgspec.json.decode(client_data, type=_ClientData)
    return Answered(
        told.type,
        _bytes_of(told.challenge),
        told.origin,
        told.cross_origin or told.top_origin is not None,
        bytes(data.rp_id_hash),
        data.is_user_present(),
        data.is_user_verified(),
        data.is_backup_eligible(),
        data.is_backed_up(),
        data.counter,
    )


def _kept(key: dict[int, Any]) -> bytes:
    """The key as a COSE_Key with its own members and no others, if it is one that was asked for. Raises ValueError."""
    from fido2.cbor import encode

    match key:
        case {1: kty, 3: alg, -1: crv, -2: bytes(x), -3: bytes(y)} if (kty, alg, crv) == (_EC2, ES256, _ON_P256):
            EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
            if len(x) == len(y) == _P256:
                return encode({_KTY: _EC2, _ALG: ES256, _CRV: _ON_P256, _X: x, _Y: y})
        case {1: kty, 3: alg, -1: crv, -2: bytes(x)} if (kty, alg, crv) == (_OKP, EDDSA, _ON_ED25519):
            Ed25519PublicKey.from_public_bytes(x)
            return encode({_KTY: _OKP, _ALG: EDDSA, _CRV: _ON_ED25519, _X: x})
        case {1: kty, 3: alg, -1: bytes(n), -2: bytes(e)} if (kty, alg) == (_RSA, RS256):
            number, exponent = int.from_bytes(n), int.from_bytes(e)
            if number.bit_length() in _RSA_BITS and exponent == _RSA_EXPONENT:
                return encode({_KTY: _RSA, _ALG: RS256, _N: n, _E: e})
    raise ValueError("no key of an algorithm that was asked for")


def _short(answer: str) -> str:
    if len(answer) > LARGEST_ANSWER:
        raise ValueError("too long")
    return answer


def _id_of(text: str) -> bytes:
    found = _bytes_of(text)
    if not 0 < len(found) <= LONGEST_ID:
        raise ValueError("no credential id")
    return found


def _bytes_of(text: str) -> bytes:
    """base64url without padding (RFC 4648 §5), as JSON of WebAuthn has it. Raises ValueError."""
    if not _B64URL.fullmatch(text):
        raise ValueError("no base64url")
    return binascii.a2b_base64(text.translate(_TO_PLAIN) + "=" * (-len(text) % 4), strict_mode=True)
