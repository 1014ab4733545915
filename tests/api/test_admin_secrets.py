"""A secret that administration makes is shown to whoever made it, once, over both faces, and never after."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.api.modules import installed
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.sdk import Operation
from scopekeeper.surface.openapi import path_to
from tests.api.faces import over_graphql
from tests.api.world import arguments_of, world
from tests.asking import Answer, ask, bearer
from tests.building import Application, Built, built

DRAFT = {"name": "Night shift", "type": "web", "redirect_uris": ["https://a.example/cb"]}
NATIVE = {"name": "Softphone", "type": "native"}
READS = [each for each in installed().operations if each.module == "admin" and each.access == "read"]


async def send(h: Built, method: str, path: str, token: str, body: object = None) -> Answer:
    headers = [bearer(token), ("content-type", "application/json")]
    text = b"" if body is None else json.dumps(body).encode()
    return await ask(h.front, method, f"/api/rest/admin{path}", headers=headers, body=text)


async def graphql(h: Built, token: str, query: str) -> Any:
    headers = [bearer(token), ("content-type", "application/json")]
    answer = await ask(h.front, "POST", "/api/graphql", headers=headers, body=json.dumps({"query": query}).encode())
    return answer.json()


def is_secret(text: str) -> bool:
    return row_of(text, Kind.CLIENT_SECRET) is not None


async def test_a_new_application_answers_its_secret_and_its_place(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register())
        answer = await send(h, "POST", "/applications", token, DRAFT)
        made = answer.json()
        assert answer.status == 201
        assert is_secret(made["client_secret"])
        assert made["name"] == "Night shift"
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        read = await h.get(answer.headers["location"], token)
        assert read.json() == made | {"client_secret": None}


async def test_who_may_only_write_is_shown_what_the_write_gave_and_nothing_else(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register("rest:admin:write"))
        answer = await send(h, "POST", "/applications", token, DRAFT)
        made = answer.json()
        assert list(made) == ["client_id", "client_secret"]
        path = f"/applications/{made['client_id']}/credentials"
        rotated = (await send(h, "POST", path, token, {"overlap": 60})).json()
        assert list(rotated) == ["client_id", "id", "client_secret"]
        assert len({made["client_secret"], rotated["client_secret"]}) == 2
        compromised = (await send(h, "POST", f"/applications/{made['client_id']}/compromise", token, {})).json()
        assert list(compromised) == ["client_id", "client_secret"]
        assert (await send(h, "POST", "/users", token, {"name": "Carol"})).json() == {"name": "carol"}


async def test_the_secrets_that_are_shown_work_for_as_long_as_was_said(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register())
        draft = DRAFT | {"grant_types": ["client_credentials"], "scope": "rest:callforward"}
        made = (await send(h, "POST", "/applications", token, draft)).json()
        path = f"/applications/{made['client_id']}"

        async def works(*secrets: str) -> list[int]:
            applications = [Application(made["client_id"], secret) for secret in secrets]
            return [(await h.ask_token(each)).status for each in applications]

        first = made["client_secret"]
        second = (await send(h, "POST", f"{path}/credentials", token, {"overlap": 60})).json()["client_secret"]
        assert await works(first, second) == [200, 200]
        h.clock.advance(60)
        assert await works(first, second) == [401, 200]
        third = (await send(h, "POST", f"{path}/compromise", token, {})).json()["client_secret"]
        assert await works(first, second, third) == [401, 401, 200]


async def test_an_edit_answers_nothing_to_who_may_only_write_unless_it_makes_a_secret(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register())
        made = (await send(h, "POST", "/applications", token, NATIVE)).json()
        assert made["client_secret"] is None
        path = f"/applications/{made['client_id']}"
        writer = await h.token(await h.register("rest gql"), scope="rest:admin:write:applications")
        assert (await send(h, "PATCH", path, writer, {"description": "A telephone"})).status == 204
        # With the grant comes a secret; who gives the grant has everything.
        answer = await send(h, "PATCH", path, token, {"grant_types": ["password"]})
        assert answer.status == 200
        assert is_secret(answer.json()["client_secret"])
        assert "etag" not in answer.headers
        again = await send(h, "PATCH", path, token, {"description": "A telephone that rings"})
        assert again.json()["client_secret"] is None
        assert again.headers["etag"] == (await h.get(f"/api/rest/admin{path}", token)).headers["etag"]


async def test_over_graphql_a_write_may_select_what_it_gives(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register("gql:admin:write"))
        add = 'mutation {{ addApplication(body: {{name: "Night shift", type: M2M}}) {{ clientId {more} }} }}'
        made = await graphql(h, token, add.format(more="clientSecret"))
        assert is_secret(made["data"]["addApplication"]["clientSecret"])
        refused = await graphql(h, token, add.format(more="clientSecret name"))
        assert refused["errors"][0]["extensions"]["missing"] == ["gql:admin:read:applications"]
        rotate = f'mutation {{ rotateCredential(clientId: "{made["data"]["addApplication"]["clientId"]}", '
        rotated = await graphql(h, token, f"{rotate}body: {{overlap: 60}}) {{ id clientSecret }} }}")
        assert is_secret(rotated["data"]["rotateCredential"]["clientSecret"])


async def test_a_link_is_given_once_and_works(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register())
        await send(h, "POST", "/users", token, {"name": "carol"})
        answer = await send(h, "POST", "/users/carol/link", token)
        made = answer.json()
        assert answer.status == 201
        assert answer.headers["cache-control"] == "no-store"
        _, _, secret = made["link"].partition("key=")
        opened = await h.house.accounts.open_link(secret)
        assert opened is not None
        assert opened[1] is not None
        assert opened[1].name == "carol"


@pytest.mark.parametrize("operation", READS, ids=lambda operation: f"{operation.method} {path_to(operation)}")
async def test_no_read_shows_a_secret_or_its_digest(tmp_path: Path, operation: Operation) -> None:
    async with world(tmp_path) as there:
        h, token = there.h, there.tokens["root"]
        made = (await send(h, "POST", "/applications", token, DRAFT)).json()
        await send(h, "POST", f"/applications/{made['client_id']}/credentials", token, {"overlap": 60})
        await send(h, "POST", f"/applications/{made['client_id']}/compromise", token, {})
        await send(h, "POST", "/users/bob/link", token)
        arguments = arguments_of(operation, there, {})
        over_rest = await h.get("/api/rest" + path_to(operation).format_map(arguments), token)
        assert over_rest.status == 200
        shown = over_rest.body.decode() + (await over_graphql(there, operation, token, arguments, None)).text
        assert "skpr_" not in shown
        assert "argon2" not in shown
        assert "digest" not in shown
