"""`scopekeeper serve`: the server."""

from typing import Annotated

import typer

from scopekeeper.cli.output import Refused, say
from scopekeeper.cli.place import settings_of


def serve(
    host: Annotated[str | None, typer.Option(metavar="H", help="The address to listen on.")] = None,
    port: Annotated[str | None, typer.Option(metavar="P", help="The port to listen on.")] = None,
    workers: Annotated[str | None, typer.Option(metavar="N", help="How many processes serve.")] = None,
    issuer: Annotated[str | None, typer.Option(metavar="URL", help="The address that clients know it by.")] = None,
) -> None:
    """Start the server; SIGTERM lets it finish what it has begun, then it stops. Takes --data and --database, too."""
    from scopekeeper.app import CannotOpen, run

    settings = settings_of(host=host, port=port, workers=workers, issuer=issuer)
    try:
        run(settings, greet=lambda setup: say(_greeting(settings.issuer, setup)))
    except CannotOpen as refused:
        raise Refused(str(refused)) from refused


def _greeting(issuer: str, setup: str | None) -> str:
    """What is said once it serves; `setup` is the link for the first administrator."""
    return "\n".join(
        (
            f"Scopekeeper serves at {issuer}",
            f"  Discovery  {issuer}/.well-known/oauth-authorization-server",
            f"  REST       {issuer}/api/rest/openapi.json",
            f"  GraphQL    {issuer}/api/graphql/schema.graphql",
            *([] if setup is None else [f"  Set up     {setup} makes the first administrator, once, within a day"]),
            '  Register an application:  scopekeeper app add "My app" --type m2m --scope "rest:callforward:read"',
        )
    )
