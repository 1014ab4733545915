"""A directory that keeps people here by SCIM, as such do: over HTTP, with a token of an application."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from tests.asking import Answer, ask, bearer
from tests.building import Built, built

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST_RESPONSE: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
SEARCH: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

BARBARA: Final[Mapping[str, Any]] = {
    "schemas": [USER],
    "externalId": "bjensen",
    "userName": "bjensen@example.com",
    "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
}
"""As RFC 7644 §3.3 creates her, under a name that an account can have."""

WORK: Final = "+1 604 555 1234"
FULL: Final[Mapping[str, Any]] = {
    **BARBARA,
    "emails": [{"value": "bjensen@example.com", "type": "work", "primary": True}],
    "phoneNumbers": [{"value": WORK, "type": "work", "primary": True}],
    "addresses": [{"formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA", "type": "work", "primary": True}],
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
    "active": True,
}
"""With all that is kept."""


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Whoever sends what a directory knows."""

    h: Built
    token: str | None

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request below `/scim/v2`; a body that is no bytes is sent as JSON."""
        sent = {"content-type": "application/scim+json"} if body is not None else {}
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        told = [*({**sent, **(headers or {})}).items(), *([] if self.token is None else [bearer(self.token)])]
        return await ask(self.h.front, method, f"/scim/v2{path}", headers=told, body=text)

    async def add(self, body: Mapping[str, Any] = BARBARA, **more: Any) -> Any:
        """A user."""
        answer = await self.ask("POST", "/Users", {**body, **more})
        assert answer.status == 201, answer.body
        return answer.json()

    async def patch(self, id: str, *operations: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """What a PATCH with these operations answers."""
        return await self.ask("PATCH", f"/Users/{id}", patch_of(*operations), headers)

    async def patched(self, id: str, *operations: Mapping[str, Any]) -> Any:
        """The user afterwards."""
        answer = await self.patch(id, *operations)
        assert answer.status == 200, answer.body
        return answer.json()

    async def find(self, filter: str, **parameters: object) -> Any:
        """The list that a filter finds."""
        answer = await self.search(filter, **parameters)
        assert answer.status == 200, answer.body
        return answer.json()

    async def search(self, filter: str, **parameters: object) -> Answer:
        """What asking for users so answers."""
        named = {"filter": filter, **parameters}
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in named.items())
        return await self.ask("GET", f"/Users?{query}")

    async def names(self, filter: str) -> list[str]:
        """Who is found."""
        return [each["userName"] for each in (await self.find(filter))["Resources"]]


def patch_of(*operations: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a PATCH with these operations."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


@asynccontextmanager
async def provisioned(folder: Path, scope: str = "rest gql") -> AsyncIterator[Provisioner]:
    """A house, and a directory that holds this much of it."""
    async with built(folder) as h:
        yield await a_provisioner(h, scope)


async def a_provisioner(h: Built, scope: str) -> Provisioner:
    """A directory that holds this."""
    return Provisioner(h, await h.token(await h.register(scope)))


def fault_in(answer: Answer) -> tuple[int, str | None]:
    """Status and scimType of a refusal, which is told as RFC 7644 §3.12 has it."""
    assert answer.headers["content-type"] == "application/scim+json", answer.headers
    body = answer.json()
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(answer.status)
    assert body["detail"]
    return answer.status, body.get("scimType")
