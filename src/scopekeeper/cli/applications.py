"""`scopekeeper app …`: applications and their credentials."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, agreed, moment, print_json, say, table
from scopekeeper.settings import BadValue, seconds_of

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.records import Client
    from scopekeeper.services.applications import Compromise, Credential

cli = typer.Typer(help="Register applications, show and change them, rotate their secrets.", no_args_is_help=True)

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", show_default=False)]
Type = Literal["web", "spa", "native", "m2m"]
Format = Literal["opaque", "jwt"]
Alg = Literal["ES256", "RS256"]
Pkce = Literal["required", "optional"]

Scope = Annotated[
    str | None, typer.Option(metavar='"S1 S2"', help="The scopes it may have, at most; none given means none.")
]
Redirects = Annotated[
    list[str] | None, typer.Option("--redirect-uri", metavar="URI", help="May be given several times.")
]
Grants = Annotated[
    list[str] | None, typer.Option("--grant", metavar="GRANT", help="On top of the type's own; several times.")
]
LogoutUris = Annotated[list[str] | None, typer.Option("--post-logout-redirect-uri", metavar="URI")]
BackChannel = Annotated[str | None, typer.Option("--backchannel-logout-uri", metavar="URI")]
Text = Annotated[str | None, typer.Option(metavar="TEXT")]
Website = Annotated[str | None, typer.Option(metavar="URL")]
Owner = Annotated[str | None, typer.Option(metavar="USER")]
TokenFormat = Annotated[Format | None, typer.Option("--token-format", help="How its access tokens look.")]
SigningAlg = Annotated[Alg | None, typer.Option("--signing-alg", help="What its JWTs are signed with.")]
Lifetime = Annotated[str | None, typer.Option("--access-token-lifetime", metavar="1h", help="Instead of the server's.")]
PkceChoice = Annotated[Pkce | None, typer.Option("--pkce", help="Optional only for one web application; not advised.")]
Trusted = Annotated[bool | None, typer.Option("--trusted/--no-trusted", help="First-party: consent is remembered.")]
ResourceServer = Annotated[
    bool | None, typer.Option("--resource-server/--no-resource-server", help="May introspect others' tokens.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@cli.command("add")
def add(
    name: str,
    type: Annotated[Type, typer.Option("--type", help="web-server, single-page, native, or machine-to-machine app.")],
    scope: Scope = None,
    redirect_uri: Redirects = None,
    grant: Grants = None,
    post_logout_redirect_uri: LogoutUris = None,
    backchannel_logout_uri: BackChannel = None,
    description: Text = None,
    website: Website = None,
    owner: Owner = None,
    token_format: TokenFormat = None,
    signing_alg: SigningAlg = None,
    access_token_lifetime: Lifetime = None,
    pkce: PkceChoice = None,
    trusted: Trusted = None,
    resource_server: ResourceServer = None,
    json: AsJson = False,
) -> None:
    """Register an application. Its secret is shown now and never again."""
    from scopekeeper.oauth import records
    from scopekeeper.oauth.applications import Draft

    draft = Draft(
        name=name,
        type=records.ApplicationType(type),
        scope=scope or "",
        grants=tuple(grant or ()),
        redirect_uris=tuple(redirect_uri or ()),
        post_logout_redirect_uris=tuple(post_logout_redirect_uri or ()),
        backchannel_logout_uri=backchannel_logout_uri,
        description=description or "",
        website=website,
        owner=owner,
        token_format=records.TokenFormat(token_format or "opaque"),
        signing_alg=signing_alg or "ES256",
        access_token_lifetime=_seconds("--access-token-lifetime", access_token_lifetime),
        pkce_required=pkce != "optional",
        trusted=bool(trusted),
        resource_server=bool(resource_server),
    )

    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.add(draft, actor()), house.settings.issuer

    _credential(*in_house(act), json=json)


@cli.command("list")
def list_(json: AsJson = False) -> None:
    """Show every application."""

    async def act(house: "House") -> "Sequence[Client]":
        return await house.applications.all()

    clients = in_house(act)
    if json:
        print_json([_shown(client) for client in clients])
        return
    table(
        ("Client ID", "Name", "Type", "Scopes", "State"),
        [(c.client_id, c.name, c.type.value, " ".join(c.scope) or "none", _state(c)) for c in clients],
        'There are no applications yet. Register one: scopekeeper app add "My app" --type m2m --scope "rest:…"',
    )


@cli.command("show")
def show(client_id: ClientId, json: AsJson = False) -> None:
    """Show one application and what is known of its secrets (never the secrets)."""

    async def act(house: "House") -> "Client":
        return await house.applications.get(client_id)

    client = in_house(act)
    if json:
        print_json(_shown(client))
        return
    for label, value in _shown(client).items():
        if label != "secrets":
            say(f"{label:28}{_worded(value)}")
    for secret in client.secrets:
        used = moment(secret.last_used_at)
        ends = f", ends {moment(secret.expires_at)}" if secret.expires_at is not None else ""
        since = f"last used {used} from {secret.last_used_address}" if used else "never used"
        say(f"{'secret':28}…{secret.last_four} ({secret.label}), made {moment(secret.created_at)}{ends}, {since}")


@cli.command("update")
def update(
    client_id: ClientId,
    name: Text = None,
    scope: Scope = None,
    redirect_uri: Redirects = None,
    grant: Grants = None,
    post_logout_redirect_uri: LogoutUris = None,
    backchannel_logout_uri: BackChannel = None,
    description: Text = None,
    website: Website = None,
    owner: Owner = None,
    token_format: TokenFormat = None,
    signing_alg: SigningAlg = None,
    access_token_lifetime: Lifetime = None,
    pkce: PkceChoice = None,
    trusted: Trusted = None,
    resource_server: ResourceServer = None,
    json: AsJson = False,
) -> None:
    """Change an application: what is given replaces what was; what is not given stays. An empty text clears."""
    from scopekeeper.oauth import records
    from scopekeeper.oauth.applications import UNSET, Changes

    changes = Changes(
        name=UNSET if name is None else name,
        scope=UNSET if scope is None else scope,
        grants=UNSET if grant is None else tuple(filter(None, grant)),
        redirect_uris=UNSET if redirect_uri is None else tuple(filter(None, redirect_uri)),
        post_logout_redirect_uris=(
            UNSET if post_logout_redirect_uri is None else tuple(filter(None, post_logout_redirect_uri))
        ),
        backchannel_logout_uri=UNSET if backchannel_logout_uri is None else backchannel_logout_uri or None,
        description=UNSET if description is None else description,
        website=UNSET if website is None else website or None,
        owner=UNSET if owner is None else owner or None,
        token_format=UNSET if token_format is None else records.TokenFormat(token_format),
        signing_alg=UNSET if signing_alg is None else signing_alg,
        access_token_lifetime=(
            UNSET
            if access_token_lifetime is None
            else _seconds("--access-token-lifetime", access_token_lifetime or None)
        ),
        pkce_required=UNSET if pkce is None else pkce == "required",
        trusted=UNSET if trusted is None else trusted,
        resource_server=UNSET if resource_server is None else resource_server,
    )
    _change(client_id, changes, json=json)


@cli.command("disable")
def disable(client_id: ClientId, json: AsJson = False) -> None:
    """Close the door to an application: its secrets and tokens stop working until it is enabled again."""
    _enable(client_id, enabled=False, json=json)


@cli.command("enable")
def enable(client_id: ClientId, json: AsJson = False) -> None:
    """Open the door to an application again."""
    _enable(client_id, enabled=True, json=json)


@cli.command("remove")
def remove(client_id: ClientId, yes: Yes = False) -> None:
    """Forget an application, its secrets and its tokens. This cannot be undone."""
    agreed(f"Remove the application {client_id} and all its tokens for ever?", yes=yes)

    async def act(house: "House") -> None:
        await house.applications.remove(client_id, actor())

    in_house(act)
    say(f"Removed {client_id}.")


@cli.command("rotate")
def rotate(
    client_id: ClientId,
    overlap: Annotated[
        str, typer.Option(metavar="24h", help="How long the old secrets go on working; 0 ends them.")
    ] = "24h",
    json: AsJson = False,
) -> None:
    """Make a new secret; the old ones work until the overlap ends."""
    seconds = _seconds("--overlap", overlap) or 0

    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.rotate(client_id, seconds, actor()), house.settings.issuer

    _credential(*in_house(act), json=json)


@cli.command("compromised")
def compromised(
    client_id: ClientId,
    since: Annotated[str, typer.Option(metavar="30d", help="Report what was done from so long ago on.")] = "30d",
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """A secret or token has leaked: old secrets and all tokens die now; a new secret; a report of what they did."""
    agreed(f"End every secret and every token of {client_id} now?", yes=yes)
    seconds = _seconds("--since", since) or 0

    async def act(house: "House") -> "tuple[Compromise, str]":
        from_then = house.clock.now() - seconds
        return await house.applications.compromised(client_id, from_then, actor()), house.settings.issuer

    done, issuer = in_house(act)
    if json:
        print_json(_credential_of(done.credential) | {"report": _report(done)})
        return
    _credential(done.credential, issuer, json=False)
    say("")
    for label, value in _report(done).items():
        if not isinstance(value, list) or not value or not isinstance(value[0], dict):
            say(f"{label:28}{_worded(value)}")


def _change(client_id: str, changes: Any, *, json: bool) -> None:
    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.change(client_id, changes, actor()), house.settings.issuer

    credential, issuer = in_house(act)
    if credential.client_secret is not None:
        _credential(credential, issuer, json=json)
    elif json:
        print_json(_shown(credential.client))
    else:
        say(f"Changed {credential.client.name} ({client_id}). A running server heeds it within a second.")


def _enable(client_id: str, *, enabled: bool, json: bool) -> None:
    from scopekeeper.oauth.applications import Changes

    _change(client_id, Changes(enabled=enabled), json=json)


def _seconds(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    if re.fullmatch(r"0[smhd]?", text):
        return 0
    try:
        return seconds_of(text)
    except BadValue as bad:
        raise typer.BadParameter(f"{option} {bad}") from bad


def _state(client: "Client") -> str:
    from scopekeeper.oauth.applications import FLAGGED, short

    flagged = [short(grant) for grant in client.grant_types if grant in FLAGGED]
    return ("enabled" if client.enabled else "disabled") + (f", has {' and '.join(flagged)}" if flagged else "")


def _credential_of(credential: "Credential") -> dict[str, object]:
    """What `--json` answers where a secret is made; `client_secret` is absent for public clients."""
    client = credential.client
    secret = {} if credential.client_secret is None else {"client_secret": credential.client_secret}
    return {
        "client_id": client.client_id,
        **secret,
        "type": client.type.value,
        "name": client.name,
        "scope": " ".join(client.scope),
        "grant_types": [grant.value for grant in client.grant_types],
        "redirect_uris": list(client.redirect_uris),
    }


def _credential(credential: "Credential", issuer: str, *, json: bool) -> None:
    if json:
        print_json(_credential_of(credential))
        return
    client = credential.client
    say(f"{client.name} ({client.type.value}), {_state(client)}")
    say(f"  Client ID      {client.client_id}")
    if credential.client_secret is not None:
        say(f"  Client secret  {credential.client_secret}")
        say("                 Store it now: it is never shown again.")
    say(f"  Scopes         {' '.join(client.scope) or 'none'}")
    say(f"  Token URL      {issuer}/oauth/token")
    say(f"  REST           {issuer}/api/rest/")
    say(f"  GraphQL        {issuer}/api/graphql")


def _shown(client: "Client") -> dict[str, object]:
    """All that is known of an application, for `list`, `show` and `update`."""
    return {
        "client_id": client.client_id,
        "type": client.type.value,
        "name": client.name,
        "description": client.description,
        "website": client.website,
        "owner": client.owner,
        "enabled": client.enabled,
        "scope": " ".join(client.scope),
        "grant_types": [grant.value for grant in client.grant_types],
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "token_format": client.token_format.value,
        "signing_alg": client.signing_alg,
        "access_token_lifetime": client.access_token_lifetime,
        "pkce": "required" if client.pkce_required else "optional",
        "trusted": client.trusted,
        "resource_server": client.resource_server,
        "created_at": moment(client.created_at),
        "updated_at": moment(client.updated_at),
        "secrets": [
            {
                "last_four": secret.last_four,
                "label": secret.label,
                "created_at": moment(secret.created_at),
                "created_by": secret.created_by,
                "expires_at": moment(secret.expires_at),
                "last_used_at": moment(secret.last_used_at),
                "last_used_address": secret.last_used_address,
            }
            for secret in client.secrets
        ],
    }


def _report(done: "Compromise") -> dict[str, object]:
    """What the compromised credential had done, as far as the rows tell."""
    activity = done.activity
    return {
        "secrets_ended": done.secrets_ended,
        "tokens_ended": activity.tokens_live,
        "tokens_issued": activity.tokens_issued,
        "first_issued_at": moment(activity.first_issued_at),
        "last_issued_at": moment(activity.last_issued_at),
        "last_used_at": moment(activity.last_used_at),
        "scopes": list(activity.scopes),
        "addresses": list(activity.addresses),
        "secrets": [
            {
                "last_four": secret.last_four,
                "last_used_at": moment(secret.last_used_at),
                "last_used_address": secret.last_used_address,
            }
            for secret in done.old_secrets
        ],
    }


def _worded(value: object) -> str:
    match value:
        case None | "" | []:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(map(str, value))
        case _:
            return str(value)
