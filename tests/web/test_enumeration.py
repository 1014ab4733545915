"""Nobody learns who has an account, or who is signed in, from how a hint or a try is answered: by words, or by work.

Work is counted, in questions to the store and in passwords hashed; no time is taken.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pytest
from argon2 import PasswordHasher, extract_parameters

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import Client
from scopekeeper.store import SqlStore
from tests.asking import Answer
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen
from tests.pages.people import PASSWORD
from tests.services.asked import Asked
from tests.web.applicant import Applicant, told
from tests.web.departing import BYE, a_relying_party, decided, is_in, shown, stayed, url

PEOPLE: Final = ("alice", "bob", "carol", "dora")
"""Alice is signed in; bob has signed out; carol's account is switched off; dora's is gone."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Four people, an application, the id_token that it has of each, and the log of what the store is asked."""

    h: Built
    store: Asked
    client: Client
    hints: dict[str, str]
    alice: Browser

    def asking(self, **more: str) -> str:
        """The address of an authorization request."""
        return Applicant(self.h, self.client, "").url(scope="openid", **more)

    async def opened(self, browser: Browser, target: str) -> tuple[Answer, list[str]]:
        """What comes of it, and what the store was asked meanwhile. Nothing is remembered from before."""
        await self.h.house.applications.change(self.client.client_id, Changes(description=target[:99]), "cli:test")
        self.h.clock.advance(1)
        self.store.log.clear()
        return await browser.get(target), list(self.store.log)


@asynccontextmanager
async def a_gathering(folder: Path) -> AsyncIterator[Gathering]:
    stores: list[Asked] = []

    def around(store: SqlStore) -> SqlStore:
        stores.append(Asked(store))
        return cast(SqlStore, stores[0])

    async with built(folder, around=around) as h:
        client, hints, browsers = await a_relying_party(h), {}, {}
        for name in PEOPLE:
            browsers[name], user, session = await stayed(h, name)
            hints[name] = await shown(h, user, client, session)
        await browsers["bob"].post("/account/sign-out", await _sign_out_form(browsers["bob"]))
        assert not await is_in(browsers["bob"])
        await h.house.accounts.enable("carol", False, "cli:test")
        await h.house.accounts.remove("dora", "cli:test")
        yield Gathering(h, stores[0], client, hints, browsers["alice"])


async def _sign_out_form(browser: Browser) -> dict[str, str]:
    return Seen((await browser.get("/account")).body).form("/account/sign-out")


def looks(answer: Answer) -> tuple[Any, ...]:
    """What anybody can tell two answers apart by, without what is drawn anew for each visit."""
    page = Seen(answer.body)
    fields = [each.get("name") for each in page.all("input")]
    headers = sorted(set(answer.headers) - {"x-request-id"})
    policy = answer.headers["content-security-policy"]
    return answer.status, headers, answer.headers.get("location"), policy, page.text, fields, len(answer.cookies)


async def test_row_54_a_login_hint_is_a_word_and_nobody_is_looked_for(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.1, login_hint: names of accounts and others look alike, and cost the same."""
    async with a_gathering(tmp_path) as there:
        seen, asked = set(), set()
        for hint in (*PEOPLE, "nobody", "alice@example.com", "alice' --"):
            browser = Browser(there.h.front)
            first, log = await there.opened(browser, there.asking(login_hint=hint))
            asked.add(tuple(log))
            page, log = await there.opened(browser, first.headers["location"])
            asked.add(tuple(log))
            assert Seen(page.body).by_id("username")["value"] == hint
            seen.add(str(looks(page)))
            silent, _ = await there.opened(Browser(there.h.front), there.asking(login_hint=hint, prompt="none"))
            assert told(silent)["error"] == "login_required"
        assert len(seen) == 1
        assert not {"user", "user_with", "users", "session", "sessions"} & {each for log in asked for each in log}


async def test_row_54_a_hint_of_whom_nobody_is_here_is_answered_as_if_there_were_none(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.2: with prompt=none, wherever the person is or whether they still are: one error."""
    async with a_gathering(tmp_path) as there:
        plain, _ = await there.opened(Browser(there.h.front), there.asking(prompt="none"))
        assert told(plain)["error"] == "login_required"
        work = []
        for hint in there.hints.values():
            answer, log = await there.opened(Browser(there.h.front), there.asking(prompt="none", id_token_hint=hint))
            assert looks(answer) == looks(plain)
            work.append(log)
        assert all(log == work[0] for log in work)


async def test_row_54_a_hint_of_somebody_else_does_not_tell_that_another_is_here(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.2: alice is signed in, and the client who means another hears what it would hear if
    nobody were; whoever may sign in is sent to do so.
    """
    async with a_gathering(tmp_path) as there:
        plain, _ = await there.opened(Browser(there.h.front), there.asking(prompt="none"))
        work, pages = [], set()
        for name in ("bob", "carol", "dora"):
            hint = there.hints[name]
            answer, log = await there.opened(there.alice, there.asking(prompt="none", id_token_hint=hint))
            assert looks(answer) == looks(plain)
            work.append(log)
            answer, log = await there.opened(there.alice, there.asking(id_token_hint=hint))
            assert answer.headers["location"].startswith("/login?")
            work.append(log)
            pages.add(str(looks(await there.alice.get(answer.headers["location"]))))
        assert all(log == work[0] for log in work)
        assert len(pages) == 1


async def test_row_54_at_the_logout_a_hint_does_not_tell_whether_anybody_is_signed_in(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2, §4: in a browser where nobody is, whoever is meant; and nothing ends."""
    async with a_gathering(tmp_path) as there:
        seen, work = set(), []
        for more in ({}, {"post_logout_redirect_uri": BYE, "state": "xyz"}):
            for hint in there.hints.values():
                answer, log = await there.opened(Browser(there.h.front), url(id_token_hint=hint, **more))
                seen.add(str(looks(answer)))
                work.append(log)
        assert len(seen) == 2
        assert all(log == work[0] for log in work)
        assert await is_in(there.alice)


async def test_row_54_at_the_logout_one_is_asked_whoever_else_is_meant(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2: alice reads the same question, whichever of the others the hint names."""
    async with a_gathering(tmp_path) as there:
        seen, work = set(), []
        for name in ("bob", "carol", "dora"):
            answer, log = await there.opened(there.alice, url(id_token_hint=there.hints[name]))
            assert "Signed in as alice" in Seen(answer.body).text
            seen.add(str(looks(answer)))
            work.append(log)
        assert len(seen) == 1
        assert all(log == work[0] for log in work)
        assert (await decided(there.alice, answer)).status == 200
        assert not await is_in(there.alice)


async def test_row_54_a_logout_hint_is_a_word_and_nobody_is_looked_for(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2, logout_hint: names of accounts and others look alike, at the same cost."""
    async with a_gathering(tmp_path) as there:
        for here in (False, True):
            seen, work = set(), []
            for hint in (*PEOPLE, "nobody", "alice@example.com", "' --"):
                browser = there.alice if here else Browser(there.h.front)
                answer, log = await there.opened(browser, url(logout_hint=hint, client_id=there.client.client_id))
                assert answer.status == 200
                seen.add(str(looks(answer)))
                work.append(log)
            assert len(seen) == 1
            assert all(log == work[0] for log in work)


@pytest.mark.parametrize("here", [False, True])
async def test_row_54_whoever_signs_in_for_an_application_hears_one_word_after_one_hashing(
    tmp_path: Path, here: bool
) -> None:
    """OpenID Connect Core §3.1.2.3: unknown, gone, switched off or wrong, also where somebody else is signed in."""
    async with a_gathering(tmp_path) as there:
        hasher = Counting()
        there.h.house.passwords._hasher = hasher
        for name in ("bob", "carol"):
            await there.h.house.accounts.set_password(name, PASSWORD, "cli:test")
        assert await is_in(there.alice)
        browser = there.alice if here else Browser(there.h.front)
        seen = set()
        for name in ("alice", "bob", "carol", "dora", "nobody", "no name!"):
            answer = await browser.get(there.asking(prompt="login"))
            form = Seen((await browser.get(answer.headers["location"])).body).form("/login")
            hasher.verified = 0
            password = PASSWORD if name == "carol" else "wrong"
            answer = await browser.post("/login", form | {"username": name, "password": password})
            assert hasher.verified == 1, name
            seen.add(str(looks(answer)))
        assert len(seen) == 1
        assert "422" in seen.pop()


class Counting(PasswordHasher):
    """Counts the hashes that it was to compare with a password: what is no hash costs nothing, and is not counted."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # Literal[True]
        extract_parameters(cast(str, hash))  # raises for what is none
        self.verified += 1
        return super().verify(hash, password)
