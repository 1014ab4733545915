"""RFC 6750, Bearer Token Usage: how the API takes a token, and how it says no."""

import re
from pathlib import Path

import pytest

from tests.asking import Answer, ask, bearer, post_form
from tests.building import built

FORWARD = "/api/rest/callforward/users/1001"
FACES = {"rest": "GET", "gql": "POST"}

CHALLENGE = re.compile(r'Bearer realm="[^"]+"(?:, [a-z_]+="[\x20-\x21\x23-\x5B\x5D-\x7E]*")*')


def told(answer: Answer) -> dict[str, str]:
    """The parameters of the challenge."""
    challenge = answer.headers["www-authenticate"]
    assert CHALLENGE.fullmatch(challenge), challenge
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', challenge))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_is_taken_from_the_authorization_header(tmp_path: Path, scheme: str) -> None:
    """RFC 6750 §2.1: `Authorization: Bearer b64token`; resource servers MUST support this method."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        answer = await ask(house.front, "GET", FORWARD, headers=[("authorization", f"{scheme} {token}")])
        assert answer.status == 200


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a b", "Bearer é", "Bearer a,b", 'Bearer "a"'])
async def test_what_is_no_b64token_is_an_invalid_request(tmp_path: Path, value: str) -> None:
    """RFC 6750 §2.1: credentials = "Bearer" 1*SP b64token."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, "GET", FORWARD, headers=[("authorization", value)])
        assert (answer.status, told(answer)["error"]) == (400, "invalid_request")


async def test_a_token_in_a_form_is_not_taken(tmp_path: Path) -> None:
    """RFC 6750 §2.2: form-encoded tokens are optional for resource servers; ours takes none."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("gql"))
        answer = await post_form(house.front, "/api/graphql", {"access_token": token})
        assert answer.status == 401


async def test_a_token_in_the_address_is_not_taken(tmp_path: Path) -> None:
    """RFC 6750 §2.3: SHOULD NOT be used; RFC 9700 §4.3.2 says MUST NOT. It would end in logs and histories."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        answer = await ask(house.front, "GET", f"{FORWARD}?access_token={token}")
        assert (answer.status, "error" in told(answer)) == (401, False)


async def test_a_token_sent_in_two_ways_is_an_invalid_request(tmp_path: Path) -> None:
    """RFC 6750 §2: clients MUST NOT use more than one method to transmit the token in each request."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        answer = await ask(house.front, "GET", f"{FORWARD}?access_token={token}", headers=[bearer(token)])
        assert (answer.status, told(answer)["error"]) == (400, "invalid_request")


async def test_who_sends_no_token_is_told_the_scheme_and_no_error(tmp_path: Path) -> None:
    """RFC 6750 §3, §3.1: the challenge of the scheme Bearer; SHOULD NOT include an error code."""
    async with built(tmp_path) as house:
        for path, method in ((FORWARD, "GET"), (FORWARD, "PUT"), ("/api/graphql", "POST")):
            answer = await ask(house.front, method, path)
            assert (answer.status, list(told(answer))) == (401, ["realm"])


async def test_a_token_of_another_scheme_is_no_token(tmp_path: Path) -> None:
    """RFC 6750 §3: the request lacks a bearer token, whatever else it has."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        answer = await ask(house.front, "GET", FORWARD, headers=[made.basic])
        assert (answer.status, list(told(answer))) == (401, ["realm"])


@pytest.mark.parametrize("how", ["expired", "revoked", "malformed", "of a client that is gone"])
async def test_a_token_that_does_not_hold_is_invalid_token(tmp_path: Path, how: str) -> None:
    """RFC 6750 §3.1: invalid_token: expired, revoked, malformed, or invalid for other reasons; 401."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        token = await house.token(made)
        if how == "expired":
            house.clock.advance(3_600)
        elif how == "revoked":
            await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[made.basic])
        elif how == "malformed":
            token = token[:-1]
        else:
            await house.house.applications.remove(made.client_id, "cli:test")
        answer = await house.get(FORWARD, token)
        assert (answer.status, told(answer)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("api", FACES)
async def test_a_token_that_does_not_reach_so_far_is_told_what_it_takes(tmp_path: Path, api: str) -> None:
    """RFC 6750 §3.1: insufficient_scope, 403, and the scope necessary to access the protected resource."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register(f"{api}:extensions"))
        if api == "rest":
            answer = await house.get(FORWARD, token)
        else:
            body = b'{"query": "{ callForward(extension: \\"1001\\") { busy } }"}'
            headers = [bearer(token), ("content-type", "application/json")]
            answer = await ask(house.front, "POST", "/api/graphql", headers=headers, body=body)
        challenge = told(answer)
        assert answer.status == 403
        assert (challenge["error"], challenge["scope"]) == ("insufficient_scope", f"{api}:callforward:read")


async def test_the_attributes_of_a_challenge_stand_in_it_once(tmp_path: Path) -> None:
    """RFC 6750 §3: realm, scope, error and error_description MUST NOT appear more than once."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("gql"))
        for sent in (token, token[:-1], "!"):
            answer = await house.get(FORWARD, sent)
            names = re.findall(r'([a-z_]+)="', answer.headers["www-authenticate"])
            assert sorted(names) == sorted(set(names))


async def test_the_token_type_is_the_one_that_is_registered(tmp_path: Path) -> None:
    """RFC 6750 §4: an answer of the token endpoint has token_type Bearer."""
    async with built(tmp_path) as house:
        assert (await house.ask_token(await house.register())).json()["token_type"] == "Bearer"


async def test_tokens_live_for_an_hour_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    """RFC 6750 §5.3: issue short-lived bearer tokens, one hour or less."""
    async with built(tmp_path) as house:
        assert (await house.ask_token(await house.register())).json()["expires_in"] == 3_600
