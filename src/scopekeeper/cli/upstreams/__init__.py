"""`scopekeeper upstream …`: the other providers at which people may sign in."""

import typer

from scopekeeper.cli.upstreams import identities, providers

cli = typer.Typer(
    help="Keep the other OpenID providers at which people may sign in.", no_args_is_help=True, rich_markup_mode=None
)
cli.command("add", epilog=providers.ADD_EXAMPLES)(providers.add)
cli.command("list")(providers.list_)
cli.command("show")(providers.show)
cli.command("edit", epilog=providers.EDIT_EXAMPLES)(providers.edit)
cli.command("disable")(providers.disable)
cli.command("enable")(providers.enable)
cli.command("remove")(providers.remove)
cli.command("link", epilog=identities.LINK_EXAMPLES)(identities.link)
cli.command("unlink")(identities.unlink)
cli.command("known")(identities.known)
