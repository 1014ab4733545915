"""People in a house, and tokens in their names: begun as all that people grant begins, without the pages before it."""

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.token import Issue
from scopekeeper.services.ports import Act
from tests.building import Built


async def a_person(h: Built, name: str, *, admin: bool = False) -> User:
    """An account, without a password: nobody signs in to it here."""
    house, now = h.house, h.clock.now()
    user = User(house.entropy.row_id(), name, None, now, admin=admin)
    await house.store.add_user(user, Act(house.entropy.row_id(), now, "cli:test", "user.add", name))
    return user


async def an_application(h: Built, scope: str = "rest gql", name: str = "Phone book") -> Client:
    """A web application, to which people may grant something."""
    redirect_uris = ("https://app.example/callback",)
    draft = Draft(name=name, type=ApplicationType.WEB, scope=scope, redirect_uris=redirect_uris)
    return (await h.house.applications.add(draft, "cli:test")).client


async def granted(h: Built, person: User, application: Client, *, session_id: int | None = None) -> Issue:
    """What this person grants to this application: all that it may have. With its tokens, remembered."""
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
    await house.store.begin_family(issue.family, issue.token, issue.refresh, None, None)
    return issue
