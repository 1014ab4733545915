"""Second factors: shown at sign-in, and added, renamed and removed by whoever has just proven who they are."""

import unicodedata
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import msgspec

from scopekeeper.oauth.authentication import MFA, OTP
from scopekeeper.oauth.factors import Factors, Passkey, RecoveryCode, Totp
from scopekeeper.oauth.one_time import (
    RECOVERY_CODES,
    recovery_code_of,
    recovery_digest_of,
    secret_of,
    shown_secret,
    step_of,
    typed_code,
    typed_recovery_code,
    uri_of,
)
from scopekeeper.oauth.people import User
from scopekeeper.oauth.policy import Policy
from scopekeeper.services.account_ports import FactorsKept
from scopekeeper.services.attempts import Attempts, Limits, TooMany
from scopekeeper.services.notices import Notices
from scopekeeper.services.passages import Leg, Passages
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Stale, Users
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault

FRESH: Final = 600
"""Seconds since they proved who they are in which somebody changes how they prove it."""

WRONG_CODES: Final = Limits(a_minute=0.1, burst=10)
"""Ten at once, then one in ten minutes. Of a million codes three are right at a time: whoever has the password and
tries for a month on end finds one with a chance of 1 in 75."""

MOST_PASSKEYS: Final = 20
LONGEST_NAME: Final = 64

_OFFERED: Final = 600
"""Seconds in which a secret that is shown has to be confirmed."""


class NotFresh(Exception):
    """They have to sign in again first: it is too long ago, or was by less than they have."""


class WrongCode(Exception):
    """The code is not right, not any more, or was used. Nothing tells which."""

    def __init__(self) -> None:
        super().__init__("the code is not right")


class Needed(Exception):
    """It is the last second factor of somebody of whom one is demanded: another has to be there first."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """When, and by what, whoever changes factors proved who they are: of their session, or of `Waiting` (`enrol`)."""

    at: int
    amr: tuple[str, ...]
    session: int | None = None
    """The session in which they do it, if there is one already: it goes on when the first factor ends all others."""


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A shared secret that is shown to be taken over by an app, and is nobody's before a code of it is typed."""

    secret: str = field(repr=False)
    """In base32, to be typed."""
    uri: str = field(repr=False)
    """`otpauth://totp/…`, to be scanned."""
    sealed: str = field(repr=False)
    """For `jar.factor`."""


class _Offered(msgspec.Struct):
    user_id: int
    secret: bytes


@dataclass(frozen=True, slots=True)
class FactorBook:
    """What people have besides a password: looked at, shown, changed."""

    store: FactorsKept
    users: Users
    vault: Vault
    passages: Passages
    policy: Policy
    attempts: Attempts
    """Failures by network, of passwords and codes together."""
    seconds: Attempts
    """Failed second steps by account: whoever gets there has shown a first factor, so nobody else shuts them out."""
    clock: Clock
    entropy: Entropy
    uses: Uses
    notices: Notices
    issuer: str

    async def of(self, user: User) -> Factors:
        """All that this person has. Raises Unavailable."""
        return await self.store.factors(user.id)

    async def takes_more(self, user: User) -> bool:
        """Has this person to show more than a password when they sign in? Raises Unavailable."""
        return self.policy.demands(user) or (await self.of(user)).second

    async def shown(self, user: User, typed: str, address: str | None) -> tuple[str, ...]:
        """By which methods a code proves that they have their second factor. It is used up.

        A recovery code counts as a one-time code. Raises WrongCode, TooMany, Unavailable.
        """
        try:
            async with self.attempts.attempt(address, WrongCode), self.seconds.attempt(str(user.id), WrongCode):
                await self._use(user, typed, address)
        except WrongCode:
            self.uses.refused(user.name, address, "wrong code in the second step", whose="user")
            raise
        except TooMany:
            self.uses.refused(user.name, address, "too many wrong codes in the second step", whose="user")
            raise
        return (OTP,)

    def offer_totp(self, user: User, key: str) -> TotpOffer:
        """A new secret for one-time codes. Nothing is kept: it lies with the browser, bound to `key`."""
        secret = secret_of(self.entropy.entropy())
        sealed = self.passages.seal(Leg.TOTP_MAKE, key, _Offered(user.id, secret), _OFFERED)
        return self._offer(user, secret, sealed)

    def offered_totp(self, user: User, key: str, sealed: str | None) -> TotpOffer | None:
        """The same once more, as long as it can be confirmed."""
        opened = self.passages.open(Leg.TOTP_MAKE, key, sealed, _Offered)
        if opened is None or sealed is None or opened.facts.user_id != user.id:
            return None
        return self._offer(user, opened.facts.secret, sealed)

    async def confirm_totp(
        self, user: User, fresh: Fresh, key: str, sealed: str | None, code: str, address: str | None
    ) -> tuple[str, ...]:
        """One-time codes are set up, or in place of those before: their app has just shown one of them.

        With the first factor all other sessions end, and what the password grant gave: who is in by them has shown less
        than is asked from now on.

        The recovery codes that come with the first factor, which are shown once and never again; none where there are
        some that work. Raises NotFresh; WrongCode, TooMany; Gone where nothing is offered (any more).
        """
        factors = await self.of(user)
        self.require_fresh(factors, fresh)
        opened = self.passages.open(Leg.TOTP_MAKE, key, sealed, _Offered)
        if opened is None or opened.facts.user_id != user.id:
            raise Gone("no one-time codes are offered")
        secret, now = opened.facts.secret, self.clock.now()
        async with self.attempts.attempt(address, WrongCode):
            typed = typed_code(code)
            step = None if typed is None else step_of(secret, typed, now)
            if step is None:
                raise WrongCode
        if not await self.passages.spend(opened):
            raise Gone("they were set up already")
        totp = Totp(user.id, self.vault.wrap(_name(user), secret), now, step, now)
        act = self._act(user, "totp.add", address)
        try:
            await self.store.save_totp(totp, act, first=not factors.second, keep=fresh.session)
        except Stale:
            raise NotFresh from None  # there is one by now, and they have not shown it
        await self.notices.changed(user, "totp.add", address)
        return await self._first_recovery_codes(user, factors, address)

    async def remove_totp(self, user: User, fresh: Fresh, address: str | None) -> None:
        """One-time codes are given up. Raises NotFresh, Needed, Gone."""
        factors = await self.of(user)
        self.require_fresh(factors, fresh)
        self._require_more_than(user, factors, int(factors.totp is not None))
        await self.store.remove_totp(user.id, self._act(user, "totp.remove", address))
        await self.notices.changed(user, "totp.remove", address)

    async def add_passkey(self, user: User, fresh: Fresh, passkey: Passkey, address: str | None) -> tuple[str, ...]:
        """A passkey that was just made, and verified, is theirs. All else is as with `confirm_totp`.

        Raises NotFresh; Taken where it is somebody's, or they have as many as there may be; Gone.
        """
        factors = await self.of(user)
        self.require_fresh(factors, fresh)
        act = self._act(user, "passkey.add", address, name=passkey.name)
        try:
            await self.store.add_passkey(passkey, MOST_PASSKEYS, act, first=not factors.second, keep=fresh.session)
        except Stale:
            raise NotFresh from None
        await self.notices.changed(user, "passkey.add", address)
        return await self._first_recovery_codes(user, factors, address)

    async def rename_passkey(self, user: User, passkey_id: int, name: str, address: str | None) -> None:
        """What its person calls it. Raises Gone where it is not theirs."""
        called = passkey_name_of(name)
        await self.store.rename_passkey(
            user.id, passkey_id, called, self._act(user, "passkey.rename", address, name=called)
        )

    async def remove_passkey(self, user: User, fresh: Fresh, passkey_id: int, address: str | None) -> None:
        """One is given up. Raises NotFresh, Needed; Gone where it is not theirs."""
        factors = await self.of(user)
        self.require_fresh(factors, fresh)
        found = next((each for each in factors.passkeys if each.id == passkey_id), None)
        if found is None:
            raise Gone("there is no such passkey")
        self._require_more_than(user, factors, 1)
        await self.store.remove_passkey(
            user.id, passkey_id, self._act(user, "passkey.remove", address, name=found.name)
        )
        await self.notices.changed(user, "passkey.remove", address)

    async def new_recovery_codes(self, user: User, fresh: Fresh, address: str | None) -> tuple[str, ...]:
        """New ones in place of all before, to be shown once. Raises NotFresh; Gone where there is no factor."""
        factors = await self.of(user)
        self.require_fresh(factors, fresh)
        if not factors.second:
            raise Gone("there is no second factor that they could stand in for")
        codes = await self._replace_recovery_codes(user, address)
        await self.notices.changed(user, "recovery.replace", address)
        return codes

    async def reset(self, name: str, actor: str, address: str | None = None) -> bool:
        """By an operator: all second factors of this account go, and all of its sessions end; was there any factor?

        Raises Gone where there is no such account.
        """
        user = await self.users.user(name)
        if user is None:
            raise Gone(f"there is no account {name!r}")
        gone = await self.store.remove_factors(user.id, self._act(user, "factors.remove", address, actor))
        if gone:
            await self.notices.changed(user, "factors.remove", address)
        return gone

    def require_fresh(self, factors: Factors, fresh: Fresh) -> None:
        """Have they proven who they are lately, and by a second factor where they have one? Raises NotFresh."""
        if self.clock.now() - fresh.at >= FRESH or (factors.second and MFA not in fresh.amr):
            raise NotFresh

    async def _use(self, user: User, typed: str, address: str | None) -> None:
        code = typed_code(typed)
        if code is not None:
            return await self._use_totp(user, code)
        recovery = typed_recovery_code(typed)
        if recovery is None:
            raise WrongCode
        used = self._act(user, "recovery.use", address)
        if not await self.store.use_recovery_code(user.id, recovery_digest_of(recovery), self.clock.now(), used):
            raise WrongCode
        await self.notices.changed(user, "recovery.used", address)
        return None

    async def _use_totp(self, user: User, code: str) -> None:
        totp, now = (await self.of(user)).totp, self.clock.now()
        step = None if totp is None else step_of(self.vault.unwrap(_name(user), totp.sealed), code, now)
        if step is None or not await self.store.use_totp(user.id, step, now):
            raise WrongCode

    async def _first_recovery_codes(self, user: User, before: Factors, address: str | None) -> tuple[str, ...]:
        return () if before.left else await self._replace_recovery_codes(user, address)

    async def _replace_recovery_codes(self, user: User, address: str | None) -> tuple[str, ...]:
        codes, now = tuple(recovery_code_of(self.entropy.entropy()) for _ in range(RECOVERY_CODES)), self.clock.now()
        kept = [RecoveryCode(self.entropy.row_id(), user.id, recovery_digest_of(code), now) for code in codes]
        await self.store.replace_recovery_codes(user.id, kept, self._act(user, "recovery.replace", address))
        return codes

    def _require_more_than(self, user: User, factors: Factors, going: int) -> None:
        """Is one left, where one is demanded?"""
        if self.policy.demands(user) and len(factors.passkeys) + int(factors.totp is not None) <= going:
            raise Needed

    def _offer(self, user: User, secret: bytes, sealed: str) -> TotpOffer:
        return TotpOffer(shown_secret(secret), uri_of(secret, urlsplit(self.issuer).hostname or "", user.name), sealed)

    def _act(self, user: User, action: str, address: str | None, actor: str | None = None, /, **details: object) -> Act:
        by = actor or f"user:{user.name}"
        return Act(self.entropy.row_id(), self.clock.now(), by, action, user.name, address, details)


def passkey_name_of(text: str) -> str:
    """What a passkey can be called: one line, at most 64 characters, never nothing."""
    line = " ".join("".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFC", text)).split())
    return line[:LONGEST_NAME].rstrip() or "Passkey"


def _name(user: User) -> str:
    """Under which the secret is wrapped."""
    return f"totp:{user.id}"
