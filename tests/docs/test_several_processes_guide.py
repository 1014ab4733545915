"""The guide to several processes: its commands do what it says, and its numbers are the program's."""

import os
import shlex
from pathlib import Path

from scopekeeper.settings import SETTINGS
from scopekeeper.store.postgres import reader
from tests.crew import crew
from tests.docs.newcomer import commands, page
from tests.waiting import until

GUIDE = page("docs/guides/several-processes.md")


def test_its_commands_start_several_and_replace_them(tmp_path: Path) -> None:
    serve, replace = (shlex.split(command) for command in commands(GUIDE))
    assert serve[:3] == ["scopekeeper", "serve", "--workers"]
    with crew(tmp_path, int(serve[3])) as server:
        before = server.workers
        assert os.system(" ".join(replace).replace("PID", str(server.pid))) == 0
        until(lambda: not before & server.workers and server.whole)


def test_it_counts_the_connections_that_there_are() -> None:
    lanes, changes, news = 2, 1, 1
    each = reader.MOST + lanes + changes + news
    assert f"A process has up to {each} connections." in GUIDE
    assert f"{each} × (N + 1)" in GUIDE
    assert f"| one node, one worker | {each} |" in GUIDE
    assert f"| one node, four workers | {5 * each} |" in GUIDE
    assert f"| three nodes with four workers each | {3 * 5 * each} |" in GUIDE


def test_it_says_how_many_workers_there_may_be() -> None:
    assert "from 1 to 64" in GUIDE
    assert "from 1 to 64" in SETTINGS["workers"].meaning
    assert SETTINGS["workers"].parse("64") == 64
