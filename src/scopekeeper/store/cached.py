"""A store around a store: it remembers applications, tokens and signing keys, for as long as nothing has changed.

One number in the database rises with every change that could be hidden here. It is looked at when a request comes and
the last look is 250 ms ago; where it has risen, all is forgotten. What a look cannot confirm is not served: no fact is
older than a second, and where the number cannot be read the answer is Unavailable. What this process changes itself is
forgotten at once. That something is not there is never remembered.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.records import Client, Secret, Token
from scopekeeper.services.ports import Act, Activity, Clock, Lease, Store, Unavailable, Use

LOOK_EVERY: Final = 250
"""Milliseconds."""

OLDEST: Final = 1_000
"""Milliseconds: what was confirmed longer ago is not served."""

_NEVER: Final = -(1 << 62)


class CachedStore:
    """Remembers the signing keys and up to `clients` applications and `tokens` tokens of another store.

    All else it passes on.
    """

    def __init__(self, store: Store, clock: Clock, *, clients: int = 10_000, tokens: int = 50_000) -> None:
        self._store = store
        self._now = clock.milliseconds
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._tokens: OrderedDict[int, Token] = OrderedDict()
        self._keys: tuple[SigningKey, ...] = ()
        self._most_clients = clients
        self._most_tokens = tokens
        self._looked_at = _NEVER
        self._seen: int | None = None
        self._looking: asyncio.Task[None] | None = None
        self._forgotten = 0
        """How often something was forgotten: what was read before must not be remembered after."""

    async def client(self, client_id: str) -> Client | None:
        if not 0 <= self._now() - self._looked_at < LOOK_EVERY:
            await self._look()
        found = self._clients.get(client_id)
        if found is not None:
            self._clients.move_to_end(client_id)
            return found
        forgotten = self._forgotten
        found = await self._store.client(client_id)
        if found is not None and forgotten == self._forgotten:
            self._clients[client_id] = found
            if len(self._clients) > self._most_clients:
                self._clients.popitem(last=False)
        return found

    async def token(self, row_id: int) -> Token | None:
        if not 0 <= self._now() - self._looked_at < LOOK_EVERY:
            await self._look()
        found = self._tokens.get(row_id)
        if found is not None:
            self._tokens.move_to_end(row_id)
            return found
        forgotten = self._forgotten
        found = await self._store.token(row_id)
        if found is not None and forgotten == self._forgotten:
            self._tokens[row_id] = found
            if len(self._tokens) > self._most_tokens:
                self._tokens.popitem(last=False)
        return found

    async def _look(self) -> None:
        """See whether anything has changed. Whoever comes while one looks waits for that look."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_now())
            self._looking.add_done_callback(_heard)
        await asyncio.shield(self._looking)
        if not 0 <= self._now() - self._looked_at < OLDEST:
            raise Unavailable("what is remembered could not be confirmed in time")

    async def _look_now(self) -> None:
        at = self._now()
        try:
            seen = await self._store.changes()
        finally:
            self._looking = None
        if seen != self._seen:
            self._seen = seen
            self._forget()
        self._looked_at = at

    def _forget(self, *, client_id: str | None = None, row_ids: Sequence[int] | None = None) -> None:
        self._forgotten += 1
        if client_id is None and row_ids is None:
            self._clients.clear()
            self._tokens.clear()
            self._keys = ()
        if client_id is not None:
            self._clients.pop(client_id, None)
        for row_id in row_ids or ():
            self._tokens.pop(row_id, None)

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        return await self._store.clients(after=after, limit=limit)

    async def add_client(self, client: Client, act: Act) -> None:
        await self._store.add_client(client, act)

    async def save_client(self, client: Client, act: Act) -> None:
        try:
            await self._store.save_client(client, act)
        finally:
            self._forget(client_id=client.client_id)

    async def remove_client(self, client_id: str, act: Act) -> None:
        try:
            await self._store.remove_client(client_id, act)
        finally:
            self._forget()

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act) -> None:
        try:
            await self._store.add_secret(secret, ends, act)
        finally:
            self._forget(client_id=secret.client_id)

    async def compromise(self, client_id: str, secret: Secret | None, act: Act) -> None:
        try:
            await self._store.compromise(client_id, secret, act)
        finally:
            self._forget(client_id=client_id)

    async def issue(self, token: Token) -> None:
        await self._store.issue(token)

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        try:
            return await self._store.revoke(row_ids, now, act)
        finally:
            self._forget(row_ids=row_ids)

    async def tokens(
        self,
        *,
        client_id: str | None = None,
        user: str | None = None,
        now: int,
        before: int | None = None,
        limit: int = 500,
    ) -> Sequence[Token]:
        return await self._store.tokens(client_id=client_id, user=user, now=now, before=before, limit=limit)

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        return await self._store.activity(client_id, since, now)

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        await self._store.used(tokens, secrets, acts)

    async def sweep(self, before: int, limit: int) -> int:
        return await self._store.sweep(before, limit)

    async def keys(self) -> tuple[SigningKey, ...]:
        if not 0 <= self._now() - self._looked_at < LOOK_EVERY:
            await self._look()
        if self._keys:
            return self._keys
        forgotten = self._forgotten
        found = await self._store.keys()
        if forgotten == self._forgotten:
            self._keys = found
        return found

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        try:
            await self._store.save_keys(was, keys, act)
        finally:
            self._forget()

    async def acts(self, *, before: int | None = None, limit: int = 500) -> Sequence[Act]:
        return await self._store.acts(before=before, limit=limit)

    async def changes(self) -> int:
        return await self._store.changes()

    async def lease(self, holder: str, milliseconds: int, length: int) -> Lease:
        return await self._store.lease(holder, milliseconds, length)

    async def release(self, holder: str) -> None:
        await self._store.release(holder)

    async def close(self) -> None:
        await self._store.close()


def _heard(looking: "asyncio.Task[None]") -> None:
    """Take note of a failed look, even where all who waited for it have gone."""
    if not looking.cancelled():
        looking.exception()
