"""An account as a SCIM user, and the reverse: what a user's attributes make of an account (RFC 7643 §4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from scopekeeper.api.scim.attributes import USER
from scopekeeper.api.scim.bodies import State
from scopekeeper.api.scim.faults import Fault
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.people import User

PREFIX: Final = "/scim/v2"
USERS: Final = f"{PREFIX}/Users"

_FIELDS: Final[Mapping[str, str]] = {
    "name": "userName",
    "external_id": "externalId",
    "email": "emails",
    "password": "password",
    "full_name": "name.formatted",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "phone_number": "phoneNumbers",
    "address": "addresses",
    "locale": "locale",
    "zoneinfo": "timezone",
}
"""What the rules call a field, and what a SCIM client does."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a client wants an account to be. What it does not say of `enabled` and `password` stays as it is."""

    name: str
    external_id: str | None
    email: str | None
    profile: Mapping[str, str | None]
    enabled: bool | None
    password: str | None

    def __repr__(self) -> str:
        return f"Account(name={self.name!r})"


def attribute_named(field: str) -> str:
    """What a SCIM client calls this field of an account."""
    return _FIELDS.get(field, field)


def location_of(user: User, issuer: str) -> str:
    """Where this user is, whole (RFC 7644 §3.1)."""
    return f"{issuer}{USERS}/{subject_of(user.id)}"


def version_of(user: User) -> str:
    """The entity tag of the account as it is: weak, since it is one of the account, not of bytes (RFC 7644 §3.14)."""
    return f'W/"{user.revision}"'


def state_of_user(user: User) -> State:
    """What a client can change of it, as a client would write it. The password is never there."""
    name = {"formatted": user.full_name, "familyName": user.family_name, "givenName": user.given_name}
    found: State = {
        "externalId": user.external_id,
        "userName": user.name,
        "name": {sub: text for sub, text in name.items() if text is not None},
        "emails": _one("value", user.email),
        "phoneNumbers": _one("value", user.phone_number),
        "addresses": _one("formatted", user.address),
        "locale": user.locale,
        "timezone": user.zoneinfo,
        "active": user.enabled,
    }
    return {attribute: value for attribute, value in found.items() if value not in (None, {}, [])}


def resource_of(user: User, issuer: str) -> dict[str, Any]:
    """The whole resource. Its `id` is the person's public subject: no other account ever bears it."""
    display = {} if user.full_name is None else {"displayName": user.full_name}
    return {
        "schemas": [USER],
        "id": subject_of(user.id),
        **state_of_user(user),
        **display,
        "meta": {
            "resourceType": "User",
            "created": _moment(user.created_at),
            "lastModified": _moment(user.updated_at or user.created_at),
            "location": location_of(user, issuer),
            "version": version_of(user),
        },
    }


def least_of(user: User, issuer: str) -> dict[str, Any]:
    """What whoever may write and not read is told of what they wrote: which it is, and where."""
    meta = {"resourceType": "User", "location": location_of(user, issuer)}
    return {"schemas": [USER], "id": subject_of(user.id), "meta": meta}


def account_of(state: State, was: User | None) -> Account:
    """The account that these attributes describe. What they do not name is cleared. Raises Fault: invalidValue."""
    if "userName" not in state:
        raise Fault.invalid_value("userName is required.")
    name = state.get("name", {})
    return Account(
        name=state["userName"],
        external_id=state.get("externalId"),
        email=_chosen(state.get("emails", []), "value"),
        profile={
            "full_name": _full_name(name.get("formatted"), state.get("displayName"), was),
            "given_name": name.get("givenName"),
            "family_name": name.get("familyName"),
            "phone_number": _number(_chosen(state.get("phoneNumbers", []), "value")),
            "address": _chosen(state.get("addresses", []), "formatted"),
            "locale": state.get("locale"),
            "zoneinfo": state.get("timezone"),
        },
        enabled=state.get("active"),
        password=state.get("password"),
    )


def _full_name(formatted: str | None, display: str | None, was: User | None) -> str | None:
    """One text under two names: that counts which has changed, and of two that have the name."""
    given = [each for each in (formatted, display) if each]
    before = None if was is None else was.full_name
    return next((each for each in given if each != before), given[0] if given else None)


def _chosen(values: list[dict[str, Any]], sub: str) -> str | None:
    """Of several that one which is kept: the primary one, else that of type `work`, else the first."""
    filled = [each for each in values if each.get(sub)]
    best = max(filled, key=_weight, default=None)
    return None if best is None else str(best[sub])


def _weight(value: Mapping[str, Any]) -> tuple[bool, bool]:
    return value.get("primary") is True, str(value.get("type", "")).lower() == "work"


def _number(text: str | None) -> str | None:
    """The telephone number, also of a URI (RFC 3966)."""
    return text[4:] if text is not None and text[:4].lower() == "tel:" else text


def _one(sub: str, text: str | None) -> list[dict[str, Any]]:
    return [] if text is None else [{sub: text, "type": "work", "primary": True}]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
