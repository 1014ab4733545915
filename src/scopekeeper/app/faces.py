"""The faces of a house: every endpoint, and the front door before them.

What is for people, and GraphQL, is made when it is first asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Receive, Scope

from scopekeeper.api.description import Description
from scopekeeper.api.rest import Answering, RestApp
from scopekeeper.api.scim.endpoint import NO_SCIM, ScimApp
from scopekeeper.app.house import House
from scopekeeper.oauth.metadata import metadata
from scopekeeper.pages.words import LANGUAGES
from scopekeeper.services.grants import redeemers
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.token import Exchange
from scopekeeper.web.astray import Astray
from scopekeeper.web.cors import ForAnybody, ForApplications
from scopekeeper.web.device_authorization import DeviceAuthorizationEndpoint
from scopekeeper.web.discovery import JwksEndpoint, MetadataEndpoint
from scopekeeper.web.front import Front
from scopekeeper.web.health import Readiness, live
from scopekeeper.web.introspect import IntrospectionEndpoint
from scopekeeper.web.later import Later, Once
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.protocol import FormEndpoint
from scopekeeper.web.revoke import RevocationEndpoint
from scopekeeper.web.token import TokenEndpoint
from scopekeeper.web.userinfo import UserinfoEndpoint
from scopekeeper.wire import Reply

if TYPE_CHECKING:
    from scopekeeper.docs import Library

ENDPOINTS: Final[Mapping[str, str]] = {
    "authorization_endpoint": "/oauth/authorize",
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "userinfo_endpoint": "/oauth/userinfo",
    "device_authorization_endpoint": "/oauth/device_authorization",
    "jwks_uri": "/oauth/jwks",
    "end_session_endpoint": "/oauth/logout",
}
"""What discovery promises (RFC 8414 §2), and where it is."""

FOR_PEOPLE: Final = (
    "/login",
    "/login/second",
    ENDPOINTS["authorization_endpoint"],
    ENDPOINTS["end_session_endpoint"],
    "/consent",
    "/link",
    "/forgot",
    "/account",
    "/account/password",
    "/account/connections",
    "/account/applications",
    "/account/sessions",
    "/account/sign-out",
    "/account/data",
    "/account/remove",
    "/goodbye",
    "/account/security",
    "/account/security/identities",
    "/account/security/identities/remove",
    "/device",
    "/console",
    "/docs",
)
"""Where rooms are (`rooms_of`), by the names that they have."""

BELOW: Final = (
    ("/static/", "static"),
    ("/login/with/", "/login/with/"),
    ("/login/from/", "/login/from/"),
    ("/account/applications/", "/account/applications"),
    ("/account/security/", "/account/security"),
    ("/account/connections/", "/account/connections/"),
    ("/console/", "/console"),
    ("/docs/", "/docs"),
)
"""What leads to a room below a path: the first that fits."""

NOWHERE: Final = "none"
"""The room of those who go astray."""

_GRAPHQL: Final = "/api/graphql"
_SDL: Final = "/api/graphql/schema.graphql"


def front(
    house: House,
    life: ASGIApp,
    metrics: Metrics | None = None,
    *,
    library: "Library | None" = None,
    settle: Callable[[], None] | None = None,
) -> Front:
    """The front door, with everything behind it. `library`: this house's, where there is one already.

    `settle` is called whenever more of it has been made.
    """
    metrics = metrics or Metrics()
    described = Once(lambda: library or library_of(house))
    if not _are_ours(house):
        described.now()
    rest = RestApp(house.modules, house.guard, house.performer, _description(house, described, settle))
    shared, scim = (_for_applications(house, each) for each in (rest, _scim_of(house)))
    rooms = Once(lambda: _rooms_of(house, described.now()), settle)
    return Front(
        endpoints(house, metrics)
        | graphql(house, described, settle)
        | {path: Later(rooms, path) for path in FOR_PEOPLE},
        [
            ("/api/rest", "/api/rest", shared),
            ("/scim/v2", "/scim/v2", scim),
            *((prefix, name, Later(rooms, name)) for prefix, name in BELOW),
            ("/", NOWHERE, Astray(Later(rooms, NOWHERE))),
        ],
        life,
        metrics,
        log_all=house.settings.log_level == "debug",
    )


def _for_applications(house: House, api: ASGIApp) -> ASGIApp:
    return ForApplications(api, house.store, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def _scim_of(house: House) -> ASGIApp:
    """Users by SCIM: acts of the module `admin`, so there are none where it is switched off."""
    operations = [each for each in house.modules.operations if each.module == "admin"]
    if not operations:
        return NO_SCIM
    settings = house.settings
    return ScimApp(operations, house.guard, house.accounts, settings.issuer, vouches=settings.scim_vouches)


def library_of(house: House) -> "Library":
    """The library of this house: what its modules say of themselves, gathered. Raises DeclarationError."""
    from scopekeeper.docs import Library  # it brings graphql-core: a tenth of a second

    modules = house.modules
    return Library.of(modules.modules, modules.operations, modules.catalogue, issuer=house.settings.issuer)


def endpoints(house: House, metrics: Metrics) -> dict[str, ASGIApp]:
    """Every endpoint of the protocols, and those for whoever looks after the server."""
    settings, catalogue = house.settings, house.modules.catalogue
    exchange = Exchange(
        house.authenticate,
        redeemers(house.store, house.records, house.issuing, house.prove, house.factors, house.uses),
        house.uses,
    )
    refusals = house.refusals
    introspect = Introspection(
        house.bearer,
        house.store,
        house.records,
        house.authenticate,
        house.clock,
        settings.issuer,
        house.issuing.subjects,
    )
    described = ForAnybody(
        MetadataEndpoint(metadata(settings.issuer, ENDPOINTS, [entry.scope for entry in catalogue], LANGUAGES))
    )
    return {
        "/oauth/token": ForApplications(FormEndpoint(TokenEndpoint(exchange), refusals), house.store, "POST"),
        "/oauth/introspect": FormEndpoint(IntrospectionEndpoint(introspect), refusals),
        "/oauth/device_authorization": FormEndpoint(
            DeviceAuthorizationEndpoint(house.authorize_device, settings.issuer), refusals
        ),
        "/oauth/revoke": ForApplications(
            FormEndpoint(RevocationEndpoint(house.revocation), refusals), house.store, "POST"
        ),
        "/oauth/userinfo": ForApplications(UserinfoEndpoint(house.userinfo), house.store, "GET", "HEAD", "POST"),
        "/oauth/jwks": ForAnybody(JwksEndpoint(house.signer)),
        "/.well-known/oauth-authorization-server": described,
        "/.well-known/openid-configuration": described,
        "/health/live": live,
        "/health/ready": Readiness(house.store),
        "/metrics": metrics,
    }


def graphql(house: House, library: "Once[Library]", settle: Callable[[], None] | None = None) -> dict[str, ASGIApp]:
    """The GraphQL face."""
    made = Once(lambda: _graphql_of(house, library.now()), settle)
    return {
        _GRAPHQL: ForApplications(Later(made, _GRAPHQL), house.store, "POST"),
        _SDL: ForApplications(Later(made, _SDL), house.store, "GET", "HEAD"),
    }


def _graphql_of(house: House, library: "Library") -> Mapping[str, ASGIApp]:
    from scopekeeper.api.graphql import GraphqlEndpoint, SchemaEndpoint  # as above

    return {
        _GRAPHQL: GraphqlEndpoint(library.schema, house.guard, house.performer),
        _SDL: SchemaEndpoint(library.schema, house.extent),
    }


def _rooms_of(house: House, library: "Library") -> Mapping[str, ASGIApp]:
    # Pages, console, documentation, and Jinja with them: a quarter of a second, and 20 MB.
    from scopekeeper.app.rooms import rooms_of

    return rooms_of(house, library)


def _description(house: House, library: "Once[Library]", settle: Callable[[], None] | None) -> Answering:
    made = Once(lambda: Description(library.now().openapi, house.extent), settle)

    async def described(scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        return await (await made())(scope, receive, values)

    return described


def _are_ours(house: House) -> bool:
    """Are all modules our own? One of others may be such as GraphQL cannot show: that stops the start."""
    return all(each.run.__module__.startswith("scopekeeper.") for each in house.modules.operations)
