"""OpenID Connect Discovery 1.0: what a client finds, and that it holds."""

from pathlib import Path
from typing import Any

import pytest

from scopekeeper.pages.words import LANGUAGES
from tests.asking import ask
from tests.building import Built, built

CONFIGURATION = "/.well-known/openid-configuration"


async def configuration(house: Built) -> dict[str, Any]:
    answer = await ask(house.front, "GET", CONFIGURATION)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_members_that_are_required_are_there(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3: REQUIRED, and `userinfo_endpoint`, `scopes_supported`, `claims_supported`."""
    async with built(tmp_path) as house:
        assert {
            "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
            "subject_types_supported", "id_token_signing_alg_values_supported", "userinfo_endpoint", "scopes_supported",
            "claims_supported",
        } <= set(await configuration(house))  # fmt: skip


async def test_both_documents_say_the_same(tmp_path: Path) -> None:
    """RFC 8414 §5: one server, whichever of the two a client asks."""
    async with built(tmp_path) as house:
        other = await ask(house.front, "GET", "/.well-known/oauth-authorization-server")
        assert await configuration(house) == other.json()


async def test_what_every_provider_must_support_is_supported(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3: `code`, RS256, the scope openid; §4.2: the issuer, exactly."""
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": "https://id.example.com"}) as house:
        found = await configuration(house)
        assert found["issuer"] == "https://id.example.com"
        assert "code" in found["response_types_supported"]
        assert found["id_token_signing_alg_values_supported"] == ["RS256", "ES256", "Ed25519"]
        assert "public" in found["subject_types_supported"]
        assert {"openid", "profile", "email", "offline_access"} <= set(found["scopes_supported"])
        assert found["code_challenge_methods_supported"] == ["S256"]
        assert found["ui_locales_supported"] == list(LANGUAGES)


async def test_what_is_not_supported_is_said_so(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3: without a word, request_uri would count as supported."""
    async with built(tmp_path) as house:
        found = await configuration(house)
        for name in ("request", "request_uri"):
            assert found[f"{name}_parameter_supported"] is False


async def test_who_answers_says_its_name(tmp_path: Path) -> None:
    """RFC 9207 §3: authorization_response_iss_parameter_supported."""
    async with built(tmp_path) as house:
        assert (await configuration(house))["authorization_response_iss_parameter_supported"] is True


async def test_row_50_no_header_of_a_request_changes_it(tmp_path: Path) -> None:
    """OpenID Connect Discovery §7.2: whoever could, would impersonate the issuer."""
    async with built(tmp_path) as house:
        forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")]
        plain = await ask(house.front, "GET", CONFIGURATION)
        assert (await ask(house.front, "GET", CONFIGURATION, headers=forged)).body == plain.body


@pytest.mark.parametrize("path", ["", "/", ".json", "/x"])
async def test_it_is_where_it_belongs_and_nowhere_else(tmp_path: Path, path: str) -> None:
    """OpenID Connect Discovery §4: the issuer, and /.well-known/openid-configuration."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, "GET", CONFIGURATION + path)
        assert answer.status == (404 if path else 200)


async def test_the_keys_are_those_that_id_tokens_are_signed_with(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3, jwks_uri: from the first moment on, for clients keep what they got."""
    async with built(tmp_path) as house:
        found = await configuration(house)
        keys = (await ask(house.front, "GET", found["jwks_uri"].removeprefix(found["issuer"]))).json()["keys"]
        assert set(found["id_token_signing_alg_values_supported"]) <= {key["alg"] for key in keys}
