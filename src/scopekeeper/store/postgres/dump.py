"""Copies of a PostgreSQL database, made and put back by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.copies import BackupError, whole_or_not_there
from scopekeeper.store.postgres.schema import OURS, migrate, version_of
from scopekeeper.store.revisions import MIGRATIONS, Standing

_INSTALL: Final = "install PostgreSQL's client programs, as new as the server"
_AS_IT_IS: Final = ("--no-owner", "--no-privileges", "--no-password")


def dump(database: PostgresDatabase, target: Path) -> None:
    """Copy the database to a new file, as of one moment, while it is in use. Raises BackupError, SchemaError."""
    if version_of(database) is None:
        raise BackupError(f"{database} is empty: there is nothing to copy")
    try:
        with whole_or_not_there(target) as partial:
            _run("pg_dump", database, "--format=custom", f"--file={partial}", *_AS_IT_IS)
    except OSError as error:
        raise BackupError(f"{database} cannot be copied to {target}: {error.strerror}") from error


def put_back(file: Path, database: PostgresDatabase) -> None:
    """Put a copy into an empty database, all of it or nothing. Raises BackupError, SchemaError."""
    if not file.exists():
        raise BackupError(f"there is no file {file}")
    _require_ours(file)
    if version_of(database) is not None:
        raise BackupError(
            f"{database} is not empty: make a new database, put the copy into that, and let the servers use it"
        )
    _run("pg_restore", database, "--single-transaction", "--exit-on-error", *_AS_IT_IS, str(file))
    migrate(database, create=False)


def _require_ours(file: Path) -> None:
    """See what is in a copy before any of it is put anywhere. Raises BackupError."""
    listed = _told("pg_restore", {}, "--list", str(file))
    tables = {words[5] for words in map(str.split, listed.splitlines()) if words[3:4] == ["TABLE"] and words[5:]}
    if not tables >= OURS:
        raise BackupError(f"{file} cannot be put back: it is no copy of a database of Scopekeeper")
    held = _told("pg_restore", {}, "--data-only", "--table=alembic_version", "--file=-", str(file))
    _, _, rows = held.partition("FROM stdin;\n")
    version, *told = rows.partition("\n")[0].split("\t")
    if version not in MIGRATIONS.revisions and not MIGRATIONS.is_newer(Standing(version, *told[:1])):
        raise BackupError(f"{file} cannot be put back: {MIGRATIONS.mismatch(version, 'it', MIGRATIONS.needs)}")


def _run(program: str, database: PostgresDatabase, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the database. Its password is nobody else's to read: not an argument."""
    url, password = _apart(database.url)
    _told(program, password, f"--dbname={url}", *arguments)


def _told(program: str, environ: Mapping[str, str], *arguments: str) -> str:
    """What a program of PostgreSQL's says. Raises BackupError."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"there is no {program} here: {_INSTALL}")
    done = subprocess.run(  # noqa: S603 - no shell reads it
        [found, *arguments],
        env={**os.environ, "LC_ALL": "C", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if not done.returncode:
        return done.stdout
    said = [line.removeprefix(f"{program}: ").removeprefix("error: ").strip() for line in done.stderr.splitlines()[:2]]
    why = "; ".join(said) or "it does not say why"
    raise BackupError(f"{program} failed: {why}{f': {_INSTALL}' if _is_of_another_version(why) else ''}")


def _is_of_another_version(why: str) -> bool:
    """Is the program older than the server, or than the one that made the copy?"""
    return "server version mismatch" in why or "unsupported version" in why


def _apart(url: str) -> tuple[str, Mapping[str, str]]:
    """The URL without its password, and the password as PostgreSQL's programs take it from the environment."""
    split = urlsplit(url)
    userinfo, at, hosts = split.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    options = parse_qsl(split.query, keep_blank_values=True)
    password = unquote(password) or dict(options).get("password", "")
    query = urlencode([(name, value) for name, value in options if name != "password"], safe="/:,")
    bare = f"postgresql://{user}{at}{hosts}{split.path}{'?' if query else ''}{query}"
    return bare, {"PGPASSWORD": password} if password else {}
