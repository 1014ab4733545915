"""OpenID Connect Core 1.0: the id_token, as somebody else's library reads it, and userinfo."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, Token

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.granted import Code
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.applications import Credential
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

CALLBACK = "https://app.example/callback"
ISSUER = "https://id.example.com"
HOUSE = {"SCOPEKEEPER_ISSUER": ISSUER}


async def a_web_application(house: Built, scope: str = "openid profile email rest", **more: Any) -> Credential:
    """A web application whose codes need no verifier: that is looked at elsewhere."""
    draft = Draft("Phone book", ApplicationType.WEB, scope, redirect_uris=(CALLBACK,), pkce_required=False, **more)
    return await house.house.applications.add(draft, "cli:test")


async def a_code(house: Built, client: Client, person: User, scope: str, nonce: str | None = None) -> str:
    """A code that this person has just granted, five minutes after signing in."""
    now, row = house.clock.now(), house.house.entropy.row_id()
    secret = secret_of(Kind.AUTHORIZATION_CODE, row, house.house.entropy.entropy())
    code = Code(
        id=row,
        digest=digest_of(secret),
        client_id=client.client_id,
        generation=client.generation,
        user_id=person.id,
        user=person.name,
        auth_time=now - 300,
        session_id=None,
        redirect_uri=CALLBACK,
        scope=tuple(scope.split()),
        issued_at=now,
        expires_at=now + 60,
        nonce=nonce,
    )
    await house.house.store.add_code(code, None, None)
    return secret


async def redeemed(house: Built, made: Credential, code: str) -> dict[str, Any]:
    """What the token endpoint answers for it."""
    assert made.client_secret is not None
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await post_form(
        house.front, "/oauth/token", form, headers=[basic(made.client.client_id, made.client_secret)]
    )
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


async def signed_in(house: Built, scope: str = "openid rest", nonce: str | None = "n-0S6", **more: Any) -> Any:
    """A person, an application, and what it was answered."""
    person, made = await a_person(house, "alice"), await a_web_application(house, scope, **more)
    return person, made.client, await redeemed(house, made, await a_code(house, made.client, person, scope, nonce))


async def read(house: Built, id_token: str) -> Token:
    """The id_token, verified against our key set, by RS256 alone."""
    keys = KeySet.import_key_set((await ask(house.front, "GET", "/oauth/jwks")).json())
    return jwt.decode(id_token, keys, algorithms=["RS256"])


async def test_an_id_token_comes_with_openid_and_only_with_it(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.3.3: id_token REQUIRED; §3.1.2.1: without `openid` it is no OpenID request."""
    async with built(tmp_path, HOUSE) as house:
        _, _, answer = await signed_in(house)
        assert answer["id_token"].count(".") == 2
        person, made = await house.house.accounts.get("alice"), await a_web_application(house, "rest")
        assert "id_token" not in await redeemed(house, made, await a_code(house, made.client, person, "rest"))


async def test_an_id_token_says_who_signed_in_where_for_whom_and_when(tmp_path: Path) -> None:
    """OpenID Connect Core §2: iss, sub, aud, exp, iat, auth_time, nonce; and nothing that nobody asked for."""
    async with built(tmp_path, HOUSE) as house:
        person, client, answer = await signed_in(house)
        now = house.clock.now()
        token = await read(house, answer["id_token"])
        assert (token.header["alg"], token.header["typ"]) == ("RS256", "JWT")
        claims = dict(token.claims)
        assert claims.pop("at_hash")
        sub = claims.pop("sub")
        assert claims == {
            "iss": ISSUER,
            "aud": client.client_id,
            "exp": now + 3_600,
            "iat": now,
            "auth_time": now - 300,
            "nonce": "n-0S6",
        }
        assert re.fullmatch(r"[0-9A-Za-z]{1,255}", sub)
        assert person.name not in sub


async def test_a_library_finds_nothing_amiss(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.3.7: the checks that a client makes."""
    async with built(tmp_path, HOUSE) as house:
        _, client, answer = await signed_in(house)
        registry = JWTClaimsRegistry(
            now=house.clock.now,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": client.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": "n-0S6"},
        )
        registry.validate((await read(house, answer["id_token"])).claims)


@pytest.mark.parametrize("nonce", [None, "x", "ü" * 100, 'a"b\\c', "x" * 1_000])
async def test_the_nonce_comes_back_as_it_was_sent_or_not_at_all(tmp_path: Path, nonce: str | None) -> None:
    """OpenID Connect Core §2, nonce: passed through unmodified, a case-sensitive string."""
    async with built(tmp_path, HOUSE) as house:
        _, _, answer = await signed_in(house, nonce=nonce)
        assert (await read(house, answer["id_token"])).claims.get("nonce") == nonce


@pytest.mark.parametrize("token_format", list(TokenFormat))
async def test_row_34_at_hash_is_that_of_the_access_token(tmp_path: Path, token_format: TokenFormat) -> None:
    """OpenID Connect Core §3.1.3.6: base64url of the left half of its SHA-256, whatever form the token has."""
    async with built(tmp_path, HOUSE) as house:
        _, _, answer = await signed_in(house, token_format=token_format)
        half = sha256(answer["access_token"].encode("ascii")).digest()[:16]
        claims = (await read(house, answer["id_token"])).claims
        assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()


async def test_row_34_35_id_tokens_are_signed_by_rs256_whatever_the_application_signs_with(tmp_path: Path) -> None:
    """OpenID Connect Core §15.1: RS256 MUST be supported; at_hash is defined for it; no secret signs anything."""
    async with built(tmp_path, HOUSE) as house:
        for alg in ("ES256", "RS256"):
            made = await a_web_application(house, "openid", signing_alg=alg, token_format=TokenFormat.JWT)
            person = await a_person(house, f"person-{alg.lower()}")
            answer = await redeemed(house, made, await a_code(house, made.client, person, "openid"))
            assert (await read(house, answer["id_token"])).header["alg"] == "RS256"


async def test_the_subject_is_the_persons_own_for_ever_and_everywhere(tmp_path: Path) -> None:
    """OpenID Connect Core §2, §8: locally unique, never reassigned; the same at userinfo (§5.3.2)."""
    async with built(tmp_path, HOUSE) as house:
        person, _, answer = await signed_in(house)
        first = (await read(house, answer["id_token"])).claims["sub"]
        other = await granted(house, person, await an_application(house, "openid"))
        assert (await read(house, other.id_token)).claims["sub"] == first
        assert (await house.get("/oauth/userinfo", answer["access_token"])).json()["sub"] == first
        await house.house.accounts.remove("alice", "cli:test")
        heir = await a_person(house, "alice")
        later = await granted(house, heir, await an_application(house, "openid"))
        assert (await read(house, later.id_token)).claims["sub"] != first


async def test_what_the_metadata_says_is_claimed_is_claimed(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3, claims_supported."""
    async with built(tmp_path, HOUSE) as house:
        await house.house.accounts.add("bob", password=None, email="b@b.example", admin=False, actor="cli:test")
        made = await a_web_application(house, "openid profile email")
        person = await house.house.accounts.get("bob")
        code = await a_code(house, made.client, person, "openid profile email", "n")
        answer = await redeemed(house, made, code)
        told = set((await house.get("/oauth/userinfo", answer["access_token"])).json())
        told |= set((await read(house, answer["id_token"])).claims)
        found = (await ask(house.front, "GET", "/.well-known/openid-configuration")).json()
        assert set(found["claims_supported"]) == told


async def test_userinfo_takes_get_and_post(tmp_path: Path) -> None:
    """OpenID Connect Core §5.3: MUST support both; §5.3.1: the token as RFC 6750 has it."""
    async with built(tmp_path, HOUSE) as house:
        _, _, answer = await signed_in(house, "openid profile")
        token = answer["access_token"]
        answers: list[Answer] = [
            await ask(house.front, "GET", "/oauth/userinfo", headers=[bearer(token)]),
            await ask(house.front, "POST", "/oauth/userinfo", headers=[bearer(token)]),
            await post_form(house.front, "/oauth/userinfo", {"access_token": token}),
        ]
        assert [each.status for each in answers] == [200] * 3
        assert len({each.body for each in answers}) == 1


async def test_userinfo_refuses_as_a_protected_resource_does(tmp_path: Path) -> None:
    """OpenID Connect Core §5.3.3: an error of RFC 6750 §3."""
    async with built(tmp_path, HOUSE) as house:
        answer = await house.get("/oauth/userinfo", "x")
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
