"""`scopekeeper token …`: the access tokens that hold, and the refresh tokens that work."""

import typer

from scopekeeper.cli.tokens import listing, revoking

cli = typer.Typer(help="List and revoke access tokens and refresh tokens.", no_args_is_help=True, rich_markup_mode=None)
cli.command("list", epilog=listing.EXAMPLES)(listing.list_)
cli.command("revoke", epilog=revoking.EXAMPLES)(revoking.revoke)
