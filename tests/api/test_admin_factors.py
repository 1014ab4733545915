"""Second factors over the API: what somebody has is seen, though nothing that opens anything, and taken from them."""

import json

from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.services.ports import Act
from tests.api.administration import PERSON
from tests.api.house import House
from tests.fixtures import NOON

PATH = f"/admin/users/{PERSON}/factors"
EVERYTHING = ("rest", "gql")
DIGEST, KEY, SEALED = b"\xd1" * 32, b"\xc2" * 77, b"\xb3" * 48


async def furnished() -> House:
    """A house in which dora has one of each."""
    house = House.furnished()
    store, act = house.administration.store, Act(900, NOON, f"user:{PERSON}", "passkey.add", PERSON)
    await store.add_passkey(
        Passkey(21, 1, b"credential", KEY, 3, "Dora's phone", NOON, NOON + 60, synced=True), 20, act
    )
    await store.save_totp(Totp(1, SEALED, NOON), Act(901, NOON, f"user:{PERSON}", "totp.add", PERSON))
    codes = [RecoveryCode(30 + each, 1, DIGEST[:-1] + bytes([each]), NOON) for each in range(3)]
    await store.replace_recovery_codes(1, codes, Act(902, NOON, f"user:{PERSON}", "recovery.replace", PERSON))
    await store.use_recovery_code(1, codes[0].digest, NOON, Act(903, NOON, f"user:{PERSON}", "recovery.use", PERSON))
    return house


async def test_what_somebody_has_is_told_and_nothing_that_opens_anything() -> None:
    house = await furnished()
    answer = await house.ask("GET", PATH, "rest:admin:read:users")
    assert answer.json == {
        "name": PERSON,
        "second_factor": True,
        "passkeys": [
            {
                "name": "Dora's phone",
                "created_at": "2026-01-01T12:00:00Z",
                "last_used_at": "2026-01-01T12:01:00Z",
                "synced": True,
            }
        ],
        "one_time_codes": {"created_at": "2026-01-01T12:00:00Z", "last_used_at": None},
        "recovery_codes_left": 2,
    }
    for secret in (DIGEST, KEY, SEALED, b"credential"):
        assert secret not in answer.body
        assert secret.hex().encode() not in answer.body


async def test_all_of_them_are_taken_away() -> None:
    house = await furnished()
    had = await house.ask("DELETE", PATH, "rest:admin:write:users", "rest:admin:read:users")
    assert had.status == 204
    left = (await house.ask("GET", PATH, "rest:admin:read:users")).json
    assert (left["second_factor"], left["passkeys"], left["one_time_codes"]) == (False, [], None)
    assert left["recovery_codes_left"] == 0


async def test_who_has_none_loses_none_and_nothing_is_noted() -> None:
    house = House.furnished()
    before = await house.administration.store.acts()
    answer = await house.ask("DELETE", "/admin/users/alice/factors", *EVERYTHING)
    assert answer.status == 204
    assert await house.administration.store.acts() == before


async def test_nobody_has_no_factors() -> None:
    house = House.furnished()
    for method in ("GET", "DELETE"):
        assert (await house.ask(method, "/admin/users/nobody/factors", *EVERYTHING)).status == 404


async def test_who_may_only_read_takes_nothing_away() -> None:
    house = await furnished()
    assert (await house.ask("DELETE", PATH, "rest:admin:read")).status == 403
    assert (await house.ask("GET", PATH, "rest:admin:read")).json["second_factor"]


async def test_row_55_those_of_an_administrator_are_taken_away_only_by_who_holds_everything() -> None:
    house = await furnished()
    await house.ask("PATCH", f"/admin/users/{PERSON}", *EVERYTHING, body={"admin": True})
    refused = await house.ask("DELETE", PATH, "rest:admin")
    assert (refused.status, "rest gql" in json.dumps(refused.json)) == (403, True)
    assert (await house.ask("GET", PATH, "rest:admin")).json["second_factor"]
    assert (await house.ask("DELETE", PATH, *EVERYTHING)).status == 204
