"""`scopekeeper bulk …`: extensions and all their settings, as one file."""

import typer

from scopekeeper.cli.bulk.exporting import EXAMPLES as EXPORT_EXAMPLES
from scopekeeper.cli.bulk.exporting import export
from scopekeeper.cli.bulk.importing import EXAMPLES as IMPORT_EXAMPLES
from scopekeeper.cli.bulk.importing import import_

cli = typer.Typer(
    help="Take extensions and all their settings out as one file, and in.", no_args_is_help=True, rich_markup_mode=None
)
cli.command("export", epilog=EXPORT_EXAMPLES)(export)
cli.command("import", epilog=IMPORT_EXAMPLES)(import_)
