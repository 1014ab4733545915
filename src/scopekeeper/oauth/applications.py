"""What may be registered: the four types, their grants, and the checks of a registration (RFC 6749 §2, RFC 7591 §2)."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from scopekeeper import scopes
from scopekeeper.oauth import built_in, sessions
from scopekeeper.oauth.claims import ACCESS_TOKEN_ALGS
from scopekeeper.oauth.identity import ID_TOKEN_ALG, ID_TOKEN_ALGS
from scopekeeper.oauth.outbound import Unreachable, url_of
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Outliving, SubjectType, TokenFormat
from scopekeeper.oauth.redirects import UnfitRedirect, fit
from scopekeeper.oauth.subjects import sector_of

LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 2_000
MOST_URIS: Final = 50
LONGEST_LIFETIME: Final = 30 * 86_400
"""Seconds: no access token lives longer, whatever its application asks for."""
LONGEST_CODE_LIFETIME: Final = 600
"""Seconds: no authorization code can be redeemed for longer (RFC 6749 §4.1.2)."""


@dataclass(frozen=True, slots=True)
class TypeRules:
    """What one type of application gets by default, and what an explicit switch can add."""

    title: str
    defaults: tuple[GrantType, ...]
    switches: tuple[GrantType, ...] = ()


TYPES: Final[dict[ApplicationType, TypeRules]] = {
    ApplicationType.WEB: TypeRules(
        "Web-server app",
        (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
        (GrantType.CLIENT_CREDENTIALS, GrantType.DEVICE_CODE),
    ),
    ApplicationType.SPA: TypeRules(
        "Browser-based / Single Page app",
        (GrantType.AUTHORIZATION_CODE,),
        (GrantType.IMPLICIT, GrantType.REFRESH_TOKEN),
    ),
    ApplicationType.NATIVE: TypeRules(
        "Native app",
        (GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
        (GrantType.PASSWORD,),
    ),
    ApplicationType.M2M: TypeRules("Machine-to-Machine app", (GrantType.CLIENT_CREDENTIALS,)),
}

FLAGGED: Final = frozenset({GrantType.IMPLICIT, GrantType.PASSWORD})
"""Grants of the past (RFC 9700 §2.1.2, §2.4), marked wherever an application that has one is shown."""


class Unfit(ValueError):
    """The registration is refused. `field` names what to mend; the message says how, and is safe to show."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class _Unset(Enum):
    UNSET = "unset"


UNSET: Final = _Unset.UNSET
Unset: TypeAlias = Literal[_Unset.UNSET]


@dataclass(frozen=True, slots=True)
class Draft:
    """An application as someone asks for it, not yet checked."""

    name: str
    type: ApplicationType
    scope: str = ""
    grants: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: str | None = None
    outlives_session: Outliving = Outliving.OFFLINE_ACCESS
    description: str = ""
    website: str | None = None
    owner: str | None = None
    token_format: TokenFormat = TokenFormat.OPAQUE
    signing_alg: str = "ES256"
    id_token_signed_response_alg: str = ID_TOKEN_ALG
    userinfo_signed_response_alg: str | None = None
    subject_type: SubjectType = SubjectType.PUBLIC
    sector_identifier_uri: str | None = None
    default_max_age: int | None = None
    default_acr_values: tuple[str, ...] = ()
    required_acr: str | None = None
    access_token_lifetime: int | None = None
    code_lifetime: int | None = None
    pkce_required: bool = True
    trusted: bool = False
    resource_server: bool = False


def registered(draft: Draft, client_id: str, now: int, known: Callable[[str], bool]) -> Client:
    """The application that this draft makes. Raises Unfit at the first thing that cannot stand."""
    return _checked(
        Client(
            client_id=client_id,
            type=draft.type,
            name=draft.name,
            scope=scope_of(draft.scope, known),
            grant_types=grants_of(draft.type, draft.grants),
            created_at=now,
            updated_at=now,
            redirect_uris=draft.redirect_uris,
            post_logout_redirect_uris=draft.post_logout_redirect_uris,
            backchannel_logout_uri=draft.backchannel_logout_uri,
            frontchannel_logout_uri=draft.frontchannel_logout_uri,
            outlives_session=draft.outlives_session,
            description=draft.description,
            website=draft.website,
            owner=draft.owner,
            token_format=draft.token_format,
            signing_alg=draft.signing_alg,
            id_token_signed_response_alg=draft.id_token_signed_response_alg,
            userinfo_signed_response_alg=draft.userinfo_signed_response_alg,
            subject_type=draft.subject_type,
            sector_identifier_uri=draft.sector_identifier_uri,
            default_max_age=draft.default_max_age,
            default_acr_values=draft.default_acr_values,
            required_acr=draft.required_acr,
            access_token_lifetime=draft.access_token_lifetime,
            code_lifetime=draft.code_lifetime,
            pkce_required=draft.pkce_required,
            trusted=draft.trusted,
            resource_server=draft.resource_server,
        )
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """An edit of an application: only what is named changes, UNSET is left as it is. The type is for ever."""

    name: str | Unset = UNSET
    scope: str | Unset = UNSET
    grants: tuple[str, ...] | Unset = UNSET
    """The grants on top of the type's defaults, by name."""
    redirect_uris: tuple[str, ...] | Unset = UNSET
    post_logout_redirect_uris: tuple[str, ...] | Unset = UNSET
    backchannel_logout_uri: str | Unset | None = UNSET
    frontchannel_logout_uri: str | Unset | None = UNSET
    outlives_session: Outliving | Unset = UNSET
    description: str | Unset = UNSET
    website: str | Unset | None = UNSET
    owner: str | Unset | None = UNSET
    enabled: bool | Unset = UNSET
    token_format: TokenFormat | Unset = UNSET
    signing_alg: str | Unset = UNSET
    id_token_signed_response_alg: str | Unset = UNSET
    userinfo_signed_response_alg: str | Unset | None = UNSET
    subject_type: SubjectType | Unset = UNSET
    sector_identifier_uri: str | Unset | None = UNSET
    default_max_age: int | Unset | None = UNSET
    default_acr_values: tuple[str, ...] | Unset = UNSET
    required_acr: str | Unset | None = UNSET
    access_token_lifetime: int | Unset | None = UNSET
    code_lifetime: int | Unset | None = UNSET
    pkce_required: bool | Unset = UNSET
    trusted: bool | Unset = UNSET
    resource_server: bool | Unset = UNSET


def changed(client: Client, changes: Changes, now: int, known: Callable[[str], bool]) -> Client:
    """The application after the edit. Raises Unfit, also for what one that comes with the server never becomes."""
    made: dict[str, Any] = {
        each.name: value for each in fields(changes) if (value := getattr(changes, each.name)) is not UNSET
    }
    if "scope" in made:
        made["scope"] = scope_of(made["scope"], known)
    if "grants" in made:
        # The type's own grants are not for what comes with the server: an edit that names none adds none.
        added = made.pop("grants")
        made["grant_types"] = grants_of(client.type, added) if added or not client.built_in else ()
    new = replace(client, **made, updated_at=now, revision=client.revision + 1)
    if client.built_in and (wrong := built_in.unfit(client, new)) is not None:
        raise Unfit(*wrong)
    return _checked(new)


def scope_of(text: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The ceiling that the text gives, as written. Unknown scopes are refused, never dropped."""
    try:
        named = scopes.words(text)
    except scopes.MalformedScope as malformed:
        raise Unfit("scope", str(malformed)) from malformed
    unknown = [each for each in named if not known(each)]
    if unknown:
        raise Unfit("scope", f"no such scope: {' '.join(unknown[:10])}. `scopekeeper scopes` lists them all")
    return named


def grants_of(type: ApplicationType, added: tuple[str, ...]) -> tuple[GrantType, ...]:
    """The type's grants with those switched on. One that the type cannot have is refused."""
    rules = TYPES[type]
    grants = list(rules.defaults)
    for name in added:
        grant = GRANT_NAMES.get(name)
        if grant is None:
            raise Unfit("grant", f"no such grant: {name}. There are {', '.join(GRANT_NAMES)}")
        if grant not in rules.defaults + rules.switches:
            can = ", ".join(short(each) for each in rules.defaults + rules.switches)
            raise Unfit("grant", f"a {type.value} application cannot have {name}; it can have {can}")
        if grant not in grants:
            grants.append(grant)
    return tuple(grants)


def short(grant: GrantType) -> str:
    """The grant's name as people type it: device_code stands for its long URN."""
    return "device_code" if grant is GrantType.DEVICE_CODE else grant.value


GRANT_NAMES: Final[dict[str, GrantType]] = {short(grant): grant for grant in GrantType}


def _checked(client: Client) -> Client:
    client = replace(client, name=client.name.strip(), description=client.description.strip())
    _require_text("name", client.name, 1, LONGEST_NAME)
    _require_text("description", client.description, 0, LONGEST_TEXT)
    for field_name, uris in (
        ("redirect_uri", client.redirect_uris),
        ("post_logout_redirect_uri", client.post_logout_redirect_uris),
        (
            "backchannel_logout_uri",
            (client.backchannel_logout_uri,) if client.backchannel_logout_uri is not None else (),
        ),
    ):
        if len(uris) > MOST_URIS:
            raise Unfit(field_name, f"an application has at most {MOST_URIS} of them")
        for uri in uris:
            try:
                fit(uri, client.type)
            except UnfitRedirect as unfit:
                raise Unfit(field_name, f"{unfit}: {uri!r}") from unfit
    if client.website is not None:
        _require_website(client.website)
    if client.owner is not None:
        _require_text("owner", client.owner, 1, LONGEST_NAME)
    if client.signing_alg not in ACCESS_TOKEN_ALGS:
        raise Unfit("signing_alg", f"access tokens are signed with {' or '.join(ACCESS_TOKEN_ALGS)}")
    if client.id_token_signed_response_alg not in ID_TOKEN_ALGS:
        raise Unfit("id_token_signed_response_alg", f"id_tokens are signed with {' or '.join(ID_TOKEN_ALGS)}")
    if client.userinfo_signed_response_alg not in (None, *ID_TOKEN_ALGS):
        raise Unfit("userinfo_signed_response_alg", f"userinfo is signed with {' or '.join(ID_TOKEN_ALGS)}, or not")
    if client.sector_identifier_uri is not None:
        _require_sector_identifier(client.sector_identifier_uri)
    if client.subject_type is SubjectType.PAIRWISE and sector_of(client) is None:
        raise Unfit(
            "subject_type",
            "a person can be another one for each application only where all redirect URIs have one and the same host, "
            "of which subjects are made, or a sector identifier URI stands for them",
        )
    if (wrong := sessions.unfit(client)) is not None:
        raise Unfit(*wrong)
    if client.access_token_lifetime is not None and not 1 <= client.access_token_lifetime <= LONGEST_LIFETIME:
        raise Unfit("access_token_lifetime", "an access token lives for 1 second to 30 days")
    if client.code_lifetime is not None and not 1 <= client.code_lifetime <= LONGEST_CODE_LIFETIME:
        raise Unfit("code_lifetime", "a code lives for 1 second to 10 minutes")
    if not client.pkce_required and client.type is not ApplicationType.WEB:
        raise Unfit("pkce", "only a web application can do without PKCE")
    return client


def _require_text(field_name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        raise Unfit(field_name, f"{field_name} has {least} to {most} characters")
    if not text.isprintable() and (
        field_name != "description" or any(not (c.isprintable() or c in "\r\n\t") for c in text)
    ):
        raise Unfit(field_name, f"{field_name} has printable characters only")


def _require_website(website: str) -> None:
    try:
        fit(website, ApplicationType.WEB)
    except UnfitRedirect as unfit:
        raise Unfit("website", f"a website is an https address: {website!r}") from unfit


def _require_sector_identifier(uri: str) -> None:
    """As far as the text tells. Whether anybody goes there is seen when it is fetched."""
    try:
        url_of(uri)
    except Unreachable as unreachable:
        raise Unfit(
            "sector_identifier_uri", f"a sector identifier is an https address without user information: {uri!r}"
        ) from unreachable
