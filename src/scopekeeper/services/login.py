"""Signing in and out, and the stay in between (server-side sessions, OWASP ASVS 5.0 §7)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.people import Session, User, session_holds
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.passwords import WrongPassword
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Sessions, Stale, Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.uses import Uses

__all__ = ["Login", "TooMany", "WrongPassword"]

SEEN_EVERY: Final = 60
"""Seconds between two notes that a person was seen: what they matter for is two hours of absence."""

_AGENT: Final = 200
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Login:
    """Begins, finds and ends sessions."""

    store: Store
    records: Sessions
    """Where a session is read that seems to have ended: never a cache, which may not know when it was last seen, or
    that somebody signed in anew in it."""
    prove: Proof
    clock: Clock
    entropy: Entropy
    uses: Uses

    async def sign_in(
        self, name: str, password: str, *, address: str | None, agent: str, ends: int | None
    ) -> tuple[Session, str]:
        """A session in place of `ends`, the browser's old one; and the cookie's value, which is nowhere else.

        The cookie is always a new one, and the old one opens nothing any more. Where `ends` was the same person's, the
        stay goes on under its row id: by it applications know it (`sid`). Raises WrongPassword, TooMany, Unavailable.
        """
        user = await self.prove(name, password, address)
        proven = user.password
        old = None if ends is None else await self.store.session(ends)
        row = old.id if old is not None and old.user_id == user.id else None
        for _ in range(_TRIES):
            session, cookie = self._begun(row, user, address, agent)
            try:
                await self.store.begin_session(session, user, ends, self._act(session, "session.begin", address))
            except Stale:
                # Somebody edited the account while the password was proven: does what was proven still hold?
                now = await self.store.user_with(user.id)
                if now is None or not now.enabled or now.password != proven:
                    raise WrongPassword from None
                user = now
            except Gone:
                row = ends = None  # it was ended meanwhile, and nobody brings it back
            else:
                return session, cookie
        raise Stale("the account is being edited by somebody else")

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
        return [each for each in await self.store.sessions(user.id) if session_holds(each, user, now)]

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
        return sum(session_holds(each, user, now) for each in due)

    def _begun(self, row: int | None, user: User, address: str | None, agent: str) -> tuple[Session, str]:
        row, now = row or self.entropy.row_id(), self.clock.now()
        cookie = secret_of(Kind.SESSION, row, self.entropy.entropy())
        words = "".join(each for each in agent[:_AGENT] if each.isprintable())
        return Session(row, digest_of(cookie), user.id, user.name, now, now, address, words), cookie

    def _act(
        self, session: Session, action: str, address: str | None, actor: str | None = None, /, **details: object
    ) -> Act:
        by = actor or f"user:{session.user}"
        return Act(self.entropy.row_id(), self.clock.now(), by, action, session.user, address, details)


def _opens(cookie: str, session: Session, user: User, now: int) -> bool:
    """Is this the cookie of this session, and does it hold?"""
    return hmac.compare_digest(session.digest, digest_of(cookie)) and session_holds(session, user, now)
