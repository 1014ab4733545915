"""RFC 6749, The OAuth 2.0 Authorization Framework: what of it concerns an application that acts for itself."""

import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.records import ApplicationType
from tests.asking import ask, basic, post_form
from tests.building import JWT, built

FORM = ("content-type", "application/x-www-form-urlencoded")
GRANT = {"grant_type": "client_credentials"}

VSCHAR = re.compile(r"[\x20-\x7E]+")
NQSCHAR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")

# What a stranger may send, and what an answer must not repeat or stumble over.
NASTY = [
    "", "scope=%22", "scope=%5C", "scope=rest%20%C3%A9", "scope=%22%20%5C", "grant_type=%22%5C", "grant_type=%C3%A9",
    "grant_type=client_credentials&scope=%22rest%22", "grant_type=client_credentials&scope=rest%0Arest",
    "grant_type=client_credentials&scope=%00", "grant_type=client_credentials&resource=%22", "%FF", "a=%", "a&a",
    "grant_type=client_credentials&scope=%C3%A9%E2%80%A6", "grant_type=urn:x:%22", "=", "&&&", "grant_type",
]  # fmt: skip


@pytest.mark.parametrize(("type", "secret"), [("web", True), ("m2m", True), ("spa", False), ("native", False)])
async def test_an_application_that_cannot_keep_a_secret_gets_none(tmp_path: Path, type: str, secret: bool) -> None:
    """RFC 6749 §2.1, RFC 7591 §2: confidential and public clients, by what the application is registered as."""
    async with built(tmp_path) as house:
        made = await house.register(type=ApplicationType(type))
        assert bool(made.client_secret) is secret


async def test_every_client_has_an_identifier_of_its_own_which_proves_nothing(tmp_path: Path) -> None:
    """RFC 6749 §2.2: unique, no secret, and MUST NOT be used alone for client authentication."""
    async with built(tmp_path) as house:
        made = [await house.register() for _ in range(20)]
        assert len({each.client_id for each in made}) == 20
        answer = await post_form(house.front, "/oauth/token", {**GRANT, "client_id": made[0].client_id})
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_basic_and_the_body_are_two_ways_and_never_both(tmp_path: Path) -> None:
    """RFC 6749 §2.3: the client MUST NOT use more than one authentication method in each request."""
    async with built(tmp_path) as house:
        made = await house.register()
        body = {**GRANT, "client_id": made.client_id, "client_secret": made.client_secret}
        assert (await post_form(house.front, "/oauth/token", body)).status == 200
        assert (await post_form(house.front, "/oauth/token", GRANT, headers=[made.basic])).status == 200
        both = await post_form(house.front, "/oauth/token", body, headers=[made.basic])
        assert (both.status, both.json()["error"]) == (400, "invalid_request")


async def test_credentials_in_the_address_are_never_taken(tmp_path: Path) -> None:
    """RFC 6749 §2.3.1: the parameters MUST NOT be included in the request URI."""
    async with built(tmp_path) as house:
        made = await house.register()
        target = f"/oauth/token?client_id={made.client_id}&client_secret={made.client_secret}"
        answer = await post_form(house.front, target, GRANT)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("uri", ["/callback", "example.com/callback", "https://example.com/callback#", "https:///cb"])
async def test_a_redirect_uri_is_absolute_and_has_no_fragment(tmp_path: Path, uri: str) -> None:
    """RFC 6749 §3.1.2: the redirection endpoint URI MUST be absolute and MUST NOT include a fragment component."""
    async with built(tmp_path) as house:
        with pytest.raises(Unfit):
            await house.register(type=ApplicationType.WEB, redirect_uris=(uri,))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_the_token_endpoint_is_posted_to(tmp_path: Path, method: str) -> None:
    """RFC 6749 §3.2: the client MUST use the HTTP POST method."""
    async with built(tmp_path) as house:
        assert (await ask(house.front, method, "/oauth/token")).status == 405


async def test_an_unknown_parameter_is_ignored(tmp_path: Path) -> None:
    """RFC 6749 §3.2: the authorization server MUST ignore unrecognized request parameters."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register(), audience="somewhere", nonsense="1", foo="")
        assert answer.status == 200


async def test_a_parameter_without_a_value_is_as_good_as_none(tmp_path: Path) -> None:
    """RFC 6749 §3.1, §3.2: parameters sent without a value MUST be treated as if they were omitted."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register("rest"), scope="", client_secret="", resource="")
        assert (answer.status, answer.json()["scope"]) == (200, "rest")


@pytest.mark.parametrize("name", ["grant_type", "scope", "nonsense"])
async def test_no_parameter_is_there_twice(tmp_path: Path, name: str) -> None:
    """RFC 6749 §3.2: request parameters MUST NOT be included more than once."""
    async with built(tmp_path) as house:
        made = await house.register()
        form = f"grant_type=client_credentials&scope=rest&nonsense=1&{name}=rest"
        answer = await post_form(house.front, "/oauth/token", form, headers=[made.basic])
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_no_answer_has_a_member_twice(tmp_path: Path) -> None:
    """RFC 6749 §3.2: response parameters MUST NOT be included more than once."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register())
        names = re.findall(rb'"(\w+)":', answer.body)
        assert sorted(names) == sorted(set(names))


async def test_a_confidential_client_proves_itself_at_the_token_endpoint(tmp_path: Path) -> None:
    """RFC 6749 §3.2.1: confidential clients MUST authenticate."""
    async with built(tmp_path) as house:
        await house.register()
        answer = await post_form(house.front, "/oauth/token", GRANT)
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_the_order_of_scopes_does_not_matter_and_their_case_does(tmp_path: Path) -> None:
    """RFC 6749 §3.3: space-delimited, case-sensitive strings, whose order does not matter."""
    async with built(tmp_path) as house:
        made = await house.register("rest:callforward:read rest:extensions:read")
        for scope in ("rest:callforward:read rest:extensions:read", "rest:extensions:read rest:callforward:read"):
            told = (await house.ask_token(made, scope=scope)).json()
            assert set(told["scope"].split(" ")) == {"rest:callforward:read", "rest:extensions:read"}
        wrong = await house.ask_token(made, scope="REST:callforward:read")
        assert wrong.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("asked", ["rest:callforward", None])
async def test_what_was_granted_is_always_told(tmp_path: Path, asked: str | None) -> None:
    """RFC 6749 §3.3: the response tells the scope where it is not the one requested; without one, the default."""
    async with built(tmp_path) as house:
        made = await house.register("rest:callforward gql")
        answer = await house.ask_token(made, **({"scope": asked} if asked else {}))
        assert answer.json()["scope"] == (asked or "rest:callforward gql")


async def test_without_scope_the_default_is_used_or_the_request_fails(tmp_path: Path) -> None:
    """RFC 6749 §3.3: process the request using a pre-defined default value, or fail it with invalid scope."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register(""))
        assert (answer.status, answer.json()["error"]) == (400, "invalid_scope")


async def test_only_confidential_clients_act_for_themselves(tmp_path: Path) -> None:
    """RFC 6749 §4.4: the client credentials grant type MUST only be used by confidential clients."""
    async with built(tmp_path) as house:
        for type in (ApplicationType.SPA, ApplicationType.NATIVE):
            public = await house.register(type=type)
            answer = await post_form(house.front, "/oauth/token", {**GRANT, "client_id": public.client_id})
            assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")


async def test_nothing_but_the_grant_type_is_required(tmp_path: Path) -> None:
    """RFC 6749 §4.4.2: grant_type REQUIRED, scope OPTIONAL, and the client MUST authenticate."""
    async with built(tmp_path) as house:
        made = await house.register()
        assert (await post_form(house.front, "/oauth/token", GRANT, headers=[made.basic])).status == 200
        assert (await post_form(house.front, "/oauth/token", GRANT)).status == 401


async def test_there_is_no_refresh_token_for_who_holds_credentials(tmp_path: Path) -> None:
    """RFC 6749 §4.4.3: a refresh token SHOULD NOT be included."""
    async with built(tmp_path) as house:
        assert "refresh_token" not in (await house.ask_token(await house.register())).json()


async def test_a_token_is_answered_as_json_that_nobody_keeps(tmp_path: Path) -> None:
    """RFC 6749 §5.1: application/json; access_token, token_type, expires_in, scope; no-store and no-cache."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register())
        told = answer.json()
        assert answer.status == 200
        assert answer.headers["content-type"].partition(";")[0] == "application/json"
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        assert told["token_type"].lower() == "bearer"
        assert type(told["expires_in"]) is int
        assert all(isinstance(told[name], str) for name in ("access_token", "scope"))


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({}, "invalid_request", 400),
        ({**GRANT, "client_id": "nobody", "client_secret": "x"}, "invalid_client", 401),
        ({"grant_type": "urn:example:unheard-of"}, "unsupported_grant_type", 400),
        ({**GRANT, "scope": "gql"}, "invalid_scope", 400),
    ],
)
async def test_each_error_has_its_code(tmp_path: Path, form: dict[str, str], error: str, status: int) -> None:
    """RFC 6749 §5.2: invalid_request, invalid_client, unsupported_grant_type, invalid_scope; 400, or 401."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        headers = [] if "client_id" in form else [made.basic]
        answer = await post_form(house.front, "/oauth/token", form, headers=headers)
        assert (answer.status, answer.json()["error"]) == (status, error)
        assert answer.headers["content-type"].partition(";")[0] == "application/json"
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")


async def test_a_grant_that_the_client_may_not_use_is_unauthorized_client(tmp_path: Path) -> None:
    """RFC 6749 §5.2: the authenticated client is not authorized to use this authorization grant type."""
    async with built(tmp_path) as house:
        web = await house.register(type=ApplicationType.WEB)
        answer = await house.ask_token(web)
        assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")


async def test_who_tried_by_header_hears_401_with_a_challenge_of_that_scheme(tmp_path: Path) -> None:
    """RFC 6749 §5.2: 401 and WWW-Authenticate matching the authentication scheme used by the client."""
    async with built(tmp_path) as house:
        answer = await post_form(house.front, "/oauth/token", GRANT, headers=[basic("nobody", "x")])
        assert answer.status == 401
        assert answer.headers["www-authenticate"].split(" ")[0] == "Basic"


async def test_errors_are_written_in_the_characters_they_may_have(tmp_path: Path) -> None:
    """RFC 6749 §5.2: error and error_description MUST NOT include quotes, backslashes or anything beyond ASCII."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        for form in NASTY:
            answer = await post_form(house.front, "/oauth/token", form, headers=[made.basic])
            assert answer.status == 400, form
            told = answer.json()
            assert set(told) == {"error", "error_description"}, form
            assert all(NQSCHAR.fullmatch(text) for text in told.values()), form


async def test_a_token_can_not_be_guessed(tmp_path: Path) -> None:
    """RFC 6749 §10.10: the probability of guessing SHOULD be at most 2^-160."""
    async with built(tmp_path) as house:
        secret = house.house.entropy.entropy()
        assert len(secret) == 32
        assert 62**32 > 2**160


@pytest.mark.parametrize("more", [{}, JWT], ids=["opaque", "jwt"])
async def test_what_is_answered_has_the_characters_of_its_syntax(tmp_path: Path, more: dict[str, object]) -> None:
    """RFC 6749 §A.1, §A.2, §A.4, §A.12, §A.13, §A.14."""
    async with built(tmp_path) as house:
        made = await house.register("rest gql", **more)
        told = (await house.ask_token(made)).json()
        assert all(VSCHAR.fullmatch(text) for text in (made.client_id, made.client_secret, told["access_token"]))
        assert re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*", told["scope"])
        assert re.fullmatch(r"[A-Za-z0-9\-._]+", told["token_type"])
        assert told["expires_in"] > 0


async def test_credentials_are_form_encoded_in_utf_8_before_they_are_put_together(tmp_path: Path) -> None:
    """RFC 6749 §B: `application/x-www-form-urlencoded` of UTF-8: a space is +, and each other byte an escape."""
    async with built(tmp_path) as house:
        made = await house.register()
        half = "".join(f"%{byte:02X}" for byte in made.client_secret.encode())
        header = b64encode(f"{quote_plus(made.client_id)}:{half}".encode()).decode()
        right = await post_form(house.front, "/oauth/token", GRANT, headers=[("authorization", f"Basic {header}")])
        assert right.status == 200
        for wrong in (made.client_secret + "+", "%" + made.client_secret, made.client_secret + "%2"):
            header = b64encode(f"{made.client_id}:{wrong}".encode()).decode()
            answer = await post_form(house.front, "/oauth/token", GRANT, headers=[("authorization", f"Basic {header}")])
            assert (answer.status, answer.json()["error"]) == (401, "invalid_client"), wrong


async def test_a_form_is_decoded_as_utf_8(tmp_path: Path) -> None:
    """RFC 6749 §B: the parameters are encoded in UTF-8; escapes of anything else are malformed."""
    async with built(tmp_path) as house:
        made = await house.register("rest:callforward:read rest:extensions")
        form = b"%67rant_type=client%5Fcredentials&scope=rest%3Acallforward%3aread+rest:extensions&x=%C3%A9"
        answer = await ask(house.front, "POST", "/oauth/token", headers=[FORM, made.basic], body=form)
        assert answer.json()["scope"] == "rest:callforward:read rest:extensions"
        latin = await ask(house.front, "POST", "/oauth/token", headers=[FORM, made.basic], body=form + b"&y=%E9")
        assert (latin.status, latin.json()["error"]) == (400, "invalid_request")
