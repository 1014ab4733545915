"""`upstream add`, `list`, `show`, `edit`, `disable`, `enable` and `remove`: providers, as an operator keeps them."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, Yes, agreed, moment, print_json, say, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.relying.registration import UpstreamChanges
    from scopekeeper.oauth.upstreams import Upstream

T = TypeVar("T")

ADD_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper upstream add work --issuer https://id.example.com \\
    --client-id CLIENT_ID --client-secret-stdin < secret.txt
  scopekeeper upstream add work --issuer https://id.example.com \\
    --client-id CLIENT_ID --label "Example Inc."

Register the redirect URI there that is printed: https://THIS-SERVER/login/from/NAME.
"""

EDIT_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper upstream edit work --label "Example Inc."
  scopekeeper upstream edit work --client-secret-stdin < secret.txt

Name and issuer are for ever: whom a provider knows, it knows as that issuer.
"""

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", show_default=False, help="Which provider: a-z, 0-9 and -. It stands in addresses."),
]
SecretStdin = Annotated[
    bool, typer.Option("--client-secret-stdin", help="Read our client secret there, one line, from standard input.")
]
Scope = Annotated[
    str | None, typer.Option("--scope", metavar="S", help="What is asked for there, separated by spaces: openid email.")
]
Label = Annotated[str | None, typer.Option(metavar="L", help="What stands on its button; the name, if empty.")]
_LINK: Final = (
    "Somebody who comes the first time is taken for the one account with the e-mail address that the provider "
    "vouches for, if that is verified here, too, and no administrator's."
)


def add(
    name: Name,
    issuer: Annotated[str, typer.Option(metavar="URL", show_default=False, help="Its issuer, letter by letter.")],
    client_id: Annotated[str, typer.Option(metavar="ID", show_default=False, help="Our client ID there.")],
    client_secret_stdin: SecretStdin = False,
    label: Label = None,
    scope: Scope = None,
    link_by_email: Annotated[bool, typer.Option("--link-by-email", help=_LINK)] = False,
    json: AsJson = False,
) -> None:
    """Let people sign in at another OpenID provider.

    It is asked at once what it is. Without a secret we are a public client there.
    """
    secret = secret_line() if client_secret_stdin else None

    async def act(house: "House") -> "tuple[Upstream, str]":
        from scopekeeper.oauth.relying.registration import SCOPE, UpstreamDraft

        draft = UpstreamDraft(name, issuer, client_id, label or "", scope or SCOPE, link_by_email)
        return await house.upstreams.add(draft, secret, actor()), house.settings.issuer

    upstream, ours = done(act)
    _shown(upstream, ours, json=json)


def list_(json: AsJson = False) -> None:
    """Show the providers, by label."""

    async def act(house: "House") -> "tuple[list[Upstream], str]":
        return list(await house.upstreams.all()), house.settings.issuer

    upstreams, ours = in_house(act)
    if json:
        print_json([_record_of(each, ours) for each in upstreams])
        return
    table(
        ("Name", "Label", "Issuer", "State"),
        [(each.name, each.label, each.issuer, _state(each)) for each in upstreams],
        "There are no providers. Add one: scopekeeper upstream add NAME --issuer URL --client-id ID",
    )


def show(name: Name, json: AsJson = False) -> None:
    """Show one provider."""

    async def act(house: "House") -> "tuple[Upstream, str]":
        return await house.upstreams.get(name), house.settings.issuer

    upstream, ours = in_house(act)
    _shown(upstream, ours, json=json)


def edit(
    name: Name,
    client_id: Annotated[str | None, typer.Option(metavar="ID", help="Our client ID there.")] = None,
    client_secret_stdin: SecretStdin = False,
    no_client_secret: Annotated[
        bool, typer.Option("--no-client-secret", help="We are a public client there from now on.")
    ] = False,
    label: Label = None,
    scope: Scope = None,
    link_by_email: Annotated[bool | None, typer.Option("--link-by-email/--no-link-by-email", help=_LINK)] = None,
    json: AsJson = False,
) -> None:
    """Change what is kept of a provider. Only what is given changes."""
    from scopekeeper.oauth.applications import UNSET
    from scopekeeper.oauth.relying.registration import UpstreamChanges

    if client_secret_stdin and no_client_secret:
        raise typer.BadParameter("a secret and none: which is it?", param_hint="--no-client-secret")
    changes = UpstreamChanges(
        client_id=UNSET if client_id is None else client_id,
        client_secret=None if no_client_secret else UNSET,
        label=UNSET if label is None else label,
        scope=UNSET if scope is None else scope,
        link_by_email=UNSET if link_by_email is None else link_by_email,
    )
    if changes == UpstreamChanges() and not client_secret_stdin:
        raise typer.BadParameter("nothing to change: see `scopekeeper upstream edit --help`", param_hint="NAME")
    upstream, ours = _edited(name, changes, secret_line() if client_secret_stdin else None)
    _shown(upstream, ours, json=json)


def disable(name: Name) -> None:
    """Let nobody sign in there any more, until it is enabled.

    Whom it knows is kept, and sessions go on.
    """
    _enable(name, enabled=False)
    say(f"Disabled {name}. Nobody signs in there; sessions go on.")


def enable(name: Name) -> None:
    """Let people sign in there again."""
    _enable(name, enabled=True)
    say(f"Enabled {name}.")


def remove(name: Name, yes: Yes = False) -> None:
    """Forget a provider, and whom it knows. Sessions go on. This cannot be undone."""
    agreed(
        f"Remove the provider {name}, and forget whom it knows? Who has no other way cannot sign in any more.", yes=yes
    )

    async def act(house: "House") -> None:
        await house.upstreams.remove(name, actor())

    in_house(act)
    say(f"Removed {name}.")


def done(act: "Callable[[House], Awaitable[T]]") -> T:
    """Do the act in the house. Raises Refused, also where something is there already."""
    from scopekeeper.services.ports import Taken

    try:
        return in_house(act)
    except Taken as taken:
        raise Refused(str(taken)) from taken


def secret_line() -> str:
    """The client secret: the line on standard input. Raises Refused."""
    line = sys.stdin.buffer.readline()
    try:
        secret = line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        secret = ""
    if not secret:
        raise Refused("there is no client secret on standard input")
    return secret


def _enable(name: str, *, enabled: bool) -> None:
    async def act(house: "House") -> None:
        await house.upstreams.enable(name, enabled, actor())

    in_house(act)


def _edited(name: str, changes: "UpstreamChanges", secret: str | None) -> "tuple[Upstream, str]":
    from dataclasses import replace

    wanted = changes if secret is None else replace(changes, client_secret=secret)

    async def act(house: "House") -> "tuple[Upstream, str]":
        return await house.upstreams.edit(name, wanted, actor()), house.settings.issuer

    return in_house(act)


def _shown(upstream: "Upstream", ours: str, *, json: bool) -> None:
    record = _record_of(upstream, ours)
    if json:
        print_json(record)
        return
    say(f"{upstream.label}: {_state(upstream)}\n")
    for label, value in (
        ("Name", upstream.name),
        ("Issuer", upstream.issuer),
        ("Client ID", upstream.client_id),
        ("Client secret", "kept, and shown to nobody" if upstream.sealed is not None else "none: a public client"),
        ("Scopes", " ".join(upstream.scope)),
        ("Link by e-mail", "yes" if upstream.link_by_email else "no"),
        ("Redirect URI", str(record["redirect_uri"])),
    ):
        say(f"  {label:16}{value}")
    say("\nRegister the redirect URI there, exactly as it is written.")


def _state(upstream: "Upstream") -> str:
    words = ["enabled" if upstream.enabled else "disabled"]
    words += ["links by e-mail"] if upstream.link_by_email else []
    return ", ".join(words)


def _record_of(upstream: "Upstream", ours: str) -> dict[str, object]:
    """What `--json` tells of a provider. Never the secret."""
    from scopekeeper.oauth.relying.request import redirect_uri_of

    return {
        "name": upstream.name,
        "label": upstream.label,
        "issuer": upstream.issuer,
        "client_id": upstream.client_id,
        "has_client_secret": upstream.sealed is not None,
        "scope": " ".join(upstream.scope),
        "link_by_email": upstream.link_by_email,
        "enabled": upstream.enabled,
        "redirect_uri": redirect_uri_of(ours, upstream.name),
        "created_at": moment(upstream.created_at),
        "updated_at": moment(upstream.updated_at),
    }
