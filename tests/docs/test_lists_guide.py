"""What the guide says of whole lists, typed word for word."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.docs.newcomer import Newcomer, commands, page
from tests.live import live


def test_whole_lists_come_as_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = page("docs/guides/use-the-api.md").partition("## All of a list at once")[2].partition("\n## ")[0]
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        newcomer.got["TOKEN"] = server.token(server.json("app", "add", "Guide", "--type", "m2m", "--scope", "rest"))
        table, lines, _ = (newcomer.type(command) for command in commands(told))
    listed = [json.loads(line)["extension"] for line in lines.splitlines()]
    assert [each["extension"] for each in csv.DictReader(io.StringIO(table))] == listed
    assert len(listed) > 1
    kept = (tmp_path / "callForwards.csv").read_text()
    assert kept.startswith("extension,unconditional,busy,unavailable,ring_timer\n")
