"""The guide to publishing the documentation: typed as it stands there."""

import json
import re
import tomllib
from pathlib import Path

from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import live

GUIDE = page("docs/guides/publish-the-documentation.md")


def test_it_works_as_it_is_written_and_every_file_that_it_names_is_there(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        shown, document, collection, whole, cut = (newcomer.type(command) for command in commands(GUIDE))
    assert "rest:callforward:write" in shown
    assert "rest:extensions:write" not in shown
    assert {path.split("/")[1] for path in json.loads(document)["paths"]} == {"callforward"}
    assert [folder["name"] for folder in json.loads(collection)["item"]] == ["Call Forward"]
    assert whole.endswith("Open api-docs/index.html to read them.\n")
    folder = tmp_path / "api-docs"
    assert set(json.loads(cut)["files"]) < {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    table = re.findall(r"^\| (`.*?`) \|", GUIDE, re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`([^`]+)`", cell)}
    assert {f"{path.name}{'/' * path.is_dir()}" for path in folder.iterdir()} == named


def test_what_makes_it_private_does(tmp_path: Path) -> None:
    [setting] = blocks(GUIDE, "toml")
    assert tomllib.loads(setting) == {"public_descriptions": False}
    (tmp_path / "scopekeeper.toml").write_text(setting)
    with live(tmp_path) as server:
        [shown, *_] = commands(GUIDE)
        assert json.loads(Newcomer(server).type(shown))["status"] == 401
