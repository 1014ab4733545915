"""RFC 7517, JSON Web Key, and RFC 7515, JSON Web Signature: our signatures as somebody else's library sees them."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from scopekeeper.oauth.keys import JWKS_MAX_AGE
from scopekeeper.oauth.records import TokenFormat
from tests.asking import ask
from tests.building import Built, built

ALGORITHMS = ["ES256", "RS256"]


async def jwks(house: Built) -> dict[str, Any]:
    answer = await ask(house.front, "GET", "/oauth/jwks")
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


async def signed(house: Built, alg: str = "ES256") -> str:
    """A fresh token under this algorithm."""
    return await house.token(await house.register("rest", token_format=TokenFormat.JWT, signing_alg=alg))


def header_of(token: str) -> dict[str, Any]:
    encoded = token.split(".")[0]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return found


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_each_key_says_what_it_is_and_what_it_is_for(tmp_path: Path, alg: str) -> None:
    """RFC 7517 §4.1, §4.2, §4.4, §4.5: kty, use, alg and kid; each kid once."""
    async with built(tmp_path) as house:
        await signed(house, alg)
        keys = [key for key in (await jwks(house))["keys"] if key["alg"] == alg]
        assert len(keys) == 2
        assert {(key["kty"], key["use"]) for key in keys} == {({"ES256": "EC", "RS256": "RSA"}[alg], "sig")}
        assert len({key["kid"] for key in keys}) == len(keys)


async def test_the_set_is_an_object_with_an_array_of_keys(tmp_path: Path) -> None:
    """RFC 7517 §5, §5.1: a JSON object with the member `keys`, and no key without an algorithm one could know."""
    async with built(tmp_path) as house:
        found = await jwks(house)
        assert list(found) == ["keys"]
        assert {key["alg"] for key in found["keys"]} == {*ALGORITHMS, "Ed25519"}


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_the_private_half_stays_at_home(tmp_path: Path, alg: str) -> None:
    """RFC 7517 §9.2: private keys MUST be protected from disclosure: no member of RFC 7518 §6 that holds one."""
    async with built(tmp_path) as house:
        await signed(house, alg)
        private = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
        assert all(private.isdisjoint(key) for key in (await jwks(house))["keys"])


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_a_signature_is_checked_with_the_published_key(tmp_path: Path, alg: str) -> None:
    """RFC 7515 §5.2: a verifier that knows nothing but the key set finds the signature sound."""
    async with built(tmp_path) as house:
        token = await signed(house, alg)
        checked = jws.deserialize_compact(token, KeySet.import_key_set(_set(await jwks(house))), algorithms=[alg])
        assert json.loads(checked.payload or b"")["iss"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_an_altered_payload_is_noticed(tmp_path: Path, alg: str) -> None:
    """RFC 7515 §5.2: if any step fails, the signature cannot be validated."""
    async with built(tmp_path) as house:
        header, payload, signature = (await signed(house, alg)).split(".")
        forged = f"{header}.{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{signature}"
        with pytest.raises(BadSignatureError):
            jws.deserialize_compact(forged, KeySet.import_key_set(_set(await jwks(house))), algorithms=[alg])


async def test_a_header_names_its_algorithm_its_key_and_its_type_and_nothing_else(tmp_path: Path) -> None:
    """RFC 7515 §4.1.1, §4.1.4, §4.1.9: alg, kid, typ; no jwk, jku or x5u that a verifier might follow."""
    async with built(tmp_path) as house:
        header = header_of(await signed(house))
        kids = {key["kid"] for key in (await jwks(house))["keys"]}
        assert set(header) == {"alg", "kid", "typ"}
        assert (header["alg"], header["kid"] in kids) == ("ES256", True)


async def test_the_serialization_is_compact_without_padding(tmp_path: Path) -> None:
    """RFC 7515 §7.1, §2: three parts of base64url without trailing `=`."""
    async with built(tmp_path) as house:
        token = await signed(house)
        assert len(token.split(".")) == 3
        assert "=" not in token


async def test_an_ecdsa_signature_is_both_numbers_side_by_side(tmp_path: Path) -> None:
    """RFC 7515 §5.1 with RFC 7518 §3.4: 64 octets, R then S, for ES256."""
    async with built(tmp_path) as house:
        for _ in range(20):
            signature = (await signed(house)).split(".")[2]
            assert len(urlsafe_b64decode(signature + "=" * (-len(signature) % 4))) == 64


async def test_a_key_is_published_before_it_signs_and_after_it_has_signed(tmp_path: Path) -> None:
    """RFC 7517 §4.5: kid is there to choose among keys during rollover; a cached set knows the key that signs."""
    async with built(tmp_path) as house:
        before = await signed(house)
        cached = {key["kid"] for key in (await jwks(house))["keys"]}
        await house.house.signer.rotate("ES256", "cli:test")
        after = await signed(house)
        assert header_of(before)["kid"] != header_of(after)["kid"]
        assert header_of(after)["kid"] in cached
        assert {header_of(each)["kid"] for each in (before, after)} <= {k["kid"] for k in (await jwks(house))["keys"]}


async def test_the_set_may_be_kept_for_as_long_as_a_rotation_waits(tmp_path: Path) -> None:
    """RFC 7517 §5: the set is fetched by verifiers, who are told how long they may keep it."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, "GET", "/oauth/jwks")
        assert answer.headers["cache-control"] == f"public, max-age={JWKS_MAX_AGE}"


def _set(found: dict[str, Any]) -> Any:
    return {"keys": found["keys"]}
