"""An application as this module shows it, and as it is asked for."""

from dataclasses import field
from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.showing import ClientId, Person, ScopeText, moment
from scopekeeper.oauth.applications import (
    LONGEST_CODE_LIFETIME,
    LONGEST_LIFETIME,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_URIS,
)
from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.identity import ID_TOKEN_ALG
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Outliving, SubjectType, TokenFormat
from scopekeeper.oauth.sessions import LONGEST_AGE
from scopekeeper.sdk import Meta, record

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_NAME,
        description="What people know it by: printable characters.",
        examples=["Night shift"],
    ),
]
Type = Annotated[ApplicationType, Meta(description="What kind of program it is, for ever.", examples=["web"])]
Description = Annotated[
    str, Meta(max_length=LONGEST_TEXT, description="What it is for.", examples=["Sets forwards at night"])
]
Website = Annotated[
    str, Meta(description="Where people read about it: https.", examples=["https://phones.example.com"])
]
Owner = Annotated[Person, Meta(description="The account that owns it, and may rotate its secrets.")]
Enabled = Annotated[bool, Meta(description="False shuts it out: its tokens hold no more, for as long as that is so.")]
Ceiling = Annotated[ScopeText, Meta(description="The most that it may ask for. None given means none.")]
Grants = Annotated[
    list[GrantType],
    Meta(description="What it may use to get tokens. The grants that its type has by default are always among them."),
]
Uris = Annotated[
    list[str],
    Meta(
        max_length=MOST_URIS,
        description="Where people are sent back to, compared letter by letter (RFC 6749 §3.1.2).",
        examples=[["https://phones.example.com/callback"]],
    ),
]
LogoutUris = Annotated[
    list[str],
    Meta(
        max_length=MOST_URIS,
        description="Where people may be sent after signing out.",
        examples=[["https://phones.example.com/"]],
    ),
]
LogoutUri = Annotated[
    str, Meta(description="Where its server is told that a session has ended (OpenID Connect Back-Channel Logout).")
]
FrameUri = Annotated[
    str,
    Meta(
        description="What a page here shows in a frame when somebody signs out (OpenID Connect Front-Channel Logout): "
        "of the scheme, host and port of a redirect URI, for web and single-page applications.",
        examples=["https://phones.example.com/signed-out"],
    ),
]
Outlives = Annotated[
    Outliving,
    Meta(
        description="What goes on when somebody ends the session in which they granted it: nothing, what has the scope "
        "offline_access, or all. Holds for what is granted from then on."
    ),
]
Format = Annotated[TokenFormat, Meta(description="How its access tokens look.")]
Alg = Annotated[str, Meta(description="How its JWT access tokens are signed: ES256 or RS256.", examples=["ES256"])]
IdTokenAlg = Annotated[
    str,
    Meta(
        description="How its id_tokens are signed: RS256, which every client can verify, ES256 or Ed25519.",
        examples=["RS256"],
    ),
]
UserinfoAlg = Annotated[
    str,
    Meta(
        description="How what userinfo answers it is signed: as id_tokens can be; null: it is plain JSON.",
        examples=["RS256"],
    ),
]
Subjects = Annotated[
    SubjectType,
    Meta(description="Who people are to it: the same as to others, or another one for each host (pairwise)."),
]
SectorUri = Annotated[
    str,
    Meta(
        description="Where a JSON array names all its redirect URIs, of whichever hosts: pairwise subjects are made of "
        "its host. It is fetched when it is given, and when redirect URIs are added.",
    ),
]
MaxAge = Annotated[
    int,
    Meta(
        ge=0,
        le=LONGEST_AGE,
        description="Seconds: how long ago people may have signed in where a request does not say (max_age); null: as "
        "long as they like.",
        examples=[43_200],
    ),
]
AcrValues = Annotated[
    list[str],
    Meta(
        max_length=len(ACR_VALUES),
        description="How it would like people to sign in where a request does not say (acr_values), the best first.",
        examples=[[ACR_VALUES[0]]],
    ),
]
RequiredAcr = Annotated[
    str,
    Meta(
        description="What a sign-in for it has to reach, whatever it asks for: urn:scopekeeper:acr:mfa is a second "
        "factor. It holds for what is granted from then on; null: any sign-in will do.",
        examples=[ACR_VALUES[-1]],
    ),
]
Lifetime = Annotated[
    int, Meta(ge=1, le=LONGEST_LIFETIME, description="Seconds that its access tokens live; null: as the server has it.")
]
CodeLifetime = Annotated[
    int, Meta(ge=1, le=LONGEST_CODE_LIFETIME, description="Seconds that its codes live; null: as the server has it.")
]
Pkce = Annotated[bool, Meta(description="Must it use PKCE? Only a web application can do without (RFC 7636).")]
Trusted = Annotated[bool, Meta(description="First-party: consent is remembered even where it has no secret.")]
ResourceServer = Annotated[bool, Meta(description="May it introspect the tokens of other applications (RFC 7662)?")]
NewSecret = Annotated[
    str,
    Meta(
        description="A new client secret. It stands in the answer to what made it, once; everywhere else this is null."
    ),
]


@record
class Application:
    """An application: what it is, what it may ask for, and how."""

    client_id: ClientId
    type: Type
    name: Name
    scope: Ceiling
    grant_types: Grants
    redirect_uris: Uris
    post_logout_redirect_uris: LogoutUris
    backchannel_logout_uri: LogoutUri | None
    frontchannel_logout_uri: FrameUri | None
    outlives_session: Outlives
    description: Description
    website: Website | None
    owner: Owner | None
    enabled: Enabled
    token_format: Format
    signing_alg: Alg
    id_token_signed_response_alg: IdTokenAlg
    userinfo_signed_response_alg: UserinfoAlg | None
    subject_type: Subjects
    sector_identifier_uri: SectorUri | None
    default_max_age: MaxAge | None
    default_acr_values: AcrValues
    required_acr: RequiredAcr | None
    access_token_lifetime: Lifetime | None
    code_lifetime: CodeLifetime | None
    pkce_required: Pkce
    trusted: Trusted
    resource_server: ResourceServer
    created_at: datetime
    updated_at: datetime
    client_secret: NewSecret | None = None


@record
class ApplicationDraft:
    """An application to be registered."""

    name: Name
    type: Type
    scope: Ceiling = ""
    grant_types: Grants = field(default_factory=list)
    redirect_uris: Uris = field(default_factory=list)
    post_logout_redirect_uris: LogoutUris = field(default_factory=list)
    backchannel_logout_uri: LogoutUri | None = None
    frontchannel_logout_uri: FrameUri | None = None
    outlives_session: Outlives = Outliving.OFFLINE_ACCESS
    description: Description = ""
    website: Website | None = None
    owner: Owner | None = None
    token_format: Format = TokenFormat.OPAQUE
    signing_alg: Alg = "ES256"
    id_token_signed_response_alg: IdTokenAlg = ID_TOKEN_ALG
    userinfo_signed_response_alg: UserinfoAlg | None = None
    subject_type: Subjects = SubjectType.PUBLIC
    sector_identifier_uri: SectorUri | None = None
    default_max_age: MaxAge | None = None
    default_acr_values: AcrValues = field(default_factory=list)
    required_acr: RequiredAcr | None = None
    access_token_lifetime: Lifetime | None = None
    code_lifetime: CodeLifetime | None = None
    pkce_required: Pkce = True
    trusted: Trusted = False
    resource_server: ResourceServer = False


@record
class ApplicationChange:
    """What can be changed of an application. Its type is for ever."""

    name: Name
    scope: Ceiling = ""
    grant_types: Grants = field(default_factory=list)
    redirect_uris: Uris = field(default_factory=list)
    post_logout_redirect_uris: LogoutUris = field(default_factory=list)
    backchannel_logout_uri: LogoutUri | None = None
    frontchannel_logout_uri: FrameUri | None = None
    outlives_session: Outlives = Outliving.OFFLINE_ACCESS
    description: Description = ""
    website: Website | None = None
    owner: Owner | None = None
    enabled: Enabled = True
    token_format: Format = TokenFormat.OPAQUE
    signing_alg: Alg = "ES256"
    id_token_signed_response_alg: IdTokenAlg = ID_TOKEN_ALG
    userinfo_signed_response_alg: UserinfoAlg | None = None
    subject_type: Subjects = SubjectType.PUBLIC
    sector_identifier_uri: SectorUri | None = None
    default_max_age: MaxAge | None = None
    default_acr_values: AcrValues = field(default_factory=list)
    required_acr: RequiredAcr | None = None
    access_token_lifetime: Lifetime | None = None
    code_lifetime: CodeLifetime | None = None
    pkce_required: Pkce = True
    trusted: Trusted = False
    resource_server: ResourceServer = False


def shown(client: Client, client_secret: str | None = None) -> Application:
    """The application, with the secret that was just made for it, if one was."""
    return Application(
        client_id=client.client_id,
        type=client.type,
        name=client.name,
        scope=" ".join(client.scope),
        grant_types=list(client.grant_types),
        redirect_uris=list(client.redirect_uris),
        post_logout_redirect_uris=list(client.post_logout_redirect_uris),
        backchannel_logout_uri=client.backchannel_logout_uri,
        frontchannel_logout_uri=client.frontchannel_logout_uri,
        outlives_session=client.outlives_session,
        description=client.description,
        website=client.website,
        owner=client.owner,
        enabled=client.enabled,
        token_format=client.token_format,
        signing_alg=client.signing_alg,
        id_token_signed_response_alg=client.id_token_signed_response_alg,
        userinfo_signed_response_alg=client.userinfo_signed_response_alg,
        subject_type=client.subject_type,
        sector_identifier_uri=client.sector_identifier_uri,
        default_max_age=client.default_max_age,
        default_acr_values=list(client.default_acr_values),
        required_acr=client.required_acr,
        access_token_lifetime=client.access_token_lifetime,
        code_lifetime=client.code_lifetime,
        pkce_required=client.pkce_required,
        trusted=client.trusted,
        resource_server=client.resource_server,
        created_at=moment(client.created_at),
        updated_at=moment(client.updated_at),
        client_secret=client_secret,
    )
