"""Mail: what people are written, and how it comes to wait for the postman.

What is said, and in which language, is the pages' affair (`pages/letters.py`). Here it becomes a mail of this server:
to one address, from one sender, with heads in which nothing stands that was not meant to be there (RFC 5322).
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import structlog

from scopekeeper.oauth.people import User
from scopekeeper.services.account_ports import Mail, Mails
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.services.vault import Vault
from scopekeeper.settings import Sender

if TYPE_CHECKING:
    from email.headerregistry import Address

NOTICE: Final = 24 * 3_600
"""Seconds after which a notice is not worth sending any more."""

MOST: Final = 10_000
"""Mails that wait. Whatever is beyond that is not written: no server takes them, or somebody floods it."""

MOST_LINKS: Final = MOST // 2
"""The same for links that anybody can ask for: they leave room for what people have to hear."""

LONGEST_SUBJECT: Final = 150

_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")

log = structlog.get_logger(__name__)


class NoAddress(Exception):
    """The account has no address to which mail can be sent. Nothing was done."""


class TooMuchMail(Exception):
    """So much mail waits already that no more is taken."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account was made for them; by this link they choose its password, within so many seconds."""

    link: str = field(repr=False)
    lasts: int


@dataclass(frozen=True, slots=True)
class Reset:
    """By this link they choose another password, within so many seconds."""

    link: str = field(repr=False)
    lasts: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in as they, from where they were not seen before."""

    at: int
    address: str | None
    agent: str


@dataclass(frozen=True, slots=True)
class Connected:
    """An application may act in their name. Its name is whatever its owner called it."""

    application: str
    at: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """How they prove who they are has changed: in the words of `services/notices.py`."""

    what: str
    at: int
    address: str | None


News = Invitation | Reset | SignedIn | Connected | Changed


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is written, in their language: the same as plain text and as HTML."""

    language: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Writer(Protocol):
    """Puts news into words."""

    def __call__(self, user: User, news: News) -> Letter:
        """The letter that tells this person."""
        ...


class Posting(Protocol):
    """Lets mails wait for the postman."""

    async def post(self, user: User, news: News, lifetime: int = NOTICE) -> None:
        """Let it wait, for so many seconds at most. Raises NoAddress, TooMuchMail, Unavailable."""
        ...

    def pretend(self, user: User, news: News) -> None:
        """Write it, and let nothing come of it: for whoever measures what the server is busy with."""
        ...


@dataclass(frozen=True, slots=True)
class Mailing:
    """Writes mails, and lets them wait for the postman: sealed, for there may be a link in them."""

    store: Mails
    vault: Vault
    write: Writer
    sender: Sender
    host: str
    """This server's own name: what Message-IDs end with (RFC 5322 §3.6.4)."""
    clock: Clock
    entropy: Entropy

    async def post(self, user: User, news: News, lifetime: int = NOTICE) -> None:
        """Let it wait, for so many seconds at most. Raises NoAddress, TooMuchMail, Unavailable."""
        recipient, most = recipient_of(user), MOST_LINKS if isinstance(news, Reset) else MOST
        if await self.store.waiting_mails() >= most:
            raise TooMuchMail(f"{most} mails wait already: see why none of them is sent")
        row, now = self.entropy.row_id(), self.clock.now()
        mail = Mail(row, recipient, self._sealed(row, user, news, recipient), now, now, now + lifetime, 0, user.id)
        await self.store.add_mail(mail)
        log.info("mail written", mail=row, about=type(news).__name__)

    def pretend(self, user: User, news: News) -> None:
        """Write it, and let nothing come of it: it takes some milliseconds, in which nobody else is served."""
        self._sealed(self.entropy.row_id(), user, news, recipient_of(user))

    def _sealed(self, row: int, user: User, news: News, recipient: str) -> bytes:
        message_id = f"<{self.entropy.entropy()}@{self.host}>"
        message = message_of(self.write(user, news), self.sender, recipient, message_id, self.clock.now())
        return self.vault.wrap(name_of(row), message)


def name_of(mail_id: int) -> str:
    """Under which name the vault has it."""
    return f"mail:{mail_id}"


def recipient_of(user: User) -> str:
    """The address on record. Raises NoAddress where there is none, or one that nobody can be written to at."""
    address = user.email or ""
    box, _, domain = address.rpartition("@")
    # What reads as an encoded word the library would decode, as in a subject: line breaks, further heads and all.
    if not box or "=?" in box or not address.isprintable() or _DOMAIN.fullmatch(domain) is None:
        raise NoAddress(f"{user.name} has no e-mail address that can be written to")
    return address


def host_of(issuer: str) -> str:
    """The server's own name as mail writes it: an address of IPv6 in brackets."""
    return urlsplit(issuer).netloc.rpartition("@")[2].removesuffix(f":{urlsplit(issuer).port}")


def message_of(letter: Letter, sender: Sender, recipient: str, message_id: str, at: int) -> bytes:
    """The mail as it goes over the wire (RFC 5322, RFC 2046 §5.1.4): plain text first, HTML beside it.

    It says that nobody typed it (RFC 3834 §5), so that nothing answers by itself that somebody is on holiday.
    """
    from email.headerregistry import Address  # 20 ms: who never sends mail does without
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import format_datetime

    message = EmailMessage(SMTP.clone(utf8=not recipient.isascii()))
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = _mailbox(recipient)
    message["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language
    return message.as_bytes()


def one_line(text: str) -> str:
    """The text with nothing in it that ends a line, or that no eye can see.

    Nor anything that reads as an encoded word (RFC 2047 §2): the library would decode it, line breaks and all.
    """
    seen = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(seen.replace("=?", "= ?").split())


def _mailbox(recipient: str) -> "Address":
    from email.headerregistry import Address

    box, _, domain = recipient.rpartition("@")
    return Address(username=box, domain=domain)
