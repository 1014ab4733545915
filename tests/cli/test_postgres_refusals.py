"""PostgreSQL that does not let us in, or has something else: one line that says what to do, and nothing changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx2
import pytest

from scopekeeper.settings import PostgresDatabase
from tests.cli.conftest import Shell
from tests.faults.grants import credentials_of, require_unavailable
from tests.live import live
from tests.postgres import name_of, postgres, tell

PASSWORD: Final = "s3cr%t/&?wort"
COMMANDS: Final = (["app", "list"], ["migrate"], ["serve"], ["backup", "copy"])


@pytest.fixture(scope="module", autouse=True)
def roles() -> Iterator[None]:
    """One who has to say a password, and one who may only come in."""
    rules = postgres().folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\n{before}")
    postgres().tell(f"CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '{PASSWORD}'", to="postgres")
    postgres().tell("CREATE ROLE poor LOGIN", to="postgres")
    postgres().tell("SELECT pg_reload_conf()", to="postgres")
    yield
    rules.write_text(before)
    postgres().tell("SELECT pg_reload_conf()", to="postgres")
    postgres().tell("DROP ROLE poor, guarded", to="postgres")


def as_user(user: str, database: PostgresDatabase, password: str = "") -> str:
    return database.url.replace("keeper@", f"{user}:{quote(password, safe='')}@" if password else f"{user}@")


def refused_by_each(shell: Shell, url: str, *commands: list[str]) -> str:
    """What each of the commands says, which is the same."""
    (line,) = {shell.refused(*command, "--database", url, code=2) for command in commands or COMMANDS}
    assert not (shell.folder / "copy").exists()
    assert not shell.data.exists()
    return line


def tables_of(database: PostgresDatabase) -> list[tuple[str]]:
    return tell(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


def test_a_wrong_password_is_one_line_and_told_nobody(shell: Shell, made: PostgresDatabase) -> None:
    for url in (as_user("guarded", made, PASSWORD[:-1]), f"{as_user('guarded', made)}&password={quote(PASSWORD[:-1])}"):
        line = refused_by_each(shell, url)
        assert line.endswith(
            'cannot be opened: password authentication failed for user "guarded": mend user and password in its URL'
        )
        assert PASSWORD[:4] not in line


def test_the_right_password_opens_it_and_is_told_nobody(shell: Shell, made: PostgresDatabase) -> None:
    said = shell("migrate", "--database", as_user("guarded", made, PASSWORD))
    assert said.code == 0, said.err
    assert PASSWORD[:4] not in said.out + said.err


def test_no_such_database_user_or_machine_is_one_line(shell: Shell, made: PostgresDatabase) -> None:
    gone = made.url.replace(name_of(made), "gone")
    assert refused_by_each(shell, gone).endswith(
        '"gone" does not exist: make it with `createdb`, or mend its name in the URL'
    )
    assert refused_by_each(shell, as_user("somebody", made)).endswith(
        'role "somebody" does not exist: mend user and password in its URL'
    )
    line = refused_by_each(shell, f"postgresql://me:{quote(PASSWORD, safe='')}@nowhere.invalid/it")
    assert line.endswith(": see that PostgreSQL is there and lets you in, or mend its URL")
    assert PASSWORD[:4] not in line


def test_who_may_not_make_tables_is_told_so_and_has_made_none(shell: Shell, empty: PostgresDatabase) -> None:
    line = refused_by_each(shell, as_user("poor", empty), ["migrate"])
    assert "permission denied for schema public: give them the right, or let its owner run" in line
    assert tables_of(empty) == []


def test_who_may_not_read_the_tables_is_told_so(shell: Shell, made: PostgresDatabase) -> None:
    assert "permission denied for table alembic_version" in refused_by_each(shell, as_user("poor", made))


def test_who_may_read_and_not_write_is_told_so(shell: Shell, made: PostgresDatabase) -> None:
    tell(made, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor")
    line = refused_by_each(shell, as_user("poor", made), ["app", "list"], ["serve"])
    assert line.endswith(": give them SELECT, INSERT, UPDATE and DELETE on all tables")


def test_a_database_that_can_only_be_read_is_told_so(shell: Shell, made: PostgresDatabase) -> None:
    tell(made, f"ALTER DATABASE {name_of(made)} SET default_transaction_read_only = on")
    line = refused_by_each(shell, made.url, ["app", "list"], ["serve"])
    assert line == f"{made} can only be read: give the URL of the server that is written to"


def test_a_database_of_a_newer_version_is_left_as_it_is(shell: Shell, made: PostgresDatabase) -> None:
    tell(made, "UPDATE alembic_version SET version_num = '9999', works_from = '9999'")
    before = tables_of(made)
    line = refused_by_each(shell, made.url, ["app", "list"], ["migrate"], ["serve"], ["sample"], ["user", "list"])
    assert line == f"{made} has schema 9999, which is newer than this program: install the newer program"
    assert tables_of(made) == before
    assert tell(made, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_database_of_another_program_is_left_as_it_is(shell: Shell, empty: PostgresDatabase) -> None:
    tell(empty, "CREATE TABLE invoices (id int)")
    line = refused_by_each(shell, empty.url)
    assert line == f"{empty} is no database of Scopekeeper: give it one of its own"
    assert tables_of(empty) == [("invoices",)]


def test_a_password_is_never_in_the_log_of_a_server_that_loses_its_database(
    tmp_path: Path, made: PostgresDatabase
) -> None:
    url = as_user("guarded", made, PASSWORD)
    with live(tmp_path, {"SCOPEKEEPER_DATABASE": url, "SCOPEKEEPER_LOG_LEVEL": "debug"}, sample=False) as server:
        application = server.json("app", "add", "It", "--type", "m2m", "--scope", "rest")
        postgres().tell("ALTER ROLE guarded PASSWORD 'another'", to="postgres")
        try:
            tell(made, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guarded'")
            form = {"grant_type": "client_credentials"}
            auth = credentials_of(application)
            require_unavailable(httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=auth))
        finally:
            postgres().tell(f"ALTER ROLE guarded PASSWORD '{PASSWORD}'", to="postgres")
        assert server.token(application)
        assert server.terminate() == 0
        logged = server.log.read_text()
        assert "password authentication failed" in logged
        assert PASSWORD not in logged
        assert quote(PASSWORD, safe="") not in logged
        assert "Traceback" not in logged
