"""The steward's desk: every service and every fact that the console's pages work with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.console.sheets import Sheets
from scopekeeper.docs import Library
from scopekeeper.oauth.authentication import Demand
from scopekeeper.oauth.people import User
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.oauth.viewing import View
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.page import Pages
from scopekeeper.pages.visit import Reception
from scopekeeper.scopes import Catalogue
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.connections import Connections
from scopekeeper.services.consents import Consents
from scopekeeper.services.explorer import Explorer
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.invitations import LinksByMail
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.lint import Lint
from scopekeeper.services.login import Login
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.upstreams import Upstreams
from scopekeeper.services.usage import UsageBook
from scopekeeper.wire import Reply


class Looking(Protocol):
    """Runs GraphQL documents through others' eyes, to read."""

    async def __call__(
        self,
        view: View,
        query: str,
        variables: str,
        operation_name: str | None,
        *,
        actor: str,
        address: str | None,
        meets: Callable[[Demand], bool],
        request_id: str | None = None,
    ) -> Reply:
        """What `/api/graphql` would answer to a token of theirs. `variables` is JSON text, or empty.

        That `actor` looked, from this address, is in the audit log before there is an answer with data. `meets`: is the
        actor's own sign-in such as this demands?
        """
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the desk."""

    issuer: str
    endpoints: Mapping[str, str]
    """What discovery promises (RFC 8414 §2), and at which path of the issuer."""
    lifetimes: Lifetimes
    catalogue: Catalogue
    docs: Library
    """The API described: its modules, operations, schema."""
    descriptions_public: bool
    """May anybody fetch the descriptions of the API, without a token?"""
    clock: Clock
    entropy: Entropy
    reception: Reception
    jar: Jar
    pages: Pages
    sheets: Sheets
    applications: Applications
    accounts: Accounts
    logins: Login
    factors: FactorBook
    upstreams: Upstreams
    connections: Connections
    tokens: Tokens
    bearer: Bearer
    consents: Consents
    log: AuditLog
    usage: UsageBook
    lint: Lint
    signer: Signer
    issuing: Issuing
    explorer: Explorer
    looking: Looking
    extensions_of: Callable[[User], Awaitable[tuple[str, ...]]]
    """The extensions that this person owns; none where no module keeps extensions."""
    links: LinksByMail | None = None
    """What sends people links; None where there is no mail."""
