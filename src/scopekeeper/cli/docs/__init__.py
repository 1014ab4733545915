"""`scopekeeper docs …`: the documentation of the API."""

import typer

from scopekeeper.cli.docs import export

cli = typer.Typer(help="Take the documentation of the API away.", no_args_is_help=True, rich_markup_mode=None)
cli.command("export", epilog=export.EXAMPLES)(export.export)
