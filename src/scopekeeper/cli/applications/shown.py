"""How an application is shown to people, and, where a secret was made, that secret, once."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from scopekeeper.cli.applications import records
from scopekeeper.cli.output import ago, exactly, moment, print_json, say, span, warn

if TYPE_CHECKING:
    from scopekeeper.oauth.records import Client, Secret
    from scopekeeper.services.applications import Credential


def show_credential(credential: "Credential", issuer: str) -> None:
    """What was registered, for people, and where to go with it."""
    client = credential.client
    say(f"{client.name}: {titled(client)}, {state_of(client)}\n")
    say(f"  Client ID      {client.client_id}")
    if credential.client_secret is not None:
        say(f"  Client secret  {credential.client_secret}")
        say("                 Store it now: it is never shown again.\n")
    else:
        say("  Client secret  none: it is a public client\n")
    show_list("Scopes", client.scope, f"none yet: scopekeeper app update {client.client_id} --scope …")
    show_list("Grants", grants_of(client))
    if client.redirect_uris or _by_redirect(client):
        show_list("Redirect URIs", client.redirect_uris, f"none yet: {_add_redirect(client)}")
    say(f"\n  Token URL      {issuer}/oauth/token")
    say(f"  REST           {issuer}/api/rest/")
    say(f"  GraphQL        {issuer}/api/graphql")


def show(client: "Client", now: int) -> None:
    """One application, for people."""
    say(f"{client.name}: {titled(client)}, {state_of(client)}\n")
    for label, values in _lines_of(client):
        show_list(label, values, width=26)
    for secret in client.secrets:
        show_list("Secret", [_told_of(secret, now)], width=26)


def warn_of(client: "Client") -> None:
    """What lint finds that is worse than advice, as things are just now."""
    from scopekeeper.oauth.lint import Severity, findings

    for found in findings(client, client.updated_at):
        if found.severity is not Severity.ADVICE:
            mended = f" {_add_redirect(client)}" if found.code == "no_redirect" else ""
            warn(f"{found.title}. {found.reason}{mended}")


def _by_redirect(client: "Client") -> bool:
    """Does it send people here by their browsers?"""
    from scopekeeper.oauth.authorize import RESPONSE_TYPES

    return not set(RESPONSE_TYPES.values()).isdisjoint(client.grant_types)


def _add_redirect(client: "Client") -> str:
    return f"scopekeeper app update {client.client_id} --redirect-uri …"


def titled(client: "Client") -> str:
    """Its type, in words."""
    from scopekeeper.oauth.applications import TYPES

    return TYPES[client.type].title


def state_of(client: "Client") -> str:
    """Is it enabled, and what about it is out of the ordinary: a grant of the past, PKCE left out, trust?"""
    from scopekeeper.oauth.applications import FLAGGED, short

    flagged = [short(grant) for grant in client.grant_types if grant in FLAGGED]
    words = ["enabled" if client.enabled else "disabled"]
    words += [f"has {' and '.join(flagged)}"] if flagged else []
    words += [] if client.pkce_required else ["PKCE optional"]
    words += ["trusted"] if client.trusted else []
    return ", ".join(words)


def grants_of(client: "Client") -> list[str]:
    """Its grants, as people type them."""
    from scopekeeper.oauth.applications import short

    return [short(grant) for grant in client.grant_types]


def print_registration(credential: "Credential", issuer: str, *, json: bool) -> None:
    """What was registered, in the form that was asked for."""
    if json:
        print_json(records.registration_of(credential))
    else:
        show_credential(credential, issuer)


def _lines_of(client: "Client") -> Iterator[tuple[str, Sequence[str]]]:
    yield "Client ID", [client.client_id]
    yield "Description", client.description.splitlines()
    yield "Website", [client.website] if client.website else []
    yield "Owner", [client.owner] if client.owner else []
    yield "Scopes", client.scope
    yield "Grants", grants_of(client)
    yield "Redirect URIs", client.redirect_uris
    yield "Post-logout URIs", client.post_logout_redirect_uris
    yield "Back-channel logout URI", [client.backchannel_logout_uri] if client.backchannel_logout_uri else []
    yield "Front-channel logout URI", [client.frontchannel_logout_uri] if client.frontchannel_logout_uri else []
    yield "Outlives its session", [_OUTLIVING[client.outlives_session.value]]
    yield "Token format", [client.token_format.value]
    yield "Signing algorithm", [client.signing_alg]
    yield "id_tokens signed with", [client.id_token_signed_response_alg]
    yield "Userinfo signed with", [client.userinfo_signed_response_alg or "nothing"]
    yield "Subjects", [client.subject_type.value]
    yield "Sector identifier URI", [client.sector_identifier_uri] if client.sector_identifier_uri else []
    yield "Sign-ins by default", [_age(client.default_max_age)]
    yield "acr by default", client.default_acr_values
    yield "acr required", [client.required_acr] if client.required_acr else []
    yield "Access token lifetime", [_lifetime(client.access_token_lifetime)]
    yield "Code lifetime", [_lifetime(client.code_lifetime)]
    yield "PKCE", ["required" if client.pkce_required else "optional"]
    yield "Trusted", ["yes" if client.trusted else "no"]
    yield "Resource server", ["yes" if client.resource_server else "no"]
    yield "Created", [moment(client.created_at) or ""]
    yield "Changed", [moment(client.updated_at) or ""]


def _age(seconds: int | None) -> str:
    return "of any age" if seconds is None else f"{exactly(seconds)} old at most"


_OUTLIVING: Final = {
    "never": "nothing",
    "offline_access": "what has offline_access",
    "always": "everything",
}


def _lifetime(seconds: int | None) -> str:
    return "the server's" if seconds is None else exactly(seconds)


def show_list(label: str, values: Sequence[str], none: str = "none", width: int = 15) -> None:
    """A label, and one line for each value."""
    first, *others = values or [none]
    say(f"  {label:{width}}{first}")
    for value in others:
        say(f"  {'':{width}}{value}")


def _told_of(secret: "Secret", now: int) -> str:
    from scopekeeper.oauth.claims import jti_of

    ends = "" if secret.expires_at is None else f", {_end_of(secret.expires_at, now)}"
    used = "never used"
    if secret.last_used_at is not None:
        used = f"last used {ago(secret.last_used_at, now)} from {secret.last_used_address or 'an unknown address'}"
    return (
        f"{jti_of(secret.id)}  …{secret.last_four} ({secret.label}), made {ago(secret.created_at, now)}{ends}, {used}"
    )


def _end_of(expires_at: int, now: int) -> str:
    return f"ends in {span(expires_at - now)}" if now < expires_at else f"ended {ago(expires_at, now)}"
