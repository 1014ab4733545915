"""What people prove who they are by besides a password: passkeys, one-time codes, recovery codes. Records. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of an authenticator (Web Authentication §4, "public key credential source"), as we know it."""

    id: int
    user_id: int
    credential_id: bytes
    """The authenticator's own name for it: at most 1 023 bytes, and nobody else's."""
    public_key: bytes
    """A COSE_Key (RFC 9052 §7), in CBOR."""
    sign_count: int
    """The authenticator's own count of signatures when it was last used; 0 where it keeps none."""
    name: str
    """What its person calls it."""
    created_at: int
    last_used_at: int | None = None
    synced: bool = False
    """Is it backed up, so that it is on other devices, too (§6.1.3, the flag BS)?"""
    transports: tuple[str, ...] = ()
    """How it is reached, as the browser said: `internal`, `hybrid`, `usb`, … (§5.8.4)."""

    def __repr__(self) -> str:
        return f"Passkey(id={self.id}, user_id={self.user_id}, name={self.name!r})"


@dataclass(frozen=True, slots=True)
class Totp:
    """The shared secret of one-time codes by time (RFC 6238), wrapped under the master key."""

    user_id: int
    sealed: bytes = field(repr=False)
    created_at: int
    last_step: int = 0
    """The latest time step of which a code was taken. None up to it is taken again (§5.2)."""
    last_used_at: int | None = None


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """A code that stands in for a lost factor, once: its digest, never itself."""

    id: int
    user_id: int
    digest: bytes = field(repr=False)
    created_at: int
    used_at: int | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """All that one person has, besides a password."""

    passkeys: tuple[Passkey, ...] = ()
    """In the order in which they were made."""
    totp: Totp | None = None
    recovery_codes: tuple[RecoveryCode, ...] = ()
    """Used ones, too."""

    @property
    def second(self) -> bool:
        """Is there a second factor? Recovery codes alone are none: they stand in for one that is lost."""
        return bool(self.passkeys) or self.totp is not None

    @property
    def left(self) -> int:
        """Recovery codes that have not been used."""
        return sum(code.used_at is None for code in self.recovery_codes)


NO_FACTORS = Factors()
