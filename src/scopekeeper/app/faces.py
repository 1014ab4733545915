"""The faces of a house: every endpoint, and the front door before them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import ASGIApp

from scopekeeper.api.description import Description
from scopekeeper.api.graphql import GraphqlEndpoint, Looking, SchemaEndpoint
from scopekeeper.api.rest import RestApp
from scopekeeper.app.house import House
from scopekeeper.console import PACKAGE, Desk, console
from scopekeeper.console.sheets import Sheets
from scopekeeper.docs import PACKAGE as DOCS
from scopekeeper.docs import Library
from scopekeeper.oauth.metadata import metadata
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import PageEndpoint, PrivateEndpoint
from scopekeeper.pages.page import Pages
from scopekeeper.pages.shelf import PAGES, PREFIX, Shelf, shelf_of
from scopekeeper.pages.visit import Reception
from scopekeeper.pages.visit import Stays as PageStays
from scopekeeper.pages.words import LANGUAGES
from scopekeeper.scopes import Catalogue
from scopekeeper.services.grants import redeemers
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.services.token import Exchange
from scopekeeper.web.account import (
    AccessRemoval,
    AccountPage,
    Connections,
    Looks,
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
from scopekeeper.web.docs import Documentation
from scopekeeper.web.front import Front
from scopekeeper.web.health import Readiness, live
from scopekeeper.web.introspect import IntrospectionEndpoint
from scopekeeper.web.link import LinkPage, Links
from scopekeeper.web.login import LoginEndpoint, SignIn
from scopekeeper.web.logout import LOGOUT, LogoutEndpoint, LogoutRequests
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.nowhere import Nowhere
from scopekeeper.web.owned import OWNED, OwnersDoor
from scopekeeper.web.owned import Owned as Owning
from scopekeeper.web.protocol import FormEndpoint
from scopekeeper.web.revoke import RevocationEndpoint
from scopekeeper.web.signed_out import SignedOut
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
    "end_session_endpoint": LOGOUT,
}
"""What discovery promises (RFC 8414 §2), and where it is."""


def front(house: House, life: ASGIApp, metrics: Metrics | None = None) -> Front:
    """The front door, with everything behind it."""
    metrics = metrics or Metrics()
    library = library_of(house)
    description = Description(library.openapi, house.extent)
    rest = RestApp(house.modules, house.guard, house.performer, description)
    hall = hall_of(house.settings.issuer, house.login, house.clock, house.entropy)
    fixed, under = people(
        hall,
        house.looks,
        house.login,
        house.accounts,
        house.devices,
        house.connections,
        house.owned,
        house.authorize,
        house.logout,
        house.modules.catalogue,
        house.issuing.lifetimes,
        documented=house.settings.public_descriptions,
    )
    steward = console(desk(house, hall, library))
    docs = Documentation(library, hall.shelf.address_of, house.extent.held, Nowhere(hall.reception, hall.pages))
    shared = ForApplications(rest, house.store, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return Front(
        endpoints(house, metrics, library) | fixed | {"/console": steward, "/docs": docs},
        [("/api/rest", "/api/rest", shared), ("/console/", "/console", steward), ("/docs/", "/docs", docs), *under],
        life,
        metrics,
        log_all=house.settings.log_level == "debug",
    )


def library_of(house: House) -> Library:
    """The library of this house: what its modules say of themselves, gathered."""
    modules = house.modules
    return Library.of(modules.modules, modules.operations, modules.catalogue, issuer=house.settings.issuer)


def endpoints(house: House, metrics: Metrics, library: Library) -> dict[str, ASGIApp]:
    """Every endpoint with a path of its own."""
    settings, catalogue = house.settings, house.modules.catalogue
    exchange = Exchange(
        house.authenticate, redeemers(house.store, house.records, house.issuing, house.prove, house.uses), house.uses
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
    schema = library.schema
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
        "/oauth/userinfo": ForApplications(UserinfoEndpoint(house.userinfo), house.store, "GET", "HEAD", "POST"),
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


@dataclass(frozen=True, slots=True)
class Hall:
    """What every page needs, whoever it is for."""

    issuer: str
    jar: Jar
    shelf: Shelf
    pages: Pages
    reception: Reception


def hall_of(issuer: str, stays: PageStays, clock: Clock, entropy: Entropy) -> Hall:
    """The hall of this issuer, with the templates and the static files of all rooms."""
    jar, shelf = Jar(issuer), shelf_of(PAGES, DOCS, PACKAGE)
    pages = Pages(jar, shelf, issuer, packages=(PAGES, DOCS, PACKAGE))
    return Hall(issuer, jar, shelf, pages, Reception(issuer, jar, stays, clock, entropy))


def desk(house: House, hall: Hall, library: Library) -> Desk:
    """The steward's desk, with everything on it."""
    return Desk(
        issuer=hall.issuer,
        endpoints=ENDPOINTS,
        lifetimes=house.issuing.lifetimes,
        catalogue=house.modules.catalogue,
        library=library,
        descriptions_public=house.settings.public_descriptions,
        clock=house.clock,
        entropy=house.entropy,
        reception=hall.reception,
        jar=hall.jar,
        pages=hall.pages,
        sheets=Sheets(hall.pages),
        applications=house.applications,
        accounts=house.accounts,
        logins=house.login,
        connections=house.connections,
        tokens=house.tokens,
        bearer=house.bearer,
        consents=house.consents,
        log=house.log,
        usage=house.usage,
        lint=house.lint,
        signer=house.signer,
        issuing=house.issuing,
        explorer=house.explorer,
        looking=Looking(library.schema, house.spectator, house.looks),
        extensions_of=house.extensions_of,
    )


def people(
    hall: Hall,
    looks: Looks,
    stays: Stays,
    accounts: OwnAccount,
    devices: Devices,
    connections: Connections,
    owned: Owning,
    consenting: Consenting,
    logout: LogoutRequests,
    catalogue: Catalogue,
    lifetimes: Lifetimes,
    *,
    documented: bool = False,
) -> tuple[dict[str, ASGIApp], list[tuple[str, str, ASGIApp]]]:
    """The pages for people: those with a path of their own, and what lies below a path."""
    pages, reception = hall.pages, hall.reception
    answers, signed_out = Answers(pages, hall.issuer), SignedOut(reception, pages)
    account, nowhere = AccountPage(pages, stays, connections, owned, looks, catalogue), Nowhere(reception, pages)
    owner = PrivateEndpoint(
        reception, pages, "owned", OwnersDoor(pages, hall.jar.once, owned, catalogue, documented=documented)
    )
    fixed: dict[str, ASGIApp] = {
        "/login": LoginEndpoint(reception, pages, stays, consenting),
        "/oauth/authorize": AuthorizationEndpoint(reception, answers, consenting),
        LOGOUT: LogoutEndpoint(reception, pages, logout, signed_out),
        "/consent": ConsentEndpoint(reception, answers, consenting, catalogue, lifetimes),
        "/link": PageEndpoint(reception, pages, "link", LinkPage(reception, pages, accounts)),
        "/account": PrivateEndpoint(reception, pages, "account", account),
        "/account/password": PrivateEndpoint(reception, pages, "password", acting(PasswordChange(account, accounts))),
        "/account/connections": PrivateEndpoint(reception, pages, "connections", acting(AccessRemoval(connections))),
        OWNED: owner,
        "/account/sessions": PrivateEndpoint(reception, pages, "sessions", acting(SessionEnd(stays))),
        "/account/sign-out": PrivateEndpoint(reception, pages, "sign-out", acting(SignOut(logout, signed_out))),
        "/device": PrivateEndpoint(reception, pages, "device", DevicePage(pages, devices, catalogue)),
    }
    return fixed, [
        (PREFIX, "static", StaticFiles(hall.shelf, nowhere)),
        (f"{OWNED}/", OWNED, owner),
        ("/", "none", nowhere),
    ]
