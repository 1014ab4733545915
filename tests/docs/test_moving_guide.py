"""The guide to PostgreSQL: its commands, typed as they stand there, and a server that goes on."""

from pathlib import Path

import pytest

from tests.docs.newcomer import Newcomer, blocks, page
from tests.live import Live, live
from tests.postgres import a_database

GUIDE = page("docs/guides/move-to-postgresql.md")


@pytest.mark.one_process("what is moved is the file that is its database")
def test_a_server_moves_as_the_guide_says(tmp_path: Path) -> None:
    typed = [block.strip() for block in blocks(GUIDE.replace("\n   ", "\n"), "sh")]  # they stand in a list
    with live(tmp_path) as server, a_database(empty=True) as empty:
        application = server.json("app", "add", "It", "--type", "m2m", "--scope", "rest")
        newcomer = Newcomer(server)
        newcomer.got = {
            "/backup": str(tmp_path),
            "/var/lib/scopekeeper": str(server.data),
            "postgresql://scopekeeper@db.internal/scopekeeper": empty.url,
        }
        assert server.terminate() == 0
        copied, moved, looked = (newcomer.type(command) for command in typed)
        assert copied.startswith("Copied ")
        assert f"to {empty} in " in moved
        assert "and the master key opens all" in " ".join(looked.split())
        after = Live(server.data, {"SCOPEKEEPER_DATABASE": empty.url})
        after.start()
        try:
            assert after.token(application)
        finally:
            after.kill()
