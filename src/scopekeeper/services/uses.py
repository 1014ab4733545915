"""When each token, secret, session and family was last used, and from where: noted in memory, written once a second.

No request waits for it, and a crash loses at most the last second of it. Refused credentials gather here too: each
address with each client or person once a second with a count, so that a flood of wrong passwords is no flood of writes.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal, Protocol

import structlog

from scopekeeper.oauth.applications import short
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.records import Client, GrantType, Secret, Token
from scopekeeper.services.lists import Usage
from scopekeeper.services.ports import Act, Clock, Entropy, Grants, Sessions, Tokens, Unavailable, Use
from scopekeeper.services.tally import Tally, last_used

INTERVAL: Final = 1.0
"""Seconds between two writes."""

_MOST_REFUSALS: Final = 50
"""Kinds of refusal told apart within one interval; the rest are counted together, lest a flood fills the disk."""

_BATCH: Final = 500

Whose = Literal["client", "user"]

_SHORT: Final[Mapping[str, str]] = {each.value: short(each) for each in GrantType}

_Refused = tuple[Whose, str, str | None, str]
"""Whose credentials were refused, to which address, and why."""

log = structlog.get_logger(__name__)


class Written(Tokens, Sessions, Grants, Usage, Protocol):
    """Where uses are written."""


class Uses:
    """What was used since the last write."""

    def __init__(self) -> None:
        self._tokens: dict[int, Use] = {}
        self._secrets: dict[int, Use] = {}
        self._sessions: dict[int, Use] = {}
        self._families: dict[int, Use] = {}
        self._refused: dict[_Refused, int] = {}
        self.tally: Final = Tally()

    def token(self, token: Token, now: int, address: str | None) -> None:
        """Note that this token was used."""
        _note(self._tokens, token.id, now, address)

    def secret(self, secret: Secret, now: int, address: str | None) -> None:
        """Note that this secret was used."""
        _note(self._secrets, secret.id, now, address)

    def session(self, session: Session, now: int) -> None:
        """Note that this session's person was seen."""
        _note(self._sessions, session.id, now)

    def family(self, family: Family, now: int) -> None:
        """Note that a refresh token of this family was used."""
        _note(self._families, family.id, now)

    def issued(self, client: Client, grant_type: str) -> None:
        """Note that a token was issued to this application by this grant."""
        self.tally.token(client.client_id, _SHORT[grant_type])

    def refused(self, name: str, address: str | None, reason: str, *, whose: Whose = "client") -> None:
        """Note that the credentials of this client, or person, were refused.

        `reason` is one of a few fixed texts, never what was presented.
        """
        self._count((whose, name[:100], address, reason), 1)

    async def write(self, store: Written, clock: Clock, entropy: Entropy) -> None:
        """Write what has gathered. What cannot be written now is kept for the next time."""
        await self._write_uses(store, clock, entropy)
        await self._write_counts(store, clock.now())

    async def _write_uses(self, store: Written, clock: Clock, entropy: Entropy) -> None:
        used, secrets, seen, refused = self._tokens, self._secrets, self._sessions, self._refused
        families = self._families
        if not (used or secrets or seen or families or refused):
            return
        self._tokens, self._secrets, self._sessions, self._families, self._refused = {}, {}, {}, {}, {}
        first, *more = _batches(used) or [[]]
        try:
            acts = [_refusal(entropy.row_id(), clock.now(), key, count) for key, count in refused.items()]
            await store.used(first, list(secrets.values()), acts)
            refused = {}
            for batch in more:
                await store.used(batch, (), ())
            for batch in _batches(seen):
                await store.seen(batch)
            for batch in _batches(families):
                await store.refreshed(batch)
        except Unavailable as away:
            log.warning("last-used times not written", reason=str(away))
            self._tokens = used | self._tokens
            self._secrets = secrets | self._secrets
            self._sessions = seen | self._sessions
            self._families = families | self._families
            for key, count in refused.items():
                self._count(key, count)

    async def _write_counts(self, store: Usage, now: int) -> None:
        waiting = self.tally.taken(now)
        try:
            while waiting:
                # Whoever stops waiting for a commit does not stop it: what is under way counts as written.
                batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
                try:
                    await store.count(batch, last_used(batch, now))
                except Unavailable as away:
                    log.warning("counts not written", reason=str(away))
                    waiting = batch + waiting
                    return
        finally:
            self.tally.put_back(waiting)

    async def keep_writing(self, store: Written, clock: Clock, entropy: Entropy) -> None:
        """Write once a second until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.write(store, clock, entropy)

    def _count(self, key: _Refused, times: int) -> None:
        if key not in self._refused and len(self._refused) >= _MOST_REFUSALS:
            key = (key[0], "many", None, "too many kinds of refusal at once to tell them apart")
        self._refused[key] = self._refused.get(key, 0) + times


def _note(kept: dict[int, Use], row: int, now: int, address: str | None = None) -> None:
    """The first use of a second tells as much as all of that second's."""
    noted = kept.get(row)
    if noted is None or noted.at != now:
        kept[row] = Use(row, now, address)


def _batches(kept: dict[int, Use]) -> list[list[Use]]:
    """In commits that nobody has to wait for long."""
    uses = list(kept.values())
    return [uses[start : start + _BATCH] for start in range(0, len(uses), _BATCH)]


def _refusal(row: int, now: int, key: _Refused, count: int) -> Act:
    whose, name, address, reason = key
    return Act(row, now, f"{whose}:{name}", f"{whose}.refused", name, address, {"reason": reason, "times": count})
