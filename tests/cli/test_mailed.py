"""Invitations and resets from the command line, and the server that sends them: what waits survives both."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.live import Live, free_port
from tests.mailing import Box, a_mail_server
from tests.waiting import PATIENCE


def mailing(box: Box) -> dict[str, str]:
    return {"SCOPEKEEPER_MAIL_SERVER": box.url, "SCOPEKEEPER_MAIL_FROM": "Scopekeeper <id@example.com>"}


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.05)


async def test_an_invitation_waits_for_the_server_and_a_server_that_was_killed_leaves_the_rest_to_the_next(
    tmp_path: Path,
) -> None:
    async with a_mail_server() as box:
        server = Live(tmp_path / "data", mailing(box))

        async def run(*arguments: str) -> str:
            done = await asyncio.to_thread(server.run, *arguments)
            assert (done.returncode, done.stderr) == (0, "")
            return done.stdout

        try:
            said = await run("user", "add", "alice", "--email", "alice@example.com", "--invite")
            waits = "An invitation waits to be mailed to alice@example.com: the server sends it as soon as it runs."
            assert said == f"Added alice.\n{waits}\n"
            assert box.mails == []
            box.answers["alice@example.com"] = "451 come again"
            await asyncio.to_thread(server.start)
            await until(lambda: box.connections > 0)
            await asyncio.to_thread(server.kill)
            assert box.mails == []
            box.answers.clear()
            added = json.loads(await run("user", "add", "bob", "--email", "bob@example.com", "--invite", "--json"))
            assert (added["invited"], "link" in added) == (True, False)
            await asyncio.to_thread(server.start)
            await until(lambda: len(box.mails) == 1)
            [mail] = box.mails
            assert (mail.recipient, mail.subject) == ("bob@example.com", "An account was made for you")
            assert f"{server.issuer}/link?key={mail.key}" in mail.text
            await run("user", "invite", "alice")
            await until(lambda: len(box.mails) == 2)
            assert mail.key not in server.log.read_text()
            assert "example.com" not in server.log.read_text()
        finally:
            await asyncio.to_thread(server.close)


def test_without_mail_nobody_is_invited_and_nothing_else_happens(shell: Shell) -> None:
    for arguments in (
        ("add", "bob", "--email", "bob@example.com", "--invite"),
        ("invite", "bob"),
        ("reset", "bob", "--mail"),
    ):
        said = shell("user", *arguments)
        assert said.code == 1
        assert "no mail is sent here" in said.err
    assert shell.json("user", "list") == []


def test_an_invitation_needs_an_address_and_no_password(shell: Shell) -> None:
    for arguments in (("bob", "--invite"), ("bob", "--invite", "--email", "b@example.com", "--password-stdin")):
        said = shell("user", "add", *arguments)
        assert said.code == 2
        assert "--invite" in said.err


def test_the_doctor_says_whether_the_mail_server_lets_us_in(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[tuple[str, str]]:
        return [(each["state"], each["what"]) for each in shell("doctor", "--json").json() if each["subject"] == "mail"]

    shell.json("user", "list")
    assert found() == []
    monkeypatch.setenv("SCOPEKEEPER_MAIL_FROM", "id@example.com")
    assert found() == [("warning", "mail_from has no effect without mail_server")]
    port = free_port()
    monkeypatch.setenv("SCOPEKEEPER_MAIL_SERVER", f"smtp://us:s3cret@127.0.0.1:{port}")
    assert found() == [("bad", f"smtp://us@127.0.0.1:{port} does not let us in: SMTPConnectError")]
