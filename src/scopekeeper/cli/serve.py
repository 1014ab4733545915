"""`scopekeeper serve`: the server."""

import signal
from contextlib import suppress
from typing import Annotated, Final

import typer

from scopekeeper.cli.imports import importing
from scopekeeper.cli.output import Misconfigured, Refused, say
from scopekeeper.cli.place import settings_of

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper serve
  scopekeeper serve --data /srv/scopekeeper --issuer https://id.example.com
  scopekeeper serve --workers 4

SIGTERM and Ctrl-C let it finish the requests that it has, then it stops. With several workers SIGHUP replaces them one
after the other, while the others serve.
"""


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="H", help="The address to listen on; 127.0.0.1 by default.")
    ] = None,
    port: Annotated[str | None, typer.Option(metavar="P", help="The port to listen on; 8000 by default.")] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="N", help="How many processes serve; 1 by default, 64 at most.")
    ] = None,
    issuer: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The address that clients know it by, such as https://id.example.com."),
    ] = None,
) -> None:
    """Start the server. It brings the database up to date before it listens."""
    settings = settings_of(host=host, port=port, workers=workers, issuer=issuer)
    with importing():
        from scopekeeper.app import CannotOpen, WrongDatabase
        from scopekeeper.app.serving import run

    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a client that goes away does not take the server with it
    try:
        run(settings, greet=lambda setup: _greet(settings.issuer, setup))
    except WrongDatabase as wrong:
        raise Misconfigured(str(wrong)) from wrong
    except CannotOpen as refused:
        raise Refused(str(refused)) from refused


def _greet(issuer: str, setup: str | None) -> None:
    """What is said once it serves; `setup` is the link for the first administrator."""
    first = "" if setup is None else f"  Set up     {setup} makes the first administrator, once, within a day\n"
    with suppress(Refused):  # the server serves, even if nobody hears it say so
        say(
            f"Scopekeeper serves at {issuer}\n"
            f"  Discovery  {issuer}/.well-known/oauth-authorization-server\n"
            f"  REST       {issuer}/api/rest/openapi.json\n"
            f"  GraphQL    {issuer}/api/graphql/schema.graphql\n"
            f"{first}"
            '  Register an application:  scopekeeper app add "My app" --type m2m --scope "rest:callforward:read"'
        )
