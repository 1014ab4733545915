"""The command line: for whoever runs the server. It works on the database directly, with or without a running server.

Exit codes: 0 done, 1 refused or not found, 2 wrong usage or configuration. What a command needs is imported when it
runs, so that `--version` and `--help` answer at once.
"""

import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Final

import typer
from typer.core import TyperGroup

from scopekeeper import __version__
from scopekeeper.cli import (
    applications,
    audit,
    bulk,
    calls,
    consents,
    database,
    docs,
    doctor,
    keys,
    sample,
    scopes,
    serve,
    tokens,
    upstreams,
    users,
)
from scopekeeper.cli.given import as_given
from scopekeeper.cli.output import Misconfigured, Refused, complain, say
from scopekeeper.cli.place import PLACE, Config, Data, Database, below, everywhere
from scopekeeper.settings import SettingsError

NAME: Final = "scopekeeper"

cli = typer.Typer(
    name=NAME,
    help="An OAuth 2.0 authorization server that knows every scope of the API it guards.",
    epilog="Exit codes: 0 done, 1 refused or not found, 2 wrong usage or configuration.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
cli.command("serve", epilog=serve.EXAMPLES)(serve.serve)
cli.add_typer(applications.cli, name="app")
cli.add_typer(users.cli, name="user")
cli.add_typer(upstreams.cli, name="upstream")
cli.command("scopes", epilog=scopes.EXAMPLES)(scopes.scopes)
cli.add_typer(tokens.cli, name="token")
cli.add_typer(consents.cli, name="consent")
cli.add_typer(audit.cli, name="audit")
cli.add_typer(keys.cli, name="keys")
cli.add_typer(docs.cli, name="docs")
cli.add_typer(bulk.cli, name="bulk")
cli.add_typer(calls.cli, name="cdr")
cli.command("migrate", epilog=database.MIGRATE_EXAMPLES)(database.migrate)
cli.command("backup", epilog=database.BACKUP_EXAMPLES)(database.backup)
cli.command("restore", epilog=database.RESTORE_EXAMPLES)(database.restore)
cli.command("doctor")(doctor.doctor)
cli.command("sample")(sample.sample)


def _version(value: bool) -> None:
    if value:
        say(f"{NAME} {__version__}")
        raise typer.Exit


@cli.callback()
def scopekeeper(
    config: Config = None,
    data: Data = None,
    database: Database = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Every command takes --config, --data and --database; their callbacks remember what was given."""


def command() -> TyperGroup:
    """The whole command line, as the parser and the reference see it."""
    root = typer.main.get_command(cli)
    assert isinstance(root, TyperGroup)
    as_given([root, *below(root)])
    everywhere(root)
    return root


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; its exit code. Whatever goes wrong is one line on standard error."""
    PLACE.clear()
    try:
        code = command().main(arguments, prog_name=NAME, standalone_mode=False)
    except typer.TyperException as wrong:
        return _misused(wrong)
    except SettingsError as wrong:
        complain(str(wrong))
        return 2
    except Refused as refused:
        complain(str(refused))
        return 2 if isinstance(refused, Misconfigured) else 1
    except typer.Abort:
        complain("nothing was done")
        return 1
    except OSError as failed:
        complain(f"{failed.filename}: {failed.strerror}" if failed.filename else failed.strerror or str(failed))
        return 1
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line of this process, and leave with its exit code."""
    # As every tool of the system: whoever closes the pipe has read enough.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - as long as the process lives
    elif isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that has no ü shows \xfc and does not fail
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # it has been told; the interpreter need not try again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _misused(wrong: typer.TyperException) -> int:
    """Say what is wrong with the command line; for one that names no command at all, how to use it."""
    message, context = wrong.format_message(), getattr(wrong, "ctx", None)
    if type(wrong).__name__ == "NoArgsIsHelpError":
        print(message, file=sys.stderr)  # noqa: T201 - the help, for whoever knows no command yet
        return 2
    line = " ".join(message.replace("Value error, ", "").split())
    see = f" (see `{context.command_path} --help`)" if context is not None else ""
    complain(f"{line.rstrip('.')}{see}")
    return 2
