"""The way to the mail server, against a real one: TLS, who we are there, what it refuses, and what it must not hear."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.services import postman
from scopekeeper.services.postman import Fault, NotTaken
from scopekeeper.settings import MailServer
from scopekeeper.wire import smtp
from scopekeeper.wire.smtp import LARGEST, Smtp
from tests.mailing import a_mail_server
from tests.outside import Authority
from tests.waiting import PATIENCE

FROM: Final = "id@example.com"
TO: Final = "alice@example.com"
MESSAGE: Final = b"Subject: Hello\r\n\r\n.one dot\r\nand a body\r\n"
LOGIN: Final = ("us", "a secret of ours")


async def faulted(carrier: Smtp, *, recipient: str = TO, message: bytes = MESSAGE) -> NotTaken:
    with pytest.raises(NotTaken) as refused:
        await carrier.carry(FROM, recipient, message)
    return refused.value


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with a_mail_server() as box:
        await Smtp(box.server(), "id.example.com").carry(FROM, TO, MESSAGE)
        [mail] = box.mails
    assert (mail.sender, mail.recipient, mail.secure, mail.user) == (FROM, TO, False, None)
    assert mail.raw.endswith(MESSAGE)


async def test_starttls_comes_before_the_password_and_before_the_mail(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with a_mail_server(offers=authority.server("localhost"), login=LOGIN) as box:
        server = box.server(host="localhost", security="starttls", user=LOGIN[0], password=LOGIN[1])
        await Smtp(server, "id.example.com", authority.trust()).carry(FROM, TO, MESSAGE)
        [mail] = box.mails
    assert (mail.secure, mail.user) == (True, "us")


async def test_tls_from_the_beginning(tmp_path: Path) -> None:
    """RFC 8314 §3.3."""
    authority = Authority(tmp_path)
    async with a_mail_server(tls=authority.server("localhost"), login=LOGIN) as box:
        server = box.server(host="localhost", security="tls", user=LOGIN[0], password=LOGIN[1])
        await Smtp(server, "id.example.com", authority.trust()).carry(FROM, TO, MESSAGE)
        assert [mail.secure for mail in box.mails] == [True]


async def test_where_there_has_to_be_tls_nothing_is_sent_without() -> None:
    """Who stands in between takes STARTTLS out of what the server offers (RFC 3207 §6)."""
    async with a_mail_server() as box:
        fault = await faulted(Smtp(box.server(security="starttls", user="us", password="secret"), "id.example.com"))
        assert (fault.fault, box.mails) == (Fault.AWAY, [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_another_name_or_authority_gets_no_mail(tmp_path: Path, security: str) -> None:
    authority = Authority(tmp_path)
    for name, trust in (("elsewhere.example", authority.trust()), ("localhost", None)):
        context = authority.server(name)
        tls, offers = (context, None) if security == "tls" else (None, context)
        async with a_mail_server(tls=tls, offers=offers) as box:
            server = box.server(host="localhost", security=security)
            fault = await faulted(Smtp(server, "id.example.com", trust))
            assert (fault.fault, box.mails) == (Fault.AWAY, [])


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("550 no such mailbox", Fault.REFUSED),
        ("552 mailbox full for good", Fault.REFUSED),
        ("450 come again", Fault.LATER),
        ("421 we go home", Fault.AWAY),
        ("530 who are you?", Fault.AWAY),
        ("535 who are you?", Fault.AWAY),
    ],
)
@pytest.mark.parametrize("at", [TO, "data"])
async def test_what_is_refused_is_told_from_what_is_put_off_and_from_a_server_that_takes_nothing(
    at: str, answer: str, fault: Fault
) -> None:
    """RFC 5321 §4.2.1; RFC 4954 §6."""
    async with a_mail_server() as box:
        box.answers[at] = answer
        refused = await faulted(Smtp(box.server(), "id.example.com"))
    assert (refused.fault, str(refused)) == (fault, f"status {answer[:3]}")


async def test_a_wrong_password_is_no_fault_of_the_mail() -> None:
    async with a_mail_server(login=LOGIN) as box:
        server = box.server(user="us", password="wrong")
        refused = await faulted(Smtp(server, "id.example.com"))
    assert (refused.fault, str(refused)) == (Fault.AWAY, "SMTPAuthenticationError, status 535")


async def test_a_server_that_is_not_there_is_away() -> None:
    async with a_mail_server() as box:
        server = box.server()
    assert (await faulted(Smtp(server, "id.example.com"))).fault is Fault.AWAY


async def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    left = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    monkeypatch.setattr(smtp, "LONGEST", 0.2)
    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        server = MailServer("127.0.0.1", listening.sockets[0].getsockname()[1], "none")
        assert (await faulted(Smtp(server, "id.example.com"))).fault is Fault.AWAY
        async with asyncio.timeout(PATIENCE):
            await left.wait()


@asynccontextmanager
async def a_curt_server(answers: Mapping[bytes, bytes]) -> AsyncIterator[MailServer]:
    """One that says no more than this to the first four letters of each line, and leaves where that is nothing."""
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example\r\n")
        with suppress(ConnectionError):
            while (line := await reader.readline()) and (answer := answers.get(line[:4].strip(), b"\r\n")):
                if answer.strip():
                    writer.write(answer + b"\r\n")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        left.set()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield MailServer("127.0.0.1", listening.sockets[0].getsockname()[1], "none")
        async with asyncio.timeout(PATIENCE):
            await left.wait()


OK: Final = dict.fromkeys([b"EHLO", b"MAIL", b"RCPT"], b"250 OK") | {b"DATA": b"354 go on"}


async def test_a_server_that_leaves_with_a_mail_in_hand_may_have_taken_it() -> None:
    """So that was a try: RFC 5321 §4.2.5 lets a mail come twice then, and not twice a minute."""
    async with a_curt_server({**OK, b".": b""}) as server:
        assert (await faulted(Smtp(server, "id.example.com"))).fault is Fault.DROPPED


@pytest.mark.parametrize("bound", ["LONGEST", "_EACH"])
@pytest.mark.parametrize("says", [OK, {b"EHLO": b"250 OK", b"MAIL": b"250 OK"}])
async def test_so_may_one_that_falls_silent(
    says: Mapping[bytes, bytes], bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, bound, 0.2)
    async with a_curt_server(says) as server:
        assert (await faulted(Smtp(server, "id.example.com"))).fault is Fault.DROPPED


def test_a_try_is_over_before_the_next_one_is_due() -> None:
    assert min(postman.WAITS) > postman.LONGEST


async def test_an_address_of_other_letters_goes_where_they_are_known() -> None:
    """RFC 6531 §3.4."""
    async with a_mail_server() as box:
        await Smtp(box.server(), "id.example.com").carry(FROM, "jürgen@example.com", MESSAGE)
        assert [mail.recipient for mail in box.mails] == ["jürgen@example.com"]
    async with a_mail_server(knows_unicode=False) as box:
        refused = await faulted(Smtp(box.server(), "id.example.com"), recipient="jürgen@example.com")
        assert (refused.fault, box.mails) == (Fault.REFUSED, [])


@pytest.mark.parametrize("recipient", ["a@b.example>\r\nRCPT TO:<c@d.example", "a\x00b@example.com", "", "nobody"])
async def test_an_address_never_becomes_a_command(recipient: str) -> None:
    async with a_mail_server() as box:
        refused = await faulted(Smtp(box.server(), "id.example.com"), recipient=recipient)
        assert (refused.fault, box.mails) == (Fault.REFUSED, [])


async def test_what_is_too_large_is_not_even_begun() -> None:
    async with a_mail_server() as box:
        refused = await faulted(Smtp(box.server(), "id.example.com"), message=b"x" * (LARGEST + 1))
        assert (refused.fault, box.connections) == (Fault.REFUSED, 0)


async def test_whoever_asks_whether_it_would_be_let_in_sends_nothing() -> None:
    async with a_mail_server(login=LOGIN) as box:
        await Smtp(box.server(user=LOGIN[0], password=LOGIN[1]), "id.example.com").greet()
        with pytest.raises(NotTaken):
            await Smtp(box.server(user=LOGIN[0], password="wrong"), "id.example.com").greet()
        assert (box.connections, box.mails) == (2, [])
