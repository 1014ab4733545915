"""The form of a machine secret: prefix, 11 characters of row id, 32 of entropy, 6 of CRC32, all in base62.

    skpr_at_0K3mVq1zGfA…

The id is ordered by time, so that rows are appended and found by it; the 32 characters are 190 bits that nobody can
guess; the checksum lets secret scanners, and the first line of our own defence, tell a secret from garbage without
asking the store. Only the SHA-256 digest of the whole is ever stored.
"""

import hashlib
import re
from enum import StrEnum
from operator import mul
from typing import Final
from zlib import crc32

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH: Final = 11
ENTROPY_LENGTH: Final = 32
LARGEST_ID: Final = 2**63 - 1

_CHECKSUM_LENGTH: Final = 6
_PAIRS: Final = tuple(high + low for high in ALPHABET for low in ALPHABET)
_TWO_DIGITS: Final = 62**2
_FOUR_DIGITS: Final = 62**4
_SIX_DIGITS: Final = 62**6
_NO_DIGIT: Final = 255
_DIGITS: Final = bytes(ALPHABET.find(chr(byte)) % 256 for byte in range(256))
"""What each byte is worth in base62; 255 where it is no digit."""
_WEIGHTS: Final = tuple(62**place for place in reversed(range(ID_LENGTH)))


class Kind(StrEnum):
    """What a secret is for. Each kind has its own prefix, so that one is never taken for another."""

    ACCESS_TOKEN = "skpr_at_"
    REFRESH_TOKEN = "skpr_rt_"
    CLIENT_SECRET = "skpr_cs_"
    AUTHORIZATION_CODE = "skpr_ac_"
    DEVICE_CODE = "skpr_dc_"
    SESSION = "skpr_ss_"
    LINK = "skpr_ln_"


PATTERN: Final = r"skpr_(at|rt|cs|ac|dc|ss|ln)_[0-9A-Za-z]{49}"
"""What a secret scanner looks for; the last six characters are CRC32 of all before them, in base62."""

_WHOLE: Final = re.compile(PATTERN)


def secret_of(kind: Kind, row_id: int, entropy: str) -> str:
    """The secret of this kind for the row `row_id` (63 bit), with 32 base62 characters of entropy."""
    body = kind + base62(row_id, ID_LENGTH) + entropy
    return body + base62(crc32(body.encode()), _CHECKSUM_LENGTH)


def row_of(secret: str, kind: Kind) -> int | None:
    """The id of the row that this secret claims to belong to, or None if it is no secret of this kind."""
    if not secret.startswith(kind) or _WHOLE.fullmatch(secret) is None:
        return None
    raw = secret.encode()
    if secret[-_CHECKSUM_LENGTH:] != base62(crc32(raw[:-_CHECKSUM_LENGTH]), _CHECKSUM_LENGTH):
        return None
    row_id = _value(raw[len(kind) : len(kind) + ID_LENGTH].translate(_DIGITS))
    return row_id if row_id <= LARGEST_ID else None


def digest_of(secret: str) -> bytes:
    """What is stored of a secret: SHA-256, 32 bytes. Enough for 190 bits of entropy; never for a password."""
    return hashlib.sha256(secret.encode()).digest()


def id_of(text: str) -> int | None:
    """The row id that eleven base62 characters spell, or None if they spell none (63 bit)."""
    digits = text.encode(errors="replace").translate(_DIGITS)
    if len(digits) != ID_LENGTH or _NO_DIGIT in digits:
        return None
    row_id = _value(digits)
    return row_id if row_id <= LARGEST_ID else None


def base62(value: int, length: int) -> str:
    """`value` in base62, most significant digit first, zero-padded to `length`."""
    text = _last_six(value)
    for _ in range(6, length, 6):
        value //= _SIX_DIGITS
        text = _last_six(value) + text
    return text[-length:]


def _last_six(value: int) -> str:
    """The last six digits, by twos: each secret has three times as many in it, so they are written out."""
    return (
        _PAIRS[value // _FOUR_DIGITS % _TWO_DIGITS]
        + _PAIRS[value // _TWO_DIGITS % _TWO_DIGITS]
        + _PAIRS[value % _TWO_DIGITS]
    )


def _value(digits: bytes) -> int:
    """What the digits of a base62 number, each from 0 to 61, are worth together."""
    return sum(map(mul, digits, _WEIGHTS[-len(digits) :]))
