"""People in a house, their sessions, and what they grant: without the pages before it, and without passwords."""

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.authentication import PASSWORD
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.granted import Grantor, consent_to
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.token import Issue
from scopekeeper.services.ports import Act
from tests.building import Built


async def a_person(h: Built, name: str, *, admin: bool = False) -> User:
    """An account without a password."""
    house, now = h.house, h.clock.now()
    user = User(house.entropy.row_id(), name, None, now, admin=admin)
    await house.store.add_user(user, Act(house.entropy.row_id(), now, "cli:test", "user.add", name))
    return user


async def a_session(h: Built, person: User, *, ago: int = 0, amr: tuple[str, ...] = (PASSWORD,)) -> tuple[Session, str]:
    """A session that this person began so many seconds ago, by these methods, and the value of its cookie."""
    house, now = h.house, h.clock.now()
    row_id = house.entropy.row_id()
    cookie = secret_of(Kind.SESSION, row_id, house.entropy.entropy())
    session = Session(row_id, digest_of(cookie), person.id, person.name, now - ago, now, amr=amr)
    act = Act(house.entropy.row_id(), now, f"user:{person.name}", "session.begin", person.name)
    await house.store.begin_session(session, person, None, act)
    return session, cookie


async def an_application(h: Built, scope: str = "rest gql", name: str = "Phone book") -> Client:
    """A web application, to which people may grant something."""
    redirect_uris = ("https://app.example/callback",)
    draft = Draft(name=name, type=ApplicationType.WEB, scope=scope, redirect_uris=redirect_uris)
    return (await h.house.applications.add(draft, "cli:test")).client


async def granted(
    h: Built, person: User, application: Client, *, session_id: int | None = None, remembered: bool = False
) -> Issue:
    """What this person grants to this application: all that it may have. With its tokens, and the consent if asked."""
    house = h.house
    grantor = Grantor(person.id, person.name, h.clock.now(), session_id)
    issue = await house.issuing.signed(
        begun(
            application,
            grantor,
            application.scope,
            GrantType.AUTHORIZATION_CODE,
            house.issuing.mint_for_person(),
            address=None,
        ),
        application,
    )
    assert issue.family is not None
    consent = consent_to(application, person.id, application.scope, None, house.clock.now()) if remembered else None
    await house.store.begin_family(issue.family, issue.token, issue.refresh, consent, None)
    return issue
