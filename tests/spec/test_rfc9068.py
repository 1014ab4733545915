"""RFC 9068, JWT Profile for OAuth 2.0 Access Tokens: checked as a resource server would check them."""

from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, Token

from scopekeeper.oauth.records import TokenFormat
from tests.asking import ask
from tests.building import JWT, NOW, Built, built

ISSUER = "http://127.0.0.1:8000"


async def verified(house: Built, token: str) -> Token:
    """The token, its signature checked against the published keys."""
    keys: Any = (await ask(house.front, "GET", "/oauth/jwks")).json()
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256", "RS256"])


async def test_a_token_says_that_it_is_an_access_token(tmp_path: Path) -> None:
    """RFC 9068 §2.1: typ is at+jwt, and alg MUST NOT be none."""
    async with built(tmp_path) as house:
        header = (await verified(house, await house.token(await house.register("rest", **JWT)))).header
        assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")


async def test_rs256_is_there_for_who_needs_it(tmp_path: Path) -> None:
    """RFC 9068 §2.1: authorization servers MUST include RS256 among their supported signature algorithms."""
    async with built(tmp_path) as house:
        made = await house.register("rest", token_format=TokenFormat.JWT, signing_alg="RS256")
        token = await house.token(made)
        assert (await verified(house, token)).header["alg"] == "RS256"
        assert (await house.get("/api/rest/extensions/", token)).status == 200


async def test_a_token_has_the_claims_that_are_required_and_no_more_than_it_needs(tmp_path: Path) -> None:
    """RFC 9068 §2.2: iss, exp, aud, sub, client_id, iat, jti REQUIRED; §6: nothing that need not be told."""
    async with built(tmp_path) as house:
        made = await house.register("rest", **JWT)
        claims = (await verified(house, await house.token(made))).claims
        assert set(claims) == {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"}
        assert (claims["iss"], claims["iat"], claims["exp"]) == (ISSUER, NOW, NOW + 3_600)
        assert claims["client_id"] == made.client_id


async def test_where_no_person_is_concerned_the_subject_is_the_application(tmp_path: Path) -> None:
    """RFC 9068 §2.2: sub SHOULD correspond to the client application where no resource owner is involved."""
    async with built(tmp_path) as house:
        made = await house.register("rest", **JWT)
        assert (await verified(house, await house.token(made))).claims["sub"] == made.client_id


async def test_no_two_tokens_have_the_same_jti(tmp_path: Path) -> None:
    """RFC 9068 §2.2: jti, unique for each token (RFC 7519 §4.1.7)."""
    async with built(tmp_path) as house:
        made = await house.register("rest", **JWT)
        ids = [(await verified(house, await house.token(made))).claims["jti"] for _ in range(10)]
        assert len(set(ids)) == 10


async def test_the_scope_is_the_one_that_was_granted(tmp_path: Path) -> None:
    """RFC 9068 §2.2.3: the scope claim has the individual scope strings granted, space-delimited."""
    async with built(tmp_path) as house:
        made = await house.register("rest gql", **JWT)
        answer = (await house.ask_token(made, scope="gql rest:callforward:read")).json()
        claims = (await verified(house, answer["access_token"])).claims
        assert claims["scope"] == answer["scope"] == "gql rest:callforward:read"


async def test_without_a_resource_the_audience_is_the_api_behind_this_server(tmp_path: Path) -> None:
    """RFC 9068 §3: without `resource`, aud is a default resource indicator."""
    async with built(tmp_path) as house:
        claims = (await verified(house, await house.token(await house.register("rest", **JWT)))).claims
        assert claims["aud"] == f"{ISSUER}/api"


async def test_a_resource_server_finds_all_that_it_must_check(tmp_path: Path) -> None:
    """RFC 9068 §4: typ, signature, iss, aud and exp, as a validating resource server looks at them."""
    async with built(tmp_path) as house:
        token = await verified(house, await house.token(await house.register("rest", **JWT)))
        JWTClaimsRegistry(
            now=NOW + 3_599,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": f"{ISSUER}/api"},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(token.claims)


@pytest.mark.parametrize("after", [0, 3_599, 3_600])
async def test_our_own_resource_server_keeps_to_the_time(tmp_path: Path, after: int) -> None:
    """RFC 9068 §4: the current time MUST be before the time represented by exp."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest", **JWT))
        house.clock.advance(after)
        answer = await house.get("/api/rest/extensions/", token)
        assert answer.status == (200 if after < 3_600 else 401)


async def test_no_application_chooses_its_subject(tmp_path: Path) -> None:
    """RFC 9068 §5: authorization servers prevent clients from affecting the value of sub: client_ids are drawn."""
    async with built(tmp_path) as house:
        made = [await house.register("rest", name="alice", **JWT) for _ in range(2)]
        subjects = [(await verified(house, await house.token(each))).claims["sub"] for each in made]
        assert len(set(subjects)) == 2
        assert "alice" not in subjects
