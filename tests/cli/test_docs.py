"""`scopekeeper docs export`: the documentation as files, in a folder of its own."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

SCOPE = "rest:callforward:read gql:callforward:read"


def held(folder: Path) -> dict[str, bytes]:
    """What is in the folder, by path."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_it_writes_a_site_without_a_database_and_the_same_one_each_time(shell: Shell, tmp_path: Path) -> None:
    said = shell("docs", "export", "one").out
    assert shell("docs", "export", "deep/down/two").code == 0
    one = held(tmp_path / "one")
    assert said == f"Wrote {len(one) - 1} files to one. Open one/index.html to read them.\n"
    assert one == held(tmp_path / "deep/down/two")
    assert {"index.html", "rest.html", "graphql.html", "openapi.json", "schema.graphql", "postman.json"} <= set(one)
    assert "bruno/bruno.json" in one
    assert not shell.data.exists()


def test_it_says_what_it_wrote_as_json(shell: Shell, tmp_path: Path) -> None:
    said = shell.json("docs", "export", "site", "--scope", SCOPE)
    assert said["directory"] == str(tmp_path / "site")
    assert set(said["files"]) | {"exported.json"} == set(held(tmp_path / "site"))


def test_the_issuer_is_that_of_the_settings(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPEKEEPER_ISSUER", "https://id.example.com")
    assert shell.json("docs", "export", "site")["issuer"] == "https://id.example.com"
    document = json.loads((tmp_path / "site/openapi.json").read_bytes())
    assert document["servers"][0]["url"] == "https://id.example.com/api/rest"


def test_an_earlier_export_is_replaced_and_leaves_nothing_behind(shell: Shell, tmp_path: Path) -> None:
    shell("docs", "export", "site")
    assert (tmp_path / "site/bruno/extensions").is_dir()
    shell("docs", "export", "site", "--scope", SCOPE)
    shell("docs", "export", "fresh", "--scope", SCOPE)
    assert held(tmp_path / "site") == held(tmp_path / "fresh")
    assert not (tmp_path / "site/bruno/extensions").exists()


def test_an_empty_folder_is_taken_even_the_one_that_we_are_in(shell: Shell, tmp_path: Path) -> None:
    assert shell("docs", "export", ".", "--scope", SCOPE).code == 0
    assert (tmp_path / "index.html").exists()


def test_a_folder_with_other_things_is_refused_and_nothing_is_touched(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/thesis.txt").write_text("years of work")
    said = shell.refused("docs", "export", "site")
    assert said.startswith("site holds other things than an earlier export, such as thesis.txt: name an empty or a new")
    assert held(tmp_path / "site") == {"thesis.txt": b"years of work"}


def test_an_export_that_something_was_put_into_is_refused_unless_forced(shell: Shell, tmp_path: Path) -> None:
    shell("docs", "export", "site")
    (tmp_path / "site/bruno/.env").write_text("clientSecret=mine")
    before = held(tmp_path / "site")
    assert "bruno/.env" in shell.refused("docs", "export", "site", "--scope", SCOPE)
    assert held(tmp_path / "site") == before
    assert shell("docs", "export", "site", "--scope", SCOPE, "--force").code == 0
    after = held(tmp_path / "site")
    assert after["bruno/.env"] == b"clientSecret=mine"
    assert "bruno/admin/users.bru" not in after


def test_an_export_that_broke_off_is_finished_by_the_next(shell: Shell, tmp_path: Path) -> None:
    shell("docs", "export", "fresh", "--scope", SCOPE)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html.unfinished").write_bytes(b"<!doc")
    assert shell("docs", "export", "site", "--scope", SCOPE).code == 0
    assert held(tmp_path / "site") == held(tmp_path / "fresh")


def test_what_cannot_be_written_leaves_the_earlier_export_whole(shell: Shell, tmp_path: Path) -> None:
    shell("docs", "export", "site", "--scope", SCOPE)
    before = held(tmp_path / "site")
    (tmp_path / "site/rest.html").unlink()
    (tmp_path / "site/bruno/admin").write_bytes(b"no folder")
    said = shell.refused("docs", "export", "site", "--force")
    assert "bruno/admin" in said
    after = held(tmp_path / "site")
    assert {path: after.get(path) for path in before if path != "rest.html"} == {
        path: content for path, content in before.items() if path != "rest.html"
    }


def test_nothing_is_written_or_removed_through_a_link_that_leads_out(shell: Shell, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/static").symlink_to(outside)
    assert "static" in shell.refused("docs", "export", "site")
    assert shell.refused("docs", "export", "site", "--force") == "site/static is a link: remove it first"
    listed = {"made_by": "scopekeeper docs export", "files": ["../outside/keep.txt", "static/keep.txt", "static"]}
    (tmp_path / "site/exported.json").write_text(json.dumps(listed))
    shell("docs", "export", "site", "--force")
    (tmp_path / "site/static").unlink(missing_ok=True)
    shell("docs", "export", "site", "--force")
    assert held(outside) == {"keep.txt": b"mine"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("rest:nope", "--scope: there is no scope 'rest:nope'; `scopekeeper scopes` lists them"),
        ("", "--scope names no scope: leave it out for the whole"),
        ("rest\tgql", "--scope: scopes are separated by single spaces and made of printable ASCII characters"),
    ],
)
def test_scopes_that_cannot_be_shown_are_refused_before_anything_is_written(
    shell: Shell, tmp_path: Path, given: str, said: str
) -> None:
    assert shell.refused("docs", "export", "site", "--scope", given) == said
    assert not (tmp_path / "site").exists()


def test_a_file_is_no_folder(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("")
    assert shell.refused("docs", "export", "site") == "site is no directory"
    assert shell.refused("docs", "export", code=2).startswith("Missing argument")
