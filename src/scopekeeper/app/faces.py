"""The faces of a house: every endpoint, and the front door before them."""

from collections.abc import Mapping
from typing import Final, Protocol

from starlette.types import ASGIApp

from scopekeeper.api.description import Description
from scopekeeper.api.graphql import GraphqlEndpoint, SchemaEndpoint
from scopekeeper.api.rest import RestApp
from scopekeeper.app.house import House
from scopekeeper.oauth.metadata import metadata
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import PageEndpoint, PrivateEndpoint
from scopekeeper.pages.page import Pages
from scopekeeper.pages.shelf import PREFIX, Shelf
from scopekeeper.pages.visit import Reception
from scopekeeper.pages.visit import Stays as PageStays
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.services.token import Exchange
from scopekeeper.surface.graphql import schema_of
from scopekeeper.web.account import AccountPage, PasswordChange, SessionEnd, SignOut
from scopekeeper.web.account import Passwords as OwnPassword
from scopekeeper.web.account import Stays as AccountStays
from scopekeeper.web.discovery import JwksEndpoint, MetadataEndpoint
from scopekeeper.web.front import Front
from scopekeeper.web.health import Readiness, live
from scopekeeper.web.introspect import IntrospectionEndpoint
from scopekeeper.web.link import LinkPage, Links
from scopekeeper.web.login import LoginPage, SignIn
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.nowhere import Nowhere
from scopekeeper.web.protocol import FormEndpoint
from scopekeeper.web.revoke import RevocationEndpoint
from scopekeeper.web.static import StaticFiles
from scopekeeper.web.token import TokenEndpoint

ENDPOINTS: Final[Mapping[str, str]] = {
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "jwks_uri": "/oauth/jwks",
}
"""What discovery promises (RFC 8414 §2), and where it is."""


def front(house: House, life: ASGIApp) -> Front:
    """The front door, with everything behind it."""
    metrics = Metrics()
    description = Description(house.modules, house.extent, issuer=house.settings.issuer)
    rest = RestApp(house.modules, house.guard, house.performer, description)
    fixed, under = people(house.settings.issuer, house.login, house.accounts, house.clock, house.entropy)
    return Front(
        endpoints(house, metrics) | fixed,
        [("/api/rest", "/api/rest", rest), *under],
        life,
        metrics,
        log_all=house.settings.log_level == "debug",
    )


def endpoints(house: House, metrics: Metrics) -> dict[str, ASGIApp]:
    """Every endpoint with a path of its own."""
    settings, catalogue = house.settings, house.modules.catalogue
    exchange = Exchange(
        house.store,
        house.authenticate,
        house.signer,
        house.clock,
        house.entropy,
        settings.issuer,
        settings.access_token_lifetime,
        catalogue.__contains__,
    )
    introspect = Introspection(house.bearer, house.store, house.authenticate, house.clock, settings.issuer)
    schema = schema_of(house.modules.operations)
    return {
        "/oauth/token": FormEndpoint(TokenEndpoint(exchange)),
        "/api/graphql": GraphqlEndpoint(schema, house.guard, house.performer),
        "/oauth/introspect": FormEndpoint(IntrospectionEndpoint(introspect)),
        "/oauth/revoke": FormEndpoint(RevocationEndpoint(house.revocation)),
        "/oauth/jwks": JwksEndpoint(house.signer),
        "/.well-known/oauth-authorization-server": MetadataEndpoint(
            metadata(settings.issuer, ENDPOINTS, [entry.scope for entry in catalogue])
        ),
        "/api/graphql/schema.graphql": SchemaEndpoint(schema, house.extent),
        "/health/live": live,
        "/health/ready": Readiness(house.store),
        "/metrics": metrics,
    }


class Stays(SignIn, AccountStays, PageStays, Protocol):
    """Signing in, staying, signing out."""


class OwnAccount(Links, OwnPassword, Protocol):
    """What people do with their own accounts."""


def people(
    issuer: str, stays: Stays, accounts: OwnAccount, clock: Clock, entropy: Entropy
) -> tuple[dict[str, ASGIApp], list[tuple[str, str, ASGIApp]]]:
    """The pages for people: those with a path of their own, and what lies below a path."""
    jar, shelf = Jar(issuer), Shelf()
    pages = Pages(jar, shelf, issuer)
    reception = Reception(issuer, jar, stays, clock, entropy)
    account, nowhere = AccountPage(pages, stays), Nowhere(reception, pages)
    fixed: dict[str, ASGIApp] = {
        "/login": PageEndpoint(reception, pages, "login", LoginPage(reception, pages, stays)),
        "/link": PageEndpoint(reception, pages, "link", LinkPage(reception, pages, accounts)),
        "/account": PrivateEndpoint(reception, pages, "account", account),
        "/account/password": PrivateEndpoint(reception, pages, "password", PasswordChange(account, accounts)),
        "/account/sessions": PrivateEndpoint(reception, pages, "sessions", SessionEnd(stays)),
        "/account/sign-out": PrivateEndpoint(reception, pages, "sign-out", SignOut(reception, stays)),
    }
    return fixed, [(PREFIX, "static", StaticFiles(shelf, nowhere)), ("/", "none", nowhere)]
