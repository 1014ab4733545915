"""Mails as they are written: heads that nobody writes into, both parts, languages, and what was sealed stays sealed."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scopekeeper.oauth.people import UnfitPerson, User, email_of
from scopekeeper.pages.letters import CHANGED, Letters, unlinked
from scopekeeper.services.mail import (
    MOST,
    MOST_LINKS,
    Changed,
    Connected,
    Invitation,
    Letter,
    Mailing,
    News,
    NoAddress,
    Reset,
    SignedIn,
    TooMuchMail,
    host_of,
    message_of,
    name_of,
    recipient_of,
)
from scopekeeper.services.vault import Vault
from scopekeeper.settings import Sender
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.people import a_user
from tests.stores.records import an_act

ISSUER: Final = "https://id.example.com"
SENDER: Final = Sender("id@example.com", "Scopekeeper")
ALICE: Final = replace(a_user(), name="alice", email="alice@example.com")
LINK: Final = f"{ISSUER}/link?key=sk_link_secret"
NEWS: Final[tuple[News, ...]] = (
    Invitation(LINK, 72 * 3_600),
    Reset(LINK, 3_600),
    SignedIn(NOON, "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"),
    Connected("Phone book", NOON, None),
    *(Changed(what, NOON, "203.0.113.7") for what in CHANGED),
)
HOSTILE: Final = (
    "Book\r\nBcc: everybody@example.com",
    "Book\n\n<b>Sign in at https://evil.example/</b>",
    "Book\x00\x1b[31m\u202egnp.exe",
    "=?utf-8?q?=0D=0ABcc:_x@y.z?=",
    'Book"; filename="x',
    "Pay now at evil.example or mail to x@evil.example " + "!" * 5_000,
)


def mailing(store: MemoryStore, clock: FixedClock | None = None) -> Mailing:
    return Mailing(
        store, Vault(bytes(32)), Letters(ISSUER), SENDER, "id.example.com", clock or FixedClock(), FixedEntropy()
    )


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, EmailMessage, policy=default)


def written(news: Any, user: User = ALICE, sender: Sender = SENDER) -> EmailMessage:
    assert user.email is not None
    return read(message_of(Letters(ISSUER)(user, news), sender, user.email, "<1@id.example.com>", NOON))


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("news", NEWS, ids=lambda news: getattr(news, "what", type(news).__name__))
def test_every_mail_says_who_it_is_from_and_that_nobody_typed_it(news: Any) -> None:
    """RFC 5322 §3.6, §3.6.4; RFC 2046 §5.1.4; RFC 3834 §5."""
    message = written(news)
    assert str(message["From"]) == "Scopekeeper <id@example.com>"
    assert str(message["To"]) == "alice@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]).timestamp() == NOON
    assert message["Message-ID"] == "<1@id.example.com>"
    assert message["Content-Language"] == "en"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all(len(line) <= 78 for line in message.as_bytes().splitlines())
    plain, html = parts(message)
    assert "example.com" in plain
    assert "<script" not in html


@pytest.mark.parametrize("news", NEWS[:2], ids=["invitation", "reset"])
def test_row_50_a_link_is_made_of_the_issuer_and_stands_in_both_parts(news: Any) -> None:
    """GHSA-2wmj-46rj-qm2w: a Host header, or whatever else a request says, has no part in it."""
    plain, html = parts(written(news))
    assert f"  {LINK}\n" in plain
    assert f'<a href="{LINK}">' in html
    assert html.count("href=") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_what_an_application_is_called_writes_no_heads_no_html_and_no_links(name: str) -> None:
    message = written(Connected(name, NOON, "203.0.113.7"))
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert str(message["Subject"]) == "An application was connected to your account"
    plain, html = parts(message)
    assert "<b>" not in html
    assert html.count("href=") == 1
    for text in (plain, html):
        assert not {each for each in text if ord(each) < 32} - {"\n"}
        assert "\u202e" not in text
        assert not any(each in text for each in ("evil.example", "x@evil", "https://evil"))
        assert len(text) < 2_000
    assert unlinked(name) in " ".join(plain.split())


@pytest.mark.parametrize(
    ("address", "shown"), [("203.0.113.7", "203.0.113.7"), ("2001:db8::1", "2001:db8::1"), ("evil.example", None)]
)
def test_an_address_is_shown_as_it_is_if_it_is_one(address: str, shown: str | None) -> None:
    plain, html = parts(written(Changed("password", NOON, address)))
    for text in (plain, html):
        assert f"From: {shown or unlinked(address)}" in text


async def test_what_is_written_for_nobody_waits_for_nobody() -> None:
    store = MemoryStore()
    mailing = Mailing(store, Vault(bytes(32)), Letters(ISSUER), SENDER, "id.example.com", FixedClock(), FixedEntropy(1))
    mailing.pretend(ALICE, NEWS[1])
    assert await store.waiting_mails() == 0


@pytest.mark.parametrize("subject", [*HOSTILE, "Grüße\r\nBcc: x@example.com"])
def test_no_head_is_longer_than_it_is_or_has_another_behind_it(subject: str) -> None:
    """RFC 2047 §2: the library decodes encoded words in what it is given for a head, line breaks and all."""
    letter = Letter("en", subject, "text\n", "<p>text</p>\n")
    message = read(message_of(letter, SENDER, "alice@example.com", "<1@id.example.com>", NOON))
    assert len(message.keys()) == 9
    assert "Bcc" not in message
    assert not {each for each in str(message["Subject"]) if not each.isprintable()}


@pytest.mark.parametrize(
    "sender", [Sender("id@example.com"), Sender("id@example.com", 'Ünï, "the" keeper; <x>'), Sender("a+b@example.com")]
)
def test_a_sender_of_any_name_is_one_sender(sender: Sender) -> None:
    message = written(NEWS[0], sender=sender)
    [address] = message["From"].addresses
    assert (address.addr_spec, address.display_name) == (sender.address, sender.name)


@pytest.mark.parametrize("email", ["jürgen@example.com", "o'neil+x@example.com", "a..b@example.com"])
def test_an_address_is_written_as_it_is(email: str) -> None:
    user = replace(ALICE, email=email)
    assert recipient_of(user) == email
    raw = message_of(Letters(ISSUER)(user, NEWS[0]), SENDER, email, "<1@id.example.com>", NOON)
    [line] = [line for line in raw.decode().splitlines() if line.startswith("To: ")]
    assert line.removeprefix("To: ").replace('"', "") == email


@pytest.mark.parametrize(
    "email", [None, "", "nobody", "@example.com", "a\x7fb@example.com", "a\u202eb@example.com", "a@-x.example"]
)
def test_an_account_without_an_address_that_can_be_written_to_is_not_written_to(email: str | None) -> None:
    with pytest.raises(NoAddress):
        recipient_of(replace(ALICE, email=email))


@pytest.mark.parametrize(
    "email",
    [
        "=?utf-8?q?a=0D=0ABcc=3A_mallory=40example.net=0D=0A?=@example.com",
        "=?utf-8?q?a=0D=0A=0D=0Aanother_mail?=@example.com",
        "alice.=?utf-8?q?a=40example.net=2C?=@example.com",
    ],
)
def test_an_address_that_would_be_decoded_to_heads_of_its_own_is_not_written_to(email: str) -> None:
    """RFC 2047 §5: no encoded word stands in an address. The library decodes it there all the same."""
    assert email_of(email) == email
    with pytest.raises(NoAddress):
        recipient_of(replace(ALICE, email=email))


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("=?_qb.'+-"), min_size=1, max_size=64))
@example("=?utf-8?q?a=0D=0ABcc=3A_mallory=40example.net=0D=0A?=")
@settings(max_examples=200, deadline=None)
def test_whatever_an_address_is_no_head_comes_of_it(box: str) -> None:
    email = f"{box}@example.com"
    try:
        recipient_of(replace(ALICE, email=email_of(email)))
    except (UnfitPerson, NoAddress):
        return
    raw = message_of(Letter("en", "Hello", "text\n", "<p>text</p>\n"), SENDER, email, "<1@id.example.com>", NOON)
    assert len(read(raw).keys()) == 9


@pytest.mark.parametrize("news", NEWS, ids=lambda news: getattr(news, "what", type(news).__name__))
@pytest.mark.parametrize(("locale", "language"), [("de-AT", "de"), ("de", "de"), ("fr", "en"), (None, "en")])
def test_people_are_written_to_in_their_own_language_where_there_is_one(
    locale: str | None, language: str, news: Any
) -> None:
    letter = Letters(ISSUER)(replace(ALICE, locale=locale), news)
    assert letter.language == language
    assert f'<html lang="{language}">' in letter.html


async def test_what_waits_is_sealed_and_goes_with_the_account() -> None:
    store = MemoryStore()
    await store.add_user(ALICE, an_act())
    await mailing(store).post(ALICE, NEWS[0], 600)
    [mail] = await store.mails_due(NOON, 10)
    assert b"link?key" not in mail.sealed
    assert b"Subject" not in mail.sealed
    assert LINK in parts(read(Vault(bytes(32)).unwrap(name_of(mail.id), mail.sealed)))[0]
    assert (mail.user_id, mail.recipient, mail.due_at, mail.expires_at) == (ALICE.id, ALICE.email, NOON, NOON + 600)
    await store.remove_user("alice", an_act("user.remove"))
    assert await store.waiting_mails() == 0


async def test_so_much_mail_waits_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    await store.add_user(ALICE, an_act())
    assert (MOST, MOST_LINKS) == (10_000, 5_000)
    monkeypatch.setattr("scopekeeper.services.mail.MOST", 3)
    monkeypatch.setattr("scopekeeper.services.mail.MOST_LINKS", 2)
    clerk = mailing(store)
    for _ in range(2):
        await clerk.post(ALICE, Reset(LINK, 3_600))
    with pytest.raises(TooMuchMail):
        await clerk.post(ALICE, Reset(LINK, 3_600))
    await clerk.post(ALICE, Changed("password", NOON, None))
    with pytest.raises(TooMuchMail):
        await clerk.post(ALICE, Changed("password", NOON, None))
    assert await store.waiting_mails() == 3


@pytest.mark.parametrize(
    ("issuer", "host"),
    [
        ("https://id.example.com", "id.example.com"),
        ("https://id.example.com:8443", "id.example.com"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "[::1]"),
    ],
)
def test_the_servers_own_name_is_the_issuers(issuer: str, host: str) -> None:
    assert host_of(issuer) == host
