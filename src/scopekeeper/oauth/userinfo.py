"""What an account tells an application of its person, scope by scope (OpenID Connect Core §5.3, §5.4)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.people import User
from scopekeeper.scopes import OPENID

CLAIMS: Final[Mapping[str, Mapping[str, Callable[[User], object]]]] = {
    OPENID: {"sub": lambda user: subject_of(user.id)},
    "profile": {
        "name": lambda user: user.name,
        "preferred_username": lambda user: user.name,
        "updated_at": lambda user: user.updated_at,
    },
    # Whoever keeps the accounts has written the address down; nobody has shown that it is theirs.
    "email": {"email": lambda user: user.email, "email_verified": lambda user: None if user.email is None else False},
}
"""The claims that each scope stands for (OpenID Connect Core §5.4), as far as an account knows them."""


def claims_of(user: User, scope: Iterable[str]) -> dict[str, object]:
    """The claims that these scopes let an application know; what the account does not know is left out (§5.3.2)."""
    told = frozenset(scope)
    claims = {name: claim(user) for each, claims in CLAIMS.items() if each in told for name, claim in claims.items()}
    return {name: value for name, value in claims.items() if value is not None}
