"""The grants as acts, one file for each: load what is redeemed, let the rule decide, commit, answer."""

from collections.abc import Awaitable, Callable

from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.token import Answer, TokenRequest
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.grants.authorization_code import AuthorizationCode
from scopekeeper.services.grants.client_credentials import ClientCredentials
from scopekeeper.services.grants.device_code import DeviceCodes
from scopekeeper.services.grants.password import Password
from scopekeeper.services.grants.refresh_token import Refresh
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Grants, Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.replays import Replays
from scopekeeper.services.uses import Uses

Redeem = Callable[[TokenRequest, Client], Awaitable[Answer]]
"""Answers the requests of one grant_type, by a client that is proven. Raises OAuthError, Unavailable."""


def redeemers(
    store: Store, records: Grants, issuing: Issuing, prove: Proof, factors: FactorBook, uses: Uses
) -> dict[str, Redeem]:
    """One for each grant in the table of the rules. `records`: the store itself, where `store` is a cache around it."""
    replays = Replays(store, issuing.clock, issuing.entropy)
    return {
        GrantType.AUTHORIZATION_CODE: AuthorizationCode(store, store, issuing, replays),
        GrantType.CLIENT_CREDENTIALS: ClientCredentials(store, issuing),
        GrantType.DEVICE_CODE: DeviceCodes(store, store, issuing, replays),
        GrantType.PASSWORD: Password(store, issuing, prove, factors),
        GrantType.REFRESH_TOKEN: Refresh(store, records, store, issuing, replays, uses),
    }
