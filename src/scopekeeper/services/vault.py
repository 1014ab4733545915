"""The vault: what has to be known again is wrapped at rest, under the master key (AES-256-GCM, NIST SP 800-38D).

Private signing keys, secrets of one-time codes, secrets at other providers, mails that wait.
"""

import base64
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.webauthn import Handles

SHORTEST: Final = 32
"""Characters of a master key."""

_NONCE: Final = 12
_KEY: Final = 32


class WrongMasterKey(Exception):
    """The master key is malformed, or not the one under which this was wrapped. The message says how to mend it."""


class Vault:
    """Wraps and unwraps. The name under which something is wrapped is bound into it."""

    __slots__ = ("_cipher", "handles", "passages", "subjects")

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.subjects: Final = Subjects(_drawn(key, b"scopekeeper: pairwise subjects"))
        """Who people are to applications that share nobody: for as long as the master key is the same."""
        self.passages: Final = AESGCM(_drawn(key, b"scopekeeper: seal what is under way"))
        """By which is sealed what goes with a browser from one page to the next (`services/passages.py`)."""
        self.handles: Final = Handles(_drawn(key, b"scopekeeper: what passkeys call their people"))
        """What passkeys call their people: for as long as the master key is the same."""

    def wrap(self, name: str, plain: bytes) -> bytes:
        """The plain bytes, sealed."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, name.encode())

    def unwrap(self, name: str, sealed: bytes) -> bytes:
        """The plain bytes again. Raises WrongMasterKey."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise WrongMasterKey(
                "the signing keys in the database were wrapped under another master key: bring back the file "
                "master.key (or SCOPEKEEPER_MASTER_KEY) that belongs to this database"
            ) from None


def key_of(text: str) -> bytes:
    """The key that a master key's text stands for: 32 bytes, drawn out of it by HKDF (RFC 5869). Raises WrongMasterKey.

    HKDF, and no slow hash, because the text is random and not a password; its shortest length is a bar against those.
    """
    if len(text.strip()) < SHORTEST:
        raise WrongMasterKey(f"the master key is a random text of at least {SHORTEST} characters")
    return _drawn(text.strip().encode(), b"scopekeeper: wrap signing keys")


def _drawn(from_: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for this purpose alone (RFC 5869)."""
    return HKDF(hashes.SHA256(), _KEY, salt=None, info=purpose).derive(from_)


def key_in(file: Path) -> bytes:
    """The master key in this file, which is made (mode 0600) if it is not there. Two processes at once make one.

    Raises WrongMasterKey, OSError.
    """
    if not file.exists():
        _make(file)
    try:
        return key_of(file.read_text("ascii"))
    except (WrongMasterKey, UnicodeDecodeError):
        raise WrongMasterKey(
            f"{file} holds no master key: bring back the one that belongs to this database, or remove the file if "
            "there is no database yet"
        ) from None


def _make(file: Path) -> None:
    """A fresh key under this name, whole or not at all, unless somebody else comes first."""
    made = file.with_name(f"{file.name}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(base64.urlsafe_b64encode(os.urandom(_KEY)).decode().rstrip("=") + "\n")
        new.flush()
        os.fsync(new.fileno())
    with suppress(FileExistsError):
        os.link(made, file)
    made.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)  # the database may soon hold what only this key opens
    os.close(folder)
