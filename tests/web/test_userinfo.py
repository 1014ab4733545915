"""Userinfo: what a token tells of the person who granted it, and whom it refuses."""

import re
from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.userinfo import claims_of
from scopekeeper.services.ports import Unavailable
from scopekeeper.web.userinfo import UserinfoEndpoint
from tests.asking import Answer, ask, bearer, post_form
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

USERINFO = "/oauth/userinfo"


async def a_token(house: Built, scope: str = "openid profile email rest", name: str = "alice") -> str:
    """What a person granted, as an access token."""
    person = await a_person(house, name)
    issue = await granted(house, person, await an_application(house, scope))
    return issue.access_token


def challenge_of(answer: Answer) -> dict[str, str]:
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', answer.headers["www-authenticate"]))


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "preferred_username", "updated_at"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid address phone", {"sub"}),
        ("openid profile email rest", {"sub", "name", "preferred_username", "updated_at", "email", "email_verified"}),
    ],
)
async def test_each_scope_tells_its_own_claims(tmp_path: Path, scope: str, names: set[str]) -> None:
    async with built(tmp_path) as house:
        await house.house.accounts.add("alice", password=None, email="a@b.example", admin=False, actor="cli:test")
        alice = await house.house.accounts.get("alice")
        issue = await granted(house, alice, await an_application(house, scope))
        found = (await house.get(USERINFO, issue.access_token)).json()
        assert set(found) == names
        assert found == {
            name: value
            for name, value in {
                "sub": issue.identity and issue.identity["sub"],
                "name": "alice",
                "preferred_username": "alice",
                "updated_at": house.clock.now(),
                "email": "a@b.example",
                "email_verified": False,
            }.items()
            if name in names
        }


async def test_what_the_account_does_not_know_is_left_out(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        assert set((await house.get(USERINFO, await a_token(house, "openid email"))).json()) == {"sub"}
        assert claims_of(await a_person(house, "bob"), ()) == {}


async def test_the_answer_is_kept_nowhere(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        answer = await house.get(USERINFO, await a_token(house))
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")


async def test_a_form_is_as_good_as_the_header(tmp_path: Path) -> None:
    """RFC 6750 §2.2: in the body of a POST, as a form."""
    async with built(tmp_path) as house:
        token = await a_token(house)
        by_header = await house.get(USERINFO, token)
        assert by_header.status == 200
        for answer in (
            await post_form(house.front, USERINFO, {"access_token": token}),
            await post_form(house.front, USERINFO, "", headers=[bearer(token)]),
            await ask(house.front, "POST", USERINFO, headers=[bearer(token)]),
        ):
            assert (answer.status, answer.body) == (200, by_header.body)


async def test_two_ways_at_once_are_refused(tmp_path: Path) -> None:
    """RFC 6750 §2: not even where both say the same."""
    async with built(tmp_path) as house:
        token = await a_token(house)
        for answer in (
            await post_form(house.front, USERINFO, {"access_token": token}, headers=[bearer(token)]),
            await post_form(house.front, USERINFO, {"access_token": "x"}, headers=[bearer(token)]),
            await post_form(house.front, USERINFO, "", headers=[bearer(token), bearer(token)]),
            await ask(house.front, "GET", f"{USERINFO}?access_token={token}", headers=[bearer(token)]),
            await post_form(house.front, f"{USERINFO}?access_token={token}", {"access_token": token}),
        ):
            assert (answer.status, challenge_of(answer)["error"]) == (400, "invalid_request")


async def test_row_32_a_form_that_is_none_is_refused(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        token = await a_token(house)
        for form in (f"access_token={token}&access_token={token}", "access_token=%zz", "access_token=%00"):
            answer = await post_form(house.front, USERINFO, form)
            assert (answer.status, challenge_of(answer)["error"]) == (400, "invalid_request")
        assert (await post_form(house.front, USERINFO, "a=" + "x" * 70_000)).status == 413


async def test_a_token_anywhere_else_is_none(tmp_path: Path) -> None:
    """RFC 6750 §2.2: by GET no body counts, and only a form is one; §2.3: nor does the address."""
    async with built(tmp_path) as house:
        token = await a_token(house)
        form = f"access_token={token}".encode()
        kind = ("content-type", "application/x-www-form-urlencoded")
        for answer in (
            await ask(house.front, "GET", USERINFO),
            await ask(house.front, "GET", USERINFO, headers=[kind], body=form),
            await ask(house.front, "POST", USERINFO, body=form),
            await ask(house.front, "POST", USERINFO, headers=[("content-type", "text/plain")], body=form),
            await ask(house.front, "GET", f"{USERINFO}?access_token={token}"),
            await ask(house.front, "POST", f"{USERINFO}?access_token={token}", headers=[kind]),
        ):
            assert (answer.status, list(challenge_of(answer))) == (401, ["realm"])


async def test_a_token_that_does_not_hold_is_told_so(tmp_path: Path) -> None:
    """RFC 6750 §3.1."""
    async with built(tmp_path) as house:
        token = await a_token(house)
        for sent in ("x", token[:-1]):
            answer = await house.get(USERINFO, sent)
            assert (answer.status, challenge_of(answer)["error"]) == (401, "invalid_token")
        house.clock.advance(3_600)
        assert (await house.get(USERINFO, token)).status == 401


async def test_row_26_a_person_who_is_disabled_is_told_of_no_more(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        token = await a_token(house)
        assert (await house.get(USERINFO, token)).status == 200
        await house.house.accounts.enable("alice", False, "cli:test")
        house.clock.advance(1)
        answer = await house.get(USERINFO, token)
        assert (answer.status, challenge_of(answer)["error"]) == (401, "invalid_token")


async def test_without_openid_nothing_is_told(tmp_path: Path) -> None:
    """RFC 6750 §3.1: insufficient_scope, and which."""
    async with built(tmp_path) as house:
        of_an_application = await house.token(await house.register("rest"))
        for token in (of_an_application, await a_token(house, "rest profile email")):
            answer = await house.get(USERINFO, token)
            assert answer.status == 403
            told = challenge_of(answer)
            assert (told["error"], told["scope"]) == ("insufficient_scope", "openid")


async def test_what_the_application_may_no_longer_have_is_not_told(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await an_application(house, "openid profile email")
        issue = await granted(house, await a_person(house, "alice"), application)
        for scope, names in (("openid email", {"sub"}), ("profile", None)):
            await house.house.applications.change(application.client_id, Changes(scope=scope), "cli:test")
            house.clock.advance(1)
            answer = await house.get(USERINFO, issue.access_token)
            assert answer.status == (403 if names is None else 200)
            assert names is None or set(answer.json()) == names


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_any_other_method_is_told_which_there_are(tmp_path: Path, method: str) -> None:
    async with built(tmp_path) as house:
        answer = await ask(house.front, method, USERINFO)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


class Away:
    """Nobody can tell whose token it is."""

    async def __call__(self, presented: str, address: str | None) -> None:
        raise Unavailable("away")


async def test_a_store_that_is_away_is_a_503() -> None:
    answer = await ask(UserinfoEndpoint(Away()), "GET", USERINFO, headers=[bearer("x")])
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
