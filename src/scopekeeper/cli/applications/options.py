"""What can be said of an application: the options that `add` and `update` share."""

from typing import Annotated, Literal

import typer

from scopekeeper.cli.completion import client_ids, scopes
from scopekeeper.settings import BadValue, seconds_of

ClientId = Annotated[
    str,
    typer.Argument(
        metavar="CLIENT_ID",
        help="Which application: its client_id, as `app list` shows it.",
        autocompletion=client_ids,
        show_default=False,
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it.", show_default=False)]
Type = Annotated[
    Literal["web", "spa", "native", "m2m"],
    typer.Option("--type", help="Web-server app, single-page app, native app, or machine-to-machine app."),
]
Scope = Annotated[
    list[str] | None,
    typer.Option(
        metavar='"S1 S2"',
        help="The scopes it can have at most, as `scopekeeper scopes` lists them; none given means none.",
        autocompletion=scopes,
    ),
]
RedirectUris = Annotated[
    list[str] | None,
    typer.Option("--redirect-uri", metavar="URI", help="Where the browser may be sent back to. May be repeated."),
]
Grants = Annotated[
    list[str] | None,
    typer.Option("--grant", metavar="GRANT", help="A grant on top of those that its type has. May be repeated."),
]
PostLogoutRedirectUris = Annotated[
    list[str] | None,
    typer.Option(
        "--post-logout-redirect-uri",
        metavar="URI",
        help="Where the browser may be sent after signing out. May be repeated.",
    ),
]
BackchannelLogoutUri = Annotated[
    str | None,
    typer.Option("--backchannel-logout-uri", metavar="URI", help="Where its server is told that a session has ended."),
]
FrontchannelLogoutUri = Annotated[
    str | None,
    typer.Option(
        "--frontchannel-logout-uri",
        metavar="URI",
        help="What a page here shows in a frame when somebody signs out: with scheme, host and port of a redirect URI.",
    ),
]
OutlivesSession = Annotated[
    Literal["never", "offline_access", "always"] | None,
    typer.Option(
        "--outlives-session",
        help="What goes on when somebody ends the session in which they granted it; by default what has "
        "offline_access. Holds for what is granted from now on.",
    ),
]
NewName = Annotated[str | None, typer.Option("--name", metavar="NAME", help="What people call it.")]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
Website = Annotated[str | None, typer.Option(metavar="URL", help="Where people can read about it.")]
Owner = Annotated[str | None, typer.Option(metavar="USER", help="Whose application it is.")]
TokenFormat = Annotated[
    Literal["opaque", "jwt"] | None,
    typer.Option("--token-format", help="How its access tokens look: opaque by default, or JWTs (RFC 9068)."),
]
SigningAlg = Annotated[
    Literal["ES256", "RS256"] | None,
    typer.Option("--signing-alg", help="What its JWT access tokens are signed with: ES256 by default."),
]
IdTokenAlg = Annotated[
    Literal["RS256", "ES256", "Ed25519"] | None,
    typer.Option("--id-token-alg", help="What its id_tokens are signed with: RS256 by default, which all can verify."),
]
UserinfoAlg = Annotated[
    Literal["none", "RS256", "ES256", "Ed25519"] | None,
    typer.Option("--userinfo-alg", help="What userinfo answers it is signed with: by default it is plain JSON."),
]
SubjectType = Annotated[
    Literal["public", "pairwise"] | None,
    typer.Option(
        "--subject-type",
        help="Who people are to it: the same as to others by default, or another one for each host (pairwise).",
    ),
]
SectorIdentifierUri = Annotated[
    str | None,
    typer.Option(
        "--sector-identifier-uri",
        metavar="URI",
        help="Where a JSON array names all its redirect URIs: pairwise subjects are then made of that host.",
    ),
]
DefaultMaxAge = Annotated[
    str | None,
    typer.Option(
        "--default-max-age",
        metavar="TIME",
        help="How long ago people may have signed in, such as 12h, up to 365d, where a request does not say (max_age).",
    ),
]
DefaultAcrValues = Annotated[
    list[str] | None,
    typer.Option(
        "--default-acr-value",
        metavar="ACR",
        help="How it would like people to sign in where a request does not say (acr_values). May be repeated, the best "
        "first.",
    ),
]
RequireAcr = Annotated[
    str | None,
    typer.Option(
        "--require-acr",
        metavar="ACR",
        help="What a sign-in for it has to reach, whatever it asks for, such as urn:scopekeeper:acr:mfa for a second "
        "factor. Whoever has none sets it up on the way.",
    ),
]
Lifetime = Annotated[
    str | None,
    typer.Option(
        "--access-token-lifetime",
        metavar="TIME",
        help="How long its access tokens live, such as 15m, up to 30d; else what the server's settings say.",
    ),
]
CodeLifetime = Annotated[
    str | None,
    typer.Option(
        "--code-lifetime",
        metavar="TIME",
        help="How long its authorization codes live, such as 30s, up to 10m; else what the server's settings say.",
    ),
]
Pkce = Annotated[
    Literal["required", "optional"] | None,
    typer.Option("--pkce", help="Required by default. Optional is possible for a web application, and not advised."),
]
Trusted = Annotated[
    bool | None,
    typer.Option("--trusted/--no-trusted", help="First-party: consent is remembered even for a public client."),
]
ResourceServer = Annotated[
    bool | None,
    typer.Option("--resource-server/--no-resource-server", help="It may introspect tokens of other applications."),
]


def duration(option: str, text: str | None, longest: int | None = None) -> int | None:
    """The seconds that the option says; None where it says nothing. Raises BadParameter."""
    if text is None:
        return None
    try:
        seconds = seconds_of(text)
    except BadValue as bad:
        raise typer.BadParameter(f"{bad}, not {text!r}", param_hint=option) from bad
    if longest is not None and seconds > longest:
        raise typer.BadParameter(f"must be {longest // 86_400}d at most, not {text!r}", param_hint=option)
    return seconds
