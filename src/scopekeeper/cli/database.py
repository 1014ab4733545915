"""`scopekeeper migrate`, `backup` and `restore`: the database as a whole."""

from pathlib import Path
from typing import Annotated

import typer

from scopekeeper.cli.output import AsJson, Refused, agreed, print_json, say
from scopekeeper.cli.place import settings_of


def migrate(json: AsJson = False) -> None:
    """Bring the database to this version's schema. SQLite is copied first; `serve` does this by itself."""
    from scopekeeper.store import SchemaError
    from scopekeeper.store import migrate as bring_up_to_date

    settings = settings_of()
    try:
        done = bring_up_to_date(settings.database.path)
    except SchemaError as refused:
        raise Refused(str(refused)) from refused
    if json:
        print_json({"database": str(settings.database), "from": done.was, "to": done.now, "copy": _text(done.copy)})
    elif done.was == done.now:
        say(f"{settings.database} is up to date.")
    else:
        kept = f" What it was before is kept in {done.copy}." if done.copy else ""
        say(f"{settings.database} is brought to schema {done.now}.{kept}")


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not exist yet.")]) -> None:
    """Copy the database to FILE, consistent, while the server runs. Keep the master key, which is a file of its own."""
    from scopekeeper.store import BackupError
    from scopekeeper.store import backup as copy

    settings = settings_of()
    try:
        copy(settings.database.path, file)
    except BackupError as refused:
        raise Refused(str(refused)) from refused
    key = settings.data / "master.key"
    also = f" Keep {key} in a safe place as well: without it the signing keys cannot be opened." if key.exists() else ""
    say(f"Copied {settings.database} to {file}.{also}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the database of FILE in place of the present one, which is kept aside. Stop the server first."""
    from scopekeeper.store import BackupError
    from scopekeeper.store import restore as put_back

    settings = settings_of()
    agreed(f"Replace {settings.database} by {file}?", yes=yes)
    try:
        aside = put_back(file, settings.database.path)
    except BackupError as refused:
        raise Refused(str(refused)) from refused
    kept = f" What was there is kept in {aside}." if aside else ""
    say(f"Restored {settings.database} from {file}.{kept}")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
