"""The rooms for people: the pages, the console and the documentation. They are made when somebody comes.

They are most of what the program is, and most servers give tokens for days before anybody opens a page. So a process
that serves alone imports this only then; several have it from the one that made them.
"""

from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp

from scopekeeper.api.graphql import Looking
from scopekeeper.app.faces import ENDPOINTS, NOWHERE
from scopekeeper.app.house import House
from scopekeeper.console import PACKAGE, Desk, console
from scopekeeper.console.sheets import Sheets
from scopekeeper.docs import PACKAGE as DOCS
from scopekeeper.docs import Library
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import PageEndpoint, PrivateEndpoint
from scopekeeper.pages.page import Pages
from scopekeeper.pages.shelf import PAGES, Shelf, shelf_of
from scopekeeper.pages.visit import Reception
from scopekeeper.pages.visit import Stays as PageStays
from scopekeeper.scopes import Catalogue
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.web.account import (
    AccessRemoval,
    AccountPage,
    Connections,
    Having,
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
from scopekeeper.web.connection import BELOW as CONNECTION
from scopekeeper.web.connection import ConnectionPage
from scopekeeper.web.consent import ConsentEndpoint, Consenting
from scopekeeper.web.data import PATH as DATA
from scopekeeper.web.data import DataPage
from scopekeeper.web.device import DevicePage, Devices
from scopekeeper.web.docs import Documentation
from scopekeeper.web.errand import SECOND
from scopekeeper.web.factors import SetUp
from scopekeeper.web.forgot import PATH as FORGOT
from scopekeeper.web.forgot import Forgetting, ForgotPage
from scopekeeper.web.link import LinkPage, Links
from scopekeeper.web.login import ByPasskey, Doors, LoginEndpoint, NoDoors, SignIn
from scopekeeper.web.logout import LOGOUT, LogoutEndpoint, LogoutRequests
from scopekeeper.web.nowhere import Nowhere
from scopekeeper.web.owned import OWNED, OwnersDoor
from scopekeeper.web.owned import Owned as Owning
from scopekeeper.web.recovery import SECURITY
from scopekeeper.web.removal import GOODBYE, GoodbyePage, RemovalPage
from scopekeeper.web.removal import PATH as REMOVE
from scopekeeper.web.second import SecondEndpoint
from scopekeeper.web.security import SecurityDoor
from scopekeeper.web.signed_out import SignedOut
from scopekeeper.web.static import StaticFiles
from scopekeeper.web.upstream import (
    FROM,
    IDENTITIES,
    REMOVAL,
    WITH,
    Connecting,
    Disconnecting,
    FromEndpoint,
    Gangway,
    WithEndpoint,
)


def rooms_of(house: House, library: Library) -> dict[str, ASGIApp]:
    """Every room under the name by which `faces` leads there."""
    hall = hall_of(house.settings.issuer, house.login, house.clock, house.entropy)
    for_people = people(
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
        house.passkeys,
        house.factors,
        doors=house.upstreams,
        documented=house.settings.public_descriptions,
        forgotten=house.forgotten,
    )
    docs = Documentation(library, hall.shelf.address_of, house.extent.held, Nowhere(hall.reception, hall.pages))
    for_people |= elsewhere(hall, house) | proven_further(hall, house) | ones_own(hall, house)
    return for_people | {"/console": console(desk(house, hall, library)), "/docs": docs}


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
        docs=library,
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
        factors=house.factors,
        upstreams=house.upstreams,
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
        links=house.links,
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
    passkeys: ByPasskey,
    factors: Having,
    *,
    doors: Doors | None = None,
    documented: bool = False,
    forgotten: Forgetting | None = None,
) -> dict[str, ASGIApp]:
    """The pages for people, and what belongs to them, under the names by which `faces` leads there.

    `forgotten`: where there is mail, what sends a link by it.
    """
    pages, reception = hall.pages, hall.reception
    answers, signed_out = Answers(pages, hall.issuer), SignedOut(reception, pages)
    account = AccountPage(pages, stays, connections, owned, looks, catalogue, factors)
    nowhere = Nowhere(reception, pages)
    owner = OwnersDoor(pages, hall.jar.once, owned, catalogue, documented=documented)
    return {
        "/login": LoginEndpoint(
            reception, pages, stays, consenting, passkeys, doors or NoDoors(), mail=forgotten is not None
        ),
        "/oauth/authorize": AuthorizationEndpoint(reception, answers, consenting),
        LOGOUT: LogoutEndpoint(reception, pages, logout, signed_out),
        "/consent": ConsentEndpoint(reception, answers, consenting, catalogue, lifetimes),
        "/link": PageEndpoint(reception, pages, "link", LinkPage(reception, pages, accounts)),
        FORGOT: nowhere
        if forgotten is None
        else PageEndpoint(reception, pages, "forgot", ForgotPage(pages, forgotten)),
        "/account": PrivateEndpoint(reception, pages, "account", account),
        "/account/password": PrivateEndpoint(reception, pages, "password", acting(PasswordChange(account, accounts))),
        "/account/connections": PrivateEndpoint(reception, pages, "connections", acting(AccessRemoval(connections))),
        OWNED: PrivateEndpoint(reception, pages, "owned", owner),
        "/account/sessions": PrivateEndpoint(reception, pages, "sessions", acting(SessionEnd(stays))),
        "/account/sign-out": PrivateEndpoint(reception, pages, "sign-out", acting(SignOut(logout, signed_out))),
        "/device": PrivateEndpoint(reception, pages, "device", DevicePage(pages, devices, catalogue)),
        "static": StaticFiles(hall.shelf, nowhere),
        NOWHERE: nowhere,
    }


def elsewhere(hall: Hall, house: House) -> dict[str, ASGIApp]:
    """What leads to other providers and back."""
    pages, reception, signing = hall.pages, hall.reception, house.sign_in_elsewhere
    gangway = Gangway(reception, pages)
    connecting, disconnecting = Connecting(gangway, signing, house.linked), Disconnecting(gangway, house.linked)
    return {
        WITH: WithEndpoint(gangway, signing, house.authorize),
        FROM: FromEndpoint(gangway, signing, house.login, house.authorize),
        IDENTITIES: PrivateEndpoint(reception, pages, "identities", connecting),
        REMOVAL: PrivateEndpoint(reception, pages, "identities", disconnecting),
    }


def proven_further(hall: Hall, house: House) -> dict[str, ASGIApp]:
    """Where people show what they have besides a password, and where they look after it."""
    pages, reception = hall.pages, hall.reception
    set_up = SetUp(hall.jar, house.factors, house.passkeys)
    door = SecurityDoor(
        pages, hall.jar, house.factors, house.login, set_up, house.upstreams, house.linked, house.policy.demands
    )
    return {
        SECOND: SecondEndpoint(reception, pages, house.login, house.passkeys, set_up, house.authorize),
        SECURITY: PrivateEndpoint(reception, pages, "security", door),
    }


def ones_own(hall: Hall, house: House) -> dict[str, ASGIApp]:
    """What people see and take away of what is theirs here, and how they go."""
    pages, reception, catalogue = hall.pages, hall.reception, house.modules.catalogue
    removal = RemovalPage(
        pages,
        house.factors,
        house.accounts,
        house.logout,
        house.connections,
        house.owned,
        SignedOut(reception, pages),
    )
    connection = ConnectionPage(pages, house.connections, catalogue)
    return {
        CONNECTION: PrivateEndpoint(reception, pages, "connections", connection),
        DATA: PrivateEndpoint(reception, pages, "data", DataPage(pages, house.factors, house.dossier)),
        REMOVE: PrivateEndpoint(reception, pages, "remove", removal),
        GOODBYE: PageEndpoint(reception, pages, "goodbye", GoodbyePage(pages)),
    }
