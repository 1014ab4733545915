"""Grants of people, for the command line to list and take back: put into the database of a shell."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from scopekeeper.app import House, open_house
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.granted import Consent, Grantor
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.records import GrantType
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.ports import Act
from scopekeeper.settings import load
from tests.cli.conftest import Shell

T = TypeVar("T")

SCOPE: Final = "rest:callforward:read rest:callforward:write"


def in_house(shell: Shell, act: Callable[[House], Awaitable[T]]) -> T:
    """Do something in the house on the shell's data."""

    async def opened() -> T:
        async with open_house(load({"data": str(shell.data)}, environ={})) as house:
            return await act(house)

    return asyncio.run(opened())


def an_application(shell: Shell, name: str = "Phone book", *options: str) -> str:
    """A web application's client_id."""
    uri = ("--redirect-uri", "https://app.example/cb")
    made = shell.json("app", "add", name, "--type", "web", "--scope", SCOPE, *uri, *options)
    client_id: str = made["client_id"]
    return client_id


def granted(shell: Shell, user: str, client_id: str) -> tuple[str, str]:
    """What this person grants that application, remembered: the ids of the access token and of the family."""

    async def act(house: House) -> tuple[str, str]:
        person, client, now = await house.accounts.get(user), await house.applications.get(client_id), house.clock.now()
        grantor, mint = Grantor(person.id, person.name, now, None), house.issuing.mint_for_person()
        issue = begun(client, grantor, client.scope, GrantType.AUTHORIZATION_CODE, mint, address=None)
        assert issue.family is not None
        consent = Consent(person.id, client_id, client.generation, client.scope, now, now)
        noted = Act(house.entropy.row_id(), now, f"user:{user}", "consent.give", client_id)
        await house.store.begin_family(issue.family, issue.token, issue.refresh, consent, noted)
        return jti_of(issue.token.id), jti_of(issue.family.id)

    return in_house(shell, act)


def signed_in(shell: Shell, user: str) -> str:
    """The id of a session of this person."""

    async def act(house: House) -> str:
        person, now, row = await house.accounts.get(user), house.clock.now(), house.entropy.row_id()
        digest = digest_of(secret_of(Kind.SESSION, row, house.entropy.entropy()))
        session = Session(row, digest, person.id, person.name, now, now, "203.0.113.7", "Firefox")
        begun_by = Act(house.entropy.row_id(), now, f"user:{user}", "session.begin", user)
        await house.store.begin_session(session, person, None, begun_by)
        return jti_of(row)

    return in_house(shell, act)
