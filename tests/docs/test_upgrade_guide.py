"""The guide to upgrades: its commands do what it says, at a server that serves meanwhile."""

import re
from pathlib import Path

import httpx2
import pytest

from tests.docs.newcomer import Newcomer, blocks, page
from tests.live import live

GUIDE = page("docs/guides/upgrade.md")

pytestmark = pytest.mark.one_process("it is about the file of one server")


def test_its_commands_do_what_it_says(tmp_path: Path) -> None:
    typed = [block.strip() for block in blocks(GUIDE.replace("\n   ", "\n"), "sh")]  # some stand in a list
    with live(tmp_path, sample=False) as server:
        newcomer = Newcomer(server)
        newcomer.got = {"/backup": str(tmp_path)}
        copied, migrated, looked, contracted = (newcomer.type(command) for command in typed)
        assert copied.startswith("Copied ")
        assert migrated.endswith(" is up to date.\n")
        assert contracted == migrated
        assert "warn" not in looked
        assert httpx2.get(f"{server.issuer}/health/ready").status_code == 200


def test_it_says_what_the_program_says() -> None:
    sources = "".join(path.read_text() for path in (Path(__file__).parents[2] / "src").rglob("*.py"))
    for said in re.findall(r"`(the database is newer[^`]*)`", GUIDE):
        assert said in sources
