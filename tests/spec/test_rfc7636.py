"""RFC 7636, Proof Key for Code Exchange by OAuth Public Clients."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import ApplicationType
from tests.web.grants import VERIFIER, an_office

EXAMPLE = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


@pytest.mark.parametrize("verifier", ["a" * 43, "a" * 128, "-._~" * 20, EXAMPLE[0]])
async def test_any_verifier_of_43_to_128_unreserved_characters_will_do(tmp_path: Path, verifier: str) -> None:
    """RFC 7636 §4.1."""
    async with an_office(tmp_path) as office:
        code = await office.code(code_challenge=challenge_of(verifier))
        assert (await office.redeem(code, None, code_verifier=verifier)).status == 200


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "=", "é" * 43])
async def test_what_is_no_verifier_redeems_nothing_though_its_digest_be_right(tmp_path: Path, verifier: str) -> None:
    """RFC 7636 §4.1: a minimum length of 43 characters and a maximum length of 128, unreserved ones only."""
    async with an_office(tmp_path) as office:
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        answer = await office.redeem(await office.code(code_challenge=challenge), None, code_verifier=verifier)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


async def test_the_example_of_the_document_works(tmp_path: Path) -> None:
    """RFC 7636 §4.2, §4.6, §B: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge."""
    verifier, challenge = EXAMPLE
    async with an_office(tmp_path) as office:
        code = await office.code(code_challenge=challenge)
        assert (await office.redeem(code, None, code_verifier=verifier)).status == 200


@pytest.mark.parametrize("type", [ApplicationType.WEB, ApplicationType.SPA])
@pytest.mark.parametrize("sent", ["w" * 43, "", challenge_of(VERIFIER)], ids=["wrong", "none", "the challenge itself"])
async def test_without_the_verifier_a_code_is_worth_nothing(tmp_path: Path, sent: str, type: ApplicationType) -> None:
    """RFC 7636 §4.5, §4.6: if the values are not equal, an error response indicating invalid_grant MUST be returned."""
    async with an_office(tmp_path, type=type) as office:
        code = await office.code()
        answer = await office.redeem(code, None, code_verifier=sent)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await office.redeem(code)).status == 200


async def test_the_challenge_belongs_to_its_code(tmp_path: Path) -> None:
    """RFC 7636 §4.4: the server MUST associate code_challenge with the code, so that it can be verified later."""
    async with an_office(tmp_path) as office:
        mine, theirs = await office.code(), await office.code(code_challenge=challenge_of("t" * 43))
        assert (await office.redeem(theirs)).json()["error"] == "invalid_grant"
        assert (await office.redeem(mine)).status == 200
