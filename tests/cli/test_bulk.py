"""`scopekeeper bulk`: extensions and all their settings, out of one database and into another."""

import csv
import io
import json
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from scopekeeper.api.modules import GROUP
from scopekeeper.settings import PostgresDatabase
from tests.cli.conftest import Said, Shell
from tests.cli.terminal import COMMAND, environ, typed


@pytest.fixture
def sampled(shell: Shell) -> Shell:
    """A shell at a database with the sample."""
    assert shell("sample").code == 0
    return shell


def exported(shell: Shell, *options: str) -> str:
    said = shell("bulk", "export", *options)
    assert said.code == 0, said.err
    return said.out


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def imported(shell: Shell, text: str, *options: str, name: str = "in.csv") -> Said:
    (shell.folder / name).write_text(text, encoding="utf-8")
    return shell("bulk", "import", name, *options)


def report(shell: Shell, text: str, *options: str, name: str = "in.csv") -> dict[str, Any]:
    (shell.folder / name).write_text(text, encoding="utf-8")
    said = shell("bulk", "import", name, "--json", *options)
    told: dict[str, Any] = said.json()
    assert said.code == (1 if told["refused"] else 0)
    return told


@pytest.mark.parametrize("format", ["csv", "json"])
def test_what_was_exported_and_is_imported_again_changes_nothing(sampled: Shell, format: str) -> None:
    text = exported(sampled, "--format", format)
    told = report(sampled, text, name=f"out.{format}")
    counts = {name: told[name] for name in ("created", "changed", "unchanged", "refused")}
    assert counts == {"created": 0, "changed": 0, "unchanged": 50, "refused": 0}
    assert exported(sampled, "--format", format) == text


@pytest.mark.parametrize("format", ["csv", "json"])
def test_another_database_becomes_the_same(
    sampled: Shell, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = exported(sampled, "--format", format)
    monkeypatch.setenv("SCOPEKEEPER_DATA", str(tmp_path / "other"))
    assert report(sampled, text)["created"] == 50
    assert exported(sampled, "--format", format) == text


def test_on_postgresql_it_is_the_same(shell: Shell, made: PostgresDatabase) -> None:
    on = ("--database", made.url)
    assert shell("sample", *on).code == 0
    text = exported(shell, *on)
    assert report(shell, text, *on)["unchanged"] == 50
    more = "extension,name,callforward.unconditional\n1060,Zoe,1061\n1061,Yan,1060\n1062,Xaver,\n"
    rehearsed, told = report(shell, more, "--dry-run", *on), report(shell, more, *on)
    assert [each["outcome"] for each in told["lines"]] == ["created", "refused", "created"]
    assert rehearsed["lines"] == told["lines"]


def test_the_columns_are_those_of_the_modules(sampled: Shell) -> None:
    [first, second, third, *others] = rows_of(exported(sampled))
    assert (first["extension"], first["name"], first["owner"]) == ("1001", "Ada Winter", "")
    assert second["callforward.unconditional"] == "5551000"
    assert (third["callforward.busy"], third["callforward.ring_timer"]) == ("1004", "20")
    assert first["donotdisturb.enabled"] == "false"
    assert len(others) == 47


def test_json_has_an_object_for_each_extension_and_in_it_one_for_each_module(sampled: Shell) -> None:
    told = json.loads(exported(sampled, "--format", "json"))
    assert (told[1]["extension"], told[1]["callforward"]["unconditional"]) == ("1002", "5551000")
    assert told[1]["callwaiting"] == {"enabled": False}


def test_every_line_is_reported_and_one_that_is_refused_stops_no_other(sampled: Shell) -> None:
    text = """extension,name,callforward.busy,donotdisturb.enabled
1001,Ada Winter,,false
1060,Zoe Winter,1001,true
1002,Bea,,TRUE
1003,Cem,1003,false
1061,,,
1004,Dora Winter,5550,yes
"""
    said = imported(sampled, text)
    assert said.out.splitlines() == [
        "line 2: 1001 unchanged",
        "line 3: 1060 created: name, callforward.busy, donotdisturb.enabled",
        "line 4: 1002 changed: name, donotdisturb.enabled",
        "line 5: 1003 refused: callforward.busy: The extension would forward to itself: 1003 → 1003.",
        "line 6: 1061 refused: name: This field is required.",
        "line 7: 1004 refused: donotdisturb.enabled: Expected `bool | null`, got `str`.",
        "1 created, 1 changed, 1 unchanged, 3 refused.",
    ]
    assert (said.code, said.err) == (1, "scopekeeper: 3 lines were refused\n")
    rows = {row["extension"]: row for row in rows_of(exported(sampled))}
    assert (rows["1060"]["callforward.busy"], rows["1002"]["donotdisturb.enabled"]) == ("1001", "true")
    assert (rows["1003"]["name"], rows["1004"]["callforward.busy"]) == ("Cem Winter", "")


def test_a_dry_run_says_the_same_and_writes_nothing(sampled: Shell) -> None:
    before = exported(sampled)
    text = "extension,name,callforward.unconditional\n1060,Zoe,1061\n1061,Yan,1060\n1061,Yan,1062\n1001,Ada,\n"
    rehearsed = report(sampled, text, "--dry-run")
    assert exported(sampled) == before
    told = report(sampled, text)
    assert [each["outcome"] for each in told["lines"]] == ["created", "refused", "created", "changed"]
    assert (rehearsed.pop("dry_run"), told.pop("dry_run")) == (True, False)
    assert rehearsed == told
    said = imported(sampled, "extension,name\n1070,Xaver\n", "--dry-run")
    assert said.out.endswith("\n1 created, 0 changed, 0 unchanged, 0 refused. Nothing was written: it was a dry run.\n")


def test_a_column_that_is_not_there_says_nothing_and_an_empty_cell_clears(sampled: Shell) -> None:
    assert report(sampled, "extension,callforward.busy\n1003,\n")["lines"][0]["fields"] == ["callforward.busy"]
    [third] = [row for row in rows_of(exported(sampled)) if row["extension"] == "1003"]
    assert (third["callforward.busy"], third["callforward.unavailable"], third["name"]) == ("", "5551234", "Cem Winter")


def test_a_pin_can_be_given_and_never_comes_out(sampled: Shell) -> None:
    assert "voicemail.pin" not in exported(sampled).splitlines()[0]
    told = report(sampled, "extension,voicemail.pin\n1001,8350\n1002,\n1003,1234\n")
    assert [(each["outcome"], each["fields"]) for each in told["lines"][:2]] == [
        ("changed", ["voicemail.pin"]), ("unchanged", []),
    ]  # fmt: skip
    assert told["lines"][2]["field"] == "voicemail.pin"
    assert "8350" not in exported(sampled, "--format", "json")


def test_lists_are_json_in_one_cell_and_one_of_several_has_a_column_for_each(sampled: Shell) -> None:
    text = (
        "extension;followme.enabled;followme.members;followme.destination.voicemail\n"
        '1001;true;"[{""extension"":""1002""},{""number"":""5551234""}]";1001\n'
    )
    assert report(sampled, text)["changed"] == 1
    row = rows_of(exported(sampled))[0]
    assert row["followme.members"] == '[{"extension":"1002"},{"number":"5551234"}]'
    assert (row["followme.destination.voicemail"], row["followme.destination.number"]) == ("1001", "")
    told = report(sampled, "extension,followme.members\n1001,[oops\n")
    assert told["lines"][0]["field"] == "followme.members"
    told = report(sampled, "extension,followme.destination.extension\n1001,9999\n")
    assert (told["lines"][0]["outcome"], told["lines"][0]["field"]) == ("refused", "followme.destination.extension")


def test_a_file_of_a_spreadsheet_is_taken_with_its_mark_its_semicolons_and_its_line_ends(sampled: Shell) -> None:
    (sampled.folder / "in.csv").write_bytes("\ufeffextension;name\r\n1001;Gül\r\n\r\n1002;'=Bea\r\n".encode())
    assert sampled("bulk", "import", "in.csv").code == 0
    assert [row["name"] for row in rows_of(exported(sampled))[:2]] == ["Gül", "'=Bea"]
    names = [each["name"] for each in json.loads(exported(sampled, "--format", "json"))[:2]]
    assert names == ["Gül", "=Bea"]


def test_lines_are_counted_where_cells_have_several(sampled: Shell) -> None:
    text = 'extension,name\n1001,"A\nB"\n1002,Bea,more\n1003,Cem\n'
    told = report(sampled, text)["lines"]
    assert [(each["line"], each["outcome"]) for each in told] == [(2, "refused"), (4, "refused"), (5, "changed")]
    assert told[1]["detail"] == "The line has 3 cells, and the header 2."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "extension,nam\n",
            "in.csv: the header: nam: There is no such column. The columns there are: callforward.busy,",
        ),
        ("name\nAda\n", "in.csv: the header: extension: This column is required."),
        ("extension,name,name\n", "in.csv: the header: name: This column is there twice."),
        ("", "in.csv: the header: extension: This column is required."),
        ('[{"extension": "1001"', "in.csv is no JSON array: "),
        ('{"extension": "1001"}', "in.csv is no JSON array: "),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(shell: Shell, text: str, told: str) -> None:
    (shell.folder / "in.csv").write_text(text)
    assert shell.refused("bulk", "import", "in.csv").startswith(told)


def test_a_file_that_is_not_utf8_or_not_there_is_refused(shell: Shell) -> None:
    (shell.folder / "in.csv").write_bytes("extension,name\n1001,Gül\n".encode("latin-1"))
    assert shell.refused("bulk", "import", "in.csv").startswith("in.csv: line 2 is not UTF-8")
    assert shell.refused("bulk", "import", "none.csv") == "none.csv: No such file or directory"


def test_json_items_that_cannot_be_are_refused_by_their_number(sampled: Shell) -> None:
    items = [{"extension": "1001", "callforward": {"busy": "5"}}, 7, {"extension": "1002", "nam": "x"}]
    items.append({"extension": "1003", "callforward": {"bussy": "5"}})
    told = report(sampled, json.dumps(items))
    assert [(each["line"], each["outcome"], each["field"]) for each in told["lines"]] == [
        (1, "changed", None), (2, "refused", None), (3, "refused", "nam"), (4, "refused", "callforward.bussy"),
    ]  # fmt: skip


def test_a_null_in_json_clears_and_what_is_left_out_stays(sampled: Shell) -> None:
    told = report(sampled, '[{"extension": "1003", "callforward": {"busy": null}}]')
    assert told["lines"][0]["fields"] == ["callforward.busy"]
    third = json.loads(exported(sampled, "--format", "json"))[2]["callforward"]
    assert (third["busy"], third["unavailable"], third["ring_timer"]) == (None, "5551234", 20)


def test_standard_input_is_a_file_too(sampled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"extension,name\n1001,Eve\n")))
    assert sampled("bulk", "import", "-").out.startswith("line 2: 1001 changed: name\n")


def test_a_file_takes_its_place_when_it_is_whole_and_its_name_says_what_it_is(sampled: Shell) -> None:
    assert sampled("bulk", "export", "out.json").out == "Wrote 50 extensions to out.json.\n"
    assert len(json.loads((sampled.folder / "out.json").read_text())) == 50
    (sampled.folder / "out.csv").write_text("old")
    assert sampled("bulk", "export", "out.csv").code == 0
    assert len(rows_of((sampled.folder / "out.csv").read_text())) == 50
    assert sampled.refused("bulk", "export", "none/out.csv") == "none/out.csv.unfinished: No such file or directory"
    assert sorted(path.name for path in sampled.folder.glob("out*")) == ["out.csv", "out.json"]


def test_whoever_closes_the_pipe_has_read_enough(sampled: Shell) -> None:
    lines = "extension,name\n" + "".join(f"{n},{'x' * 90}\n" for n in range(2000, 3500))
    assert imported(sampled, lines).code == 0
    command = subprocess.Popen([*COMMAND, "bulk", "export"], stdout=PIPE, stderr=PIPE, env=environ(sampled.data))
    with command:
        assert command.stdout is not None
        assert command.stderr is not None
        assert command.stdout.readline().startswith(b"extension,name,")
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == -signal.SIGPIPE


def test_an_empty_database_gives_an_empty_array_or_the_header_alone(shell: Shell) -> None:
    assert json.loads(exported(shell, "--format", "json")) == []
    assert exported(shell).count("\n") == 1


def test_without_the_module_that_keeps_extensions_nothing_is_moved(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [each.name for each in entry_points(group=GROUP) if each.name not in ("admin", "cdr")]
    monkeypatch.setenv("SCOPEKEEPER_MODULES_OFF", ",".join(others))
    assert shell.refused("bulk", "export").startswith(
        "no module that is switched on keeps records keyed by 'extension'"
    )


def test_a_terminal_shows_the_lines_and_the_sum(shell: Shell) -> None:
    (shell.folder / "in.csv").write_text("extension,name\n" + "".join(f"{n},Phone {n}\n" for n in range(1000, 1040)))
    seen = typed(shell.data, "bulk", "import", str(shell.folder / "in.csv"))
    assert seen.code == 0
    assert "line 41: 1039 created: name" in seen.seen
    assert "40 created, 0 changed, 0 unchanged, 0 refused." in seen.seen
