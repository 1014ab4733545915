"""Revocation and introspection of what people granted (RFC 7009 §2.1, RFC 7662 §2.2)."""

from dataclasses import dataclass
from typing import Any

import pytest

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Answer
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.revoke import Revocation
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.uses import Uses
from tests.altered import replace
from tests.rules.makers import ISSUER, SECRET
from tests.services.counter import ADDRESS, Counter, a_counter, web
from tests.stores.records import an_act

INACTIVE = {"active": False}


@dataclass(frozen=True, slots=True)
class Window:
    """Where tokens are given back and asked about."""

    counter: Counter
    revocation: Revocation
    introspection: Introspection

    async def revoke(self, token: str, client: str = "abc") -> None:
        await self.revocation(token, _by(client), ADDRESS)

    async def told(self, token: str, client: str = "abc") -> dict[str, object]:
        return await self.introspection(token, _by(client), ADDRESS)

    async def live(self, *answers: Answer) -> list[bool]:
        """Of each answer: is its access token alive, is its refresh token?"""
        tokens = [token for answer in answers for token in (answer.access_token, answer.refresh_token)]
        return [(await self.told(token))["active"] is True for token in tokens]


def _by(client: str) -> Credentials:
    return Credentials("client_secret_post", client, SECRET)


async def a_window(**other: Any) -> Window:
    counter = await a_counter(None, web(), web("other", 8, **other))
    store, clock, authenticate = counter.store, counter.clock, counter.exchange.authenticate
    bearer = Bearer(store, store, store, clock, Uses())
    return Window(
        counter,
        Revocation(bearer, store, authenticate, clock),
        Introspection(bearer, store, store, authenticate, clock, ISSUER, Subjects(bytes(32))),
    )


@pytest.mark.parametrize("given_back", ["access_token", "refresh_token"])
async def test_row_21_access_and_refresh_token_die_together_whichever_is_given_back(given_back: str) -> None:
    """RFC 7009 §2.1: revoke the refresh token's access tokens, and with an access token its refresh token, too."""
    window = await a_window()
    first, bystander = await window.counter.begun(), await window.counter.begun()
    second = await window.counter.refresh(first.refresh_token)
    assert await window.live(first, second) == [True, False, True, True]
    await window.revoke(getattr(second, given_back))
    assert await window.live(first, second, bystander) == [False, False, False, False, True, True]
    with pytest.raises(OAuthError):
        await window.counter.refresh(second.refresh_token)
    await window.revoke(getattr(second, given_back))


async def test_row_21_an_operator_who_revokes_an_access_token_ends_the_grant() -> None:
    window = await a_window()
    answer = await window.counter.begun()
    row = row_of(answer.access_token, Kind.ACCESS_TOKEN) or 0
    tokens = Tokens(window.counter.store, window.counter.clock, window.counter.entropy)
    assert await tokens.revoke([row, 99_999], "cli:root") == 1
    assert await window.live(answer) == [False, False]
    assert await tokens.revoke([row], "cli:root") == 0
    acts = [(act.actor, act.action, act.target) for act in await window.counter.store.acts()]
    assert acts.count(("cli:root", "token.revoke", str(row))) == 1


async def test_a_refresh_token_that_was_used_up_takes_its_family_along_when_it_is_given_back() -> None:
    """Who lost the answer has no other: to give it back is to want nothing of the grant any more."""
    window = await a_window()
    first = await window.counter.begun()
    second = await window.counter.refresh(first.refresh_token)
    await window.revoke(first.refresh_token)
    assert await window.live(second) == [False, False]


async def test_row_22_another_clients_refresh_token_is_neither_told_of_nor_revoked() -> None:
    """RFC 7009 §2.1, RFC 7662 §4."""
    window = await a_window(resource_server=True)
    answer = await window.counter.begun()
    with pytest.raises(OAuthError) as refused:
        await window.revoke(answer.refresh_token, client="other")
    assert refused.value.error == "invalid_grant"
    assert await window.told(answer.refresh_token, client="other") == INACTIVE
    assert (await window.told(answer.access_token, client="other"))["active"] is True
    assert await window.live(answer) == [True, True]


async def test_a_refresh_token_is_told_of_without_a_token_type() -> None:
    """RFC 7662 §2.2."""
    window = await a_window()
    answer = await window.counter.begun()
    told = await window.told(answer.refresh_token)
    assert set(told) == {"active", "scope", "client_id", "exp", "iat", "sub", "iss", "username"}
    assert (told["sub"], told["username"], told["client_id"]) == ("00000000007", "alice", "abc")
    access = await window.told(answer.access_token)
    assert (access["sub"], access["username"], access["token_type"]) == ("00000000007", "alice", "Bearer")


async def test_row_26_42_tokens_of_a_disabled_person_are_inactive() -> None:
    window = await a_window()
    answer = await window.counter.begun()
    alice = await window.counter.store.user("alice")
    assert alice is not None
    await window.counter.store.save_user(replace(alice, enabled=False, revision=1), an_act(), end_sessions=False)
    assert await window.told(answer.access_token) == await window.told(answer.refresh_token) == INACTIVE
