"""Farewells told: applications hear from this server that a session has ended (OpenID Connect Back-Channel Logout).

What is to be told was remembered in the transaction that ended the session. The caretaker of all processes takes it up,
once a second. Each application is told by itself, so that one which is slow or gone holds up no other.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from scopekeeper.oauth.logout.token import LOGOUT_TOKEN_TYPE, logout_claims
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.services.keys import Signer
from scopekeeper.services.outbound import Fetching, NotFetched
from scopekeeper.services.ports import Act, Clients, Clock, Entropy, Farewell, Farewells, Tokens, Unavailable
from scopekeeper.services.sweep import Turn

WAITS: Final = (10, 60, 5 * 60, 15 * 60, 3_600, 2 * 3_600, 4 * 3_600, 8 * 3_600)
"""Seconds from each try to the next. When the one after the last has failed, too, it is given up."""

AT_ONCE: Final = 16
"""Farewells that are being told at the same moment."""

EACH: Final = 2
"""Of these, to one application: one that takes its time leaves room for the others."""

IN_HAND: Final = 64
"""What is taken up for one application and not told yet. What there is besides comes again by itself."""

_STEP: Final = 500
_TOLD: Final = frozenset({200, 204})
_SECOND: Final = 1.0

log = structlog.get_logger(__name__)


class Remembered(Clients, Farewells, Tokens, Protocol):
    """Where it is remembered who is to hear what, and where acts are noted."""


@dataclass(slots=True)
class Messenger:
    """Takes up what is due, and tells it. What it has in hand when the process ends comes up again by itself."""

    store: Remembered
    signer: Signer
    fetching: Fetching
    subjects: Subjects
    clock: Clock
    entropy: Entropy
    issuer: str
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _hand: dict[str, dict[int, Farewell]] = field(default_factory=dict)
    """By application, then by session. An application is among them for as long as it is being told something."""
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def keep_telling(self, turn: Turn) -> None:
        """Take up what is due once a second, where it is this process's turn, until cancelled."""
        try:
            while True:
                await asyncio.sleep(_SECOND)
                try:
                    if await turn():
                        await self.take_up()
                except Unavailable as away:
                    log.warning("telling applications put off", reason=str(away))
        finally:
            for task in self._telling:
                task.cancel()
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def take_up(self) -> None:
        """Begin to tell what is due. What is in hand already is not begun twice."""
        for farewell in await self.store.farewells(self.clock.now(), WAITS, _STEP):
            if farewell.client_id not in self._hand:
                self._hand[farewell.client_id] = {}
                task = asyncio.create_task(self._tell_all(farewell.client_id))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)
            hand = self._hand[farewell.client_id]
            if farewell.session_id in hand or len(hand) < IN_HAND:
                hand[farewell.session_id] = farewell
            # What has no room comes again by itself, and is not given up: nobody has tried to tell it.

    async def told(self) -> None:
        """Wait until all that is in hand was told, or not."""
        await asyncio.gather(*self._telling)

    async def _tell_all(self, client_id: str) -> None:
        """Tell one application what there is for it, a few at a time, until there is no more, or it does not answer."""
        hand, answers = self._hand[client_id], True
        try:
            while answers and (some := list(hand.values())[:EACH]):
                answers = all(await asyncio.gather(*map(self._tell, some)))
                for farewell in some:
                    hand.pop(farewell.session_id)
            # Whoever does not answer one does not answer the next: all the others would wait for that.
            while hand:
                await self._leave(hand.popitem()[1])
        except Unavailable as away:
            log.warning("telling an application put off", client_id=client_id, reason=str(away))
        except Exception:
            log.exception("bug in the background")
        finally:
            del self._hand[client_id]

    async def _tell(self, farewell: Farewell) -> bool:
        """Tell it, if anybody is to be told. Did the application answer, whatever it did?"""
        client = await self.store.client(farewell.client_id)
        if client is None or not client.enabled or client.backchannel_logout_uri is None:
            await self._forget(farewell)
            return True
        async with self._places:
            status = await self._answered(client, client.backchannel_logout_uri, farewell)
        if status in _TOLD:
            await self._forget(farewell)
        else:
            log.info(
                "application not told of a logout", client_id=client.client_id, status=status, tries=farewell.tries
            )
            await self._leave(farewell)
        return status is not None

    async def _answered(self, client: Client, uri: str, farewell: Farewell) -> int | None:
        """The status of the answer, to a token made for this try (Back-Channel Logout §2.5, §2.8); None: there is none.

        Why there is none is in the log already.
        """
        claims = logout_claims(
            client,
            farewell.user_id,
            farewell.session_id,
            self.subjects,
            issuer=self.issuer,
            now=self.clock.now(),
            jti=self.entropy.entropy(),
        )
        token = await self.signer.sign(claims, client.id_token_signed_response_alg, LOGOUT_TOKEN_TYPE)
        try:
            return (await self.fetching.post(uri, {"logout_token": token})).status
        except NotFetched:
            return None

    async def _leave(self, farewell: Farewell) -> None:
        """It was not told this time: it comes again by itself, unless this was the last."""
        if farewell.tries <= len(WAITS):
            return
        now = self.clock.now()
        details = {"tries": farewell.tries, "seconds": now - farewell.ended_at}
        act = Act(self.entropy.row_id(), now, "system", "logout.undelivered", farewell.client_id, details=details)
        await self.store.used([], [], [act])
        await self._forget(farewell)
        log.warning("application never told of a logout", client_id=farewell.client_id, tries=farewell.tries)

    async def _forget(self, farewell: Farewell) -> None:
        await self.store.farewell_told([(farewell.session_id, farewell.client_id)])
