"""The token endpoint over HTTP (RFC 6749 §3.2, §4.4, §5). Rows are those of docs/security.md."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.token import TokenRequest
from scopekeeper.services.grants import redeemers
from scopekeeper.services.ports import Act
from scopekeeper.services.token import Exchange
from tests.altered import replace
from tests.asking import ask, basic, post_form
from tests.building import JWT, built

FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


async def test_an_application_gets_a_token_with_exactly_what_it_asked_for(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read rest:callforward:write")
        answer = await house.ask_token(application, scope="rest:callforward:read")
        assert answer.status == 200
        token = answer.json()
        assert set(token) == {"access_token", "token_type", "expires_in", "scope"}
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "rest:callforward:read")
        assert token["access_token"].startswith("skpr_at_")


async def test_the_answer_is_never_stored(tmp_path: Path) -> None:
    """RFC 6749 §5.1: Cache-Control: no-store, Pragma: no-cache."""
    async with built(tmp_path) as house:
        answer = await house.ask_token(await house.register())
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache"
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_credentials_in_the_body_work_as_those_in_the_header(tmp_path: Path) -> None:
    """RFC 6749 §2.3.1."""
    async with built(tmp_path) as house:
        application = await house.register()
        form = {**GRANT, "client_id": application.client_id, "client_secret": application.client_secret}
        assert (await post_form(house.front, "/oauth/token", form)).status == 200


async def test_basic_credentials_are_form_encoded_first(tmp_path: Path) -> None:
    """RFC 6749 §2.3.1 and appendix B."""
    async with built(tmp_path) as house:
        application = await house.register()
        encoded = f"{quote(application.client_id)}:%73{application.client_secret[1:]}"
        header = ("authorization", "bAsIc " + b64encode(encoded.encode()).decode())
        assert (await post_form(house.front, "/oauth/token", GRANT, headers=[header])).status == 200


async def test_row_27_an_unknown_client_and_a_wrong_secret_get_the_same_401_and_the_same_words(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        other = await house.register()
        wrong = [
            basic("nobody", application.client_secret),
            basic(application.client_id, "wrong"),
            basic(application.client_id, other.client_secret),
            basic(application.client_id, application.client_secret[:-1]),
        ]
        answers = [await post_form(house.front, "/oauth/token", GRANT, headers=[each]) for each in wrong]
        assert {answer.status for answer in answers} == {401}
        assert len({answer.body for answer in answers}) == 1
        assert answers[0].json()["error"] == "invalid_client"
        assert all(answer.headers["www-authenticate"].startswith("Basic ") for answer in answers)


@pytest.mark.parametrize(
    "value",
    ["Basic", "Basic !!!", "Basic " + b64encode(b"nocolon").decode(), "Basic " + b64encode(b":x").decode(),
     "Basic " + b64encode(b"\xff\xfe:x").decode(), "Basic " + b64encode(b"%zz:x").decode(), "Bearer abc", "Digest x",
     ""],
)  # fmt: skip
async def test_row_28_malformed_basic_credentials_are_refused(tmp_path: Path, value: str) -> None:
    async with built(tmp_path) as house:
        answer = await post_form(house.front, "/oauth/token", GRANT, headers=[("authorization", value)])
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_row_28_two_ways_of_authenticating_at_once_are_refused(tmp_path: Path) -> None:
    """RFC 6749 §2.3: MUST NOT use more than one authentication method in each request."""
    async with built(tmp_path) as house:
        application = await house.register()
        secret = {"client_secret": application.client_secret}
        for extra in (secret, {"client_assertion": "a.b.c"}, {"client_id": "somebody-else"}):
            answer = await post_form(house.front, "/oauth/token", {**GRANT, **extra}, headers=[application.basic])
            assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
        same = {**GRANT, "client_id": application.client_id}
        assert (await post_form(house.front, "/oauth/token", same, headers=[application.basic])).status == 200
        twice = await post_form(house.front, "/oauth/token", GRANT, headers=[application.basic, application.basic])
        assert (twice.status, twice.json()["error"]) == (400, "invalid_request")
        both = {**GRANT, **secret, "client_id": application.client_id, "client_assertion": "a.b.c"}
        answer = await post_form(house.front, "/oauth/token", both)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_row_30_a_client_assertion_proves_nobody_and_makes_nobody_public(tmp_path: Path) -> None:
    """RFC 7521 §4.2.1: what cannot be checked is invalid_client."""
    async with built(tmp_path) as house:
        for application in (await house.register(type=ApplicationType.SPA), await house.register()):
            form = {"token": "x", "client_id": application.client_id, "client_assertion": "a.b.c"}
            for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
                answer = await post_form(house.front, path, {**GRANT, **form})
                assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_row_28_secrets_in_the_url_are_refused(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        for query in (f"client_secret={application.client_secret}", "grant_type=client_credentials", "%73cope=rest"):
            answer = await post_form(house.front, f"/oauth/token?{query}", GRANT, headers=[application.basic])
            assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    ["grant_type=client_credentials&grant_type=client_credentials",
     "grant_type=client_credentials&scope=rest&scope=rest",
     "grant_type=client_credentials&x=1&x=2", "grant_type=%zz", "grant_type=%ff%fe", "grant_type=a%00b",
     "&".join(f"f{n}=1" for n in range(10_000)), "grant_type=" + "a" * 70_000],
    ids=["grant_type twice", "scope twice", "an unknown one twice", "bad escape", "no UTF-8", "NUL", "10 000 fields",
    "long"],
)  # fmt: skip
async def test_row_32_malformed_forms_are_refused_and_never_a_500(tmp_path: Path, body: str) -> None:
    """RFC 6749 §3.2: parameters MUST NOT be included more than once."""
    async with built(tmp_path) as house:
        application = await house.register()
        answer = await post_form(house.front, "/oauth/token", body, headers=[application.basic])
        assert answer.status in (400, 413)
        assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("declared", [True, False])
async def test_row_32_a_body_of_10_mb_is_refused_before_it_is_read(tmp_path: Path, declared: bool) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        headers = [("content-type", FORM), application.basic, *([("content-length", "10000000")] if declared else [])]
        chunks = [b"a=" + b"x" * 65_000] * 160
        answer = await ask(house.front, "POST", "/oauth/token", headers=headers, chunks=chunks)
        assert (answer.status, answer.json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
async def test_row_32_another_media_type_is_refused(tmp_path: Path, kind: str) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        headers = [application.basic, *([("content-type", kind)] if kind else [])]
        answer = await ask(house.front, "POST", "/oauth/token", headers=headers, body=b"grant_type=client_credentials")
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_the_media_type_may_have_a_charset(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        headers = [application.basic, ("content-type", f"{FORM.title()}; charset=UTF-8")]
        answer = await ask(house.front, "POST", "/oauth/token", headers=headers, body=b"grant_type=client_credentials")
        assert answer.status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_only_post_is_taken(tmp_path: Path, method: str) -> None:
    """RFC 6749 §3.2: the client MUST use the HTTP POST method."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, method, "/oauth/token?grant_type=client_credentials")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "nonsense"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unauthorized_client"),
        ({"grant_type": "authorization_code", "code": "a"}, "unauthorized_client"),
        ({"grant_type": "refresh_token", "refresh_token": "a"}, "unauthorized_client"),
        ({**GRANT, "scope": "rest:nonsense"}, "invalid_scope"),
        ({**GRANT, "scope": "openid"}, "invalid_scope"),
        ({**GRANT, "scope": "gql"}, "invalid_scope"),
        ({**GRANT, "scope": "rest:callforward:read rest:extensions"}, "invalid_scope"),
        ({**GRANT, "scope": " ".join(f"rest:m{n}" for n in range(1_500))}, "invalid_scope"),
        ({**GRANT, "resource": "no-uri"}, "invalid_target"),
        ({**GRANT, "resource": "https://a.example/#f"}, "invalid_target"),
    ],
)
async def test_each_refusal_has_the_code_of_its_rfc(tmp_path: Path, form: dict[str, str], error: str) -> None:
    """RFC 6749 §5.2, RFC 8707 §2."""
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read")
        answer = await post_form(house.front, "/oauth/token", form, headers=[application.basic])
        assert (answer.status, answer.json()["error"]) == (400, error)
        assert answer.json()["error_description"]


async def test_an_application_without_this_grant_is_refused(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register(type=ApplicationType.WEB, redirect_uris=("https://a.example/cb",))
        answer = await house.ask_token(application)
        assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")


async def test_row_29_a_public_client_cannot_use_it(tmp_path: Path) -> None:
    """RFC 6749 §4.4.2: the client MUST authenticate."""
    async with built(tmp_path) as house:
        spa = await house.register(type=ApplicationType.SPA)
        answer = await post_form(house.front, "/oauth/token", {**GRANT, "client_id": spa.client_id})
        assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")
        m2m = await house.register()
        answer = await post_form(house.front, "/oauth/token", {**GRANT, "client_id": m2m.client_id})
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_row_29_an_empty_secret_proves_nobody_and_harms_no_public_client(tmp_path: Path) -> None:
    """RFC 6749 §2.3.1: a client without a secret may send an empty one, and some always do."""
    async with built(tmp_path) as house:
        spa, m2m = await house.register(type=ApplicationType.SPA), await house.register()
        answer = await post_form(house.front, "/oauth/token", GRANT, headers=[basic(spa.client_id, "")])
        assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")
        for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
            form = {**GRANT, "token": "x"}
            answer = await post_form(house.front, path, form, headers=[basic(m2m.client_id, "")])
            assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_a_jwt_application_gets_a_jwt_that_is_listed_and_revoked_like_any_other(tmp_path: Path) -> None:
    """RFC 9068, recorded by jti."""
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read", **JWT)
        token = await house.token(application)
        assert token.count(".") == 2
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 200
        assert (await house.introspect(token, application))["active"] is True
        live = await house.house.store.tokens(client_id=application.client_id, now=house.clock.now())
        assert len(live) == 1
        revoked = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[application.basic])
        assert revoked.status == 200
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 401
        assert await house.introspect(token, application) == {"active": False}


async def test_row_36_a_jwt_with_hundreds_of_scopes_holds_and_one_that_nobody_could_carry_is_not_made(
    tmp_path: Path,
) -> None:
    async with built(tmp_path) as house:
        application, h = await house.register("rest", **JWT), house.house
        issuing = replace(h.issuing, known=lambda scope: True)
        acts = redeemers(h.store, h.store, issuing, h.prove, h.factors, h.uses)
        everything = Exchange(h.authenticate, acts, h.uses)
        credentials = Credentials("client_secret_post", application.client_id, application.client_secret)

        async def issued(*scopes: str) -> str:
            client = await h.applications.get(application.client_id)
            act = Act(h.entropy.row_id(), house.clock.now(), "cli:test", "test", "")
            await h.store.save_client(replace(client, scope=scopes, revision=client.revision + 1), act)
            return (await everything(TokenRequest("client_credentials", credentials, GRANT))).access_token

        long = await issued(*(f"rest:module{n}:read" for n in range(900)))
        assert await h.bearer.find(long, None) is not None
        with pytest.raises(OAuthError, match="too long"):
            await issued(*(f"rest:{'m' * 60}{n}:read" for n in range(900)))


async def test_row_33_36_a_jwt_that_was_not_issued_to_the_letter_is_refused(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest", **JWT))
        header, payload, signature = token.split(".")
        none = b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
        forged = [
            f"{none}.{payload}.", f"{none}.{payload}.{signature}", f"{header}.{payload}.{signature[:-4]}AAAA",
            f"{header}.{payload}.", f"..{signature}", f"{header}.e30.{signature}",
            f"{header}.{'A' * 33_000}.{signature}",
        ]  # fmt: skip
        for each in forged:
            answer = await house.get("/api/rest/callforward/users/1001", each)
            assert answer.status == 401, each
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_row_24_a_token_dies_at_its_time(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read", access_token_lifetime=60)
        token = await house.token(application)
        house.clock.advance(59)
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 200
        house.clock.advance(1)
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 401
        assert await house.introspect(token, application) == {"active": False}


async def test_rotation_lets_old_and_new_work_until_the_overlap_ends(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        old = await house.register()
        made = await house.house.applications.rotate(old.client_id, 3_600, "cli:test")
        new = type(old)(old.client_id, made.client_secret or "")
        assert (await house.ask_token(old)).status == (await house.ask_token(new)).status == 200
        house.clock.advance(3_600)
        assert (await house.ask_token(old)).status == 401
        assert (await house.ask_token(new)).status == 200


async def test_compromised_ends_secrets_and_tokens_and_tells_what_they_did(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        old = await house.register("rest:callforward")
        tokens = [await house.token(old) for _ in range(3)]
        done = await house.house.applications.compromised(old.client_id, 0, "cli:test")
        new = type(old)(old.client_id, done.credential.client_secret or "")
        assert (await house.ask_token(old)).status == 401
        for token in tokens:
            assert (await house.get("/api/rest/callforward/users/1001", token)).status == 401
        assert (await house.ask_token(new)).status == 200
        assert (done.secrets_ended, done.activity.tokens_issued, done.activity.tokens_live) == (1, 3, 3)
        assert done.activity.scopes == ("rest:callforward",)
        assert done.activity.addresses == ("203.0.113.7",)


async def test_row_26_a_disabled_application_is_shut_out_and_let_in_again(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read")
        token = await house.token(application)
        await house.house.applications.change(application.client_id, Changes(enabled=False), "cli:test")
        assert (await house.ask_token(application)).status == 401
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 401
        await house.house.applications.change(application.client_id, Changes(enabled=True), "cli:test")
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 200


@pytest.mark.parametrize("fate", ["compromised", "disabled", "removed"])
async def test_row_26_a_token_that_was_under_way_when_its_application_fell_is_dead(tmp_path: Path, fate: str) -> None:
    """Another process does it: here it is heard of a quarter of a second later, and nothing issued till then holds."""
    async with built(tmp_path) as house:
        application = await house.register("rest")
        await house.token(application)
        elsewhere, act = house.house.applications.records, Act(2**62, house.clock.now(), "cli:test", "test", "")
        client = await house.house.applications.get(application.client_id)
        if fate == "compromised":
            await elsewhere.compromise(client.client_id, None, act)
        elif fate == "disabled":
            await elsewhere.save_client(replace(client, enabled=False, revision=client.revision + 1), act)
        else:
            await elsewhere.remove_client(client.client_id, act)
        late = await house.token(application)
        house.clock.advance(0.25)
        assert (await house.get("/api/rest/extensions/", late)).status == 401
        assert (await house.ask_token(application)).status == 401


async def test_narrowing_an_application_is_felt_by_the_tokens_it_has(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register("rest")
        token = await house.token(application)
        assert (await house.get("/api/rest/extensions/", token)).status == 200
        await house.house.applications.change(application.client_id, Changes(scope="rest:callforward"), "cli:test")
        assert (await house.get("/api/rest/extensions/", token)).status == 403
        assert (await house.get("/api/rest/callforward/users/1001", token)).status == 200


async def test_the_last_use_of_token_and_secret_is_known(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register("rest:callforward:read")
        token = await house.token(application)
        house.clock.advance(30)
        await house.get("/api/rest/callforward/users/1001", token)
        await house.house.uses.write(house.house.store, house.clock, house.house.entropy)
        (found,) = await house.house.store.tokens(now=house.clock.now())
        assert (found.last_used_at, found.last_used_address) == (house.clock.now(), "203.0.113.7")
        (secret,) = (await house.house.applications.get(application.client_id)).secrets
        assert (secret.last_used_at, secret.last_used_address) == (house.clock.now() - 30, "203.0.113.7")


async def test_refused_credentials_are_in_the_audit_log_counted_not_repeated(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        for _ in range(5):
            await post_form(house.front, "/oauth/token", GRANT, headers=[basic(application.client_id, "wrong")])
        await house.house.uses.write(house.house.store, house.clock, house.house.entropy)
        (act, *_) = await house.house.store.acts()
        assert (act.action, act.target, act.details["times"]) == ("client.refused", application.client_id, 5)
        assert "wrong" not in str(act.details).replace("wrong client_secret", "")
