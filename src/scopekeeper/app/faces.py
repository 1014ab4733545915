"""The faces of a house: every endpoint, and the front door before them."""

from collections.abc import Mapping
from typing import Final, Protocol

from starlette.types import ASGIApp

from scopekeeper.api.description import Description
from scopekeeper.api.graphql import GraphqlEndpoint, SchemaEndpoint
from scopekeeper.api.rest import RestApp
from scopekeeper.app.house import House
from scopekeeper.oauth.metadata import metadata
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import PageEndpoint, PrivateEndpoint
from scopekeeper.pages.page import Pages
from scopekeeper.pages.shelf import PREFIX, Shelf
from scopekeeper.pages.visit import Reception
from scopekeeper.pages.visit import Stays as PageStays
from scopekeeper.pages.words import LANGUAGES
from scopekeeper.scopes import Catalogue
from scopekeeper.services.grants import redeemers
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.services.token import Exchange
from scopekeeper.surface.graphql import schema_of
from scopekeeper.web.account import (
    AccessRemoval,
    AccountPage,
    Connections,
    PasswordChange,
    SessionEnd,
    SignOut,
    acting,
)
from scopekeeper.web.account import Passwords as OwnPassword
from scopekeeper.web.account import Stays as AccountStays
from scopekeeper.web.answers import Answers
from scopekeeper.web.authorize import AuthorizationEndpoint
from scopekeeper.web.consent import ConsentEndpoint, Consenting
from scopekeeper.web.cors import ForAnybody, ForApplications
from scopekeeper.web.device import DevicePage, Devices
from scopekeeper.web.device_authorization import DeviceAuthorizationEndpoint
from scopekeeper.web.discovery import JwksEndpoint, MetadataEndpoint
from scopekeeper.web.front import Front
from scopekeeper.web.health import Readiness, live
from scopekeeper.web.introspect import IntrospectionEndpoint
from scopekeeper.web.link import LinkPage, Links
from scopekeeper.web.login import LoginEndpoint, SignIn
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.nowhere import Nowhere
from scopekeeper.web.protocol import FormEndpoint
from scopekeeper.web.revoke import RevocationEndpoint
from scopekeeper.web.static import StaticFiles
from scopekeeper.web.token import TokenEndpoint
from scopekeeper.web.userinfo import UserinfoEndpoint

ENDPOINTS: Final[Mapping[str, str]] = {
    "authorization_endpoint": "/oauth/authorize",
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "userinfo_endpoint": "/oauth/userinfo",
    "device_authorization_endpoint": "/oauth/device_authorization",
    "jwks_uri": "/oauth/jwks",
}
"""What discovery promises (RFC 8414 §2), and where it is."""


def front(house: House, life: ASGIApp) -> Front:
    """The front door, with everything behind it."""
    metrics = Metrics()
    description = Description(house.modules, house.extent, issuer=house.settings.issuer)
    rest = RestApp(house.modules, house.guard, house.performer, description)
    fixed, under = people(
        house.settings.issuer,
        house.login,
        house.accounts,
        house.devices,
        house.connections,
        house.authorize,
        house.modules.catalogue,
        house.issuing.lifetimes,
        house.clock,
        house.entropy,
    )
    shared = ForApplications(rest, house.store, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return Front(
        endpoints(house, metrics) | fixed,
        [("/api/rest", "/api/rest", shared), *under],
        life,
        metrics,
        log_all=house.settings.log_level == "debug",
    )


def endpoints(house: House, metrics: Metrics) -> dict[str, ASGIApp]:
    """Every endpoint with a path of its own."""
    settings, catalogue = house.settings, house.modules.catalogue
    exchange = Exchange(
        house.authenticate, redeemers(house.store, house.records, house.issuing, house.prove, house.uses)
    )
    refusals = house.refusals
    introspect = Introspection(
        house.bearer, house.store, house.records, house.authenticate, house.clock, settings.issuer
    )
    schema = schema_of(house.modules.operations)
    described = ForAnybody(
        MetadataEndpoint(metadata(settings.issuer, ENDPOINTS, [entry.scope for entry in catalogue], LANGUAGES))
    )
    return {
        "/oauth/token": ForApplications(FormEndpoint(TokenEndpoint(exchange), refusals), house.store, "POST"),
        "/api/graphql": ForApplications(GraphqlEndpoint(schema, house.guard, house.performer), house.store, "POST"),
        "/oauth/introspect": FormEndpoint(IntrospectionEndpoint(introspect), refusals),
        "/oauth/device_authorization": FormEndpoint(
            DeviceAuthorizationEndpoint(house.authorize_device, settings.issuer), refusals
        ),
        "/oauth/revoke": ForApplications(
            FormEndpoint(RevocationEndpoint(house.revocation), refusals), house.store, "POST"
        ),
        "/oauth/userinfo": ForApplications(UserinfoEndpoint(house.bearer), house.store, "GET", "HEAD", "POST"),
        "/oauth/jwks": ForAnybody(JwksEndpoint(house.signer)),
        "/.well-known/oauth-authorization-server": described,
        "/.well-known/openid-configuration": described,
        "/api/graphql/schema.graphql": ForApplications(
            SchemaEndpoint(schema, house.extent), house.store, "GET", "HEAD"
        ),
        "/health/live": live,
        "/health/ready": Readiness(house.store),
        "/metrics": metrics,
    }


class Stays(SignIn, AccountStays, PageStays, Protocol):
    """Signing in, staying, signing out."""


class OwnAccount(Links, OwnPassword, Protocol):
    """What people do with their own accounts."""


def people(
    issuer: str,
    stays: Stays,
    accounts: OwnAccount,
    devices: Devices,
    connections: Connections,
    consenting: Consenting,
    catalogue: Catalogue,
    lifetimes: Lifetimes,
    clock: Clock,
    entropy: Entropy,
) -> tuple[dict[str, ASGIApp], list[tuple[str, str, ASGIApp]]]:
    """The pages for people: those with a path of their own, and what lies below a path."""
    jar, shelf = Jar(issuer), Shelf()
    pages = Pages(jar, shelf, issuer)
    reception = Reception(issuer, jar, stays, clock, entropy)
    answers = Answers(pages, issuer)
    account, nowhere = AccountPage(pages, stays, connections, catalogue), Nowhere(reception, pages)
    fixed: dict[str, ASGIApp] = {
        "/login": LoginEndpoint(reception, pages, stays, consenting),
        "/oauth/authorize": AuthorizationEndpoint(reception, answers, consenting),
        "/consent": ConsentEndpoint(reception, answers, consenting, catalogue, lifetimes),
        "/link": PageEndpoint(reception, pages, "link", LinkPage(reception, pages, accounts)),
        "/account": PrivateEndpoint(reception, pages, "account", account),
        "/account/password": PrivateEndpoint(reception, pages, "password", acting(PasswordChange(account, accounts))),
        "/account/applications": PrivateEndpoint(reception, pages, "applications", acting(AccessRemoval(connections))),
        "/account/sessions": PrivateEndpoint(reception, pages, "sessions", acting(SessionEnd(stays))),
        "/account/sign-out": PrivateEndpoint(reception, pages, "sign-out", acting(SignOut(reception, stays))),
        "/device": PrivateEndpoint(reception, pages, "device", DevicePage(pages, devices, catalogue)),
    }
    return fixed, [(PREFIX, "static", StaticFiles(shelf, nowhere)), ("/", "none", nowhere)]
