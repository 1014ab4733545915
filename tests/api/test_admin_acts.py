"""Each write of administration leaves one audit record: who did it, from where, to what; never a secret in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.api.modules import installed
from scopekeeper.sdk import Operation
from scopekeeper.surface.openapi import path_to
from tests.api.administration import APPLICATION, KEPT, PERSON
from tests.api.house import House
from tests.asking import ask, bearer
from tests.building import built
from tests.persons import a_person, an_application, granted

WRITES = [each for each in installed().operations if each.module == "admin" and each.access == "write"]
EVERYTHING = ("rest", "gql")

ACTS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "addApplication": ("application.add", {"name": "Night shift", "type": "m2m"}),
    "updateApplication": ("application.change", {"name": "Phone list"}),
    "removeApplication": ("application.remove", None),
    "rotateCredential": ("application.rotate", {"overlap": 60}),
    "endCredential": ("application.end_secret", None),
    "declareCompromised": ("application.compromised", {}),
    "revokeAccessToken": ("token.revoke", None),
    "revokeAccessTokens": ("token.revoke_matching", {"dry_run": False}),
    "revokeRefreshToken": ("family.revoke", None),
    "revokeRefreshTokens": ("family.revoke_matching", {"dry_run": False}),
    "withdrawConsent": ("consent.withdraw", None),
    "addUser": ("user.add", {"name": "carol", "email": "carol@example.com"}),
    "updateUser": (
        "user.change",
        {"email": "dora@example.com", "full_name": "Dora", "locale": "de", "admin": True, "enabled": False},
    ),
    "removeUser": ("user.remove", None),
    "addPasswordLink": ("user.link", None),
    "resetSecondFactors": ("factors.remove", None),
    "rotateSigningKey": ("keys.rotate", {}),
}
"""What each write is called in the log, and the body that makes it do something."""


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.field)
async def test_a_write_leaves_one_record_of_who_did_it_from_where(operation: Operation) -> None:
    house = House.furnished()
    await house.administration.office.signer.prepare()
    store, (action, body) = house.administration.store, ACTS[operation.field]
    before = await store.acts()
    answer = await house.ask(operation.method, path_to(operation).format_map(KEPT), *EVERYTHING, body=body)
    assert answer.status in (200, 201, 204), answer.body
    [act] = [each for each in await store.acts() if each not in before]
    assert (act.action, act.actor, act.address) == (action, "client:app1", "192.0.2.7")
    assert "skpr_" not in json.dumps(act.details, default=str)


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.field)
async def test_what_is_refused_leaves_none(operation: Operation) -> None:
    house, (_, body) = House.furnished(), ACTS[operation.field]
    before = await house.administration.store.acts()
    path = path_to(operation).format_map(dict.fromkeys(KEPT, "nobody"))
    await house.ask(operation.method, path, "rest:callforward", body=body)
    await house.ask(operation.method, path, *EVERYTHING, body=body, headers={"if-match": '"another"'})
    assert await house.administration.store.acts() == before


async def test_the_record_of_an_edit_tells_before_and_after() -> None:
    house = House.furnished()
    path = f"/admin/applications/{APPLICATION}"
    await house.ask("PATCH", path, *EVERYTHING, body={"name": "Phone list", "scope": None, "trusted": True})
    [record] = (await house.ask("GET", "/admin/audit?action=application.change", *EVERYTHING)).json["items"]
    assert record["target"] == APPLICATION
    assert record["details"] == [
        {"name": "name", "value": None, "before": "Phone book", "after": "Phone list"},
        {"name": "scope", "value": None, "before": '["rest:callforward"]', "after": "[]"},
        {"name": "trusted", "value": None, "before": "false", "after": "true"},
    ]
    assert (await house.ask("GET", f"/admin/audit/{record['id']}", *EVERYTHING)).json == record


async def test_who_acts_in_an_administrators_name_is_told_with_the_application(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        root, application = await a_person(h, "root", admin=True), await an_application(h)
        token = (await granted(h, root, application)).access_token
        headers = [bearer(token), ("content-type", "application/json")]
        query = json.dumps({"query": 'mutation { addUser(body: {name: "carol"}) { name } }'}).encode()
        assert (await ask(h.front, "POST", "/api/graphql", headers=headers, body=query)).status == 200
        [act] = await h.house.store.acts(limit=1)
        assert (act.actor, act.address) == (f"user:root via {application.client_id}", "203.0.113.7")


async def test_who_is_shut_out_over_the_api_loses_what_they_granted() -> None:
    house = House.furnished()
    assert (await house.ask("PATCH", f"/admin/users/{PERSON}", *EVERYTHING, body={"enabled": False})).status == 200
    for path in ("tokens", "refresh-tokens"):
        assert (await house.ask("GET", f"/admin/{path}", *EVERYTHING)).json["items"] == []


async def test_a_finding_of_lint_is_mended_by_its_fix() -> None:
    house, path = House.furnished(), f"/admin/applications/{APPLICATION}"
    report = (await house.ask("GET", f"{path}/lint", *EVERYTHING)).json
    assert report["worst"] == report["findings"][0]["severity"]
    await house.ask("PATCH", path, *EVERYTHING, body={"pkce_required": False})
    found = await house.ask("GET", f"{path}/lint", *EVERYTHING)
    [optional] = [each for each in found.json["findings"] if each["code"] == "pkce_optional"]
    assert json.loads(optional["fix"]) == {"pkce_required": True}
    assert (await house.ask("PATCH", path, *EVERYTHING, body=json.loads(optional["fix"]))).json["pkce_required"]


async def test_what_was_written_is_shown_to_who_may_read_that_module(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        writer = await h.register("rest:callforward:write")
        path = "/api/rest/callforward/users/1001"
        headers = [bearer(await h.token(writer)), ("content-type", "application/json")]
        assert (await ask(h.front, "PUT", path, headers=headers, body=b'{"busy": "5551234"}')).status == 204
        await h.house.uses.write(h.house.store, h.clock, h.house.entropy)
        for scope, written in (
            ("rest:admin:read", []),
            ("rest:admin:read rest:callforward:read", ["callforward/1001"]),
        ):
            token = await h.token(await h.register(scope))
            found = await h.get(f"/api/rest/admin/applications/{writer.client_id}/activity", token)
            assert [each["what"] for each in found.json()["written"]] == written
            assert [each["what"] for each in found.json()["scopes"]] == ["rest:callforward:write"]
            assert found.json()["least"] == "rest:callforward:write"
