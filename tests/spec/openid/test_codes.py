"""The plans `basic` and `form_post` of the suite: codes that are used twice, refresh tokens, and request objects."""

import json
import re
from base64 import urlsafe_b64encode
from pathlib import Path

from tests.asking import Answer
from tests.spec.openid.suite import BASIC, CALLBACK, ISSUER, Parameters, Plan, suite


def is_invalid_grant(answer: Answer) -> bool:
    """RFC 6749 §5.2, with a description that may stand there."""
    said = answer.json()
    return (
        answer.status == 400
        and answer.headers["content-type"] == "application/json"
        and said["error"] == "invalid_grant"
        and re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", said["error_description"]) is not None
    )


def unsigned(request: Parameters) -> str:
    """The request as an object that nobody signed (OpenID Connect Core §6.1)."""
    parts = ({"alg": "none"}, {"iss": request["client_id"], "aud": ISSUER, **request})
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


async def test_a_code_is_good_for_once(tmp_path: Path, plan: Plan) -> None:
    """oidcc-codereuse: invalid_grant at the second time (RFC 6749 §4.1.2)."""
    async with suite(tmp_path, plan) as client:
        flow = await client.flow()
        assert is_invalid_grant(
            await client.ask_token(grant_type="authorization_code", code=flow.code, redirect_uri=CALLBACK)
        )


async def test_a_code_that_comes_again_later_ends_what_it_bought(tmp_path: Path, plan: Plan) -> None:
    """oidcc-codereuse-30seconds: the access token is revoked, SHOULD (RFC 6749 §4.1.2)."""
    async with suite(tmp_path, plan) as client:
        flow = await client.flow()
        client.house.clock.advance(30)
        assert is_invalid_grant(
            await client.ask_token(grant_type="authorization_code", code=flow.code, redirect_uri=CALLBACK)
        )
        answer = await client.ask_userinfo(flow.tokens["access_token"])
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_refresh_token_renews_and_is_its_clients_own(tmp_path: Path, plan: Plan) -> None:
    """oidcc-refresh-token: who signed in where and when is the same (§12.2); another client gets nothing for it.

    The first client names the scope when it refreshes, the second does not (RFC 6749 §6).
    """
    async with suite(tmp_path, plan) as one:
        other = await one.another()
        assert "refresh_token" in one.metadata["grant_types_supported"]
        for client, nonce in ((one, "n-1"), (other, "n" * 43)):
            scope = "openid offline_access"
            flow = await client.flow(client.request(scope=scope, prompt="consent", nonce=nonce))
            assert client.person.shown[-1] == "/consent"
            refresh_token = flow.tokens["refresh_token"]
            assert re.fullmatch(r"[\x20-\x7E]{22,}", refresh_token)
            client.house.clock.advance(1)
            named = {"scope": scope} if client is one else {}
            later = await client.tokens(grant_type="refresh_token", refresh_token=refresh_token, **named)
            assert later["access_token"] != flow.tokens["access_token"]
            _, claims = await client.verified(later["id_token"])
            assert {name: claims.get(name) for name in ("iss", "sub", "aud", "azp", "auth_time")} == {
                name: flow.claims.get(name) for name in ("iss", "sub", "aud", "azp", "auth_time")
            }
            assert claims["iat"] == flow.claims["iat"] + 1
            assert claims.get("nonce") in (None, nonce)
            await client.userinfo(later)
        assert is_invalid_grant(await one.ask_token(grant_type="refresh_token", refresh_token=later["refresh_token"]))


async def test_a_request_object_is_refused_by_an_error_of_its_own(tmp_path: Path) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported: rejected, request_not_supported
    (§3.1.2.6), and discovery says so. The suite skips the rest of its module then: to ignore the object would fail.

    By the plan `basic` alone: a response_mode that stands in the object and nowhere else is not read, so that the plan
    `form_post` hears the error by the query (see `plans.py`).
    """
    async with suite(tmp_path, BASIC) as client:
        request = client.request()
        outside = {name: request[name] for name in ("client_id", "redirect_uri", "scope", "response_type")}
        assert await client.refused(outside | {"request": unsigned(request)}) == "request_not_supported"
        assert client.metadata["request_parameter_supported"] is False


async def test_a_request_uri_is_refused_by_an_error_of_its_own(tmp_path: Path) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: rejected,
    request_uri_not_supported (§3.1.2.6). The suite runs it where it registers its client itself.
    """
    async with suite(tmp_path, BASIC) as client:
        request = client.request("state", "nonce", request_uri="https://suite.example/test/a/scopekeeper/w4Kq")
        assert await client.refused(request) == "request_uri_not_supported"
        assert client.metadata["request_uri_parameter_supported"] is False


async def test_a_redirect_uri_in_a_request_object_opens_no_other_way(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-request-object-with-redirect-uri: the one outside is not registered, so the person is told (§6.1).

    The suite wants a page then, and no answer to the redirect_uri that the object names.
    """
    async with suite(tmp_path, plan) as client:
        request = client.request()
        foreign = request | {"redirect_uri": f"{CALLBACK}/bLsOZ5iKOA", "request": unsigned(request)}
        answer = await client.send(foreign)
        assert (answer.status, "location" in answer.headers) == (400, False)
        assert b"suite.example" not in answer.body
