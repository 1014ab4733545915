"""The errand by which the explorer's page gets its token, and the application that comes with the server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.explorer import MOST_LIVE
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import EXPLORER
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.services.lists import EVERY_ACT
from scopekeeper.services.ports import Unavailable
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import built
from tests.console.steward import Steward, place, read, signed_in, stewarding
from tests.persons import a_person

PATH = "/console/explorer/token"
HERE = f"/console/applications/{EXPLORER}"
READ, WRITE = "rest:callforward:read", "rest:callforward:write"
CALLS = "/api/rest/callforward/users"
VERIFIER = "v" * 43


async def asked(s: Steward, scope: str = READ, **fields: str) -> Answer:
    return await s.post(PATH, {**await s.proof(), "scope": scope, **fields})


async def token(s: Steward, scope: str = READ, **fields: str) -> dict[str, Any]:
    answer = await asked(s, scope, **fields)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


async def works(s: Steward, given: dict[str, Any]) -> bool:
    return (await s.h.get(CALLS, given["access_token"])).status == 200


async def test_the_answer_is_a_token_for_ten_minutes_that_nothing_keeps(tmp_path: Path) -> None:
    """RFC 6749 §5.1, RFC 9111 §5.2.2.5: with the scope, and not to be stored on the way."""
    async with stewarding(tmp_path) as s:
        answer = await asked(s, f"{WRITE} {READ}")
        told = answer.json()
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert list(told) == ["access_token", "token_type", "expires_in", "scope", "token_id", "left_out"]
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, f"{WRITE} {READ}")
        assert answer.cookies == ()
        assert await works(s, told)


async def test_the_token_id_is_text_as_lists_of_tokens_show_it(tmp_path: Path) -> None:
    """63 bits do not fit into a number of JavaScript."""
    async with stewarding(tmp_path) as s:
        told = await token(s)
        listed = (await s.browser.get("/console/tokens.json")).json()
        assert [each["id"] for each in listed] == [told["token_id"]]
        assert isinstance(told["token_id"], str)
        row = row_of(told["access_token"], Kind.ACCESS_TOKEN)
        assert await s.h.house.tokens.get(row or 0)
        page = read(await s.browser.get(f"/console/tokens/{told['token_id']}"))
        for word in ("API Explorer", "root", READ):
            assert word in page


async def test_it_is_listed_with_its_application_person_and_scopes_and_revoked_there(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s)
        said = read(await s.browser.get("/console/tokens"))
        for word in ("API Explorer", "root", READ, told["token_id"]):
            assert word in said, word
        assert told["access_token"] not in said
        form = {**await s.proof(), "act": "revoke", "id": told["token_id"]}
        assert (await s.post("/console/tokens/revoke", form)).status == 303
        refused = await s.h.get(CALLS, told["access_token"])
        assert refused.status == 401
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_it_does_what_was_selected_and_nothing_else(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s, "gql:callforward:read")
        assert (await s.h.get(CALLS, told["access_token"])).status == 403
        body = json.dumps({"query": '{ callForward(extension: "1001") { busy } }'}).encode()
        head = [bearer(told["access_token"]), ("content-type", "application/json")]
        answer = await ask(s.h.front, "POST", "/api/graphql", headers=head, body=body)
        assert answer.json() == {"data": {"callForward": {"busy": None}}}
        body = json.dumps({"query": 'mutation { setCallForward(extension: "1001", body: {}) { busy } }'}).encode()
        answer = await ask(s.h.front, "POST", "/api/graphql", headers=head, body=body)
        assert "gql:callforward:write" in answer.body.decode()


async def test_a_renewed_token_takes_the_place_of_the_one_it_names(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        first = await token(s)
        assert await works(s, first)
        second = await token(s, f"{READ} {WRITE}", previous=first["token_id"])
        assert (await works(s, first), await works(s, second)) == (False, True)
        third = await token(s, READ, previous="not an id of ours")
        assert (await works(s, second), await works(s, third)) == (True, True)


async def test_row_55_another_administrators_token_is_not_replaced(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        other = await signed_in(s.h, await a_person(s.h, "chief", admin=True))
        his = await token(other)
        await token(s, READ, previous=his["token_id"])
        assert await works(s, his)


async def test_however_often_a_page_is_opened_a_bounded_number_is_alive(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        made = [await token(s) for _ in range(MOST_LIVE + 2)]
        listed = (await s.browser.get("/console/tokens.json")).json()
        assert [each["id"] for each in listed] == [each["token_id"] for each in made[:1:-1]]


async def test_identity_scopes_are_left_out_and_named(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s, f"openid {READ} offline_access")
        assert (told["scope"], told["left_out"]) == (READ, ["openid", "offline_access"])


@pytest.mark.parametrize(
    ("scope", "unknown", "said"),
    [
        (f"{READ} rest:nonsense gql:nothing", ["rest:nonsense", "gql:nothing"], "rest:nonsense gql:nothing"),
        ("", [], "Select a scope first"),
        ("openid", [], "opens nothing in the API"),
        ("rest é", [], "malformed"),
    ],
)
async def test_what_makes_no_token_is_refused_as_invalid_scope(
    tmp_path: Path, scope: str, unknown: list[str], said: str
) -> None:
    async with stewarding(tmp_path) as s:
        answer = await asked(s, scope)
        told = answer.json()
        assert (answer.status, told["error"], told["unknown"]) == (422, "invalid_scope", unknown)
        assert said in told["error_description"]
        assert answer.headers["cache-control"] == "no-store"


async def test_row_47_a_form_that_is_not_of_this_session_gets_none(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        other = await signed_in(s.h, s.person)
        for proof in ({}, {"csrf": "0" * 64}, await other.proof()):
            answer = await s.post(PATH, {**proof, "scope": READ})
            assert answer.status == 403
            assert b"skpr_at_" not in answer.body
        answer = await s.browser.post(PATH, {**await s.proof(), "scope": READ}, origin="https://evil.example")
        assert answer.status == 403
        assert (await s.browser.get("/console/tokens.json")).json() == []
        assert (await s.browser.get(PATH)).status == 405


async def test_row_55_who_is_no_administrator_gets_none_and_whose_session_ended_signs_in(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await signed_in(s.h, await a_person(s.h, "alice"))
        assert (await alice.post(PATH, {"scope": READ})).status == 403
        told, proof = await token(s), await s.proof()
        for session in await s.h.house.login.sessions(s.person):
            await s.h.house.login.end(s.person, session.id)
        assert place(await s.post(PATH, {**proof, "scope": READ})) == "/login?note=ended"
        assert not await works(s, told)


async def test_while_the_application_is_disabled_it_is_told_where_to_enable_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s)
        answer = await s.post(f"{HERE}/state", {**await s.proof(), "act": "disable"})
        assert place(answer) == f"{HERE}?note=disabled"
        refused = await asked(s)
        assert (refused.status, refused.json()["error"]) == (403, "access_denied")
        assert HERE in refused.json()["error_description"]
        assert (await s.h.get(CALLS, told["access_token"])).status == 401


async def test_row_44_its_settings_narrow_it_and_add_nothing_that_others_could_use(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await token(s)
        form = (await s.page(f"{HERE}/settings")).form(f"{HERE}/settings")
        assert {"name", "redirect_uri", "grant", "trusted"}.isdisjoint(form)
        forged = {"grant": "implicit", "redirect_uri": "https://evil.example/", "trusted": "on", "name": "Your bank"}
        answer = await s.post(f"{HERE}/settings", {**form, **forged, "scope": READ, "access_token_lifetime": "5m"})
        assert place(answer) == f"{HERE}?note=saved"
        client = await s.h.house.applications.get(EXPLORER)
        assert (client.scope, client.access_token_lifetime, client.name) == ((READ,), 300, "API Explorer")
        assert (client.grant_types, client.redirect_uris, client.trusted) == ((), (), False)
        assert (await token(s))["expires_in"] == 300
        refused = await asked(s, f"{READ} {WRITE}")
        assert (refused.status, refused.json()["error"], refused.json()["missing"]) == (403, "access_denied", [WRITE])
        form |= {"revision": str(client.revision), "scope": READ, "access_token_lifetime": "1h"}
        answer = await s.post(f"{HERE}/settings", form)
        assert answer.status == 422
        assert "10 minutes at most" in read(answer)


async def test_declared_compromised_all_of_its_tokens_die(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s)
        assert await works(s, told)
        page = f"{HERE}/compromised"
        asking = await s.page(page)
        assert "1 access token" in asking.text
        answer = await s.post(page, {**asking.form(page), "typed": "API Explorer"})
        assert place(answer).startswith(f"{HERE}/reports/")
        assert not await works(s, told)
        assert await works(s, await token(s))


async def test_its_pages_say_in_words_what_it_is_and_lint_says_nothing_of_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await token(s)
        said = read(await s.browser.get(HERE))
        for word in (
            "Built in: the GraphQL Explorer and the REST documentation get their tokens through it.",
            "none: only the console issues its tokens",
            "comes with the server",
            "Nothing: it comes with the server",
            "the server itself",
            "It comes back as it was made when a page needs it next",
        ):
            assert word in said, word
        assert "Single page" not in said
        assert "no program gets a token through it" in read(await s.browser.get(f"{HERE}/quick-start"))
        assert "What its tokens may have at most" in read(await s.browser.get(f"{HERE}/settings"))
        listed = read(await s.browser.get("/console/applications"))
        assert "API Explorer" in listed
        assert "Built in" in listed
        assert "warning" not in listed
        overview = read(await s.browser.get("/console/"))
        assert "It may do everything" not in overview
        assert "This is how it begins" in overview, "it makes no beginning"


@pytest.mark.parametrize(
    "page",
    [
        f"/console/scopes?compare={EXPLORER}&scope={READ}",
        f"/console/scopes/preview/token?client={EXPLORER}&scope={READ}",
        f"/console/scopes/preview/consent?client={EXPLORER}&scope={READ}",
        f"{HERE}/remove",
        f"{HERE}/compromised",
        f"/console/audit?target={EXPLORER}",
        "/console/applications.json",
        "/console/applications.csv",
        "/account",
    ],
)
async def test_every_page_about_applications_bears_one_without_grants(tmp_path: Path, page: str) -> None:
    async with stewarding(tmp_path) as s:
        await token(s)
        answer = await s.browser.get(page)
        assert answer.status == 200
        assert "API Explorer" in answer.body.decode()
        assert b"skpr_at_" not in answer.body.replace("skpr_at_…".encode(), b"")


async def test_the_person_takes_its_access_back_on_their_account_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = await token(s)
        assert await works(s, told)
        page = await s.page("/account")
        form = page.form("/account/connections")
        assert form["application"] == EXPLORER
        assert (await s.post("/account/connections", form)).status == 303
        assert not await works(s, told)


async def test_no_flow_of_oauth_gives_anybody_a_token_through_it(tmp_path: Path) -> None:
    """RFC 6749 §5.2, RFC 9700 §2.1: its client_id is known to everybody, and it has no grant."""
    async with stewarding(tmp_path) as s:
        told, before = await token(s), len((await s.browser.get("/console/tokens.json")).json())
        front, stolen = s.h.front, told["access_token"]
        offered = {
            "authorization_code": {"code": stolen, "redirect_uri": "https://evil.example/", "code_verifier": VERIFIER},
            "client_credentials": {"scope": READ},
            "password": {"username": "root", "password": "x", "scope": READ},
            "refresh_token": {"refresh_token": stolen},
            "urn:ietf:params:oauth:grant-type:device_code": {"device_code": stolen},
        }
        known = (await ask(front, "GET", "/.well-known/oauth-authorization-server")).json()["grant_types_supported"]
        assert set(known) - {"implicit"} == set(offered), "a new grant has to be tried here, too"
        for grant, form in offered.items():
            for proof in ({}, {"client_secret": stolen}):
                sent = {"grant_type": grant, "client_id": EXPLORER, **form, **proof}
                answer = await post_form(front, "/oauth/token", sent)
                assert answer.status in (400, 401), (grant, answer.body)
                assert answer.json()["error"] in ("unauthorized_client", "invalid_client"), (grant, answer.body)
            answer = await post_form(
                front, "/oauth/token", {"grant_type": grant, **form}, headers=[basic(EXPLORER, "")]
            )
            assert answer.status in (400, 401), (grant, answer.body)
        for kind in ("code", "token"):
            for target in ("https://evil.example/", "http://127.0.0.1:8000/console/graphql"):
                query = f"response_type={kind}&client_id={EXPLORER}&redirect_uri={target}&scope={READ}"
                answer = await s.browser.get(
                    f"/oauth/authorize?{query}&code_challenge_method=S256&code_challenge={challenge_of(VERIFIER)}"
                )
                assert answer.status == 400, answer.body
                assert "location" not in answer.headers
        device = await post_form(front, "/oauth/device_authorization", {"client_id": EXPLORER, "scope": READ})
        assert device.json()["error"] == "unauthorized_client"
        looked = await post_form(front, "/oauth/introspect", {"token": stolen, "client_id": EXPLORER})
        assert (looked.status, looked.json()["error"]) == (401, "invalid_client")
        assert len((await s.browser.get("/console/tokens.json")).json()) == before
        foreign = await ask(front, "GET", CALLS, headers=[bearer(stolen), ("origin", "https://evil.example")])
        assert "access-control-allow-origin" not in foreign.headers


async def test_row_44_the_api_cannot_make_it_into_another_client(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await token(s)
        chief = await s.h.token(await s.h.register("rest gql"))
        head = [bearer(chief), ("content-type", "application/merge-patch+json")]
        address = f"/api/rest/admin/applications/{EXPLORER}"
        for change in (
            {"redirect_uris": ["https://evil.example/"]},
            {"grant_types": ["authorization_code"]},
            {"grant_types": ["implicit"], "redirect_uris": ["https://evil.example/"]},
            {"owner": "root"},
            {"access_token_lifetime": None},
        ):
            answer = await ask(s.h.front, "PATCH", address, headers=head, body=json.dumps(change).encode())
            assert answer.status == 422, (change, answer.body)
            assert b"API Explorer" in answer.body
        answer = await ask(s.h.front, "PATCH", address, headers=head, body=b'{"grant_types": [], "scope": "rest"}')
        assert answer.status == 200, answer.body
        assert (answer.json()["grant_types"], answer.json()["scope"]) == ([], "rest")
        head = [bearer(chief), ("content-type", "application/json")]
        answer = await ask(s.h.front, "POST", f"{address}/credentials", headers=head, body=b'{"overlap": 0}')
        assert (answer.status, b"no secret" in answer.body) == (409, True), answer.body


async def test_through_its_token_nobody_gives_more_than_was_selected(tmp_path: Path) -> None:
    """An application that it registers has no more than the token, which is not all that the administrator has."""
    async with stewarding(tmp_path) as s:
        told = await token(s, "rest:admin:write:applications rest:callforward")
        head = [bearer(told["access_token"]), ("content-type", "application/json")]
        draft = {"name": "More", "type": "spa", "redirect_uris": ["https://a.example/"]}
        for scope, status in (("rest:callforward", 201), ("rest:extensions", 403)):
            body = json.dumps(draft | {"scope": scope}).encode()
            answer = await ask(s.h.front, "POST", "/api/rest/admin/applications", headers=head, body=body)
            assert answer.status == status, answer.body


async def test_row_31_the_token_is_in_no_log_and_no_audit_record(
    tmp_path: Path, logbook: pytest.CaptureFixture[str]
) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_LOG_LEVEL": "debug"}) as h:
        s = await signed_in(h, await a_person(h, "root", admin=True))
        told = await token(s)
        await asked(s, told["access_token"])
        await token(s, READ, previous=told["access_token"])
        logged = logbook.readouterr().err
        acts = await s.h.house.store.acts(EVERY_ACT)
        assert len([line for line in logged.splitlines() if "endpoint=/console" in line]) >= 2
        assert told["access_token"] not in logged
        assert told["access_token"] not in repr(acts)


async def test_where_the_database_is_away_there_is_an_error_that_programs_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stewarding(tmp_path) as s:
        await token(s)
        proof = await s.proof()

        async def away(*args: object, **more: object) -> None:
            raise Unavailable("gone")

        monkeypatch.setattr(s.h.house.store, "begin_family", away)
        answer = await s.post(PATH, {**proof, "scope": READ})
        assert (answer.status, answer.json()["error"]) == (503, "temporarily_unavailable")


async def test_many_pages_that_open_at_once_make_one_application(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        proof = await s.proof()
        answers = await asyncio.gather(*(s.post(PATH, {**proof, "scope": READ}) for _ in range(6)))
        assert [each.status for each in answers] == [200] * 6
        acts = [each for each in await s.h.house.store.acts(EVERY_ACT) if each.target == EXPLORER]
        assert [each.action for each in acts] == ["application.add"]


async def test_a_session_of_its_own_for_each_browser(tmp_path: Path) -> None:
    """Signing out of one leaves the other's token alone."""
    async with stewarding(tmp_path) as s:
        elsewhere = await signed_in(s.h, s.person)
        here, there = await token(s), await token(elsewhere)
        form = (await s.page("/account")).form("/account/sign-out")
        assert (await s.post("/account/sign-out", form)).status == 303
        assert (await works(s, here), await works(s, there)) == (False, True)
