"""What people grant, for the stores to keep. Each maker takes what a test is about, and makes the rest up."""

from typing import Any, Final

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import GrantType
from scopekeeper.services.ports import Store
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.people import a_user
from tests.stores.records import a_token

ALICE, BOB = a_user(1, "alice"), a_user(2, "bob")
READ, WRITE = "rest:callforward:read", "rest:callforward:write"


ONE_BY_ONE: Final = ("userinfo:email", "id_token:name")
STRONGER: Final = ("pwd", "otp")
"""Claims and methods of authentication, as a grant keeps them."""


def a_consent(client_id: str = "book", user: User = ALICE, **facts: Any) -> Consent:
    told: dict[str, Any] = {"generation": 0, "scope": (READ,), "granted_at": NOON - 900, "updated_at": NOON - 900}
    return Consent(user.id, client_id, **told | facts)


def a_family(id: int, client_id: str = "book", user: User = ALICE, **facts: Any) -> Family:
    told: dict[str, Any] = {
        "generation": 0,
        "grant_type": GrantType.AUTHORIZATION_CODE,
        "auth_time": NOON - 900,
        "session_id": None,
        "offline": True,
        "scope": (READ, WRITE),
        "issued_at": NOON - 600,
        "expires_at": NOON + 3600,
    }
    return Family(id, client_id, user_id=user.id, user=user.name, **told | facts)


def a_code(id: int, **facts: Any) -> Code:
    return replace(
        Code(id, bytes(32), "book", 0, 1, "alice", NOON, None, "https://app.example/", (READ,), NOON, NOON + 60),
        **facts,
    )


def a_refresh_token(id: int, family_id: int, **facts: Any) -> RefreshToken:
    return replace(RefreshToken(id, id.to_bytes(32), family_id, NOON, NOON + 3600), **facts)


def a_device(id: int, **facts: Any) -> DeviceCode:
    return replace(DeviceCode(id, bytes(32), f"CODE{id}", "book", 0, (READ,), NOON, NOON + 600, 5), **facts)


async def grant(store: Store, family: Family, consent: Consent | None = None, **token: Any) -> None:
    """A family with one access token of the same id."""
    facts: dict[str, Any] = {"user": family.user, "user_id": family.user_id, "family_id": family.id}
    await store.begin_family(family, a_token(family.id, family.client_id, **facts | token), None, consent, None)
