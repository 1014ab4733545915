"""Whoever acts through the module `admin` never gives, or gains, more than they hold: tried on every write it has.

Made from the declarations: a write of which this file does not know how it could be abused fails by its name. Each try
is a proper request, which is shown by its success for whoever holds everything.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.api.modules import installed
from scopekeeper.oauth.applications import TYPES, Changes
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.scopes import APIS, Api, missing
from scopekeeper.sdk import Operation
from tests.api.faces import Face, over_graphql, over_rest
from tests.api.world import World, arguments_of, world
from tests.persons import a_person, an_application, granted

MODULES: Final = installed()
WRITES: Final = [each for each in MODULES.operations if each.module == "admin" and each.access == "write"]
READS: Final = " ".join(f"{api}:{module.name}:read" for api in APIS for module in MODULES)
BEYOND: Final = ("rest", "gql", "rest:extensions:write", "gql:callforward:read", "rest:admin:write:users", "rest gql")
ON: Final = "https://mine.example/cb"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries."""

    told: str
    token: str
    client_id: str
    scopes: tuple[str, ...]
    grants: tuple[GrantType, ...]

    def beyond(self) -> list[str]:
        """Scopes that would be more than they hold."""
        return [text for text in BEYOND if missing(self.scopes, text.split())]

    @property
    def has_everything(self) -> bool:
        return not missing(self.scopes, APIS)


@dataclass(frozen=True, slots=True)
class Try:
    """One way to ask for more."""

    told: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Victims:
    """What there is to be taken over: applications by what is rich about them."""

    applications: Mapping[str, str]

    def richer_than(self, caller: Caller) -> dict[str, str]:
        """Those that may do more than the caller."""
        beyond: dict[str, str] = {}
        for told, client_id in self.applications.items():
            has_grant = told.startswith("uses ") and GrantType(told.removeprefix("uses ")) in caller.grants
            if not told.startswith("poor") and not has_grant:
                beyond[told] = client_id
        return beyond


def additions(caller: Caller, victims: Victims) -> list[Try]:
    """Applications that nobody makes who holds no more than this caller."""
    tries = [Try(f"with {text}", body={"name": "Mine", "type": "web", "scope": text}) for text in caller.beyond()]
    for grant, type in (
        (GrantType.PASSWORD, "native"),
        (GrantType.IMPLICIT, "spa"),
        (GrantType.CLIENT_CREDENTIALS, "web"),
    ):
        if grant not in caller.grants:
            tries.append(Try(f"with {grant}", body={"name": "Mine", "type": type, "grant_types": [grant.value]}))
    if GrantType.CLIENT_CREDENTIALS not in caller.grants:
        tries.append(Try("a machine", body={"name": "Mine", "type": "m2m"}))
    tries += [
        Try(switch, body={"name": "Mine", "type": "web", switch: True}) for switch in ("trusted", "resource_server")
    ]
    return tries


def edits(caller: Caller, victims: Victims) -> list[Try]:
    """Edits by which an application, the caller's own or another, may do more, or is led by somebody else."""
    poor = {
        name.removeprefix("poor "): {"client_id": each} for name, each in victims.applications.items() if "poor" in name
    }
    own = {"client_id": caller.client_id}
    tries = [Try(f"own: {text}", own, {"scope": text}) for text in caller.beyond()]
    tries += [Try(f"poor: {text}", poor["web"], {"scope": text}) for text in caller.beyond()]
    for grant, type in (
        (GrantType.PASSWORD, "native"),
        (GrantType.IMPLICIT, "spa"),
        (GrantType.CLIENT_CREDENTIALS, "web"),
    ):
        if grant not in caller.grants:
            tries.append(Try(f"poor: {grant}", poor[type], {"grant_types": [grant.value]}))
    tries += [Try(f"poor: {switch}", poor["web"], {switch: True}) for switch in ("trusted", "resource_server")]
    for told, client_id in victims.richer_than(caller).items():
        if told == "disabled":
            tries.append(Try("enabling it", {"client_id": client_id}, {"enabled": True}))
        for change in (
            {"redirect_uris": [ON]},
            {"owner": "bob"},
            {"name": "Your bank"},
            {"pkce_required": True, "website": ON},
        ):
            tries.append(Try(f"{told}: {' '.join(change)}", {"client_id": client_id}, change))
    return tries


def takeovers(caller: Caller, victims: Victims, body: Mapping[str, Any]) -> list[Try]:
    """Fresh secrets of applications that may do more."""
    return [
        Try(told, {"client_id": each}, body) for told, each in victims.richer_than(caller).items() if told != "public"
    ]


def accounts(caller: Caller, victims: Victims) -> list[Try]:
    """Administrators made."""
    return [Try("an administrator", body={"name": "mallory", "admin": True})]


def account_edits(caller: Caller, victims: Victims) -> list[Try]:
    """Administrators made, let in again, or written to elsewhere."""
    return [
        Try("bob administers", {"name": "bob"}, {"admin": True}),
        Try("a former one is back", {"name": "former"}, {"enabled": True}),
        Try("root's e-mail", {"name": "root"}, {"email": "mallory@example.com"}),
    ]


def links(caller: Caller, victims: Victims) -> list[Try]:
    """Links that make the caller somebody else."""
    return [Try(name, {"name": name}) for name in ("bob", "root", "former")]


def resets(caller: Caller, victims: Victims) -> list[Try]:
    """Administrators who sign in by a password alone again."""
    return [Try(name, {"name": name}) for name in ("root", "former")]


GIVING: Final[Mapping[str, Callable[[Caller, Victims], list[Try]]]] = {
    "addApplication": additions,
    "updateApplication": edits,
    "rotateCredential": partial(takeovers, body={"overlap": 60}),
    "declareCompromised": partial(takeovers, body={}),
    "addUser": accounts,
    "updateUser": account_edits,
    "addPasswordLink": links,
    "resetSecondFactors": resets,
}
"""What could give more than is held, and how that is tried."""

TAKING: Final[Mapping[str, Mapping[str, Any] | None]] = {
    "removeApplication": None,
    "endCredential": None,
    "revokeAccessToken": None,
    "revokeAccessTokens": {"dry_run": False, "user": "dora"},
    "revokeRefreshToken": None,
    "revokeRefreshTokens": {"dry_run": False, "user": "dora"},
    "withdrawConsent": None,
    "removeUser": None,
    "rotateSigningKey": {"compromised": True},
}
"""What only takes away, with the body that does it: whoever may write may do that, to whomever."""

every_write = pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.field)
over_both = pytest.mark.parametrize("face", [over_rest, over_graphql], ids=["rest", "gql"])


@every_write
def test_it_is_known_how_it_could_be_abused(operation: Operation) -> None:
    assert (operation.field in GIVING) != (operation.field in TAKING), f"{operation.field}: say how to try to abuse it"


@over_both
@pytest.mark.parametrize("operation", [each for each in WRITES if each.field in GIVING], ids=lambda each: each.field)
async def test_row_55_nobody_gives_or_gains_more_than_they_hold(
    tmp_path: Path, operation: Operation, face: Face
) -> None:
    async with court(tmp_path, operation, _api_of(face)) as (there, callers, victims):
        asking = _asking(face, operation)
        for caller in callers:
            tries = GIVING[operation.field](caller, victims)
            assert caller.has_everything or tries
            for each in tries:
                before = await _state(there)
                outcome = await asking(there, operation, caller.token, each.arguments, each.body)
                if caller.has_everything:
                    assert outcome.kind == "done", f"{each.told} is no proper request: {outcome.text}"
                    continue
                assert outcome.kind == "forbidden", f"{caller.told} did it: {each.told}"
                assert await _state(there) == before, f"{caller.told}: {each.told}"


@over_both
@pytest.mark.parametrize("operation", [each for each in WRITES if each.field in TAKING], ids=lambda each: each.field)
async def test_what_only_takes_away_takes_no_more_than_its_scope(
    tmp_path: Path, operation: Operation, face: Face
) -> None:
    async with court(tmp_path, operation, _api_of(face)) as (there, callers, _):
        body = TAKING[operation.field]
        outcome = await _asking(face, operation)(
            there, operation, callers[0].token, arguments_of(operation, there, {}), body
        )
        assert outcome.kind == "done"


@over_both
@pytest.mark.parametrize(
    "taken",
    [{"scope": "rest:callforward"}, {"enabled": False}, {"redirect_uris": None}, {"owner": None}, {"scope": None}],
    ids=lambda taken: " ".join(map(str, *taken.items())),
)
async def test_a_richer_application_is_made_less_by_whoever_may_write(
    tmp_path: Path, face: Face, taken: dict[str, Any]
) -> None:
    [operation] = [each for each in WRITES if each.field == "updateApplication"]
    async with court(tmp_path, operation, _api_of(face)) as (there, callers, victims):
        arguments = {"client_id": victims.applications["everything"]}
        outcome = await _asking(face, operation)(there, operation, callers[0].token, arguments, taken)
        assert outcome.kind == "done"


@over_both
@pytest.mark.parametrize("less", [{"admin": False}, {"enabled": False}])
async def test_an_administrator_is_made_less_by_whoever_may_write(
    tmp_path: Path, face: Face, less: dict[str, bool]
) -> None:
    [operation] = [each for each in WRITES if each.field == "updateUser"]
    async with court(tmp_path, operation, _api_of(face)) as (there, callers, _):
        outcome = await _asking(face, operation)(there, operation, callers[0].token, {"name": "root"}, less)
        assert outcome.kind == "done"


def _api_of(face: Face) -> Api:
    return "rest" if face is over_rest else "gql"


def _asking(face: Face, operation: Operation) -> Face:
    """The face, asked for no more than who may only write is shown."""
    return face if face is over_rest else partial(over_graphql, only=operation.shown)


@asynccontextmanager
async def court(folder: Path, operation: Operation, api: Api) -> AsyncIterator[tuple[World, Sequence[Caller], Victims]]:
    """Those who try, from the one who holds this operation's scope alone to the one who holds everything."""
    async with world(folder) as there:
        other: Api = "gql" if api == "rest" else "rest"
        own = operation.scope(api)
        ceilings = {
            "its scope alone": own,
            "one module": f"{own} {api}:callforward",
            "all of administration": f"{api}:admin",
            "all that can be read": f"{own} {READS}",
            "one API": api,
            "the other API": f"{own} {other}",
        }
        callers = [await _machine(there, told, ceiling) for told, ceiling in ceilings.items()]
        root = await there.h.house.accounts.get("root")
        for told, ceiling in ceilings.items():
            callers.append(await _in_the_name_of_root(there, f"{told}, let in by root", ceiling, root.id))
        callers.append(await _machine(there, "everything", "rest gql"))
        # Somebody stays who keeps the server: the last administrator is guarded by another rule.
        chief = await there.h.house.accounts.add(
            "chief", password="correct horse battery", email=None, admin=True, actor="cli:test"
        )
        assert chief.admin
        await a_person(there.h, "former", admin=True)
        await there.h.house.accounts.enable("former", False, "cli:test")
        yield there, callers, await _victims(there)


async def _machine(there: World, told: str, ceiling: str) -> Caller:
    application = await there.h.register(ceiling)
    token = await there.h.token(application)
    return Caller(told, token, application.client_id, tuple(ceiling.split()), (GrantType.CLIENT_CREDENTIALS,))


async def _in_the_name_of_root(there: World, told: str, ceiling: str, user_id: int) -> Caller:
    application = await an_application(there.h, ceiling)
    root = await there.h.house.accounts.get("root")
    token = (await granted(there.h, root, application)).access_token
    return Caller(told, token, application.client_id, application.scope, application.grant_types)


async def _victims(there: World) -> Victims:
    async def registered(type: ApplicationType, scope: str = "", **more: Any) -> Client:
        made = await there.h.register(scope, type=type, name=f"A {type}", **more)
        return await there.h.house.applications.get(made.client_id)

    web, native, spa = ApplicationType.WEB, ApplicationType.NATIVE, ApplicationType.SPA
    disabled = await registered(web, "rest gql")
    await there.h.house.applications.change(disabled.client_id, Changes(enabled=False), "cli:test")
    uses = GrantType.PASSWORD
    assert uses in TYPES[native].switches
    return Victims(
        {
            "poor web": (await registered(web)).client_id,
            "poor native": (await registered(native)).client_id,
            "poor spa": (await registered(spa)).client_id,
            "everything": (
                await registered(web, "rest gql", owner="alice", redirect_uris=("https://a.example/cb",))
            ).client_id,
            "disabled": disabled.client_id,
            "trusted": (await registered(web, trusted=True)).client_id,
            "a resource server": (await registered(web, resource_server=True)).client_id,
            f"uses {uses}": (await registered(native, grants=(uses,))).client_id,
        }
    )


async def _state(there: World) -> tuple[object, ...]:
    """All that an act changes leaves a record."""
    store = there.h.house.records
    return (*await store.clients(), *await store.users(), len(await store.acts()))
