"""Call waiting and do not disturb: an extension has it, or has not."""

import pytest

from tests.api.house import Answer, House

pytestmark = pytest.mark.parametrize("module", ["callwaiting", "donotdisturb"])


async def ask(
    house: House, method: str, module: str, extension: str, body: object = None, user: str | None = None
) -> Answer:
    return await house.ask(method, f"/{module}/users/{extension}", f"rest:{module}", body=body, user=user)


async def stored(house: House, module: str, user: str | None = None) -> list[str]:
    listed = await house.ask("GET", f"/{module}/users", f"rest:{module}:read", user=user)
    return [each["extension"] for each in listed.json["items"]]


async def test_it_is_off_until_it_is_switched_on(module: str) -> None:
    house = House.furnished()
    off, on = ({"extension": "1001", "enabled": enabled} for enabled in (False, True))
    assert (await ask(house, "GET", module, "1001")).json == off
    assert (await ask(house, "PUT", module, "1001", {"enabled": True})).json == on
    assert (await ask(house, "GET", module, "1001")).json == on
    assert (await ask(house, "DELETE", module, "1001")).status == 204
    assert (await ask(house, "GET", module, "1001")).json == off


async def test_what_is_left_out_of_a_put_is_off_and_of_a_patch_stays(module: str) -> None:
    house = House.furnished()
    await ask(house, "PUT", module, "1001", {"enabled": True})
    assert (await ask(house, "PATCH", module, "1001", {})).json["enabled"] is True
    assert (await ask(house, "PUT", module, "1001", {})).json["enabled"] is False
    assert (await ask(house, "PATCH", module, "1001", {"enabled": True})).json["enabled"] is True
    assert (await ask(house, "PATCH", module, "1001", {"enabled": None})).json["enabled"] is False


async def test_only_those_that_have_it_are_kept_and_listed(module: str) -> None:
    house = House.furnished()
    assert await stored(house, module) == []
    for extension in ("1003", "1001"):
        await ask(house, "PUT", module, extension, {"enabled": True})
    await ask(house, "PUT", module, "1002", {"enabled": False})
    assert await stored(house, module) == ["1001", "1003"]
    await ask(house, "DELETE", module, "1001")
    await ask(house, "PATCH", module, "1003", {"enabled": False})
    assert await stored(house, module) == []


async def test_an_extension_that_does_not_exist_is_not_found_by_any_method(module: str) -> None:
    house = House.furnished()
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        assert (await ask(house, method, module, "9999", body)).status == 404


@pytest.mark.parametrize(
    "body", [{"enabled": "true"}, {"enabled": 1}, {"enabled": []}, {"enabled": True, "more": 1}, []]
)
async def test_it_is_true_or_false_and_nothing_else(module: str, body: object) -> None:
    house = House.furnished()
    for method in ("PUT", "PATCH"):
        assert (await ask(house, method, module, "1001", body)).status == 422
    assert await stored(house, module) == []


async def test_a_person_switches_their_own_and_nobody_elses(module: str) -> None:
    house = House.furnished()
    await ask(house, "PUT", module, "1003", {"enabled": True})
    assert (await ask(house, "PUT", module, "1001", {"enabled": True}, user="alice")).status == 200
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        assert (await ask(house, method, module, "1003", body, user="alice")).status == 404
    assert await stored(house, module, user="alice") == ["1001"]
    assert await stored(house, module) == ["1001", "1003"]


async def test_it_goes_with_its_extension(module: str) -> None:
    house = House.furnished()
    await ask(house, "PUT", module, "1001", {"enabled": True})
    gone = await house.ask("DELETE", "/extensions/1001", "rest:extensions")
    assert gone.headers["scopekeeper-removed"] == f"{module};count=1"
    assert await stored(house, module) == []
