"""What an account tells an application of its person, scope by scope (OpenID Connect Core §5.1, §5.3, §5.4)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from scopekeeper.oauth.people import User
from scopekeeper.scopes import ADDRESS, EMAIL, PHONE, PROFILE

CLAIMS: Final[Mapping[str, Mapping[str, Callable[[User], object]]]] = {
    PROFILE: {
        "name": lambda user: user.full_name or _joined(user) or user.name,
        "given_name": lambda user: user.given_name,
        "family_name": lambda user: user.family_name,
        "preferred_username": lambda user: user.name,
        "zoneinfo": lambda user: user.zoneinfo,
        "locale": lambda user: user.locale,
        "updated_at": lambda user: user.updated_at,
    },
    EMAIL: {
        "email": lambda user: user.email,
        "email_verified": lambda user: None if user.email is None else user.email_verified,
    },
    # Of its parts nothing is kept: countries write them in too many ways (§5.1.1 asks for `formatted` or for them).
    ADDRESS: {"address": lambda user: None if user.address is None else {"formatted": user.address}},
    # Whoever keeps the accounts has written the number down; nobody has shown that it is theirs.
    PHONE: {
        "phone_number": lambda user: user.phone_number,
        "phone_number_verified": lambda user: None if user.phone_number is None else False,
    },
}
"""The claims that each scope stands for (OpenID Connect Core §5.4), as far as an account knows them.

Besides `sub`, which is not the account's: it is who the person is to the application.
"""


def claims_of(user: User, scope: Iterable[str], names: Collection[str] = ()) -> dict[str, object]:
    """The claims that these scopes let an application know, and those that were granted by name (§5.5).

    What the account does not know is left out (§5.3.2).
    """
    told = frozenset(scope)
    claims = {
        name: claim(user)
        for each, claims in CLAIMS.items()
        for name, claim in claims.items()
        if each in told or name in names
    }
    return {name: value for name, value in claims.items() if value is not None}


def _joined(user: User) -> str:
    """The full name as its parts give it: no text where neither is known."""
    return " ".join(part for part in (user.given_name, user.family_name) if part)
