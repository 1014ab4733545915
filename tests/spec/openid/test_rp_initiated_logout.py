"""The plan `rp_initiated_logout` of the suite: an application sends a person here to sign out.

Clauses are those of OpenID Connect RP-Initiated Logout 1.0.
"""

import json
from pathlib import Path
from typing import Final

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.spec.forging import as_json, closed, opened
from tests.spec.openid.leaving import (
    BACK,
    LEAVING,
    LOGOUT,
    STATE,
    discovered,
    is_farewell,
    is_signed_out,
    is_stopped,
    leave,
    told_at,
)
from tests.spec.openid.suite import BASIC, suite

FOREIGN: Final = "(post_logout_redirect_uri) is not one that is registered"
NOBODYS: Final = "(post_logout_redirect_uri), but not for which application"
FORGED: Final = "(id_token_hint) was not issued here"


async def test_discovery_says_where_one_signs_out(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification: end_session_endpoint, by https (§2.1)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        assert (await discovered(client))["end_session_endpoint"].endswith(LOGOUT)


async def test_who_shows_an_id_token_of_the_session_ends_it_and_is_sent_back(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout: with the state as it was, and nothing else; and then nobody is signed in (§2, §3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        assert not await is_signed_out(client)
        answer = await leave(client, flow)
        assert (answer.status, client.person.shown) == (303, [])
        assert told_at(answer.headers["location"], BACK) == {"state": STATE}
        assert await is_signed_out(client)


async def test_an_address_that_is_not_registered_is_told_to_the_person(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri: a page that says so; nobody is sent there (§2, §3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        assert is_stopped(await leave(client, flow, post_logout_redirect_uri=f"{BACK}kT9v"), FOREIGN)
        assert not await is_signed_out(client)


async def test_an_address_with_a_query_that_is_not_registered_is_told_to_the_person(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri: it has to be the same to the letter (§3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        added = await leave(client, flow, post_logout_redirect_uri=f"{BACK}?foo=bar")
        assert is_stopped(added, FOREIGN)
        assert not await is_signed_out(client)


async def test_an_id_token_whose_signature_was_taken_away_is_told_to_the_person(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint: changed to `none`, it was not issued here (§2)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        header, payload, _ = flow.tokens["id_token"].split(".")
        bare = closed(as_json({**json.loads(opened(header)), "alg": "none"}))
        assert is_stopped(await leave(client, flow, id_token_hint=f"{bare}.{payload}."), FORGED)
        assert not await is_signed_out(client)


@pytest.mark.parametrize("alg", ["RS256", "HS256"])
async def test_an_id_token_that_the_client_signed_is_told_to_the_person(tmp_path: Path, alg: str) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint: by a key of its own, or by its secret (§2)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        key = RSAKey.generate_key(2048) if alg == "RS256" else OctKey.import_key(client.secret)
        forged = jwt.encode({"alg": alg, "typ": "JWT"}, flow.claims, key, algorithms=[alg])
        assert is_stopped(await leave(client, flow, id_token_hint=forged), FORGED)
        assert not await is_signed_out(client)


async def test_without_an_id_token_nobody_is_sent_back(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: whose address it is, nobody says (§3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        assert is_stopped(await leave(client, flow, "id_token_hint"), NOBODYS)
        assert not await is_signed_out(client)


async def test_who_is_sent_without_a_word_is_asked_and_stays_here(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-no-params: no parameter is REQUIRED; the person is asked (§2, §6), and signed out."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        answer = await leave(client, flow, "id_token_hint", "post_logout_redirect_uri", "state")
        assert client.person.shown == [LOGOUT]
        assert is_farewell(answer)
        assert await is_signed_out(client)


async def test_a_state_alone_changes_nothing_of_it(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-only-state: it comes back with an address, and there is none (§2, §3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        flow = await client.flow()
        answer = await leave(client, flow, "id_token_hint", "post_logout_redirect_uri")
        assert client.person.shown == [LOGOUT]
        assert is_farewell(answer)
        assert await is_signed_out(client)


async def test_who_names_no_address_is_signed_out_and_stays_here(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri: a page says that one is signed out (§2, §3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        answer = await leave(client, await client.flow(), "post_logout_redirect_uri")
        assert client.person.shown == []
        assert is_farewell(answer)
        assert await is_signed_out(client)


async def test_without_a_state_none_comes_back(tmp_path: Path) -> None:
    """oidcc-rp-initiated-logout-no-state: the address as it is registered, and nothing added (§2, §3)."""
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        answer = await leave(client, await client.flow(), "state")
        assert (answer.status, answer.headers["location"]) == (303, BACK)
        assert await is_signed_out(client)
