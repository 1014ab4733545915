"""`scopekeeper user …`: the people who may sign in."""

import typer

from scopekeeper.cli.users import accounts, factors, inviting, sessions

cli = typer.Typer(help="Add people, set their passwords, shut them out.", no_args_is_help=True, rich_markup_mode=None)
cli.command("add", epilog=accounts.ADD_EXAMPLES)(accounts.add)
cli.command("list")(accounts.list_)
cli.command("edit", epilog=accounts.EDIT_EXAMPLES)(accounts.edit)
cli.command("passwd")(accounts.passwd)
cli.command("reset")(accounts.reset)
cli.command("invite")(inviting.invite)
cli.command("disable")(accounts.disable)
cli.command("enable")(accounts.enable)
cli.command("remove")(accounts.remove)
cli.command("sessions")(sessions.sessions)
cli.command("end-session", epilog=sessions.END_EXAMPLES)(sessions.end_session)
cli.command("factors")(factors.factors)
cli.command("reset-factors")(factors.reset_factors)
