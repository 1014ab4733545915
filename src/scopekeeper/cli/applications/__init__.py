"""`scopekeeper app …`: applications and their credentials."""

import typer

from scopekeeper.cli.applications import credentials, register, registration, seen

cli = typer.Typer(
    help="Register applications, change them, rotate their secrets.", no_args_is_help=True, rich_markup_mode=None
)
cli.command("add", epilog=registration.ADD_EXAMPLES)(registration.add)
cli.command("list", epilog=register.LIST_EXAMPLES)(register.list_)
cli.command("show")(register.show)
cli.command("update", epilog=registration.UPDATE_EXAMPLES)(registration.update)
cli.command("disable")(register.disable)
cli.command("enable")(register.enable)
cli.command("remove")(register.remove)
cli.command("rotate", epilog=credentials.ROTATE_EXAMPLES)(credentials.rotate)
cli.command("end-secret")(credentials.end_secret)
cli.command("compromised")(credentials.compromised)
cli.command("lint")(seen.lint)
cli.command("activity")(seen.activity)
