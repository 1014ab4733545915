"""Signing in and out, and the stay in between (server-side sessions, OWASP ASVS 5.0 §7)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from scopekeeper.oauth.authentication import MFA, OTP, PASSWORD, POP, together
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import Session, User, session_holds
from scopekeeper.oauth.policy import Policy
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.factors import FRESH, FactorBook, Fresh, WrongCode
from scopekeeper.services.notices import Notices
from scopekeeper.services.passages import Leg, Opened, Passages
from scopekeeper.services.passwords import WrongPassword
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Sessions, Stale, Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.uses import Uses

__all__ = ["Begun", "Further", "Login", "TooMany", "Waiting", "WrongCode", "WrongPassword"]

SEEN_EVERY: Final = 60
"""Seconds between two notes that a person was seen: what they matter for is two hours of absence."""

_AGENT: Final = 200
_TRIES: Final = 5


class Begun(NamedTuple):
    """Somebody is signed in."""

    session: Session
    cookie: str
    """The cookie's value, which is nowhere else."""


@dataclass(frozen=True, slots=True)
class Further:
    """The first step was right, and more is needed before there is a session."""

    passage: str = field(repr=False)
    """What is under way, sealed: for `jar.stage`."""
    enrol: bool
    """A second factor is demanded, and there is none yet: it is set up now."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who has taken the first step, and what they have for the next."""

    user: User
    amr: tuple[str, ...]
    """How they took the first."""
    since: int
    factors: Factors
    enrol: bool

    @property
    def fresh(self) -> Fresh:
        """By what they may set up a second factor, where `enrol` says so."""
        return Fresh(self.since, self.amr)


class _Step(msgspec.Struct):
    """What is remembered of the first step."""

    user_id: int
    amr: tuple[str, ...]
    since: int
    enrol: bool
    pin: bytes
    """Of the password that was shown: with another one, it was not."""


@dataclass(frozen=True, slots=True)
class Login:
    """Begins, finds and ends sessions.

    A password, or another provider's word, is all of it for whoever has no second factor and of whom none is demanded.
    For everybody else it is the first step. What is under way then lies with the browser, sealed, bound to it and to
    the password that was shown, and is used up by the session that comes of it.
    """

    store: Store
    records: Sessions
    """Where a session is read that seems to have ended: never a cache, which may not know when it was last seen, or
    that somebody signed in anew in it."""
    prove: Proof
    clock: Clock
    entropy: Entropy
    uses: Uses
    factors: FactorBook
    passages: Passages
    policy: Policy
    notices: Notices

    async def sign_in(
        self,
        name: str,
        password: str,
        *,
        address: str | None,
        agent: str,
        ends: int | None,
        key: str = "",
        stronger: bool = False,
    ) -> Begun | Further:
        """A session in place of `ends`, the browser's old one, or the next step.

        The cookie is always a new one, and the old one opens nothing any more. Where `ends` was the same person's, the
        stay goes on under its row id: by it applications know it (`sid`).

        `key`: the browser's secret, to which the next step is bound. `stronger`: what they sign in for takes more than
        one factor, whatever is demanded of them otherwise. Raises WrongPassword, TooMany, Unavailable.
        """
        user = await self.prove(name, password, address)
        return await self._stepped(user, (PASSWORD,), key, address, agent, ends, stronger)

    async def proven(
        self,
        user: User,
        amr: tuple[str, ...],
        *,
        key: str,
        address: str | None,
        agent: str,
        ends: int | None,
        stronger: bool = False,
    ) -> Begun | Further:
        """The same for whoever has just proven otherwise that they are this person: by these methods.

        Raises WrongPassword where that does not hold any more: the account, or what it was proven with, is gone.
        """
        if not user.enabled:
            raise WrongPassword
        return await self._stepped(user, amr, key, address, agent, ends, stronger)

    async def waiting(self, passage: str | None, key: str) -> Waiting | None:
        """Who has taken the first step in this browser; None where they have to begin again."""
        opened = self._opened(passage, key)
        return None if opened is None else await self._waiting(opened.facts)

    async def second(
        self, passage: str | None, key: str, code: str, *, address: str | None, agent: str, ends: int | None
    ) -> Begun:
        """A session, by a one-time code or a recovery code in the second step.

        Raises WrongCode, TooMany; Gone where they have to begin again.
        """
        opened, waiting = await self._under_way(passage, key)
        if waiting.enrol:
            raise Gone("there is no second factor to be shown")
        shown = await self.factors.shown(waiting.user, code, address)
        return await self._finished(opened, waiting, shown, address, agent, ends)

    async def finish(
        self,
        passage: str | None,
        key: str,
        amr: tuple[str, ...],
        *,
        address: str | None,
        agent: str,
        ends: int | None,
    ) -> Begun:
        """A session, for whoever has just shown the rest by these methods: a passkey, or what they have just set up.

        Raises Gone where they have to begin again, and where that is no second factor.
        """
        opened, waiting = await self._under_way(passage, key)
        return await self._finished(opened, waiting, amr, address, agent, ends)

    async def strengthened(self, session: Session, shown: tuple[str, ...], *, address: str | None, agent: str) -> Begun:
        """The same stay under another cookie, and as strong as its person has just proven: by these methods besides.

        For whoever has just set up in it the first second factor they have, and only in the request that did so: of
        what is said here, no more is looked at than whether it can be so. The old cookie opens nothing any more, and
        all that began in the stay goes on, with what it was granted by. When they signed in stays as it was.

        `session`: as its cookie opened it. Raises Gone where it stays as it is: it was ended, has another cookie by
        now, or is too old to change factors by; or that factor is not the only one, or was not made in it. Raises
        Stale where the account is edited again and again.
        """
        for _ in range(_TRIES):
            user, here = await self.store.user_with(session.user_id), await self.records.session(session.id)
            now = self.clock.now()
            if user is None or here is None or not _same(session, here) or not session_holds(here, user, now):
                raise Gone("the session is another one by now")
            amr, factors = together(here.amr, shown), await self.factors.of(user)
            first = MFA not in here.amr and MFA in amr and _only(factors, shown, since=here.signed_in_at)
            if now - here.signed_in_at >= FRESH or not first:
                raise Gone("this is not the first factor, set up in this session a moment ago")
            begun = self._begun(here.id, user, amr, address, agent)
            begun = begun._replace(session=replace(begun.session, signed_in_at=here.signed_in_at))
            act = self._act(begun.session, "session.strengthen", address, amr=" ".join(amr))
            try:
                await self.store.begin_session(begun.session, user, here.id, act)
            except Stale:
                continue  # what was edited may be just what this goes by
            return begun
        raise _edited_elsewhere()

    async def session(self, cookie: str) -> tuple[Session, User] | None:
        """The session and its person, if it holds; that they were seen is noted. Garbage does not touch the store."""
        row = row_of(cookie, Kind.SESSION)
        session = await self.store.session(row) if row is not None else None
        if session is None:
            return None
        user, now = await self.store.user(session.user), self.clock.now()
        if user is None:
            return None
        if not _opens(cookie, session, user, now):
            # In another process the person may have been seen, or have signed in anew, since it was remembered here.
            session = await self.records.session(session.id)
            if session is None or not _opens(cookie, session, user, now):
                return None
        if not self.policy.lets_in(user, session.amr):
            return None
        if now - session.last_seen_at >= SEEN_EVERY:
            self.uses.session(session, now)
        return session, user

    async def sign_out(self, session: Session, address: str | None = None, *, application: str | None = None) -> None:
        """The session ends now. `application`: the client_id of the one that asked for it, where one did."""
        details = {} if application is None else {"client_id": application}
        await self.store.end_session(session.id, self._act(session, "session.end", address, **details))

    async def sessions(self, user: User) -> Sequence[Session]:
        """All sessions of this person that hold, newest first."""
        now = self.clock.now()
        return [each for each in await self.store.sessions(user.id) if self._holds(each, user, now)]

    async def end(self, user: User, session_id: int, address: str | None = None, *, actor: str | None = None) -> bool:
        """End one of this person's sessions; was there one? Anybody else's is left alone, as if it were not there.

        `actor`: who ends it, where it is not they themselves.
        """
        for session in await self.store.sessions(user.id):
            if session.id == session_id:
                await self.store.end_session(session.id, self._act(session, "session.end", address, actor))
                return True
        return False

    async def end_all(
        self, user: User, address: str | None = None, *, actor: str | None = None, keep: int | None = None
    ) -> int:
        """End all of this person's sessions but `keep`; how many held.

        Those too that have only grown old: what began in them lives on until somebody ends them.
        """
        now = self.clock.now()
        due = [each for each in await self.store.sessions(user.id) if each.id != keep]
        for session in due:
            await self.store.end_session(session.id, self._act(session, "session.end", address, actor))
        return sum(self._holds(each, user, now) for each in due)

    def _holds(self, session: Session, user: User, now: int) -> bool:
        return session_holds(session, user, now) and self.policy.lets_in(user, session.amr)

    async def _stepped(
        self,
        user: User,
        amr: tuple[str, ...],
        key: str,
        address: str | None,
        agent: str,
        ends: int | None,
        stronger: bool,
    ) -> Begun | Further:
        """A session where these methods are enough for this person; else the next step."""
        for _ in range(_TRIES):
            factors = await self.factors.of(user)
            if MFA not in amr and (factors.second or stronger or self.policy.demands(user)):
                step = _Step(user.id, amr, self.clock.now(), not factors.second, _pin(user, amr))
                return Further(self.passages.seal(Leg.SECOND, key, step, FRESH), step.enrol)
            try:
                return await self._begin(user, amr, address, agent, ends)
            except Stale:
                user = await self._again(user, amr, factors)
        raise _edited_elsewhere()

    async def _finished(
        self,
        opened: Opened[_Step],
        waiting: Waiting,
        shown: tuple[str, ...],
        address: str | None,
        agent: str,
        ends: int | None,
    ) -> Begun:
        """The session at the end of both steps, once."""
        user, amr, factors = waiting.user, together(waiting.amr, shown), waiting.factors
        if MFA not in amr or not await self.passages.spend(opened):
            raise Gone("this sign-in has to be begun again")
        for _ in range(_TRIES):
            try:
                return await self._begin(user, amr, address, agent, ends)
            except Stale:
                try:
                    user = await self._again(user, amr, factors)
                except WrongPassword:
                    raise Gone("this sign-in has to be begun again") from None
        raise _edited_elsewhere()

    async def _begin(
        self, user: User, amr: tuple[str, ...], address: str | None, agent: str, ends: int | None
    ) -> Begun:
        """The session. Raises Stale where somebody edited the account meanwhile."""
        old = None if ends is None else await self.store.session(ends)
        row = old.id if old is not None and old.user_id == user.id else None
        while True:
            begun = self._begun(row, user, amr, address, agent)
            # By what it was done is what a new device is told from later (`services/telling.py`).
            details = {"agent": begun.session.agent} | ({} if amr == (PASSWORD,) else {"amr": " ".join(amr)})
            act = self._act(begun.session, "session.begin", address, **details)
            try:
                await self.store.begin_session(begun.session, user, ends, act)
            except Gone:
                if ends is None:
                    raise
                row = ends = None  # it was ended meanwhile, and nobody brings it back
            else:
                await self.notices.signed_in(user, begun.session)
                return begun

    async def _again(self, user: User, amr: tuple[str, ...], factors: Factors) -> User:
        """The account as it is now, if what was proven by these methods still holds. Raises WrongPassword."""
        now = await self.store.user_with(user.id)
        if now is None or not now.enabled or _pin(now, amr) != _pin(user, amr):
            raise WrongPassword
        if MFA in amr and _lost(factors, await self.factors.of(now), amr):
            raise WrongPassword
        return now

    def _opened(self, passage: str | None, key: str) -> Opened[_Step] | None:
        return self.passages.open(Leg.SECOND, key, passage, _Step)

    async def _under_way(self, passage: str | None, key: str) -> tuple[Opened[_Step], Waiting]:
        """What was sealed, and how things are now. Raises Gone."""
        opened = self._opened(passage, key)
        waiting = None if opened is None else await self._waiting(opened.facts)
        if opened is None or waiting is None:
            raise Gone("this sign-in has to be begun again")
        return opened, waiting

    async def _waiting(self, step: _Step) -> Waiting | None:
        user = await self.store.user_with(step.user_id)
        if user is None or not user.enabled or _pin(user, step.amr) != step.pin:
            return None
        factors = await self.factors.of(user)
        if not factors.second and not step.enrol:
            return None  # they were taken from this account meanwhile: what is demanded of it now is another question
        return Waiting(user, step.amr, step.since, factors, enrol=not factors.second)

    def _begun(self, row: int | None, user: User, amr: tuple[str, ...], address: str | None, agent: str) -> Begun:
        row, now = row or self.entropy.row_id(), self.clock.now()
        cookie = secret_of(Kind.SESSION, row, self.entropy.entropy())
        words = "".join(each for each in agent[:_AGENT] if each.isprintable())
        return Begun(Session(row, digest_of(cookie), user.id, user.name, now, now, address, words, amr), cookie)

    def _act(
        self, session: Session, action: str, address: str | None, actor: str | None = None, /, **details: object
    ) -> Act:
        by = actor or f"user:{session.user}"
        return Act(self.entropy.row_id(), self.clock.now(), by, action, session.user, address, details)


def _opens(cookie: str, session: Session, user: User, now: int) -> bool:
    """Is this the cookie of this session, and does it hold?"""
    return hmac.compare_digest(session.digest, digest_of(cookie)) and session_holds(session, user, now)


def _same(session: Session, now: Session) -> bool:
    """Is it still the cookie by which the session was found that opens it?"""
    return hmac.compare_digest(session.digest, now.digest)


def _only(factors: Factors, shown: tuple[str, ...], *, since: int) -> bool:
    """Is the one second factor there is one that was shown thus, and made since then?"""
    made = [(POP, passkey.created_at) for passkey in factors.passkeys]
    if factors.totp is not None:
        made.append((OTP, factors.totp.created_at))
    return len(made) == 1 and made[0][0] in shown and made[0][1] >= since


def _pin(user: User, amr: tuple[str, ...]) -> bytes:
    """By what it is noticed that the password is another than the one that was shown; nothing where none was."""
    return sha256((user.password or "").encode()).digest()[:16] if PASSWORD in amr else b""


def _lost(before: Factors, now: Factors, amr: tuple[str, ...]) -> bool:
    """Is something gone, by now, that may have been what was shown?"""
    left = {passkey.id for passkey in now.passkeys}
    return (
        (POP in amr and not left)
        or any(passkey.id not in left for passkey in before.passkeys)
        or (before.totp is not None and (now.totp is None or now.totp.sealed != before.totp.sealed))
    )


def _edited_elsewhere() -> Stale:
    return Stale("the account is being edited by somebody else")
