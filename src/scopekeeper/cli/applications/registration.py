"""`app add` and `app update`: what an application is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from scopekeeper.cli.applications import options, records, shown
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, print_json, say

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.applications import Changes, Unset
    from scopekeeper.services.applications import Credential

T = TypeVar("T")

ADD_EXAMPLES: Final = """\
\b
Types, and the grants that they have (in brackets: those that --grant adds):
  web     authorization_code, refresh_token (client_credentials, device_code)
  spa     authorization_code (refresh_token, implicit)
  native  authorization_code, device_code, refresh_token (password)
  m2m     client_credentials

\b
Examples:
  scopekeeper app add "Night shift" --type m2m --scope "rest:callforward"
  scopekeeper app add "Phone book" --type spa --scope "gql:extensions:read" \\
      --redirect-uri https://phones.example.com/callback
"""

UPDATE_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper app update CLIENT_ID --scope "rest:callforward:read"
  scopekeeper app update CLIENT_ID --website "" --access-token-lifetime 15m
"""


def add(
    name: options.Name,
    type: options.Type,
    scope: options.Scope = None,
    redirect_uri: options.RedirectUris = None,
    grant: options.Grants = None,
    post_logout_redirect_uri: options.PostLogoutRedirectUris = None,
    backchannel_logout_uri: options.BackchannelLogoutUri = None,
    frontchannel_logout_uri: options.FrontchannelLogoutUri = None,
    outlives_session: options.OutlivesSession = None,
    description: options.Description = None,
    website: options.Website = None,
    owner: options.Owner = None,
    token_format: options.TokenFormat = None,
    signing_alg: options.SigningAlg = None,
    id_token_alg: options.IdTokenAlg = None,
    userinfo_alg: options.UserinfoAlg = None,
    subject_type: options.SubjectType = None,
    sector_identifier_uri: options.SectorIdentifierUri = None,
    default_max_age: options.DefaultMaxAge = None,
    default_acr_value: options.DefaultAcrValues = None,
    require_acr: options.RequireAcr = None,
    access_token_lifetime: options.Lifetime = None,
    code_lifetime: options.CodeLifetime = None,
    pkce: options.Pkce = None,
    trusted: options.Trusted = None,
    resource_server: options.ResourceServer = None,
    json: AsJson = False,
) -> None:
    """Register an application. Its secret is shown now and never again."""
    from scopekeeper.oauth.applications import Draft
    from scopekeeper.oauth.records import ApplicationType, Outliving, SubjectType, TokenFormat

    draft = Draft(
        name=name,
        type=ApplicationType(type),
        scope=" ".join(scope or ()),
        grants=tuple(grant or ()),
        redirect_uris=tuple(redirect_uri or ()),
        post_logout_redirect_uris=tuple(post_logout_redirect_uri or ()),
        backchannel_logout_uri=backchannel_logout_uri or None,
        frontchannel_logout_uri=frontchannel_logout_uri or None,
        outlives_session=Outliving(outlives_session or "offline_access"),
        description=description or "",
        website=website or None,
        owner=owner or None,
        token_format=TokenFormat(token_format or "opaque"),
        signing_alg=signing_alg or "ES256",
        id_token_signed_response_alg=id_token_alg or "RS256",
        userinfo_signed_response_alg=_unless_none(userinfo_alg),
        subject_type=SubjectType(subject_type or "public"),
        sector_identifier_uri=sector_identifier_uri or None,
        default_max_age=options.duration("--default-max-age", default_max_age or None),
        default_acr_values=tuple(default_acr_value or ()),
        required_acr=require_acr or None,
        access_token_lifetime=options.duration("--access-token-lifetime", access_token_lifetime or None),
        code_lifetime=options.duration("--code-lifetime", code_lifetime or None),
        pkce_required=pkce != "optional",
        trusted=bool(trusted),
        resource_server=bool(resource_server),
    )

    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.add(draft, actor()), house.settings.issuer

    credential, issuer = in_house(act)
    shown.warn_of(credential.client)
    shown.print_registration(credential, issuer, json=json)


def update(
    client_id: options.ClientId,
    name: options.NewName = None,
    scope: options.Scope = None,
    redirect_uri: options.RedirectUris = None,
    grant: options.Grants = None,
    post_logout_redirect_uri: options.PostLogoutRedirectUris = None,
    backchannel_logout_uri: options.BackchannelLogoutUri = None,
    frontchannel_logout_uri: options.FrontchannelLogoutUri = None,
    outlives_session: options.OutlivesSession = None,
    description: options.Description = None,
    website: options.Website = None,
    owner: options.Owner = None,
    token_format: options.TokenFormat = None,
    signing_alg: options.SigningAlg = None,
    id_token_alg: options.IdTokenAlg = None,
    userinfo_alg: options.UserinfoAlg = None,
    subject_type: options.SubjectType = None,
    sector_identifier_uri: options.SectorIdentifierUri = None,
    default_max_age: options.DefaultMaxAge = None,
    default_acr_value: options.DefaultAcrValues = None,
    require_acr: options.RequireAcr = None,
    access_token_lifetime: options.Lifetime = None,
    code_lifetime: options.CodeLifetime = None,
    pkce: options.Pkce = None,
    trusted: options.Trusted = None,
    resource_server: options.ResourceServer = None,
    json: AsJson = False,
) -> None:
    """Change an application.

    What is given replaces what was, the rest stays. An empty text clears.
    """
    from scopekeeper.oauth.applications import UNSET, Changes
    from scopekeeper.oauth.records import Outliving, SubjectType, TokenFormat

    changes = Changes(
        name=_given(name),
        scope=UNSET if scope is None else " ".join(scope),
        grants=_several(grant),
        redirect_uris=_several(redirect_uri),
        post_logout_redirect_uris=_several(post_logout_redirect_uri),
        backchannel_logout_uri=_given(backchannel_logout_uri) or None,
        frontchannel_logout_uri=_given(frontchannel_logout_uri) or None,
        outlives_session=UNSET if outlives_session is None else Outliving(outlives_session),
        description=_given(description),
        website=_given(website) or None,
        owner=_given(owner) or None,
        token_format=UNSET if token_format is None else TokenFormat(token_format),
        signing_alg=_given(signing_alg),
        id_token_signed_response_alg=_given(id_token_alg),
        userinfo_signed_response_alg=UNSET if userinfo_alg is None else _unless_none(userinfo_alg),
        subject_type=UNSET if subject_type is None else SubjectType(subject_type),
        sector_identifier_uri=_given(sector_identifier_uri) or None,
        default_max_age=_lasting("--default-max-age", default_max_age),
        default_acr_values=_several(default_acr_value),
        required_acr=_given(require_acr) or None,
        access_token_lifetime=_lasting("--access-token-lifetime", access_token_lifetime),
        code_lifetime=_lasting("--code-lifetime", code_lifetime),
        pkce_required=UNSET if pkce is None else pkce == "required",
        trusted=_given(trusted),
        resource_server=_given(resource_server),
    )
    if changes == Changes():
        raise Refused("nothing to change was given: see `scopekeeper app update --help`")
    change(client_id, changes, json=json)


def change(client_id: str, changes: "Changes", *, json: bool) -> None:
    """Make the changes, and say so. Whoever has a secret from now on is shown it now, and only now."""

    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.change(client_id, changes, actor()), house.settings.issuer

    credential, issuer = in_house(act)
    shown.warn_of(credential.client)
    if json:
        print_json(records.record_of(credential.client) | records.credential_of(credential))
    elif credential.client_secret is not None:
        shown.show_credential(credential, issuer)
    else:
        say(f"Changed {credential.client.name} ({client_id}). A running server heeds it within a second.")


def _given(value: T | None) -> "T | Unset":
    from scopekeeper.oauth.applications import UNSET

    return UNSET if value is None else value


def _unless_none(alg: str | None) -> str | None:
    return None if alg == "none" else alg


def _lasting(option: str, text: str | None) -> "int | Unset | None":
    """The seconds that the option says; an empty text clears what was said before."""
    from scopekeeper.oauth.applications import UNSET

    return UNSET if text is None else options.duration(option, text or None)


def _several(values: Sequence[str] | None) -> "tuple[str, ...] | Unset":
    """All that were given; one empty text stands for none."""
    from scopekeeper.oauth.applications import UNSET

    return UNSET if values is None else tuple(filter(None, values))
