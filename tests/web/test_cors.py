"""Pages of other origins: those of registered single-page applications may call, and nobody else's may read."""

from pathlib import Path
from typing import Any, cast

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import ApplicationType, Token
from scopekeeper.services.ports import Unavailable
from scopekeeper.store import SqlStore
from tests.asking import Answer, ask, bearer, post_form
from tests.building import Application, Built, built

ORIGIN = "https://phones.example.com"
FORWARD = "/api/rest/callforward/users/1001"
SHARED = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/userinfo": "GET, HEAD, POST",
    "/api/graphql": "POST",
    "/api/graphql/schema.graphql": "GET, HEAD",
    "/api/rest/openapi.json": "GET, HEAD, POST, PUT, PATCH, DELETE",
    FORWARD: "GET, HEAD, POST, PUT, PATCH, DELETE",
    "/scim/v2/Users": "GET, HEAD, POST, PUT, PATCH, DELETE",
}
PUBLIC = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/oauth/jwks"]
CLOSED = [
    "/oauth/authorize", "/oauth/introspect", "/oauth/device_authorization", "/oauth/logout", "/login", "/consent",
    "/device", "/account", "/link", "/console/", "/metrics", "/health/live", "/nowhere",
]  # fmt: skip


async def a_page(house: Built, *redirect_uris: str, **more: Any) -> Application:
    """A registered single-page application."""
    uris = redirect_uris or (f"{ORIGIN}/callback",)
    return await house.register("rest gql openid", type=ApplicationType.SPA, redirect_uris=uris, **more)


async def from_page(
    house: Built, path: str, origin: str = ORIGIN, method: str = "GET", *more: tuple[str, str]
) -> Answer:
    return await ask(house.front, method, path, headers=[("origin", origin), *more])


async def preflight(house: Built, path: str, origin: str = ORIGIN, method: str = "POST") -> Answer:
    asked = [
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    ]
    return await from_page(house, path, origin, "OPTIONS", *asked)


def told(answer: Answer) -> dict[str, str]:
    """What the browser is told of other origins."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("path", SHARED)
async def test_a_page_of_a_registered_application_may_read_the_answer(tmp_path: Path, path: str) -> None:
    """RFC 9700 §2.6: as far as browser-based applications need it. Fetch §3.2.3."""
    async with built(tmp_path) as house:
        await a_page(house)
        answer = await from_page(house, path)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["vary"] == "origin"
        exposed = set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"etag", "link", "location", "retry-after", "www-authenticate", "x-request-id"} <= exposed


@pytest.mark.parametrize(("path", "methods"), SHARED.items())
async def test_a_preflight_is_told_what_the_endpoint_takes(tmp_path: Path, path: str, methods: str) -> None:
    """Fetch §3.2.2: methods, headers, and for how long the browser may remember them."""
    async with built(tmp_path) as house:
        await a_page(house)
        answer = await preflight(house, path)
        assert (answer.status, answer.body) == (204, b"")
        assert told(answer) == {
            "access-control-allow-origin": ORIGIN,
            "access-control-allow-methods": methods,
            "access-control-allow-headers": "authorization, content-type, if-match, if-none-match",
            "access-control-max-age": "7200",
        }
        assert answer.headers["vary"] == "origin"


@pytest.mark.parametrize("path", [*SHARED, *PUBLIC])
async def test_credentials_of_the_browser_are_never_let_in(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as house:
        await a_page(house)
        for answer in (await from_page(house, path), await preflight(house, path)):
            assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "", "*", f"{ORIGIN}/", f"{ORIGIN}:443", f"{ORIGIN}.evil.example",
        "https://phones.example.comx", "http://phones.example.com", "https://PHONES.example.com", f" {ORIGIN}",
        "https://evil.example/callback", f"{ORIGIN}/callback", f"{ORIGIN}, https://evil.example", f"{ORIGIN}\tx",
        "https://phönes.example.com", "https://" + "a" * 10_000, "com.example.app:", "file://",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/oauth/token", FORWARD])
async def test_any_other_origin_is_told_nothing_and_served_as_without(tmp_path: Path, path: str, origin: str) -> None:
    """RFC 6454 §5: origins are compared as they are written; `null` is that of nobody in particular."""
    async with built(tmp_path) as house:
        await a_page(house)
        plain = await ask(house.front, "GET", path)
        answer = await from_page(house, path, origin)
        assert (answer.status, answer.body) == (plain.status, plain.body)
        assert told(answer) == {}
        assert told(await preflight(house, path, origin)) == {}


async def test_two_origins_at_once_are_none(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        await a_page(house)
        for other in ("https://evil.example", ORIGIN):
            assert told(await from_page(house, FORWARD, ORIGIN, "GET", ("origin", other))) == {}


async def test_the_origins_are_those_of_single_page_applications_alone(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        for type in (ApplicationType.WEB, ApplicationType.NATIVE):
            await house.register("rest", type=type, redirect_uris=(f"{ORIGIN}/callback",))
        assert told(await from_page(house, FORWARD)) == {}
        await a_page(house, "http://127.0.0.1:5173/callback", "https://two.example:8443/callback")
        for origin in ("http://127.0.0.1:5173", "https://two.example:8443"):
            assert told(await from_page(house, FORWARD, origin))["access-control-allow-origin"] == origin
        assert told(await from_page(house, FORWARD, "http://127.0.0.1:5174")) == {}


@pytest.mark.parametrize("how", ["disabled", "removed", "moved"])
async def test_who_is_shut_out_is_answered_no_more(tmp_path: Path, how: str) -> None:
    async with built(tmp_path) as house:
        made = await a_page(house)
        assert told(await from_page(house, FORWARD))
        if how == "removed":
            await house.house.applications.remove(made.client_id, "cli:test")
        else:
            moved = Changes(enabled=False) if how == "disabled" else Changes(redirect_uris=("https://new.example/cb",))
            await house.house.applications.change(made.client_id, moved, "cli:test")
        house.clock.advance(1)
        assert told(await from_page(house, FORWARD)) == told(await preflight(house, FORWARD)) == {}


async def test_an_application_that_shares_its_origin_keeps_it(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        one, _ = await a_page(house), await a_page(house)
        await house.house.applications.remove(one.client_id, "cli:test")
        house.clock.advance(1)
        assert told(await from_page(house, FORWARD))


@pytest.mark.parametrize("path", [FORWARD, "/oauth/token", "/oauth/userinfo", "/api/graphql"])
async def test_refusals_can_be_read_too(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as house:
        await a_page(house)
        narrow = await house.token(await house.register("rest:extensions gql:extensions"))
        for token in ("wrong", narrow):
            for method in ("GET", "POST", "PUT"):
                answer = await from_page(house, path, ORIGIN, method, bearer(token))
                assert answer.status in (400, 401, 403, 405, 415)
                assert answer.headers["access-control-allow-origin"] == ORIGIN
                assert "access-control-expose-headers" in answer.headers


async def test_who_guesses_too_often_can_read_that(tmp_path: Path) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_FAILURES_BURST": "1"}) as house:
        made = await a_page(house)
        form = {"grant_type": "authorization_code", "code": "skpr_ac_x", "client_id": made.client_id}
        form |= {"redirect_uri": f"{ORIGIN}/callback", "code_verifier": "x" * 43}
        for status in (400, 429):
            answer = await post_form(house.front, "/oauth/token", form, headers=[("origin", ORIGIN)])
            assert answer.status == status
            assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "retry-after" in answer.headers["access-control-expose-headers"]


async def test_failures_of_ours_can_be_read_too(tmp_path: Path) -> None:
    failing: list[Failing] = []

    def around(store: SqlStore) -> SqlStore:
        failing.append(Failing(store))
        return cast(SqlStore, failing[0])

    async with built(tmp_path, around=around) as house:
        await a_page(house)
        token = await house.token(await house.register("rest"))
        for trouble, status in ((Unavailable("away"), 503), (RuntimeError("bug"), 500)):
            failing[0].trouble = trouble
            answer = await from_page(house, FORWARD, ORIGIN, "GET", bearer(token))
            assert (answer.status, "x-request-id" in answer.headers) == (status, True)


@pytest.mark.parametrize("path", SHARED)
async def test_without_an_origin_nothing_is_said_but_that_it_would_matter(tmp_path: Path, path: str) -> None:
    """Fetch, "CORS protocol and HTTP caches": what is kept from one request must not be given to another."""
    async with built(tmp_path) as house:
        answer = await ask(house.front, "GET", path)
        assert (told(answer), answer.headers["vary"]) == ({}, "origin")
        asked = await ask(house.front, "OPTIONS", path, headers=[("access-control-request-method", "POST")])
        assert told(asked) == {}
        assert asked.status == (204 if path.startswith(("/api/rest", "/scim")) else 405)


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN])
async def test_discovery_and_keys_may_be_read_from_anywhere(tmp_path: Path, path: str, origin: str) -> None:
    async with built(tmp_path) as house:
        answer = await from_page(house, path, origin)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
        asked = await preflight(house, path, origin, "GET")
        assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, "*")
        assert asked.headers["access-control-allow-methods"] == "GET, HEAD"


@pytest.mark.parametrize("path", CLOSED)
async def test_row_47_pages_and_what_servers_ask_open_to_no_other_origin(tmp_path: Path, path: str) -> None:
    """RFC 9700 §2.6: none on the authorization endpoint."""
    async with built(tmp_path) as house:
        await a_page(house)
        for answer in (
            await from_page(house, path),
            await from_page(house, path, ORIGIN, "POST"),
            await preflight(house, path),
        ):
            assert told(answer) == {}


class Failing:
    """A store that knows origins, and fails where a token is looked for."""

    def __init__(self, inner: SqlStore) -> None:
        self._inner = inner
        self.trouble: Exception = Unavailable("away")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def token(self, row_id: int) -> Token | None:
        raise self.trouble
