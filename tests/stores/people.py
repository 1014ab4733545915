"""People for the stores to keep. Each maker takes what a test is about, and makes the rest up."""

from typing import Any, Final

from scopekeeper.oauth.people import Link, Purpose, Session, User
from tests.fixtures import NOON

PROFILE: Final[dict[str, Any]] = {
    "email": "alice@example.com",
    "email_verified": True,
    "full_name": "Alice Jørgensen",
    "given_name": "Alice",
    "family_name": "Jørgensen",
    "phone_number": "+16045551234",
    "address": "1 Main Street\nVancouver",
    "locale": "en-CA",
    "zoneinfo": "America/Vancouver",
}
"""All that an account can tell of its person."""


def a_user(id: int = 1, name: str = "alice", **facts: Any) -> User:
    told: dict[str, Any] = {"password": "$argon2id$…", "created_at": NOON}
    return User(id, name, **told | facts)


def an_admin(id: int = 9, name: str = "root", **facts: Any) -> User:
    return a_user(id, name, admin=True, **facts)


def a_session(id: int, user_id: int = 1, user: str = "alice", **facts: Any) -> Session:
    told: dict[str, Any] = {"digest": id.to_bytes(32), "signed_in_at": NOON, "last_seen_at": NOON}
    return Session(id, user_id=user_id, user=user, **told | facts)


def a_link(id: int, user_id: int | None = 1, **facts: Any) -> Link:
    told: dict[str, Any] = {
        "digest": id.to_bytes(32),
        "purpose": Purpose.SETUP if user_id is None else Purpose.PASSWORD,
        "created_at": NOON,
        "expires_at": NOON + 60,
    }
    return Link(id, user_id=user_id, **told | facts)
