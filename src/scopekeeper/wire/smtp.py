"""The way to the mail server (RFC 5321), which whoever runs this one has named: nobody else decides where it leads.

Where there has to be TLS, certificates are verified by name, and nothing is sent without. Size and time are bounded.
What the server says is told to nobody: it may repeat the address that it was given.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from scopekeeper.services.postman import LONGEST, Fault, NotTaken
from scopekeeper.settings import MailServer

if TYPE_CHECKING:
    import aiosmtplib

LARGEST: Final = 256 * 1024
"""Bytes of a mail: ours have a few thousand."""

_MAILBOX: Final = re.compile(r'[^@\s<>()\[\]\\,;:"]+@[A-Za-z0-9.-]+')
_EACH: Final = 20.0
"""Seconds for each command."""


class Smtp:
    """Hands over one mail at a time, on a connection of its own. `known_as`: how this host introduces itself."""

    def __init__(self, server: MailServer, known_as: str, trust: ssl.SSLContext | None = None) -> None:
        """`trust`: in place of the machine's own certificates."""
        self._server = server
        self._known_as = known_as
        self._trust = trust

    async def carry(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand it over. Raises NotTaken."""
        if len(message) > LARGEST:
            raise NotTaken(Fault.REFUSED, "too large")
        # The library would look for an address in whatever it is given, and send to what it finds there.
        if not recipient.isprintable() or _MAILBOX.fullmatch(recipient) is None:
            raise NotTaken(Fault.REFUSED, "an address that cannot be sent to")
        import aiosmtplib  # 30 ms: who never sends mail does without

        async with self._connected() as client:
            options = () if recipient.isascii() else ("SMTPUTF8",)
            try:
                await client.sendmail(sender, [recipient], message, mail_options=options)
            except (aiosmtplib.SMTPException, ValueError) as failed:
                raise _of_this_mail(failed) from None

    async def greet(self) -> None:
        """Go there, sign in, and leave again. Raises NotTaken."""
        async with self._connected():
            pass

    @asynccontextmanager
    async def _connected(self) -> "AsyncIterator[aiosmtplib.SMTP]":
        """A connection on which mail can be handed over. Raises NotTaken for whatever goes wrong with it."""
        import aiosmtplib

        client, fault = self._client(), Fault.AWAY
        try:
            async with asyncio.timeout(LONGEST):
                await client.connect()
                fault = Fault.DROPPED
                yield client
                with suppress(aiosmtplib.SMTPException, OSError):  # what was taken has been taken
                    await client.quit(timeout=_EACH / 10)
        except aiosmtplib.SMTPException as failed:
            raise NotTaken(fault, _reason(failed)) from None
        except (OSError, TimeoutError) as failed:
            raise NotTaken(fault, type(failed).__name__) from None
        finally:
            client.close()

    def _client(self) -> "aiosmtplib.SMTP":
        import aiosmtplib

        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=self._known_as,
            timeout=_EACH,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._trusting(),
        )

    def _trusting(self) -> ssl.SSLContext:
        if self._trust is None:
            from scopekeeper.wire.outbound.trust import trust_of_the_machine

            self._trust = trust_of_the_machine()
        return self._trust


def _of_this_mail(failed: Exception) -> NotTaken:
    """Is it this mail that is not taken, or any?"""
    import aiosmtplib

    if isinstance(failed, ValueError):
        return NotTaken(Fault.REFUSED, "an address that cannot be sent to")
    if isinstance(failed, aiosmtplib.SMTPNotSupported):
        return NotTaken(Fault.REFUSED, "an address with letters that this server does not know (SMTPUTF8)")
    if isinstance(failed, aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError):
        return NotTaken(Fault.DROPPED, _reason(failed))
    if isinstance(failed, aiosmtplib.SMTPRecipientsRefused):
        failed = failed.recipients[0]
    elif not isinstance(failed, aiosmtplib.SMTPDataError):
        return NotTaken(Fault.AWAY, _reason(failed))
    code = failed.code
    # 421: the server goes away. 53x is about who we are, whatever it is said of (RFC 4954 §6).
    if code == 421 or 530 <= code < 540:
        return NotTaken(Fault.AWAY, f"status {code}")
    return NotTaken(Fault.REFUSED if 500 <= code < 600 else Fault.LATER, f"status {code}")


def _reason(failed: Exception) -> str:
    code = getattr(failed, "code", None)
    return type(failed).__name__ if code is None else f"{type(failed).__name__}, status {code}"
