"""The door itself, discovery, health and metrics."""

import json
from pathlib import Path

from starlette.types import Receive, Scope, Send

from scopekeeper.services.ports import Unavailable
from scopekeeper.web.front import Front
from scopekeeper.web.health import Readiness
from scopekeeper.web.metrics import Metrics
from tests.asking import ask, bearer, post_form
from tests.building import built


async def _life(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("no request comes here")


async def test_an_unknown_address_is_a_404_that_says_so(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        for path in ("/", "/nowhere", "/oauth/token/", "/OAUTH/TOKEN", "/api", "/api/restx", "/health"):
            answer = await ask(house.front, "GET", path)
            assert answer.status == 404, path
            assert answer.headers["content-type"] == "application/problem+json"


async def test_every_answer_has_a_request_id_of_its_own(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        ids = [(await ask(house.front, "GET", path)).headers["x-request-id"] for path in ("/", "/health/live", "/x")]
        assert len(set(ids)) == 3


async def test_row_31_a_bug_is_a_500_with_an_id_and_without_a_word_of_it() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("the secret is skpr_at_x")

    answer = await ask(Front({"/": broken}, [], _life, Metrics()), "GET", "/")
    assert answer.status == 500
    assert answer.json()["id"] == answer.headers["x-request-id"]
    assert b"skpr_at_x" not in answer.body


async def test_a_store_that_is_away_is_a_503() -> None:
    async def away(scope: Scope, receive: Receive, send: Send) -> None:
        raise Unavailable("disk gone")

    answer = await ask(Front({"/": away}, [], _life, Metrics()), "GET", "/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


async def test_discovery_promises_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    """RFC 8414 §2, §3.1: at the well-known address, issuer exactly as configured."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, "GET", "/.well-known/oauth-authorization-server")
        found = answer.json()
        assert found["issuer"] == "http://127.0.0.1:8000"
        assert "client_credentials" in found["grant_types_supported"]
        assert "rest:callforward:read" in found["scopes_supported"]
        assert answer.headers["access-control-allow-origin"] == "*"
        for name, url in found.items():
            if name.endswith(("_endpoint", "_uri")):
                path = url.removeprefix(found["issuer"])
                assert (await ask(house.front, "GET", path)).status != 404, name


async def test_row_50_no_header_of_a_request_changes_what_discovery_says(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        plain = await ask(house.front, "GET", "/.well-known/oauth-authorization-server")
        forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")]
        answer = await ask(house.front, "GET", "/.well-known/oauth-authorization-server", headers=forged)
        assert answer.body == plain.body


async def test_discovery_is_not_sent_again_to_who_has_it(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        path = "/.well-known/oauth-authorization-server"
        etag = (await ask(house.front, "GET", path)).headers["etag"]
        again = await ask(house.front, "GET", path, headers=[("if-none-match", etag)])
        assert (again.status, again.body) == (304, b"")


async def test_row_37_the_key_set_has_public_halves_alone(tmp_path: Path) -> None:
    """RFC 7517 §5; the private members of RFC 7518 §6 are absent."""
    async with built(tmp_path) as house:
        keys = (await ask(house.front, "GET", "/oauth/jwks")).json()["keys"]
        assert len({key["kid"] for key in keys}) == len(keys) == 6
        for key in keys:
            own = {"EC": {"crv", "x", "y"}, "OKP": {"crv", "x"}, "RSA": {"n", "e"}}[key["kty"]]
            assert {"kty", "kid", "alg", "use"} | own == set(key)


async def test_what_is_there_to_be_read_is_not_written(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        for path in ("/oauth/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
            answer = await ask(house.front, "POST", path)
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_row_48_whatever_is_sent_comes_back_as_no_page(tmp_path: Path) -> None:
    """What a browser would run is answered as data, and may not be taken for anything else."""
    async with built(tmp_path) as house:
        token, script = await house.token(await house.register()), "<script>alert(1)</script>"
        sent = json.dumps({"query": f'{{ extension(extension: "{script}") {{ name }} }}', script: 1}).encode()
        as_json = [bearer(token), ("content-type", "application/json")]
        answers = [
            await ask(house.front, "GET", f"/{script}"),
            await ask(house.front, "GET", f"/api/rest/extensions/{script}", headers=[bearer(token)]),
            await ask(house.front, "GET", f"/api/rest/extensions/?{script}=1", headers=[bearer(token)]),
            await ask(house.front, "GET", f"/api/graphql/schema.graphql?scope={script}"),
            await ask(house.front, "PUT", "/api/rest/callforward/users/1001", headers=as_json, body=sent),
            await ask(house.front, "POST", "/api/graphql", headers=as_json, body=sent),
            await post_form(house.front, "/oauth/token", {"grant_type": script, "client_id": script, "scope": script}),
        ]
        for answer in answers:
            assert answer.headers["content-type"] in ("application/json", "application/problem+json")
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_health_tells_life_from_readiness(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        assert (await ask(house.front, "GET", "/health/live")).json() == {"status": "live"}
        assert (await ask(house.front, "GET", "/health/ready")).json() == {"status": "ready"}


async def test_ready_is_503_while_the_database_is_away(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        await house.house.store.close()
        assert (await ask(Readiness(house.house.store), "GET", "/health/ready")).status == 503


async def test_metrics_count_what_passed_the_door_by_fixed_names(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        await ask(house.front, "GET", "/some/path/with/a/skpr_at_secret")
        await ask(house.front, "POST", "/oauth/token")
        text = (await ask(house.front, "GET", "/metrics")).body.decode()
        assert 'scopekeeper_requests_total{endpoint="none",status="404"} 1.0' in text
        assert 'scopekeeper_requests_total{endpoint="/oauth/token",status="400"} 1.0' in text
        assert "scopekeeper_request_seconds_bucket" in text
        assert "skpr_at_secret" not in text
