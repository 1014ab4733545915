"""The guide to mail: its commands, typed as they stand there, with a mail server that they reach."""

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path

from scopekeeper.settings.values import mail_server, sender
from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import Live
from tests.mailing import a_mail_server
from tests.waiting import PATIENCE

GUIDE = page("docs/guides/mail.md")


async def test_the_guide_works_as_it_is_written(tmp_path: Path) -> None:
    async with a_mail_server() as box:
        mail = {"SCOPEKEEPER_MAIL_SERVER": box.url, "SCOPEKEEPER_MAIL_FROM": "no-reply@example.com"}
        server = Live(tmp_path / "data", mail)
        box.answers["bob@example.com"] = "550 nobody of that name"
        newcomer = Newcomer(server)
        try:
            await asyncio.to_thread(server.start)
            doctor, add_alice, add_bob, invite, reset, audit = commands(GUIDE)
            assert "mail: smtp://127.0.0.1" in await asyncio.to_thread(newcomer.type, doctor)
            for command in (add_alice, add_bob, invite, reset):
                await asyncio.to_thread(newcomer.type, command)
            await until(lambda: len(box.mails) == 2)
            assert [mail.subject for mail in box.mails] == ["An account was made for you", "Choose a new password"]
            said = ""
            async with asyncio.timeout(PATIENCE):
                while "bob" not in said:
                    said = await asyncio.to_thread(newcomer.type, audit)
            assert "mail.undelivered" in said
        finally:
            await asyncio.to_thread(server.close)


def test_the_settings_of_the_guide_are_such_as_can_be_read() -> None:
    [file] = blocks(GUIDE, "toml")
    written = tomllib.loads(file)
    server, from_ = mail_server(written["mail_server"]), sender(written["mail_from"])
    assert server is not None
    assert (server.host, server.port, server.security) == ("mail.example.com", 465, "tls")
    assert from_ is not None
    assert from_.name == "Scopekeeper"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.05)
