"""What a whole house counts: tokens by the grant that bought them, calls of both APIs, and tokens that do not hold."""

import json
from pathlib import Path

import pytest

from scopekeeper.services.lists import HOUR, SYSTEM, Kind
from tests.asking import ask, bearer
from tests.building import Built
from tests.web.grants import Office, an_office

FORWARD = "/api/rest/callforward/users/1001"
QUERY = json.dumps({"query": '{ callForward(extension: "1001") { busy } }'}).encode()


async def counted(house: Built, client_id: str, *kinds: Kind) -> dict[str, int]:
    """What was counted so far, once it is written."""
    await house.house.uses.write(house.house.store, house.clock, house.house.entropy)
    now = house.clock.now()
    counts = await house.house.store.counts(client_id, now - HOUR, now + 1, kinds)
    return {each.what: each.times for each in counts}


async def tokens(office: Office) -> dict[str, int]:
    return await counted(office.house, office.app.client_id, Kind.TOKENS)


async def test_tokens_are_counted_by_the_grant_that_bought_them(tmp_path: Path) -> None:
    async with an_office(tmp_path, grants=("client_credentials", "device_code")) as office:
        first = await office.bought()
        await office.refresh(first["refresh_token"])
        await office.ask(grant_type="client_credentials")
        device = "urn:ietf:params:oauth:grant-type:device_code"
        await office.ask(grant_type=device, device_code=await office.device())
        assert await tokens(office) == {
            "authorization_code": 1,
            "client_credentials": 1,
            "device_code": 1,
            "refresh_token": 1,
        }


async def test_a_retry_that_hears_the_same_again_is_issued_nothing(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = await office.bought()
        answers = [await office.refresh(first["refresh_token"]) for _ in range(3)]
        assert {answer.status for answer in answers} == {200}
        assert (await tokens(office))["refresh_token"] == 1


async def test_what_is_refused_is_no_token(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        assert (await office.ask(grant_type="client_credentials")).status == 400
        assert await tokens(office) == {}


@pytest.mark.parametrize("api", ["rest", "gql"])
async def test_calls_of_both_apis_are_counted_and_the_application_was_used(tmp_path: Path, api: str) -> None:
    async with an_office(tmp_path) as office:
        house = office.house
        made = await house.register("rest gql")
        headers = [bearer(await house.token(made)), ("content-type", "application/json")]
        method, path, body = ("GET", FORWARD, b"") if api == "rest" else ("POST", "/api/graphql", QUERY)
        house.clock.advance(60)
        assert (await ask(house.front, method, path, headers=headers, body=body)).status == 200
        assert await counted(house, made.client_id, Kind.CALLS) == {api: 1}
        assert await counted(house, made.client_id, Kind.SCOPES) == {f"{api}:callforward:read": 1}
        assert await counted(house, SYSTEM, Kind.CALLS) == {api: 1}
        client = await house.house.applications.get(made.client_id)
        assert client.last_used_at == house.clock.now()
        observed = await house.house.usage.observed(client)
        assert [each.what for each in observed.scopes] == [f"{api}:callforward:read"]


async def test_a_token_that_does_not_hold_is_a_denial_of_its_application_and_one_of_nobody_only_the_systems(
    tmp_path: Path,
) -> None:
    async with an_office(tmp_path) as office:
        house = office.house
        made = await house.register("rest")
        token = await house.token(made)
        house.clock.advance(2 * HOUR)
        for presented in (token, "garbage"):
            assert (await house.get(FORWARD, presented)).status == 401
        assert await counted(house, made.client_id, Kind.DENIALS) == {"invalid_token": 1}
        assert await counted(house, SYSTEM, Kind.DENIALS) == {"invalid_token": 2}


async def test_what_the_operator_does_is_counted_nowhere(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.house.house.run("setCallForward", extension="1001", body={"busy": "5551234"})
        assert office.house.house.uses.tally.taken(office.house.clock.now()) == []
