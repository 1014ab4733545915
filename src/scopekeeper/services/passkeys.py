"""Passkeys: what a browser is asked for, and what its answer proves (Web Authentication Level 3 §7).

A challenge is sealed for the browser that asked for it (`services/passages.py`); no server keeps it until it is
presented, and it is presented once. Whoever is refused hears the same words, whatever the reason; the reason is in the
audit log. Wrong answers are counted with wrong passwords.
"""

import hashlib
import ipaddress
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog

from scopekeeper.oauth.factors import Factors, Passkey
from scopekeeper.oauth.people import User
from scopekeeper.oauth.webauthn import (
    ALGORITHMS,
    Ceremony,
    Handles,
    Party,
    Unfit,
    Wanted,
    methods_of,
    require_fit,
    require_own,
    require_risen,
)
from scopekeeper.services.account_ports import FactorsKept
from scopekeeper.services.attempts import Attempts, TooMany
from scopekeeper.services.passages import Leg, Opened, Passages
from scopekeeper.services.ports import Clock, Entropy, Users
from scopekeeper.services.uses import Uses
from scopekeeper.services.webauthn import Created, Proved, created, proved, signed_by

LIFETIME: Final = 600
"""Seconds that a challenge is good for, and that a browser waits for an authenticator (§15.1)."""

SIGN_IN_LIFETIME: Final = 3_600
"""The same on the sign-in page: a browser offers passkeys in its name field for as long as the page is open."""

_UNKNOWN: Final = "unknown"

A = TypeVar("A", bound=msgspec.Struct)

log = structlog.get_logger(__name__)


class WrongPasskey(Exception):
    """The answer proves nothing. It does not say why."""

    def __init__(self) -> None:
        super().__init__("that passkey was not accepted")


class Kept(FactorsKept, Users, Protocol):
    """Where passkeys, and whose they are, are looked up."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a browser is asked for."""

    options: str
    """JSON: PublicKeyCredentialRequestOptions or …CreationOptions, with bytes as base64url (§5.1.8, §5.1.9)."""
    sealed: str
    """The challenge, for a hidden field."""


class _Asked(msgspec.Struct, frozen=True):
    challenge: bytes
    user: int | None
    """Whose passkey it has to be."""


class _Making(msgspec.Struct, frozen=True):
    challenge: bytes
    user: int


class Passkeys:
    """Asks for passkeys and judges the answers. `issuer` is the origin at which they are made and used."""

    def __init__(
        self,
        store: Kept,
        passages: Passages,
        attempts: Attempts,
        uses: Uses,
        handles: Handles,
        clock: Clock,
        entropy: Entropy,
        issuer: str,
    ) -> None:
        host = urlsplit(issuer).hostname or ""
        self.available: Final = not _is_address(host)
        """Can there be any? They are bound to the name of a host, and an address is none (§5.1.3, step 7)."""
        self._party: Final = Party(host, hashlib.sha256(host.encode()).digest(), issuer)
        self._store = store
        self._passages = passages
        self._attempts = attempts
        self._uses = uses
        self._handles = handles
        self._clock = clock
        self._entropy = entropy

    def ask(self, key: str, factors: Factors | None = None) -> Asking:
        """For a passkey, of whomever; or for one of these, to whoever has been asked for a password before.

        `key` is the browser's secret. Alone a passkey has to verify its person; as a second step it need not.
        """
        passkeys = () if factors is None else factors.passkeys
        user, alone = (passkeys[0].user_id if passkeys else None), factors is None
        challenge = self._challenge()
        options: dict[str, object] = {
            "challenge": _text_of(challenge),
            "rpId": self._party.id,
            "timeout": LIFETIME * 1000,
            "userVerification": "required" if alone else "preferred",
            "allowCredentials": _described(passkeys),
        }
        lifetime = SIGN_IN_LIFETIME if alone else LIFETIME
        return Asking(json.dumps(options), self._passages.seal(Leg.PASSKEY_ASK, key, _Asked(challenge, user), lifetime))

    async def proven(
        self, key: str, sealed: str, answer: str, *, address: str | None, only: User | None = None
    ) -> tuple[User, tuple[str, ...]]:
        """Whose passkey answered, and by which methods they proved who they are. `only`: theirs it has to be.

        Raises WrongPasskey, TooMany, Unavailable.
        """
        try:
            async with self._attempts.attempt(address, WrongPasskey):
                return await self._proven(key, sealed, answer, address, only)
        except TooMany:
            self._uses.refused(_UNKNOWN, address, "too many attempts failed", whose="user")
            raise

    def make(self, key: str, user: User, factors: Factors) -> Asking:
        """For a new passkey of this person, on an authenticator that has none of theirs yet.

        It has to be one by which they can sign in without a name (§5.4.6, "discoverable") and without a password.
        """
        challenge = self._challenge()
        options: dict[str, object] = {
            "challenge": _text_of(challenge),
            "rp": {"id": self._party.id, "name": self._party.id},
            "user": {
                "id": _text_of(self._handles.of(user)),
                "name": user.name,
                "displayName": user.full_name or user.name,
            },
            "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
            "timeout": LIFETIME * 1000,
            "excludeCredentials": _described(factors.passkeys),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "attestation": "none",
        }
        return Asking(
            json.dumps(options), self._passages.seal(Leg.PASSKEY_MAKE, key, _Making(challenge, user.id), LIFETIME)
        )

    async def made(self, key: str, sealed: str, answer: str, name: str, user: User) -> Passkey:
        """The passkey that was made for this person, verified and not kept yet. Raises WrongPasskey, Unavailable."""
        try:
            new = await self._made(key, sealed, answer, user)
        except Unfit as unfit:
            log.info("passkey refused", user=user.name, reason=str(unfit))
            raise WrongPasskey from None
        return Passkey(
            self._entropy.row_id(),
            user.id,
            new.credential_id,
            new.public_key,
            new.said.count,
            name,
            self._clock.now(),
            synced=new.said.synced,
            transports=new.transports,
        )

    async def _proven(
        self, key: str, sealed: str, answer: str, address: str | None, only: User | None
    ) -> tuple[User, tuple[str, ...]]:
        name = _UNKNOWN if only is None else only.name
        try:
            asked = await self._spent(self._passages.open(Leg.PASSKEY_ASK, key, sealed, _Asked))
            if asked.user != (None if only is None else only.id):
                raise Unfit("the challenge was for somebody else")
            given = proved(answer)
            wanted = Wanted(Ceremony.ASK, asked.challenge, verified=only is None)
            require_fit(given.said, wanted, self._party)
            passkey = await self._store.passkey(given.credential_id)
            if passkey is None:
                raise Unfit("there is no such passkey")
            user = await self._store.user_with(passkey.user_id)
            name = user.name if only is None and user is not None else name
            return await self._used(passkey, user, given, only), methods_of(given.said)
        except Unfit as unfit:
            self._uses.refused(name, address, str(unfit), whose="user")
            raise WrongPasskey from None

    async def _used(self, passkey: Passkey, user: User | None, given: Proved, only: User | None) -> User:
        """Its person, once it is certain that it was this passkey; its use is noted. Raises Unfit."""
        drawn = b"" if user is None else self._handles.of(user)
        own = require_own(passkey, user, None if only is None else only.id, given.handle, drawn)
        if not signed_by(passkey.public_key, given.signed, given.signature):
            raise Unfit("the signature is wrong")
        require_risen(passkey, given.said.count)
        if not await self._store.use_passkey(passkey, given.said.count, given.said.synced, self._clock.now()):
            raise Unfit("the passkey was used elsewhere at the same time")
        return own

    async def _made(self, key: str, sealed: str, answer: str, user: User) -> Created:
        asked = await self._spent(self._passages.open(Leg.PASSKEY_MAKE, key, sealed, _Making))
        if asked.user != user.id:
            raise Unfit("the challenge was for somebody else")
        new = created(answer)
        require_fit(new.said, Wanted(Ceremony.MAKE, asked.challenge, verified=True), self._party)
        return new

    async def _spent(self, opened: Opened[A] | None) -> A:
        """What was asked, if it was asked of this browser, lately, and is answered the first time. Raises Unfit."""
        if opened is None:
            raise Unfit("there was no such challenge, or it is too old")
        if not await self._passages.spend(opened):
            raise Unfit("the challenge was answered before")
        return opened.facts

    def _challenge(self) -> bytes:
        """190 bits (§13.4.3 wants 128)."""
        return self._entropy.entropy().encode()


def _described(passkeys: Iterable[Passkey]) -> list[dict[str, object]]:
    """Credentials as browsers are told of them (§5.8.3)."""
    return [
        {"type": "public-key", "id": _text_of(each.credential_id)}
        | ({"transports": list(each.transports)} if each.transports else {})
        for each in passkeys
    ]


def _text_of(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
