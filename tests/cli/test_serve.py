"""`scopekeeper serve` starts with a greeting or one line that says why not, and stops when it is told."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scopekeeper.store import HEAD, version_of
from tests.cli.conftest import Shell
from tests.cli.terminal import environ
from tests.live import Live, free_port
from tests.stores.test_schema import next_version


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_on_which_another_listens_is_one_line_and_the_database_is_left_alone(shell: Shell, taken: int) -> None:
    line = shell.refused("serve", "--port", str(taken))
    assert line == (
        f"cannot listen on 127.0.0.1, port {taken}: another program listens there; take another with --port, or stop it"
    )
    assert not shell.data.exists()


def test_an_address_that_this_machine_has_not_is_one_line(shell: Shell) -> None:
    line = shell.refused("serve", "--host", "192.0.2.1", "--port", "8000", "--issuer", "https://id.example.com")
    assert line.startswith("cannot listen on 192.0.2.1, port 8000: ")


def test_the_wrong_master_key_is_one_line(tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    assert server.run("migrate").returncode == 0
    assert server.run("keys", "list").returncode == 0
    (server.data / "master.key").write_text("0123456789" * 5)
    done = server.run("serve", "--port", str(server.port))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("scopekeeper: the signing keys in the database were wrapped under another master key")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_greets_and_when_it_is_told_to_stop_it_is_done(number: signal.Signals, tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    server.start()
    try:
        server.signal(number)
        assert server.wait() == 0
    finally:
        server.kill()
    said = server.log.read_text()
    assert said.startswith(f"Scopekeeper serves at {server.issuer}\n")
    assert f"{server.issuer}/.well-known/oauth-authorization-server" in said
    assert "Traceback" not in said


LATER = """
from functools import partial
from scopekeeper import cli
from scopekeeper.store import schema
later = schema.Migrations({revisions!r}, {locations!r})
schema.MIGRATIONS, schema.HEAD = later, later.head
schema.migrate = partial(schema.migrate, migrations=later)
cli.main()
"""
"""The program of a later version, which has one migration more."""


def test_a_database_of_an_earlier_version_is_copied_and_migrated_before_it_listens(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift", "--type", "m2m")
    database = shell.data / "scopekeeper.db"
    later = next_version(shell.folder / "steps")
    script = LATER.format(revisions=later.revisions, locations=later.locations)
    command = [sys.executable, "-c", script]
    settings = environ(shell.data, {"SCOPEKEEPER_PORT": str(free_port())})

    refused = subprocess.run([*command, "app", "list"], env=settings, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"scopekeeper: {database} has schema {HEAD}, this program needs 9999: run `scopekeeper migrate`\n"
    )
    assert version_of(database) == HEAD

    with subprocess.Popen([*command, "serve"], env=settings, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Scopekeeper serves at ")
        server.terminate()
        assert server.wait(20) == 0
    assert version_of(database) == "9999"
    assert version_of(shell.data / "scopekeeper.db.before-9999") == HEAD

    listed = subprocess.run([*command, "app", "list"], env=settings, capture_output=True, text=True, check=True)
    assert made["client_id"] in listed.stdout
