"""A mail server for tests, which speaks SMTP (aiosmtpd) and keeps what it is handed; and what a mail says."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from queue import Queue
from threading import Thread
from typing import Any, Final, Literal
from warnings import catch_warnings, simplefilter

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from scopekeeper.settings import MailServer
from tests.waiting import PATIENCE

_LINK: Final = re.compile(r"\bhttps?://\S+/link\?key=(\S+)")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail as it arrived: from and to whom it was said to be on the way, and what was in it."""

    sender: str
    recipient: str
    raw: bytes
    secure: bool
    """Did it come by TLS?"""
    user: str | None
    """Who signed in to hand it over."""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, EmailMessage, policy=default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    def part(self, kind: Literal["plain", "html"]) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        content: str = body.get_content()
        return content

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def words(self) -> str:
        """The plain text, in one line."""
        return " ".join(self.text.split())

    @property
    def key(self) -> str:
        """The secret of the one link in it."""
        [key] = _LINK.findall(self.text)
        return str(key)


@dataclass(slots=True)
class Box:
    """What a mail server got, and how it answers."""

    mails: list[Delivered] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What it says to RCPT for this recipient, where that is not 250; to DATA for `data`."""
    port: int = 0
    connections: int = 0

    def server(self, **facts: Any) -> MailServer:
        return MailServer(**{"host": "127.0.0.1", "port": self.port, "security": "none", **facts})

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        refused = self.answers.get(address)
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        refused = self.answers.get("data")
        if refused is None:
            assert envelope.mail_from is not None
            assert isinstance(envelope.content, bytes)
            [recipient] = envelope.rcpt_tos
            assert server.transport is not None
            given: bytes | None = session.auth_data
            user = None if given is None else given.decode()
            secure = session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
            self.mails.append(Delivered(envelope.mail_from, recipient, envelope.content, secure, user))
        return refused or "250 OK"


@asynccontextmanager
async def a_mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    offers: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    knows_unicode: bool = True,
    host: str = "127.0.0.1",
) -> AsyncIterator[Box]:
    """One that runs as long as the context does. `tls`: from the beginning; `offers`: by STARTTLS, and demands it."""
    box = Box()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = login is not None and (given.login.decode(), given.password.decode()) == login
        return AuthResult(success=right, handled=False, auth_data=given.login if right else None)

    def protocol() -> SMTP:
        box.connections += 1
        with catch_warnings():
            simplefilter("ignore")  # it says that passwords go without TLS: on this machine, and known here alone
            made = SMTP(
                box,
                hostname="mx.example",
                enable_SMTPUTF8=knows_unicode,
                tls_context=offers,
                require_starttls=offers is not None,
                authenticator=authenticate if login else None,
                auth_required=login is not None,
                auth_require_tls=offers is not None,
                loop=loop,
            )
        spoken.append(made)
        return made

    loop, spoken = asyncio.get_running_loop(), list[SMTP]()
    listening = await loop.create_server(protocol, host, 0, ssl=tls)
    box.port = listening.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listening.close()
        for each in spoken:
            if each.transport is not None:
                each.transport.close()
        for _ in range(3):
            await asyncio.sleep(0)


@contextmanager
def a_mail_server_beside() -> Iterator[Box]:
    """The same in a thread of its own, for tests that wait for something else."""
    found = Queue[tuple[Box, asyncio.AbstractEventLoop, asyncio.Event]]()

    async def run() -> None:
        over = asyncio.Event()
        async with a_mail_server() as box:
            found.put((box, asyncio.get_running_loop(), over))
            await over.wait()

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    box, loop, over = found.get(timeout=PATIENCE)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
