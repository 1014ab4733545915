"""OpenID Connect Core 1.0: the id_token, as somebody else's library reads it, and userinfo."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwt import JWTClaimsRegistry

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.identity import at_hash_of
from scopekeeper.oauth.records import TokenFormat
from tests.asking import Answer, ask, bearer, post_form
from tests.building import built
from tests.persons import a_person, an_application, granted
from tests.spec.connecting import HOUSE, ISSUER, a_code, a_web_application, read, redeemed, signed_in


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
            "acr": "urn:scopekeeper:acr:password",
            "amr": ["pwd"],
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
@pytest.mark.parametrize(("alg", "hash"), [("RS256", sha256), ("ES256", sha256), ("Ed25519", sha512)])
async def test_row_34_at_hash_is_that_of_the_access_token_by_the_hash_of_the_alg(
    tmp_path: Path, token_format: TokenFormat, alg: str, hash: Callable[[bytes], Any]
) -> None:
    """OpenID Connect Core §3.1.3.6: the left half of its hash, which of Ed25519 is SHA-512 (RFC 8032 §5.1)."""
    async with built(tmp_path, HOUSE) as house:
        _, _, answer = await signed_in(house, token_format=token_format, id_token_signed_response_alg=alg)
        digest = hash(answer["access_token"].encode("ascii")).digest()
        claims = (await read(house, answer["id_token"], alg)).claims
        assert claims["at_hash"] == urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def test_row_34_of_an_unknown_algorithm_there_is_no_hash() -> None:
    """OpenID Connect Core §3.1.3.6: the hash of the `alg`; where nobody knows it, none, and never another."""
    for alg in ("none", "HS256", "EdDSA", "RS512", ""):
        with pytest.raises(KeyError):
            at_hash_of("token", alg)


async def test_row_34_35_id_tokens_are_signed_as_the_application_chose_and_by_rs256_where_it_did_not(
    tmp_path: Path,
) -> None:
    """OpenID Connect Registration §2, id_token_signed_response_alg: the default is RS256; no secret signs anything."""
    async with built(tmp_path, HOUSE) as house:
        for number, (chosen, alg) in enumerate(
            [
                ({}, "RS256"),
                ({"id_token_signed_response_alg": "ES256"}, "ES256"),
                ({"id_token_signed_response_alg": "Ed25519"}, "Ed25519"),
            ]
        ):
            for signing_alg in ("ES256", "RS256"):
                made = await a_web_application(
                    house, "openid", signing_alg=signing_alg, token_format=TokenFormat.JWT, **chosen
                )
                person = await a_person(house, f"person-{number}-{signing_alg.lower()}")
                answer = await redeemed(house, made, await a_code(house, made.client, person, "openid"))
                assert (await read(house, answer["id_token"], alg)).header["alg"] == alg


async def test_another_algorithm_takes_effect_with_the_next_id_token(tmp_path: Path) -> None:
    """OpenID Connect Registration §2: also where the grant is older than the choice."""
    async with built(tmp_path, HOUSE) as house:
        person, client, answer = await signed_in(house)
        await read(house, answer["id_token"])
        chosen = Changes(id_token_signed_response_alg="ES256")
        await house.house.applications.change(client.client_id, chosen, "cli:test")
        house.clock.advance(1)
        later = await granted(house, person, await house.house.applications.get(client.client_id))
        await read(house, later.id_token, "ES256")


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
