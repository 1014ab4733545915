"""Health: is the process there, and can it do its work?"""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send

from scopekeeper.services.ports import Changes, Unavailable
from scopekeeper.wire import NO_STORE, Reply, json_reply

_PATIENCE: Final = 2.0
"""Seconds that the database may take to say that it is there."""


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """`/health/live`: the process answers."""
    await json_reply({"status": "live"}, headers=NO_STORE)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Readiness:
    """`/health/ready`: 200 while the database answers, else 503."""

    store: Changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._reply())(scope, receive, send)

    async def _reply(self) -> Reply:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.store.changes()
        except (Unavailable, TimeoutError):
            return json_reply({"status": "unavailable", "because": "the database does not answer"}, 503, NO_STORE)
        return json_reply({"status": "ready"}, headers=NO_STORE)
