"""Other OpenID providers whose word is taken for who somebody is, and whom they know whom we know. Records. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Upstream:
    """A provider at which people may sign in (OpenID Connect Core §3.1), as an operator registered it."""

    id: int
    name: str
    """In addresses: a-z, 0-9 and -. It never changes."""
    label: str
    """What stands on its button."""
    issuer: str
    client_id: str
    created_at: int
    sealed: bytes | None = field(default=None, repr=False)
    """Our client secret there, wrapped under the master key; None where we are a public client."""
    scope: tuple[str, ...] = ("openid", "email")
    link_by_email: bool = False
    """May somebody who comes the first time be taken for whose verified e-mail address they bring?"""
    enabled: bool = True
    updated_at: int = 0
    revision: int = 0
    """Rises with every edit."""


@dataclass(frozen=True, slots=True)
class Identity:
    """That one of the provider's subjects is one of our people. A subject is one person's, never two's."""

    upstream_id: int
    subject: str
    user_id: int
    created_at: int
    email: str | None = None
    """As the provider told it, to be shown to its person."""
    last_used_at: int | None = None
