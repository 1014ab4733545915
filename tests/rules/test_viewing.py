"""Views: what an application, a person, or a person through an application could read, by the rule alone."""

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import EXPLORER, ApplicationType, Client, GrantType
from scopekeeper.oauth.viewing import View, seen_as

READ, WRITE = "gql:callforward:read", "gql:callforward:write"
KNOWN = {"rest", "gql", "openid", "offline_access", "gql:callforward", READ, WRITE, "gql:extensions:read"}
ITSELF, ASKING = (GrantType.CLIENT_CREDENTIALS,), (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)

ALICE = User(7, "alice", None, 0)
ROOT = User(8, "root", None, 0, admin=True)
GONE = User(9, "gone", None, 0, enabled=False)


def an_app(
    scope: str = "gql:callforward",
    grants: tuple[GrantType, ...] = ITSELF,
    type: ApplicationType = ApplicationType.WEB,
    *,
    client_id: str = "app",
    enabled: bool = True,
) -> Client:
    return Client(client_id, type, "Phone book", tuple(scope.split()), grants, 0, enabled=enabled)


def seen(client: Client | None, person: User | None = None, asked: str | None = None) -> View:
    return seen_as(client, person, None if asked is None else asked.split(), KNOWN.__contains__)


def test_an_application_has_its_whole_ceiling_without_identity_scopes() -> None:
    """RFC 6749 §4.4.2: what its own token would have, if it asked for nothing in particular."""
    view = seen(an_app(f"openid {READ} rest offline_access gql:gone:read"))
    assert (view.scopes, view.nothing, view.barred) == ((READ, "rest"), "", "")


@pytest.mark.parametrize(
    ("ceiling", "asked", "scopes"),
    [
        ("gql:callforward", READ, (READ,)),
        (READ, "gql:callforward", (READ,)),
        (READ, "gql", (READ,)),
        (READ, f"{READ} {WRITE}", (READ,)),
        (READ, "gql:extensions:read", ()),
        (READ, "openid", ()),
        (READ, "gql:nothing", ()),
        (READ, "", ()),
        ("", "gql", ()),
        ("rest gql", f"{WRITE} rest", (WRITE, "rest")),
    ],
)
def test_the_box_cuts_and_never_widens(ceiling: str, asked: str, scopes: tuple[str, ...]) -> None:
    assert seen(an_app(ceiling), None, asked).scopes == scopes


def test_a_person_alone_has_what_is_asked_and_nothing_of_their_own() -> None:
    assert seen(None, ALICE, f"{READ} openid gql:nothing").scopes == (READ,)
    assert seen(None, ALICE).scopes == ()


def test_through_an_application_a_person_reaches_no_further_than_its_ceiling() -> None:
    view = seen(an_app(READ, ASKING), ALICE, "gql")
    assert (view.scopes, view.nothing, view.barred) == ((READ,), "", "")


@pytest.mark.parametrize(
    ("client", "person", "said"),
    [
        (an_app(enabled=False), None, "Phone book is disabled"),
        (an_app(grants=ASKING, enabled=False), ALICE, "Phone book is disabled"),
        (None, GONE, "The account gone is disabled"),
        (an_app(grants=ASKING), GONE, "The account gone is disabled"),
        (an_app(grants=()), None, "has no grant"),
        (an_app(grants=(GrantType.REFRESH_TOKEN,)), ALICE, "has no grant"),
        (an_app(grants=(), client_id=EXPLORER), ALICE, "acts for administrators only, and alice is none"),
    ],
)
def test_who_could_read_nothing_is_told_of_in_a_sentence(client: Client | None, person: User | None, said: str) -> None:
    nothing = seen(client, person, "gql").nothing
    assert said in nothing
    assert nothing.endswith(".")


@pytest.mark.parametrize(
    ("client", "person", "said"),
    [
        (an_app(grants=ASKING), None, "Choose a person"),
        (an_app(grants=ITSELF, type=ApplicationType.SPA), None, "has no grant"),
        (an_app(grants=(), client_id=EXPLORER), None, "Choose a person"),
        (an_app(grants=ITSELF), ALICE, "acts only for itself"),
        (an_app(grants=ITSELF), ROOT, "acts only for itself"),
    ],
)
def test_what_has_a_schema_and_no_data_is_told_of_in_a_sentence(client: Client, person: User | None, said: str) -> None:
    """An application never has a token in a way that its grants do not lead to."""
    view = seen(client, person, "gql")
    assert said in (view.barred or view.nothing)


@pytest.mark.parametrize("grant", [each for each in GrantType if each not in (*ITSELF, GrantType.REFRESH_TOKEN)])
def test_every_grant_that_asks_a_person_lets_it_act_in_their_name(grant: GrantType) -> None:
    assert seen(an_app(grants=(grant,)), ALICE).barred == ""
    assert seen(an_app(grants=(grant, *ITSELF))).barred == ""


def test_an_administrator_is_seen_through_the_built_in_application() -> None:
    view = seen(an_app("rest gql", (), ApplicationType.SPA, client_id=EXPLORER), ROOT, READ)
    assert (view.scopes, view.nothing, view.barred) == ((READ,), "", "")


def test_a_view_is_called_by_whom_it_is_of() -> None:
    titles = [seen(client, person).title for client in (an_app(), None) for person in (ALICE, None)]
    assert titles == ["alice through Phone book", "Phone book", "alice", ""]
