"""What a list is as a command and as a call: both are run, and give what the page lists."""

import asyncio
import shlex
from pathlib import Path
from urllib.parse import urlencode

import pytest

from scopekeeper import cli
from scopekeeper.console import commands as written
from tests.asking import ask, bearer
from tests.console.steward import Steward, stewarding
from tests.persons import a_person, an_application, granted

EVERYTHING = (
    ("/console/tokens", "id", {"user": "alice", "scope": "rest:callforward:read", "since": "2027-01-15"}),
    ("/console/tokens", "id", {"app": "phone book", "until": "2027-01-15"}),
    ("/console/refresh-tokens", "id", {"user": "alice", "since": "2027-01-15", "until": "2027-01-15"}),
    ("/console/consents", "user", {"user": "alice", "app": "phone book"}),
    ("/console/users", "name", {"role": "administrator", "state": "enabled"}),
    ("/console/users", "name", {"role": "person", "text": "ALI"}),
    ("/console/audit", "action", {"text": "alice", "action": "user", "since": "2027-01-15"}),
    ("/console/audit", "action", {"actor": "cli:test", "target": "alice", "until": "2027-01-15"}),
)


async def copied(s: Steward, target: str) -> tuple[list[str], str]:
    """The words of the command, and the address that the call asks."""
    page = await s.page(target)
    line = next(part for part in page.words if part.startswith("scopekeeper "))
    call = next(part for part in page.words if part.startswith("curl "))
    return shlex.split(line)[1:], shlex.split(call.replace('"Authorization: Bearer $TOKEN"', "x"))[-1]


@pytest.mark.parametrize(("path", "key", "filters"), EVERYTHING)
async def test_the_call_that_is_copied_gives_what_the_page_lists(
    tmp_path: Path, path: str, key: str, filters: dict[str, str]
) -> None:
    async with stewarding(tmp_path) as s:
        await granted(s.h, await a_person(s.h, "alice"), await an_application(s.h), remembered=True)
        token = await s.h.token(await s.h.register())
        _, address = await copied(s, f"{path}?{urlencode(filters)}")
        assert address.startswith("http://127.0.0.1:8000/api/rest/admin/")
        target = address.removeprefix("http://127.0.0.1:8000")
        answer = await ask(s.h.front, "GET", target, headers=[bearer(token)])
        assert answer.status == 200, answer.body
        exported = (await s.browser.get(f"{path}.json?{urlencode(filters)}")).json()
        assert [each[key] for each in answer.json()["items"]] == [each[key] for each in exported]


@pytest.mark.parametrize(("path", "key", "filters"), EVERYTHING)
def test_the_command_that_is_copied_is_one_that_the_command_line_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, key: str, filters: dict[str, str]
) -> None:
    async def words() -> list[str]:
        async with stewarding(tmp_path / "house") as s:
            await granted(s.h, await a_person(s.h, "alice"), await an_application(s.h), remembered=True)
            return (await copied(s, f"{path}?{urlencode(filters)}"))[0]

    (tmp_path / "house").mkdir()
    line = asyncio.run(words())
    assert len(line) == 2 + len(filters) + ("refresh" in path), line
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCOPEKEEPER_DATA", str(tmp_path / "data"))
    # There is nothing in that data directory: at most an application is missed, and never an option.
    assert cli.run([*line, "--json"]) == (1 if "app" in filters else 0), line


def test_row_48_what_somebody_typed_stays_one_word_of_the_command() -> None:
    evil = "$(reboot) `reboot`; 'reboot' --all\n"
    assert shlex.split(written.cli("audit", "list", text=evil, actor=None)) == [
        "scopekeeper",
        "audit",
        "list",
        f"--text={evil}",
    ]
    call = written.curl("https://id.example.com", "/audit", text=evil, after=None)
    address = shlex.split(call)[-1]
    assert address.startswith("https://id.example.com/api/rest/admin/audit?text=%24%28reboot%29+%60reboot%60")
    assert len(shlex.split(call)) == 4
