"""`scopekeeper migrate`, `backup` and `restore`: the database as a whole."""

from pathlib import Path
from typing import Annotated, Final

import typer

from scopekeeper.cli.gently import gently
from scopekeeper.cli.output import AsJson, Misconfigured, Refused, Yes, agreed, print_json, say
from scopekeeper.cli.place import settings_of

BACKUP_EXAMPLES: Final = """\
\b
Example:
  scopekeeper backup /backup/scopekeeper-monday.db

The master key is not in the copy, on purpose: keep it in another place.
"""

MIGRATE_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper migrate
  scopekeeper migrate --contract
  scopekeeper migrate --from sqlite:///keeper.db --to postgresql://db/keeper

A move that was broken off goes on where it was, with the same command.
"""

RESTORE_EXAMPLES: Final = """\
\b
Example:
  scopekeeper restore /backup/scopekeeper-monday.db

The signing keys in it are wrapped under the master key that belongs to it: keep the two together.
"""


def migrate(
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Move all that is in this database…", show_default=False),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="…into this one: postgresql://…, and empty.", show_default=False),
    ] = None,
    leave: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE", help="Leave this table behind, which no installed module describes. Repeatable."),
    ] = None,
    contract: Annotated[
        bool,
        typer.Option("--contract", help="Take away, too, what only older versions need: once none of them runs."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Bring the database up to date, or move it into another.

    A file is copied first, and the copy is kept. `serve` does the same by itself before it listens; an empty database
    of PostgreSQL is made by this alone. Servers of the version before may go on running. With --from and --to
    everything is copied into an empty database and compared, while no server runs.
    """
    from scopekeeper.cli.moving import asked_to_move, move

    if asked_to_move(source, target, leave or []):
        if contract:
            raise typer.BadParameter("is not said of a move", param_hint="--contract")
        move(source or "", target or "", leave or [], json=json)
        return
    from scopekeeper.store import MIGRATIONS, SchemaError, brought_up_to_date

    settings = settings_of()
    try:
        done = brought_up_to_date(settings.database, create=True, contract=contract)
    except SchemaError as refused:
        raise Misconfigured(str(refused)) from refused
    if json:
        copy = None if done.copy is None else str(done.copy)
        print_json({"database": str(settings.database), "from": done.was, "to": done.now, "copy": copy})
        return
    if done.now not in MIGRATIONS.revisions:
        say(
            f"{settings.database} has schema {done.now}, which is newer than this program and lets it work: "
            "nothing was done."
        )
    elif done.was == done.now:
        say(f"{settings.database} is up to date.")
    elif done.was is None:
        say(f"{settings.database} is made, with schema {done.now}.")
    else:
        kept = f" What it was before is kept in {done.copy}." if done.copy else ""
        say(f"{settings.database} is brought from schema {done.was} to {done.now}.{kept}")
    if done.now in MIGRATIONS.revisions and done.now != MIGRATIONS.head:
        say("Once every server is of this version, `scopekeeper migrate --contract` takes away what older ones need.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not exist yet.", show_default=False)],
) -> None:
    """Copy the database to a file, consistent, while the server runs."""
    gently()
    from scopekeeper.store import BackupError, SchemaError, databases

    settings = settings_of()
    try:
        databases.backup(settings.database, file)
    except BackupError as refused:
        raise Refused(str(refused)) from refused
    except SchemaError as wrong:
        raise Misconfigured(str(wrong)) from wrong
    key = settings.data / "master.key"
    also = f"\nKeep {key} in another safe place: without it the signing keys cannot be opened." if key.exists() else ""
    say(f"Copied {settings.database} to {file}.{also}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.", show_default=False)],
    yes: Yes = False,
) -> None:
    """Put the database of a backup in place of the present one.

    What was there is kept aside. Stop the server first. In PostgreSQL it is put into an empty database.
    """
    from scopekeeper.store import BackupError, SchemaError, databases

    settings = settings_of()
    agreed(f"Replace {settings.database} by {file}?", yes=yes)
    try:
        aside = databases.restore(file, settings.database)
    except BackupError as refused:
        raise Refused(str(refused)) from refused
    except SchemaError as wrong:
        raise Misconfigured(str(wrong)) from wrong
    kept = f" What was there is kept in {aside}." if aside else ""
    say(f"Restored {settings.database} from {file}.{kept}")
