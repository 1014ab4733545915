"""The postman: hands over what waits to be mailed, once a second, in the one process whose turn it is.

A try is written down before it is made. So where a process dies with a mail in hand, that comes again a while later;
and where its turn is over before it has handed it over, nobody else does so, too. A mail may arrive twice, under the
same Message-ID: where a process dies between handing it over and forgetting it.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import structlog

from scopekeeper.services.account_ports import Mail, Mails
from scopekeeper.services.mail import name_of
from scopekeeper.services.ports import Act, Clock, Entropy, Tokens, Unavailable, Users
from scopekeeper.services.sweep import Turn
from scopekeeper.services.vault import Vault, WrongMasterKey

WAITS: Final = (2 * 60, 5 * 60, 15 * 60, 3_600, 2 * 3_600, 4 * 3_600, 8 * 3_600)
"""Seconds from each try to the next. When the one after the last has failed, too, the mail is given up."""

LONGEST: Final = 60.0
"""Seconds that handing one over may take, with all that belongs to it: less than the shortest wait."""

PAUSE: Final = 30
"""Seconds for which nothing is tried where the server itself did not answer: it would not take the next one either."""

_STEP: Final = 50
_SECOND: Final = 1.0

log = structlog.get_logger(__name__)


class Fault(StrEnum):
    """Why a mail was not taken."""

    REFUSED = "refused"
    """This one is never taken: it can be forgotten (RFC 5321 §4.2.1, 5yz to the recipient or to the mail)."""
    LATER = "later"
    """This one is not taken just now."""
    DROPPED = "dropped"
    """The server left in the middle of this one, or said nothing any more. It may have it all the same, and what keeps
    it busy may be this one: so that was a try, and nothing else is tried for a moment."""
    AWAY = "away"
    """No mail is taken just now: the server is not there, or does not know us."""


class NotTaken(Exception):
    """The mail server did not take a mail. The text is for the log: no address in it, and no word of the server's."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault


class Carrier(Protocol):
    """Takes mail to the mail server."""

    async def carry(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand this one over, within LONGEST. Raises NotTaken."""
        ...


class Remembered(Mails, Tokens, Users, Protocol):
    """Where it waits, and where acts are noted."""


@dataclass(slots=True)
class Postman:
    """Takes up what is due, one mail after the other. `sender`: the address that mail comes from."""

    store: Remembered
    vault: Vault
    carrier: Carrier
    sender: str
    clock: Clock
    entropy: Entropy
    _again_at: int = 0
    """When the server is asked again, where it did not answer."""

    async def keep_sending(self, turn: Turn) -> None:
        """Hand over what is due once a second, where it is this process's turn, until cancelled."""
        while True:
            await asyncio.sleep(_SECOND)
            try:
                if await turn():
                    await self.send_due(turn)
            except Unavailable as away:
                log.warning("sending mail put off", reason=str(away))

    async def send_due(self, turn: Turn) -> None:
        """Hand over what is due, as long as it is this process's turn and the server answers. Raises Unavailable."""
        now = self.clock.now()
        if now < self._again_at:
            return
        # Whoever is listed may have been removed by the time it is their mail's turn, or another process sent it.
        for mail in await self.store.mails_due(now, _STEP):
            if not await turn() or not await self._send(mail):
                return

    async def _send(self, mail: Mail) -> bool:
        """Try it. Did the server answer?"""
        tries, now = mail.tries + 1, self.clock.now()
        if now >= mail.expires_at:
            return True
        if not await self.store.mail_failed(mail.id, tries, now + WAITS[min(tries, len(WAITS)) - 1]):
            return True
        try:
            message = self.vault.unwrap(name_of(mail.id), mail.sealed)
        except WrongMasterKey:
            await self._give_up(mail, tries, "sealed under another master key")
            return True
        try:
            await self.carrier.carry(self.sender, mail.recipient, message)
        except NotTaken as fault:
            return await self._not_taken(mail, tries, fault)
        await self.store.mail_sent(mail.id)
        log.info("mail sent", mail=mail.id, tries=tries)
        return True

    async def _not_taken(self, mail: Mail, tries: int, why: NotTaken) -> bool:
        log.warning("mail not sent", mail=mail.id, tries=tries, fault=why.fault.value, reason=str(why))
        if why.fault is Fault.AWAY:
            # No fault of this mail's, so it is no try of its own: how long it is worth sending bounds it.
            self._again_at = self.clock.now() + PAUSE
            await self.store.mail_failed(mail.id, mail.tries, self._again_at)
            return False
        if why.fault is Fault.DROPPED:
            self._again_at = self.clock.now() + PAUSE
        if why.fault is Fault.REFUSED or tries > len(WAITS):
            await self._give_up(mail, tries, str(why))
        return why.fault is not Fault.DROPPED

    async def _give_up(self, mail: Mail, tries: int, reason: str) -> None:
        """Forget it; the audit log tells whoever looks why nothing came."""
        user = None if mail.user_id is None else await self.store.user_with(mail.user_id)
        if user is not None:
            now, details = self.clock.now(), {"tries": tries, "reason": reason}
            act = Act(self.entropy.row_id(), now, "system", "mail.undelivered", user.name, details=details)
            await self.store.used([], [], [act])
        await self.store.mail_sent(mail.id)
        log.warning("mail given up", mail=mail.id, tries=tries, reason=reason)
