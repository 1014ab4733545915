"""Factors, providers and mails for the stores to keep. Each maker takes what a test is about, and makes the rest up."""

from typing import Any

from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.account_ports import Mail
from tests.fixtures import NOON


def a_passkey(id: int, user_id: int = 1, **facts: Any) -> Passkey:
    told: dict[str, Any] = {
        "credential_id": b"\x00credential\xff" + id.to_bytes(8),
        "public_key": b"\xa5\x01\x02",
        "sign_count": 0,
        "name": f"Key {id}",
        "created_at": NOON,
    }
    return Passkey(id, user_id, **told | facts)


def a_totp(user_id: int = 1, **facts: Any) -> Totp:
    told: dict[str, Any] = {"sealed": b"\x00sealed\xff", "created_at": NOON}
    return Totp(user_id, **told | facts)


def a_recovery_code(id: int, user_id: int = 1, **facts: Any) -> RecoveryCode:
    told: dict[str, Any] = {"digest": id.to_bytes(32), "created_at": NOON}
    return RecoveryCode(id, user_id, **told | facts)


def an_upstream(id: int = 70, name: str = "acme", **facts: Any) -> Upstream:
    told: dict[str, Any] = {
        "label": name.title(),
        "issuer": f"https://{name}.example",
        "client_id": "scopekeeper",
        "created_at": NOON,
    }
    return Upstream(id, name, **told | facts)


def an_identity(subject: str = "248289761001", user_id: int = 1, **facts: Any) -> Identity:
    told: dict[str, Any] = {"upstream_id": 70, "created_at": NOON}
    return Identity(subject=subject, user_id=user_id, **told | facts)


def a_mail(id: int, **facts: Any) -> Mail:
    told: dict[str, Any] = {
        "recipient": "alice@example.com",
        "sealed": b"\x00sealed\xff",
        "created_at": NOON,
        "due_at": NOON,
        "expires_at": NOON + 3600,
    }
    return Mail(id, **told | facts)
