"""Alice, who lets an application act in her name: what the pages for people would have left behind, laid down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scopekeeper.oauth.granted import Code, DeviceCode
from scopekeeper.oauth.people import User
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from tests.asking import Answer, post_form
from tests.building import Application, Built, built
from tests.persons import a_person, a_session

REDIRECT: Final = "https://app.example/cb"
VERIFIER: Final = "v" * 43
SCOPE: Final = "rest:callforward rest:extensions:read"
ADDRESS: Final = "203.0.113.7"


@dataclass(frozen=True, slots=True)
class Office:
    """A house with alice in it, who is signed in, and a web application."""

    house: Built
    app: Application
    alice: User
    session: int

    async def code(self, app: Application | None = None, **facts: Any) -> str:
        """A code, as if she had just consented."""
        row, code = self._secret(Kind.AUTHORIZATION_CODE)
        told = self._granted(app) | {
            "redirect_uri": REDIRECT,
            "code_challenge": challenge_of(VERIFIER),
            "expires_at": self.house.clock.now() + 60,
        }
        await self.house.house.store.add_code(Code(**row | told | facts), None, None)
        return code

    async def device(self, **facts: Any) -> str:
        """A device code, which she has approved."""
        row, code = self._secret(Kind.DEVICE_CODE)
        told = self._granted(None) | {"user_code": "BCDFGHJK", "interval": 5}
        told |= {"approved": True, "expires_at": self.house.clock.now() + 600}
        device = DeviceCode(**row | told | facts)
        await self.house.house.store.add_device(device)
        return code

    def _secret(self, kind: Kind) -> tuple[dict[str, Any], str]:
        entropy = self.house.house.entropy
        row_id = entropy.row_id()
        presented = secret_of(kind, row_id, entropy.entropy())
        return {"id": row_id, "digest": digest_of(presented)}, presented

    def _granted(self, app: Application | None) -> dict[str, Any]:
        now = self.house.clock.now()
        return {
            "client_id": (app or self.app).client_id,
            "generation": 0,
            "user_id": self.alice.id,
            "user": self.alice.name,
            "auth_time": now - 10,
            "session_id": self.session,
            "scope": tuple(SCOPE.split(" ")),
            "issued_at": now,
        }

    async def ask(self, app: Application | None = None, /, **form: str) -> Answer:
        """The token endpoint's answer to this application: with its secret, or as a public one."""
        by = app or self.app
        if by.client_secret:
            return await post_form(self.house.front, "/oauth/token", form, headers=[by.basic])
        return await post_form(self.house.front, "/oauth/token", {**form, "client_id": by.client_id})

    async def redeem(self, code: str, app: Application | None = None, /, **more: str) -> Answer:
        told = {"code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return await self.ask(app, grant_type="authorization_code", **told | more)

    async def refresh(self, token: str, app: Application | None = None, /, **more: str) -> Answer:
        return await self.ask(app, grant_type="refresh_token", refresh_token=token, **more)

    async def bought(self, **facts: Any) -> Any:
        """What a code buys."""
        answer = await self.redeem(await self.code(**facts))
        assert answer.status == 200, answer.body
        return answer.json()

    async def revoke(self, token: str) -> Answer:
        return await post_form(self.house.front, "/oauth/revoke", {"token": token}, headers=[self.app.basic])

    async def active(self, *tokens: str) -> list[bool]:
        """What introspection says of each."""
        return [(await self.house.introspect(each, self.app))["active"] for each in tokens]

    async def replays(self) -> list[tuple[str, str]]:
        """Who replayed what, as the audit log has it."""
        acts = await self.house.house.store.acts()
        return [(act.actor, act.action) for act in acts if act.action.endswith(".replayed")]


@asynccontextmanager
async def an_office(folder: Path, environ: Any = None, **application: Any) -> AsyncIterator[Office]:
    """The office, with a clock and row ids that the test holds. `application`: how it is registered."""
    async with built(folder, environ) as house:
        yield await furnished(house, **application)


async def furnished(house: Built, **application: Any) -> Office:
    """Alice, her session and the application, brought into this house."""
    facts = {"type": ApplicationType.WEB, "redirect_uris": (REDIRECT,), "name": "Phone book"}
    app = await house.register("openid email offline_access rest gql", **facts | application)
    alice = await a_person(house, "alice")
    session, _ = await a_session(house, alice, ago=10)
    return Office(house, app, alice, session.id)


async def at_once(*asking: Any) -> list[Answer]:
    """All of these, as parallel as one process can."""
    return list(await asyncio.gather(*asking))
