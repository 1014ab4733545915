"""A whole house in one process, for tests: a real store in a temporary file, a clock and a mint that the test holds."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from scopekeeper.api.modules import Modules, installed
from scopekeeper.app import House
from scopekeeper.app.faces import front
from scopekeeper.docs import Library
from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.records import ApplicationType, TokenFormat
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.vault import Vault
from scopekeeper.settings import Settings, load
from scopekeeper.store import SqlStore, open_store
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.fixtures import FixedClock, FixedEntropy

NOW = 1_800_000_000


@dataclass(frozen=True, slots=True)
class Application:
    """A registered application and its credentials."""

    client_id: str
    client_secret: str

    @property
    def basic(self) -> tuple[str, str]:
        return basic(self.client_id, self.client_secret)


@dataclass(frozen=True, slots=True)
class Built:
    """The house, its front door, and the hands of its clock."""

    house: House
    front: ASGIApp
    clock: FixedClock

    async def register(self, scope: str = "rest gql", **more: Any) -> Application:
        """A machine-to-machine application."""
        draft = Draft(**{"name": "Night shift", "type": ApplicationType.M2M, "scope": scope, **more})
        made = await self.house.applications.add(draft, "cli:test")
        return Application(made.client.client_id, made.client_secret or "")

    async def token(self, application: Application, **form: str) -> str:
        """A token for it."""
        answer = await self.ask_token(application, **form)
        assert answer.status == 200, answer.body
        token: str = answer.json()["access_token"]
        return token

    async def ask_token(self, application: Application, **form: str) -> Answer:
        """The token endpoint's answer."""
        form = {"grant_type": "client_credentials", **form}
        return await post_form(self.front, "/oauth/token", form, headers=[application.basic])

    async def introspect(self, token: str, application: Application) -> Any:
        """What introspection says."""
        answer = await post_form(self.front, "/oauth/introspect", {"token": token}, headers=[application.basic])
        assert answer.status == 200, answer.body
        return answer.json()

    async def get(self, path: str, token: str) -> Answer:
        """GET with a Bearer token."""
        return await ask(self.front, "GET", path, headers=[bearer(token)])


@asynccontextmanager
async def built(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    *,
    around: Callable[[SqlStore], SqlStore] = lambda store: store,
    modules: Modules | None = None,
) -> AsyncIterator[Built]:
    """A house in this folder, with extensions 1001 to 1003 in it. `around` puts something around its store.

    `modules`: in place of those that are installed.
    """
    settings: Settings = load({"data": str(folder)}, environ={"HOME": str(folder), **(environ or {})})
    clock = FixedClock(NOW)
    store = around(open_store(settings.database))
    entropy = FixedEntropy(first_row_id(clock.now()))
    house = House(settings, modules or modules_of(settings), store, Vault(os.urandom(32)), clock, entropy)
    await house.signer.prepare()
    for extension in ("1001", "1002", "1003"):
        await house.run("addExtension", body={"extension": extension, "name": f"Phone {extension}"})
    try:
        library = library_of(house.modules, settings.issuer)
        yield Built(house, front(house, _no_life, library=library), clock)
    finally:
        await house.store.close()


def modules_of(settings: Settings) -> Modules:
    """The modules that are installed and not switched off: what is installed stays so while tests run."""
    return _installed(settings.modules_off)


@lru_cache(maxsize=8)
def _installed(switched_off: frozenset[str]) -> Modules:
    return installed(switched_off=switched_off)


@lru_cache(maxsize=8)
def library_of(modules: Modules, issuer: str) -> Library:
    """What these modules say of themselves: to gather it is a third of what a house takes, and no house changes it."""
    return Library.of(modules.modules, modules.operations, modules.catalogue, issuer=issuer)


async def _no_life(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("nothing but requests comes here")


JWT = {"token_format": TokenFormat.JWT}
