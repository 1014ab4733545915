"""Administration is for who administers just now, and each act meets the object that its path names, or none."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.secrets import Kind, secret_of
from tests.api.administration import APPLICATION, KEPT, PERSON
from tests.api.house import House
from tests.asking import Answer, ask, bearer
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

EVERYTHING = ("rest", "gql")
A_TOKEN = secret_of(Kind.ACCESS_TOKEN, 7, "0" * 32)


async def over_rest(h: Built, token: str) -> Answer:
    return await h.get("/api/rest/admin/applications", token)


async def over_graphql(h: Built, token: str) -> Answer:
    body = json.dumps({"query": "{ applications { totalCount } }"}).encode()
    return await ask(
        h.front, "POST", "/api/graphql", headers=[bearer(token), ("content-type", "application/json")], body=body
    )


async def test_row_55_a_persons_token_administers_while_that_person_is_an_administrator(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await a_person(h, "chief", admin=True)
        root = await a_person(h, "root", admin=True)
        token = (await granted(h, root, await an_application(h))).access_token
        for admin in (True, False, True):
            await h.house.accounts.edit("root", admin=admin, actor="cli:test")
            rest, graphql = await over_rest(h, token), await over_graphql(h, token)
            if admin:
                assert rest.status == 200
                assert graphql.json()["data"]["applications"]["totalCount"] == 1
            else:
                assert rest.status == 403
                assert "www-authenticate" not in rest.headers
                assert graphql.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_row_55_who_demotes_themselves_is_out_at_once(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await h.house.accounts.add("chief", password="correct horse battery", email=None, admin=True, actor="cli:test")
        root = await a_person(h, "root", admin=True)
        token = (await granted(h, root, await an_application(h))).access_token
        headers = [bearer(token), ("content-type", "application/json")]
        demoting = await ask(h.front, "PATCH", "/api/rest/admin/users/root", headers=headers, body=b'{"admin": false}')
        assert demoting.status == 200
        assert (await over_rest(h, token)).status == 403


async def test_the_last_administrator_stays(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await h.house.accounts.add("chief", password="correct horse battery", email=None, admin=True, actor="cli:test")
        token = await h.token(await h.register())
        path, headers = "/api/rest/admin/users/chief", [bearer(token), ("content-type", "application/json")]
        for method, body in (("PATCH", b'{"admin": false}'), ("PATCH", b'{"enabled": false}'), ("DELETE", b"")):
            answer = await ask(h.front, method, path, headers=headers, body=body)
            assert answer.status == 409
            assert "last administrator" in answer.json()["detail"]
        assert (await h.house.accounts.get("chief")).admin


PLACES = (
    "/admin/applications/{}",
    "/admin/applications/{}/lint",
    "/admin/applications/{}/activity",
    "/admin/applications/{}/credentials",
    f"/admin/applications/{APPLICATION}/credentials/{{}}",
    "/admin/tokens/{}",
    "/admin/refresh-tokens/{}",
    f"/admin/consents/{PERSON}/{{}}",
    f"/admin/consents/{{}}/{APPLICATION}",
    "/admin/users/{}",
    "/admin/audit/{}",
)
FORGED = (
    "nobody",
    "7",
    "-1",
    "00000000000",
    jti_of(2**63 - 1),
    "zzzzzzzzzzz",
    "0000000000%C3%A4",
    "%27%20or%201%3D1",
    "x" * 5_000,
    A_TOKEN,
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("id", FORGED, ids=lambda forged: forged[:20])
async def test_row_55_a_forged_id_names_nothing(place: str, id: str) -> None:
    house = House.furnished()
    answer = await house.ask("GET", place.format(id), *EVERYTHING)
    assert answer.status == 404
    if "tokens" in place or "audit" in place or "credentials/" in place:
        assert A_TOKEN not in answer.body.decode()
    acts = await house.administration.store.acts()
    assert (await house.ask("DELETE", place.format(id), *EVERYTHING)).status in (404, 405)
    assert await house.administration.store.acts() == acts


async def test_row_55_an_id_of_another_kind_names_nothing() -> None:
    house = House.furnished()
    made = await house.ask("POST", f"/admin/applications/{APPLICATION}/credentials", *EVERYTHING, body={"overlap": 60})
    credential = made.json["id"]
    for place in ("tokens", "refresh-tokens"):
        assert (await house.ask("DELETE", f"/admin/{place}/{credential}", *EVERYTHING)).status == 404
    other = await house.ask("POST", "/admin/applications", *EVERYTHING, body={"name": "Other", "type": "web"})
    path = f"/admin/applications/{other.json['client_id']}/credentials/{credential}"
    assert (await house.ask("GET", path, *EVERYTHING)).status == 404
    assert (await house.ask("DELETE", path, *EVERYTHING)).status == 404
    kept = await house.ask("GET", f"/admin/applications/{APPLICATION}/credentials/{credential}", *EVERYTHING)
    assert kept.status == 200


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("PATCH", f"/admin/applications/{APPLICATION}", "client_id"),
        ("POST", f"/admin/applications/{APPLICATION}/credentials", "client_id"),
        ("POST", f"/admin/applications/{APPLICATION}/compromise", "client_id"),
        ("PATCH", f"/admin/users/{PERSON}", "name"),
    ],
)
async def test_row_55_a_body_that_names_another_than_the_path_is_refused(method: str, path: str, name: str) -> None:
    house, rest = House.furnished(), {"overlap": 60} if path.endswith("credentials") else {}
    acts = await house.administration.store.acts()
    answer = await house.ask(method, path, *EVERYTHING, body=rest | {name: "another"})
    assert answer.status == 422
    assert answer.json["errors"][0]["path"] == name
    assert await house.administration.store.acts() == acts
    assert (await house.ask(method, path, *EVERYTHING, body=rest | {name: KEPT[name]})).status in (200, 201)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/admin/applications", {"name": "", "type": "web"}, "name"),
        ("POST", "/admin/applications", {"name": "a\u202eb", "type": "web"}, "name"),
        ("POST", "/admin/applications", {"name": "A", "type": "teapot"}, "type"),
        ("POST", "/admin/applications", {"name": "A", "type": "web", "scope": "rest:nothing"}, "scope"),
        ("POST", "/admin/applications", {"name": "A", "type": "web", "grant_types": ["password"]}, "grant_types"),
        (
            "POST",
            "/admin/applications",
            {"name": "A", "type": "web", "redirect_uris": ["javascript:x"]},
            "redirect_uris",
        ),
        ("POST", "/admin/applications", {"name": "A", "type": "spa", "pkce_required": False}, "pkce_required"),
        ("POST", "/admin/applications", {"name": "A", "type": "web", "owner": "nobody"}, "owner"),
        ("POST", "/admin/applications", {"name": "A", "type": "web", "client_secret": "x"}, "client_secret"),
        (
            "POST",
            "/admin/applications",
            {"name": "A", "type": "m2m", "default_acr_values": list(ACR_VALUES)},
            "default_acr_values",
        ),
        ("POST", "/admin/applications", {"name": "A", "type": "web", "default_max_age": -1}, "default_max_age"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"default_acr_values": ["gold"]}, "default_acr_values"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"required_acr": "gold"}, "required_acr"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"default_max_age": 31_536_001}, "default_max_age"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"outlives_session": "sometimes"}, "outlives_session"),
        (
            "PATCH",
            f"/admin/applications/{APPLICATION}",
            {"frontchannel_logout_uri": "https://a.example/"},
            "frontchannel_logout_uri",
        ),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"type": "spa"}, "type"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"name": None}, "name"),
        ("PATCH", f"/admin/applications/{APPLICATION}", {"website": "http://plain.example"}, "website"),
        ("POST", f"/admin/applications/{APPLICATION}/credentials", {"overlap": -1}, "overlap"),
        ("POST", f"/admin/applications/{APPLICATION}/compromise", {"since": "2026-03-01T12:00:00"}, "since"),
        ("POST", "/admin/users", {"name": "no good"}, "name"),
        ("POST", "/admin/users", {"name": "carol", "email": "none"}, "email"),
        ("POST", "/admin/users", {"name": "carol", "phone_number": "none"}, "phone_number"),
        ("PATCH", f"/admin/users/{PERSON}", {"zoneinfo": "../etc"}, "zoneinfo"),
        ("POST", "/admin/users", {"name": "carol", "password": "correct horse battery"}, "password"),
        ("POST", "/admin/tokens/revocations", {}, "dry_run"),
        ("POST", "/admin/keys/rotations", {"alg": "none"}, "alg"),
    ],
)
async def test_what_cannot_stand_is_named(method: str, path: str, body: dict[str, Any], field: str) -> None:
    house = House.furnished()
    acts = await house.administration.store.acts()
    answer = await house.ask(method, path, *EVERYTHING, body=body)
    assert answer.status == 422
    assert answer.json["errors"][0]["path"] == field
    assert answer.json["errors"][0]["detail"][0].isupper()
    assert await house.administration.store.acts() == acts


async def test_what_is_taken_used_up_or_not_to_be_had_is_a_conflict() -> None:
    house = House.furnished()
    public = await house.ask("POST", "/admin/applications", *EVERYTHING, body={"name": "Page", "type": "spa"})
    first = await house.ask("POST", "/admin/applications", *EVERYTHING, body={"name": "First", "type": "m2m"})
    listed = await house.ask("GET", f"/admin/applications/{first.json['client_id']}/credentials", *EVERYTHING)
    only = f"/admin/applications/{first.json['client_id']}/credentials/{listed.json['items'][0]['id']}"
    for method, path, body in (
        ("POST", "/admin/users", {"name": PERSON.upper()}),
        ("POST", f"/admin/applications/{public.json['client_id']}/credentials", {"overlap": 0}),
        ("DELETE", only, None),
    ):
        assert (await house.ask(method, path, *EVERYTHING, body=body)).status == 409, path
