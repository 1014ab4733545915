"""OpenID Connect Core 1.0 §5: what an application is told of a person, scope by scope."""

from pathlib import Path

import pytest

from tests.asking import ask
from tests.building import Built, built
from tests.persons import a_session, granted
from tests.spec.connecting import HOUSE, a_code, a_web_application, read, redeemed

EVERY_SCOPE = "openid profile email address phone"

ALICE = {
    "full_name": "Alice Jørgensen",
    "given_name": "Alice",
    "family_name": "Jørgensen",
    "phone_number": "+1 604 555 1234;ext=1001",
    "address": "1 Main Street\nVancouver",
    "locale": "en-CA",
    "zoneinfo": "America/Vancouver",
}


async def told(house: Built, scope: str, profile: dict[str, str | None], **more: object) -> dict[str, object]:
    """What userinfo says of alice, of whom this is known, to an application that may have these scopes."""
    facts = {"email": "alice@example.com", "password": None, "admin": False, "actor": "cli:test", **more}
    alice = await house.house.accounts.add("alice", profile=profile, **facts)  # type: ignore[arg-type]
    made = await a_web_application(house, scope)
    issue = await granted(house, alice, made.client)
    found: dict[str, object] = (await house.get("/oauth/userinfo", issue.access_token)).json()
    return found


async def test_every_claim_has_the_form_that_it_is_defined_in(tmp_path: Path) -> None:
    """OpenID Connect Core §5.1: strings, booleans, a number, and a JSON object for the address (§5.1.1)."""
    async with built(tmp_path, HOUSE) as house:
        found = await told(house, EVERY_SCOPE, dict(ALICE), email_verified=True)
        assert found.pop("sub")
        assert found == {
            "name": "Alice Jørgensen",
            "given_name": "Alice",
            "family_name": "Jørgensen",
            "preferred_username": "alice",
            "zoneinfo": "America/Vancouver",
            "locale": "en-CA",
            "updated_at": house.clock.now(),
            "email": "alice@example.com",
            "email_verified": True,
            "address": {"formatted": "1 Main Street\nVancouver"},
            "phone_number": "+1 604 555 1234;ext=1001",
            "phone_number_verified": False,
        }


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("profile", {"name", "given_name", "family_name", "preferred_username", "zoneinfo", "locale", "updated_at"}),
        ("email", {"email", "email_verified"}),
        ("address", {"address"}),
        ("phone", {"phone_number", "phone_number_verified"}),
    ],
)
async def test_a_scope_stands_for_the_claims_that_are_defined_for_it(
    tmp_path: Path, scope: str, names: set[str]
) -> None:
    """OpenID Connect Core §5.4."""
    async with built(tmp_path, HOUSE) as house:
        assert set(await told(house, f"openid {scope}", dict(ALICE))) == {"sub", *names}


async def test_a_claim_of_which_nothing_is_known_is_left_out(tmp_path: Path) -> None:
    """OpenID Connect Core §5.3.2: it SHOULD be omitted, never null or empty."""
    async with built(tmp_path, HOUSE) as house:
        found = await told(house, EVERY_SCOPE, {}, email=None)
        assert set(found) == {"sub", "name", "preferred_username", "updated_at"}
        assert found["name"] == "alice"


async def test_a_name_is_made_of_its_parts_where_nobody_wrote_it_down(tmp_path: Path) -> None:
    """OpenID Connect Core §5.1, name: in displayable form, including all name parts."""
    async with built(tmp_path, HOUSE) as house:
        assert (await told(house, "openid profile", {"given_name": "Alice", "family_name": "J."}))["name"] == "Alice J."


async def test_an_address_that_nobody_vouches_for_is_not_verified(tmp_path: Path) -> None:
    """OpenID Connect Core §5.1, email_verified: true only where steps were taken."""
    async with built(tmp_path, HOUSE) as house:
        assert (await told(house, "openid email", {}))["email_verified"] is False


async def test_what_the_metadata_says_is_claimed_is_claimed(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3, claims_supported."""
    async with built(tmp_path, HOUSE) as house:
        person = await house.house.accounts.add(
            "bob", password=None, email="b@b.example", admin=False, actor="cli:test", profile=dict(ALICE)
        )
        made = await a_web_application(house, EVERY_SCOPE)
        session, _ = await a_session(house, person)
        code = await a_code(house, made.client, person, EVERY_SCOPE, "n", session_id=session.id)
        answer = await redeemed(house, made, code)
        told = set((await house.get("/oauth/userinfo", answer["access_token"])).json())
        told |= set((await read(house, answer["id_token"])).claims)
        found = (await ask(house.front, "GET", "/.well-known/openid-configuration")).json()
        assert set(found["claims_supported"]) == told
