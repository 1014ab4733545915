"""The plans `basic` and `form_post` of the suite: the code flow, and how its client proves itself.

Each docstring begins with the id of its module; whatever all modules look at is in `suite.py` and `claims.py`.
"""

from hashlib import sha256
from math import log2
from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.pkce import challenge_of
from tests.spec.openid.claims import half_hash
from tests.spec.openid.suite import CALLBACK, Plan, suite


async def test_a_code_buys_an_access_token_and_an_id_token(tmp_path: Path, plan: Plan) -> None:
    """oidcc-server: what comes of it is signed, about this request, and the code is hard to guess (§3.1)."""
    async with suite(tmp_path, plan) as client:
        flow = await client.flow()
        assert client.person.shown == ["/login", "/consent"]
        assert flow.claims["at_hash"] == half_hash(flow.tokens["access_token"])
        assert len(flow.code) >= 22, "128 bits in base64"
        shares = [flow.code.count(each) / len(flow.code) for each in set(flow.code)]
        assert -sum(share * log2(share) for share in shares) * len(flow.code) >= 96


async def test_without_a_response_type_the_client_is_told_so(tmp_path: Path, plan: Plan) -> None:
    """oidcc-response-type-missing: invalid_request or unsupported_response_type (RFC 6749 §3.1.1)."""
    async with suite(tmp_path, plan) as client:
        assert await client.refused(client.request("response_type")) in ("invalid_request", "unsupported_response_type")


async def test_an_id_token_is_signed_by_rs256_where_nothing_was_chosen(tmp_path: Path, plan: Plan) -> None:
    """oidcc-idtoken-signature: and its header names the key (§3.1.3.7, §10.1). The suite registers its client itself
    for this one, so it leaves it out where clients are registered by hand.
    """
    async with suite(tmp_path, plan) as client:
        header, _ = await client.verified((await client.flow()).tokens["id_token"])
        assert header["alg"] == "RS256"
        assert header["kid"]


async def test_no_id_token_is_unsigned(tmp_path: Path, plan: Plan) -> None:
    """oidcc-idtoken-unsigned: left out by the suite where `none` is not among id_token_signing_alg_values_supported;
    nor can an application choose it (RFC 8725 §3.2).
    """
    async with suite(tmp_path, plan) as client:
        assert "none" not in client.metadata["id_token_signing_alg_values_supported"]
        with pytest.raises(Unfit, match="RS256"):
            await client.another(id_token_signed_response_alg="none")


async def test_userinfo_is_read_by_get(tmp_path: Path, plan: Plan) -> None:
    """oidcc-userinfo-get: JSON, about the person of the id_token (§5.3)."""
    async with suite(tmp_path, plan) as client:
        tokens = (await client.flow()).tokens
        assert (await client.userinfo(tokens, "GET")).keys() == {"sub"}


async def test_userinfo_is_read_by_post_with_the_token_in_the_header(tmp_path: Path, plan: Plan) -> None:
    """oidcc-userinfo-post-header: as by GET (§5.3.1)."""
    async with suite(tmp_path, plan) as client:
        tokens = (await client.flow()).tokens
        assert await client.userinfo(tokens, "POST") == await client.userinfo(tokens, "GET")


async def test_userinfo_is_read_by_post_with_the_token_in_the_form(tmp_path: Path, plan: Plan) -> None:
    """oidcc-userinfo-post-body: optional (RFC 6750 §2.2), and supported here."""
    async with suite(tmp_path, plan) as client:
        tokens = (await client.flow()).tokens
        assert await client.userinfo(tokens, in_body=True) == await client.userinfo(tokens, "GET")


async def test_a_code_needs_no_nonce(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow: OPTIONAL here (§3.1.2.1), and none comes back."""
    async with suite(tmp_path, plan) as client:
        assert "nonce" not in (await client.flow(client.request("nonce"))).claims


async def test_no_order_of_scopes_and_parameters_matters(tmp_path: Path, plan: Plan) -> None:
    """oidcc-alternate-happy-flow: RFC 6749 §3.3."""
    async with suite(tmp_path, plan) as client:
        request = client.request(scope="email openid")
        flow = await client.flow(dict(reversed(request.items())))
        assert (await client.userinfo(flow.tokens)).keys() == {"sub", "email", "email_verified"}


async def test_a_parameter_that_nobody_knows_is_ignored(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds: RFC 6749 §3.1, MUST."""
    async with suite(tmp_path, plan) as client:
        await client.flow(client.request(extra="foobar"))


async def test_a_request_may_be_posted(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-post-request-succeeds: the authorization endpoint takes GET and POST (§3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        await client.flow(method="POST")


async def test_a_client_may_prove_itself_in_the_form(tmp_path: Path, plan: Plan) -> None:
    """oidcc-server-client-secret-post: client_secret_post (§9), and discovery says so."""
    async with suite(tmp_path, plan, "client_secret_post") as client:
        await client.flow()


async def test_a_code_challenge_is_welcome_where_none_is_required(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds: RFC 7636 §4.3; and from then on its verifier is required."""
    async with suite(tmp_path, plan) as client:
        verifier = sha256(b"entropy").hexdigest()
        request = client.request(code_challenge=challenge_of(verifier), code_challenge_method="S256")
        await client.flow(request, code_verifier=verifier)
        code = await client.code(request)
        answer = await client.ask_token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_redirect_uri_that_is_not_registered_is_told_to_the_person_alone(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-registered-redirect-uri: a page that says what is wrong, and no way out (§3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        answer = await client.send(client.request(redirect_uri=f"{CALLBACK}/bLsOZ5iKOA"))
        assert (answer.status, "location" in answer.headers) == (400, False)
        assert b"redirect_uri" in answer.body
        assert b"suite.example" not in answer.body
