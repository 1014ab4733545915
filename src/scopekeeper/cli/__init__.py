"""The command line: for whoever runs the server. It works on the database directly, with or without a running server.

Exit codes: 0 done, 1 refused or not found, 2 wrong usage or configuration. What a command needs is imported when it
runs, so that `--version` and `--help` answer at once.
"""

import sys
from typing import Annotated

import typer

from scopekeeper import __version__
from scopekeeper.cli import applications, database, doctor, keys, sample, scopes, serve, tokens, users
from scopekeeper.cli.output import Refused, complain
from scopekeeper.cli.place import PLACE, place_first
from scopekeeper.settings import SettingsError

cli = typer.Typer(
    name="scopekeeper",
    help="An OAuth 2.0 authorization server that knows every scope of the API it guards.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
cli.command("serve")(serve.serve)
cli.add_typer(applications.cli, name="app")
cli.add_typer(users.cli, name="user")
cli.command("scopes")(scopes.scopes)
cli.add_typer(tokens.cli, name="token")
cli.add_typer(keys.cli, name="keys")
cli.command("migrate")(database.migrate)
cli.command("backup")(database.backup)
cli.command("restore")(database.restore)
cli.command("doctor")(doctor.doctor)
cli.command("sample")(sample.sample)


@cli.callback()
def scopekeeper(
    config: Annotated[
        str | None, typer.Option(metavar="FILE", help="The settings file; else ./scopekeeper.toml.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="DIR", help="Where database and keys are kept.")] = None,
    database: Annotated[str | None, typer.Option(metavar="URL", help="sqlite:///PATH")] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """Where the settings, the data and the database are. These options may stand behind any command, too."""
    if version:
        print(f"scopekeeper {__version__}")  # noqa: T201 - what was asked for
        raise typer.Exit
    PLACE.update({"config": config, "data": data, "database": database})


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        cli(args=place_first(sys.argv[1:]))
    except SettingsError as wrong:
        complain(str(wrong))
        sys.exit(2)
    except Refused as refused:
        complain(str(refused))
        sys.exit(1)
