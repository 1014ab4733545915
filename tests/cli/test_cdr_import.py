"""Call records from files: what is taken in, what is set aside, and what is there when it was broken off."""

import csv
import json
import os
import signal
import subprocess
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.cli.calls.lines import LONGEST, Aside, Line, Source
from scopekeeper.cli.calls.taking import Taking
from scopekeeper.modules.cdr import api, calls
from scopekeeper.modules.cdr.formats import ours
from scopekeeper.modules.extensions import Extension, extensions
from scopekeeper.sdk.data import Work, Write
from scopekeeper.settings import PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from tests.beneath import tell_file
from tests.cli.conftest import Shell
from tests.cli.terminal import COMMAND, environ, typed
from tests.fixtures import FixedEntropy
from tests.postgres import tell

COLUMNS = ("uid", "started", "ended", "direction", "disposition", "caller", "callee_extension", "caller_name")
COUNT = "SELECT count(*) FROM module_cdr"


def line(number: int, **told: str) -> dict[str, str]:
    at = f"2026-11-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z"
    made = {"uid": f"u{number}", "started": at, "ended": at, "direction": "inbound", "disposition": "busy"}
    return dict.fromkeys(COLUMNS, "") | made | {"caller": "+4930123456", "callee_extension": "1001"} | told


def written(path: Path, *lines: dict[str, str]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(lines)
    return str(path)


def half(shell: Shell, *arguments: str) -> Any:
    """An import of which some lines were bad: what it says to programs."""
    said = shell(*arguments, "--json")
    assert said.code == 1, said.err
    return said.json()


def kept(shell: Shell, what: str = COUNT) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in tell_file(shell.data / "scopekeeper.db", what)]


def test_what_is_there_is_left_and_the_rest_is_taken_in(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", *map(line, range(1_200)))
    first = shell("cdr", "import", file)
    assert (first.code, first.out, first.err) == (0, "1 200 call records are new, 0 were there.\n", "")
    file = written(shell.folder / "calls.csv", *map(line, range(1_100, 1_300)))
    assert shell("cdr", "import", file).out == "100 call records are new, 100 were there.\n"
    assert kept(shell) == [(1_300,)]


def test_a_dry_run_writes_nothing(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", *map(line, range(3)), line(3, direction="up"))
    said = shell("cdr", "import", file, "--dry-run")
    assert said.code == 1
    assert said.out.startswith("3 call records can be taken in. Nothing was written.\n1 lines are bad: ")
    assert kept(shell) == [(0,)]


def test_bad_lines_are_set_aside_and_can_be_mended_there(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", line(1), line(2, direction="up"), line(3), line(4, caller="a b"))
    said = half(shell, "cdr", "import", file)
    bad = shell.folder / "calls.csv.bad.csv"
    assert (said["new"], said["there"], said["bad"], said["bad_file"]) == (2, 0, 2, str(bad))
    with bad.open(newline="") as aside:
        rows = list(csv.DictReader(aside))
    assert [row["line"] for row in rows] == ["3", "5"]
    assert [row["reason"].partition(":")[0] for row in rows] == ["direction", "caller"]
    assert [row["uid"] for row in rows] == ["u2", "u4"]
    bad.write_text(bad.read_text().replace(",up,", ",inbound,").replace("a b", "ab"))
    assert shell("cdr", "import", str(bad)).out == "2 call records are new, 0 were there.\n"
    assert kept(shell) == [(4,)]


def test_a_line_that_is_no_csv_or_no_utf_8_spoils_no_other(shell: Shell) -> None:
    file = shell.folder / "calls.csv"
    written(file, line(1), line(2))
    head, *lines = file.read_bytes().splitlines(keepends=True)
    broken = [b'u7,"no end,,,\r\n', "ü,,,\r\n".encode("latin-1"), b"\x00\r\n", b"one,two\r\n", b"\r\n"]
    file.write_bytes(b"\xef\xbb\xbf" + head + b"".join([lines[0], *broken, lines[1]]))
    said = half(shell, "cdr", "import", str(file), "--bad", str(shell.folder / "aside.csv"))
    assert (said["new"], said["bad"]) == (2, 4)
    aside = (shell.folder / "aside.csv").read_bytes().splitlines()
    assert [row.partition(b",")[0] for row in aside[1:]] == [b"3", b"4", b"5", b"6"]
    assert "ü".encode("latin-1") in aside[2]


def test_master_csv_of_asterisk_is_taken_in_with_its_time_zone(shell: Shell) -> None:
    file = shell.folder / "Master.csv"
    file.write_text(
        '"","1001","030123456","from-internal","""Desk"" <1001>","PJSIP/1001-00000001","PJSIP/trunk-00000002","Dial",'
        '"PJSIP/trunk","2026-11-29 23:24:01","2026-11-29 23:24:11","2026-11-29 23:26:31",150,140,"ANSWERED",'
        '"DOCUMENTATION","1793053441.17",""\n'
        "one,two\n"
    )
    said = half(shell, "cdr", "import", str(file), "--format", "asterisk", "--zone", "Europe/Berlin")
    assert (said["new"], said["bad"]) == (1, 1)
    assert (
        (shell.folder / "Master.csv.bad.csv").read_text().startswith("line,reason,1,2\n2,There are 2 columns.,one,two")
    )
    row = kept(shell, "SELECT direction, started, caller_extension, caller_name FROM module_cdr")
    assert row == [("outbound", "2026-11-29T22:24:01.000000Z", "1001", "Desk")]


def test_whose_the_calls_are_is_said_by_whoever_imports_them(shell: Shell) -> None:
    assert shell("sample").code == 0
    kept(shell, "UPDATE module_extensions SET owner = 'alice' WHERE extension = '1001'")
    nobody = written(shell.folder / "calls.csv", line(1))
    now = written(
        shell.folder / "more.csv", line(2), line(3), line(4, callee_extension="1002"), line(5, callee_extension="9")
    )
    assert shell("cdr", "import", nobody).code == 0
    assert shell("cdr", "import", now, "--owners", "now").code == 0
    owners = kept(shell, "SELECT uid, callee_owner FROM module_cdr WHERE uid LIKE 'u%' ORDER BY uid")
    assert owners == [("u1", None), ("u2", "alice"), ("u3", "alice"), ("u4", None), ("u5", None)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one,two\n1,2\n", "is not of the format ours: uid: The first line names no such column"),
        ('"no end\n', "is not of the format ours: The line is no CSV"),
    ],
)
def test_another_file_is_refused_with_one_line(shell: Shell, text: str, told: str) -> None:
    (shell.folder / "calls.csv").write_text(text)
    assert told in shell.refused("cdr", "import", "calls.csv")


def test_what_cannot_be_is_refused(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", line(1))
    assert "No such file" in shell.refused("cdr", "import", "nothing.csv")
    assert "is the file itself" in shell.refused("cdr", "import", file, "--bad", file)
    assert "--zone" in shell.refused("cdr", "import", file, "--zone", "Europe/Atlantis", code=2)
    (shell.folder / "scopekeeper.toml").write_text('modules_off = ["cdr"]\n')
    assert shell.refused("cdr", "import", file) == "the module cdr is switched off"


def test_what_is_no_file_of_bad_lines_is_not_overwritten_by_one(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", line(1), line(2, direction="up"))
    (shell.folder / "notes.csv").write_text("precious\n")
    assert "is no file of bad lines" in shell.refused("cdr", "import", file, "--bad", "notes.csv")
    assert (shell.folder / "notes.csv").read_text() == "precious\n"
    for again in range(2):
        assert half(shell, "cdr", "import", file)["there"] == again


def test_a_line_that_does_not_end_is_set_aside_by_its_beginning(shell: Shell) -> None:
    file = shell.folder / "calls.csv"
    written(file, line(1), line(2), line(3))
    head, *lines = file.read_bytes().splitlines(keepends=True)
    endless = [b"x" * LONGEST * 3 + b"\r\n", b"x" * LONGEST + b"\r\n", b'u9,"' + b"y" * LONGEST + b"\n"]
    file.write_bytes(head + b"".join(each for both in zip(lines, endless, strict=True) for each in both))
    said = half(shell, "cdr", "import", str(file))
    assert (said["new"], said["bad"]) == (3, 3)
    aside = [each.split(",", 2) for each in (shell.folder / "calls.csv.bad.csv").read_text().splitlines()[1:]]
    assert [number for number, _, _ in aside] == ["3", "5", "7"]
    assert all("longer than" in reason and len(beginning) < LONGEST + 5 for _, reason, beginning in aside)


def test_a_line_of_many_megabytes_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_bytes(b"x" * (16 << 20))
    tracemalloc.start()
    try:
        with Source(str(tmp_path / "calls.csv")) as source:
            assert [each.number for each in source] == [1]
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


async def test_who_is_removed_while_calls_are_taken_in_is_named_by_none_that_follow(tmp_path: Path) -> None:
    store = open_store(SqliteFile(tmp_path / "it.db"))
    try:
        data = store.data([calls, extensions], FixedEntropy())
        aside = Aside(str(tmp_path / "bad.csv"))
        taking = Taking(data, api.intakes[0], aside, owners=True, dry_run=False)
        begun = ours(COLUMNS, UTC)
        for number, owner in enumerate(("dora", None)):
            row = Extension("1001", "Phone", owner)
            await data.commit(Work(writes=[Write(extensions, row.extension, row, None)]))
            await taking.take([Line(number, list(line(number).values()))], begun.read, lambda: None)
        assert taking.tally.new == 2
        assert await data.count(calls, "dora", {}) == 1
    finally:
        await store.close()


def test_a_file_with_nothing_in_it_is_no_fault(shell: Shell) -> None:
    (shell.folder / "calls.csv").write_text("\n\n")
    assert shell("cdr", "import", "calls.csv").out == "0 call records are new, 0 were there.\n"
    assert not (shell.folder / "calls.csv.bad.csv").exists()


def test_a_bar_is_for_terminals_alone(shell: Shell) -> None:
    file = written(shell.folder / "calls.csv", *map(line, range(2_000)))
    seen = typed(shell.data, "cdr", "import", file)
    assert (seen.code, "Taking in" in seen.seen) == (0, True)
    assert "2 000 call records are new, 0 were there.\n" in seen.seen
    quiet = typed(shell.data, "cdr", "import", file, "--json")
    assert "Taking in" not in quiet.seen
    assert json.loads(quiet.seen)["there"] == 2_000


def test_what_was_broken_off_is_whole_and_goes_on(shell: Shell) -> None:
    pipe = shell.folder / "calls"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, "cdr", "import", str(pipe)],
        env=environ(shell.data),
        cwd=shell.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with suppress(BrokenPipeError), pipe.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(map(line, range(1_234)))
        file.flush()
        for _ in range(100):
            if (shell.data / "scopekeeper.db").exists() and kept(shell) >= [(1_000,)]:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        writer.writerows(map(line, range(1_234, 3_000)))  # unless it has gone at once
    said, complained = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "")
    assert complained == (
        "scopekeeper: the import was broken off: what was taken in is kept: go on with the same command\n"
    )
    [(there,)] = kept(shell)
    assert there >= 1_000
    whole = written(shell.folder / "calls.csv", *map(line, range(3_000)))
    done = shell.json("cdr", "import", whole)
    assert (done["there"], done["new"]) == (there, 3_000 - there)


def test_it_is_the_same_on_postgresql(shell: Shell, made: PostgresDatabase) -> None:
    file = written(shell.folder / "calls.csv", *map(line, range(1_200)), line(5, disposition="gone"))
    there = ("--database", made.url)
    assert half(shell, "cdr", "import", file, *there)["new"] == 1_200
    assert half(shell, "cdr", "import", file, *there)["there"] == 1_200
    assert tell(made, COUNT) == [(1_200,)]
