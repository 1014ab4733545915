"""What the house provides to this module: the services, and on whose behalf they are used just now."""

from dataclasses import dataclass
from typing import Self

from scopekeeper.api.guard import Admitted
from scopekeeper.oauth.giving import Holding
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.consents import Consents
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.keys import Signer
from scopekeeper.services.lint import Lint
from scopekeeper.services.ports import Clock
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.usage import UsageBook


@dataclass(frozen=True, slots=True)
class Office:
    """The services that keep the server."""

    applications: Applications
    accounts: Accounts
    factors: FactorBook
    tokens: Tokens
    consents: Consents
    log: AuditLog
    signer: Signer
    usage: UsageBook
    lint: Lint
    clock: Clock
    issuer: str


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, as the audit log names them, from where, and what they hold themselves."""

    actor: str
    """`client:ID`, or `user:NAME via ID` where an application acts in an administrator's name."""
    address: str | None
    holding: Holding

    @classmethod
    def of(cls, admitted: Admitted, address: str | None) -> Self:
        """Whoever was let in."""
        client, user = admitted.client, admitted.token.user
        actor = f"client:{client.client_id}" if user is None else f"user:{user} via {client.client_id}"
        return cls(actor, address, Holding(admitted.scopes, frozenset(client.grant_types)))
