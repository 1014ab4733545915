"""One-time codes by time (RFC 6238), and recovery codes. Pure: time and entropy come from outside."""

import hashlib
import hmac
import re
from base64 import b32encode
from typing import Final
from urllib.parse import quote, urlencode

STEP: Final = 30
"""Seconds that a code is shown (RFC 6238 §5.2). This, six digits and SHA-1 are what every authenticator app knows."""

DIGITS: Final = 6

DRIFT: Final = 1
"""Steps by which the clock of somebody's device may be off, either way (RFC 6238 §5.2, §6)."""

SECRET_LENGTH: Final = 20
"""Bytes of a shared secret: as long as the hash (RFC 4226 §4, R6)."""

RECOVERY_CODES: Final = 10

_RECOVERY_BYTES: Final = 10
"""80 bits: nobody finds one by trying, though only a fast digest of it is kept."""

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base32 without I, L, O and U (Crockford)."""
_TAKEN_FOR: Final = str.maketrans("ILO", "110")
_GROUP: Final = 4
_BETWEEN: Final = re.compile(r"[\s\-]+", re.ASCII)
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}")
_RECOVERY_CODE: Final = re.compile(rf"[{_LETTERS}]{{{_RECOVERY_BYTES * 8 // 5}}}")


def secret_of(entropy: str) -> bytes:
    """A shared secret, out of 32 characters of entropy (190 bits)."""
    return hashlib.sha256(f"one-time codes: {entropy}".encode()).digest()[:SECRET_LENGTH]


def shown_secret(secret: bytes) -> str:
    """The secret as people type it where they cannot scan it: base32 (RFC 4648 §6), without padding."""
    return b32encode(secret).rstrip(b"=").decode()


def uri_of(secret: bytes, issuer: str, name: str) -> str:
    """The address that authenticator apps read out of a QR code. `issuer`: what stands above the name there."""
    asked = urlencode(
        {"secret": shown_secret(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP},
        quote_via=quote,
    )
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{asked}"


def step_at(now: int) -> int:
    """The time step of this second (RFC 6238 §4.2)."""
    return now // STEP


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of this time step: HOTP with the step as its counter (RFC 4226 §5.3, RFC 6238 §4.2)."""
    mac = hmac.digest(secret, step.to_bytes(8), "sha1")
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: bytes, code: str, now: int) -> int | None:
    """The time step whose code this is, among those that are taken now; None where it is none of them.

    All of them are looked at, whichever it is.
    """
    here, found = step_at(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


def typed_code(typed: str) -> str | None:
    """The one-time code that was typed, with or without spaces in it; None where it can be none."""
    code = _BETWEEN.sub("", typed)
    return code if _CODE.fullmatch(code) else None


def recovery_code_of(entropy: str) -> str:
    """A recovery code, out of 32 characters of entropy (190 bits): `7K3M-Q0ZX-4T9A-WWE1`."""
    bits = int.from_bytes(hashlib.sha256(f"recovery code: {entropy}".encode()).digest()[:_RECOVERY_BYTES])
    letters = "".join(_LETTERS[bits >> shift & 31] for shift in range(_RECOVERY_BYTES * 8 - 5, -1, -5))
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def typed_recovery_code(typed: str) -> str | None:
    """The digits and letters of the recovery code that was typed, in any case, with or without what is between.

    Letters that it has not are taken for the digits that they look like. None where it can be none.
    """
    code = _BETWEEN.sub("", typed).upper().translate(_TAKEN_FOR)
    return code if _RECOVERY_CODE.fullmatch(code) else None


def recovery_digest_of(code: str) -> bytes:
    """What is kept of a recovery code: SHA-256 of its digits and letters, 32 bytes."""
    return hashlib.sha256(code.replace("-", "").encode()).digest()
