"""How the command line behaves at a terminal, in a pipe, and where it is stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.terminal import COMMAND, environ, typed
from tests.cli.test_tokens_and_keys import issued

SCOPES = "rest:callforward:read rest:callforward:write gql:extensions:read"


def run(shell: Shell, *arguments: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environ(shell.data, more),
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_version_imports_nothing_heavy(shell: Shell) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scopekeeper", "--version"],
        env=environ(shell.data),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    heavy = {"asyncio", "graphql", "httpcore2", "pydantic", "rich", "sqlalchemy", "starlette", "uvicorn"}
    assert imported.isdisjoint(heavy)


def test_lists_are_readable_at_eighty_columns_and_ids_are_whole(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift of the northern branch", "--type", "m2m", "--scope", SCOPES)
    token = issued(shell, made["client_id"])
    for arguments, name in ((["app", "list"], made["client_id"]), (["token", "list"], token)):
        said = typed(shell.data, *arguments, more={"NO_COLOR": "1"})
        assert max(len(line.rstrip()) for line in said.seen.splitlines()) <= 80
        assert name in said.seen
    keys = typed(shell.data, "keys", "list", more={"NO_COLOR": "1"})
    assert all(key["kid"] in keys.seen for key in shell.json("keys", "list"))
    assert len(keys.seen.splitlines()) == 3


def test_colours_are_for_terminals_and_not_for_those_who_said_no_color(shell: Shell) -> None:
    assert "\x1b[" in typed(shell.data, "scopes").seen
    assert "\x1b" not in typed(shell.data, "scopes", more={"NO_COLOR": "1"}).seen
    assert "\x1b" not in run(shell, "scopes", more={"FORCE_COLOR": "1"}).stdout


def test_who_types_is_asked_before_anything_is_lost(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift", "--type", "m2m")
    said = typed(shell.data, "app", "remove", made["client_id"], answer=b"n\n")
    assert said.code == 1
    assert f"Remove the application {made['client_id']} and all its tokens for ever?" in said.seen
    assert said.seen.endswith("scopekeeper: nothing was done\n")
    assert len(shell.json("app", "list")) == 1
    assert typed(shell.data, "app", "remove", made["client_id"], answer=b"y\n").code == 0
    assert shell.json("app", "list") == []


def test_control_c_at_a_question_does_nothing_and_leaves_no_traceback(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift", "--type", "m2m")
    said = typed(shell.data, "app", "compromised", made["client_id"], answer=b"\x03")
    assert said.code == 1
    assert said.seen.endswith("scopekeeper: nothing was done\n")


def test_control_c_ends_a_command_without_a_traceback(shell: Shell) -> None:
    pipe = shell.folder / "settings"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, "app", "list", "--config", str(pipe)],
        env=environ(shell.data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with pipe.open("wb"):  # it reads its settings now
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, said, complained) == (130, b"", b"")


def test_a_closed_pipe_ends_a_command_without_a_word(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "scopes"],
            env=environ(shell.data),
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_output_that_cannot_be_written_is_one_line_and_1(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "scopes", "--json"],
            env=environ(shell.data),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "scopekeeper: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_loses_no_name_and_json_stays_json(encoding: str, shell: Shell) -> None:
    shell.json("app", "add", "Gül – 夜", "--type", "m2m")
    more = {"PYTHONIOENCODING": encoding}
    listed = subprocess.run(
        [*COMMAND, "app", "list"], env=environ(shell.data, more), capture_output=True, timeout=30, check=True
    )
    assert "Gül – 夜".encode(encoding, "backslashreplace") in listed.stdout
    assert json.loads(run(shell, "app", "list", "--json", more=more).stdout)[0]["name"] == "Gül – 夜"


def test_two_processes_at_once_on_an_empty_data_directory_both_work(shell: Shell) -> None:
    both = [
        subprocess.Popen(
            [*COMMAND, "app", "add", name, "--type", "m2m"],
            env=environ(shell.data),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in ("One", "Other")
    ]
    assert [(process.communicate(timeout=30)[1], process.returncode) for process in both] == [(b"", 0), (b"", 0)]
    assert {each["name"] for each in shell.json("app", "list")} == {"One", "Other"}
    assert {path.name for path in shell.data.iterdir()} == {"master.key", "scopekeeper.db"}


def completed(shell: Shell, line: str) -> list[str]:
    """What bash is offered behind this line."""
    more = {
        "_SCOPEKEEPER_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = run(shell, more=more)
    assert done.stderr == ""
    return done.stdout.split()


def test_the_shell_completes_commands_types_scopes_and_applications(shell: Shell) -> None:
    assert completed(shell, "scopekeeper app re") == ["remove"]
    assert completed(shell, "scopekeeper app add X --type ") == ["web", "spa", "native", "m2m"]
    assert completed(shell, "scopekeeper app add X --scope gql:ext") == [
        "gql:extensions", "gql:extensions:read", "gql:extensions:write"
    ]  # fmt: skip
    assert completed(shell, "scopekeeper app show ") == []
    assert not shell.data.exists()
    made = shell.json("app", "add", "Night shift", "--type", "m2m")
    assert completed(shell, f"scopekeeper app show {made['client_id'][:3]}") == [made["client_id"]]


def test_completion_is_installed_for_the_shell_that_asks(shell: Shell) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} --install-completion; exit $?"],
        env=environ(shell.data),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.startswith("bash completion installed in ")
    script = (shell.folder / ".bash_completions" / "scopekeeper.sh").read_text()
    assert "_SCOPEKEEPER_COMPLETE=complete_bash" in script
