"""When each token and each secret was last used, and from where: noted in memory, written once a second.

No request waits for it, and a crash loses at most the last second of it. Refused credentials gather here too: each
address and client once a second with a count, so that a flood of wrong passwords is no flood of writes.
"""

import asyncio
from typing import Final

import structlog

from scopekeeper.oauth.records import Secret, Token
from scopekeeper.services.ports import Act, Clock, Entropy, Tokens, Unavailable, Use

INTERVAL: Final = 1.0
"""Seconds between two writes."""

_MOST_REFUSALS: Final = 1_000
"""Kinds of refusal kept apart within one interval; the rest are counted in the log alone."""

_BATCH: Final = 500

_Refused = tuple[str, str | None, str]
"""Whose credentials were refused, to which address, and why."""

log = structlog.get_logger(__name__)


class Uses:
    """What was used since the last write."""

    def __init__(self) -> None:
        self._tokens: dict[int, Use] = {}
        self._secrets: dict[int, Use] = {}
        self._refused: dict[_Refused, int] = {}

    def token(self, token: Token, now: int, address: str | None) -> None:
        """Note that this token was used."""
        noted = self._tokens.get(token.id)
        if noted is None or noted.at != now:
            self._tokens[token.id] = Use(token.id, now, address)

    def secret(self, secret: Secret, now: int, address: str | None) -> None:
        """Note that this secret was used."""
        noted = self._secrets.get(secret.id)
        if noted is None or noted.at != now:
            self._secrets[secret.id] = Use(secret.id, now, address)

    def refused(self, client_id: str, address: str | None, reason: str) -> None:
        """Note that credentials were refused. `reason` is one of a few fixed texts, never what was presented."""
        self._count((client_id[:100], address, reason), 1)

    async def write(self, tokens: Tokens, clock: Clock, entropy: Entropy) -> None:
        """Write what has gathered. What cannot be written now is kept for the next time."""
        used, secrets, refused = self._tokens, self._secrets, self._refused
        if not (used or secrets or refused):
            return
        self._tokens, self._secrets, self._refused = {}, {}, {}
        rows = list(used.values())
        try:
            acts = [_refusal(entropy.row_id(), clock.now(), key, count) for key, count in refused.items()]
            await tokens.used(rows[:_BATCH], list(secrets.values()), acts)
            refused = {}
            for start in range(_BATCH, len(rows), _BATCH):
                await tokens.used(rows[start : start + _BATCH], (), ())
        except Unavailable as away:
            log.warning("last-used times not written", reason=str(away))
            self._tokens = used | self._tokens
            self._secrets = secrets | self._secrets
            for key, count in refused.items():
                self._count(key, count)

    async def keep_writing(self, tokens: Tokens, clock: Clock, entropy: Entropy) -> None:
        """Write once a second until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.write(tokens, clock, entropy)

    def _count(self, key: _Refused, times: int) -> None:
        if key in self._refused or len(self._refused) < _MOST_REFUSALS:
            self._refused[key] = self._refused.get(key, 0) + times


def _refusal(row: int, now: int, key: _Refused, count: int) -> Act:
    client_id, address, reason = key
    return Act(
        row, now, f"client:{client_id}", "client.refused", client_id, address, {"reason": reason, "times": count}
    )
