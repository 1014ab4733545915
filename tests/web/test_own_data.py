"""What is mine: what an application did with what I let it, all that is kept about me to take away, and how I go."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.authentication import FEDERATED, MFA, OTP, PASSWORD, POP, USER
from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Issue
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.pages.csrf import token_of
from scopekeeper.services.factors import FRESH
from scopekeeper.services.ports import Act, Use
from tests.asking import Answer
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.persons import a_person, a_session, an_application, granted

DATA, REMOVE, ACCOUNT = "/account/data", "/account/remove", "/account"
SECRETS = (b"opaque-public-key", b"opaque-sealed-secret", b"d" * 32, b"opaque-credential-id")


@dataclass(frozen=True, slots=True)
class Mine:
    """Alice, signed in, and what is hers."""

    h: Built
    alice: User
    browser: Browser

    async def signed_in(self, *, ago: int = 0, amr: tuple[str, ...] = (PASSWORD,)) -> Browser:
        """Another browser of hers, in which she proved so long ago and in this way who she is."""
        alice = await self.h.house.accounts.get(self.alice.name)
        _, cookie = await a_session(self.h, alice, ago=ago, amr=amr)
        return Browser(self.h.front, {"scopekeeper": cookie})

    async def has_factors(self) -> None:
        store, now, row = self.h.house.store, self.h.clock.now(), self.h.house.entropy.row_id
        key, sealed, digest, credential = SECRETS

        def act(action: str) -> Act:
            return Act(row(), now, "user:alice", action, "alice")

        passkey = Passkey(row(), self.alice.id, credential, key, 0, "My phone", now)
        await store.add_passkey(passkey, 20, act("passkey.add"))
        await store.save_totp(Totp(self.alice.id, sealed, now), act("totp.add"))
        await store.replace_recovery_codes(
            self.alice.id, [RecoveryCode(row(), self.alice.id, digest, now)], act("recovery.replace")
        )

    async def lets_in(self, name: str = "Phone book", *, session_id: int | None = None) -> tuple[Client, Issue]:
        application = await an_application(self.h, "rest:callforward", name)
        return application, await granted(self.h, self.alice, application, remembered=True, session_id=session_id)

    async def gone(self) -> bool:
        return await self.h.house.store.user_with(self.alice.id) is None


@asynccontextmanager
async def mine(folder: Path, **environ: str) -> AsyncIterator[Mine]:
    async with built(folder, environ) as h:
        alice = await a_person(h, "alice")
        _, cookie = await a_session(h, alice)
        yield Mine(h, alice, Browser(h.front, {"scopekeeper": cookie}))


async def taken(browser: Browser) -> Any:
    """The file, read."""
    answer = await browser.fill(DATA, DATA)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


# What an application did


async def test_i_see_what_an_application_did_in_my_name_and_how_i_let_it_in(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        application, issue = await m.lets_in()
        m.h.clock.advance(120)
        await m.h.house.store.used([Use(issue.token.id, m.h.clock.now(), "198.51.100.9")], [], [])
        account = Seen((await m.browser.get(ACCOUNT)).body)
        address = f"/account/connections/{application.client_id}"
        assert address in [each["href"] for each in account.all("a")]
        said = text_of(await m.browser.get(address))
        for words in ("Phone book", "Last used just now from 198.51.100.9", "asked for 2 minutes ago", "In a browser"):
            assert words in said, words


async def test_what_it_does_for_others_is_not_shown_nor_what_others_of_my_name_let_in(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        application, _ = await m.lets_in()
        bob = await a_person(m.h, "bob")
        theirs = (await granted(m.h, bob, application)).token
        await m.h.house.store.used([Use(theirs.id, m.h.clock.now(), "198.51.100.9")], [], [])
        lately = await m.h.house.connections.lately(m.alice, application.client_id)
        assert lately is not None
        assert [each.user for each in lately.tokens] == ["alice"]
        assert [each.user for each in lately.grants] == ["alice"]
        assert "198.51.100.9" not in text_of(await m.browser.get(f"/account/connections/{application.client_id}"))


@pytest.mark.parametrize("below", ["nobody", "", "a/b", "%2e%2e"])
async def test_an_application_that_i_did_not_let_in_has_no_page(tmp_path: Path, below: str) -> None:
    async with mine(tmp_path) as m:
        assert (await m.browser.get(f"/account/connections/{below}")).status == 404


async def test_another_persons_connection_has_no_page_for_me(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        application = await an_application(m.h)
        await granted(m.h, await a_person(m.h, "bob"), application, remembered=True)
        assert (await m.browser.get(f"/account/connections/{application.client_id}")).status == 404


@pytest.mark.parametrize(
    ("amr", "said"),
    [
        ((PASSWORD,), "by password"),
        ((PASSWORD, OTP, MFA), "by password and one-time code"),
        ((PASSWORD, POP, USER, MFA), "by password and passkey"),
        ((POP, USER, MFA), "by passkey"),
        ((FEDERATED,), "through another provider"),
        ((FEDERATED, OTP, MFA), "through another provider, with a one-time code"),
    ],
)
async def test_each_session_says_how_i_signed_in(tmp_path: Path, amr: tuple[str, ...], said: str) -> None:
    async with mine(tmp_path) as m:
        browser = await m.signed_in(amr=amr)
        page = text_of(await browser.get(ACCOUNT))
        assert f"signed in just now {said} last seen" in page


# All that is kept about me


async def test_all_that_is_kept_about_me_is_in_one_file(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        house, now = m.h.house, m.h.clock.now()
        await house.accounts.edit(
            "alice", email="alice@example.com", profile={"full_name": "Alice L"}, actor="cli:root"
        )
        application, _ = await m.lets_in()
        await house.run("updateExtension", extension="1001", body={"owner": "alice"})
        await house.run("setCallForward", extension="1001", body={"busy": "5551234"})
        await m.has_factors()
        upstream = Upstream(house.entropy.row_id(), "work", "Work", "https://id.example", "us", now)
        act = Act(house.entropy.row_id(), now, "cli:root", "upstream.add", "work")
        await house.store.add_upstream(upstream, act)
        through = f"user:alice via {application.client_id}"
        await house.store.used([], [], [Act(house.entropy.row_id(), now, through, "user.add", "carol")])
        act = Act(house.entropy.row_id(), now, "user:alice", "identity.add", "alice")
        await house.store.add_identity(Identity(upstream.id, "s-1", m.alice.id, now, "alice@id.example"), act)
        told = await taken(await m.signed_in(amr=(PASSWORD, OTP, MFA)))

        assert (told["account"]["name"], told["account"]["email"]) == ("alice", "alice@example.com")
        assert told["account"]["full_name"] == "Alice L"
        assert [each["signed_in_by"] for each in told["sessions"]] == [["pwd", "otp", "mfa"], ["pwd"]]
        assert [each["name"] for each in told["second_factors"]["passkeys"]] == ["My phone"]
        assert told["second_factors"]["one_time_codes"]["created_at"] == "2027-01-15T08:00:00Z"
        assert len(told["second_factors"]["recovery_codes"]) == 1
        assert [(each["issuer"], each["subject"]) for each in told["other_providers"]] == [
            ("https://id.example", "s-1")
        ]
        for section in ("consents", "grants", "access_tokens", "refresh_tokens"):
            assert [each["client_id"] for each in told[section]] == [application.client_id], section
        assert [each["extension"] for each in told["modules"]["extensions"]] == ["1001"]
        assert [each["busy"] for each in told["modules"]["callForwards"]] == ["5551234"]
        by_you = [each["action"] for each in told["audit_log"]["by_you"]]
        assert {"session.begin", "totp.add", "user.export"} <= set(by_you)
        assert [each["target"] for each in told["audit_log"]["by_applications_in_your_name"]] == ["carol"]
        assert "user.change" in [each["action"] for each in told["audit_log"]["by_others"]]


async def test_what_others_did_to_what_is_called_as_i_am_is_not_in_it_nor_where_they_were(tmp_path: Path) -> None:
    """`api-explorer` is an application, and may be a person's name, too."""
    async with mine(tmp_path) as m:
        house, now = m.h.house, m.h.clock.now()
        for actor, action in (
            ("user:bob", "consent.give"),
            ("cli:root", "upstream.change"),
            ("user:bob", "application.change"),
            ("user:bob", "view.application"),
            ("user:root", "user.change"),
            ("client:hr", "user.disable"),
        ):
            act = Act(house.entropy.row_id(), now, actor, action, "alice", "198.51.100.7", {"its": "own"})
            await house.store.used([], [], [act])
        others = (await taken(await m.signed_in()))["audit_log"]["by_others"]
        assert [(each["action"], each["address"]) for each in others if each["details"] == {"its": "own"}] == [
            ("user.disable", "198.51.100.7"),
            ("user.change", None),
        ]


async def test_it_is_a_file_that_nobody_keeps_on_the_way(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        answer = await m.browser.fill(DATA, DATA)
        assert answer.headers["content-disposition"] == 'attachment; filename="account.json"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


async def test_nothing_that_opens_anything_is_in_it(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        house = m.h.house
        password = "six grey herons in a row"
        await house.accounts.set_password("alice", password, "cli:root", keep_session=None)
        _, issue = await m.lets_in()
        await house.run("updateExtension", extension="1001", body={"owner": "alice"})
        await house.run("updateVoicemailBox", extension="1001", body={"enabled": True, "pin": "840612"})
        await m.has_factors()
        browser = await m.signed_in(amr=(PASSWORD, OTP, MFA))
        body = (await browser.fill(DATA, DATA)).body
        assert b"My phone" in body
        hashed = (await house.accounts.get("alice")).password
        assert hashed is not None
        for secret in (*SECRETS, password.encode(), hashed.encode(), b"$argon2", b"840612", b"skpr_"):
            assert secret not in body
            assert secret.hex().encode() not in body
        for digest in (issue.token.digest, browser.cookies["scopekeeper"].encode()):
            assert digest.hex().encode() not in body
            assert digest not in body


async def test_nothing_of_others_is_in_it_nor_of_an_earlier_account_of_my_name(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        earlier, bob = await a_person(h, "alice"), await a_person(h, "bob")
        application = await an_application(h)
        for person in (earlier, bob):
            await granted(h, person, application, remembered=True)
        await h.house.accounts.edit("alice", email="earlier@example.com", actor="cli:root")
        await h.house.run("updateExtension", extension="1002", body={"owner": "bob"})
        await h.house.accounts.remove("alice", "cli:root")
        h.clock.advance(5)
        alice = await a_person(h, "alice")
        _, cookie = await a_session(h, alice)
        told = await taken(Browser(h.front, {"scopekeeper": cookie}))
        for section in ("consents", "grants", "access_tokens", "refresh_tokens"):
            assert told[section] == [], section
        assert told["modules"]["extensions"] == []
        assert "earlier@example.com" not in json.dumps(told)
        assert "bob" not in json.dumps(told)


async def test_an_administrator_takes_no_more_than_what_is_theirs(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        root = await a_person(h, "root", admin=True)
        await h.house.run("updateExtension", extension="1001", body={"owner": "bob"})
        _, cookie = await a_session(h, root)
        told = await taken(Browser(h.front, {"scopekeeper": cookie}))
        assert told["modules"]["extensions"] == []


async def test_however_much_there_is_it_is_all_in_it(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        row, now = m.h.house.entropy.row_id, m.h.clock.now()
        acts = [Act(row(), now, "user:alice", "session.begin", "alice") for _ in range(1_203)]
        await m.h.house.store.used([], [], acts)
        assert len((await taken(m.browser))["audit_log"]["by_you"]) >= 1_203


# Only for who has just signed in


@pytest.mark.parametrize("path", [DATA, REMOVE])
async def test_row_52_a_session_that_is_old_or_stolen_takes_nothing_and_removes_nothing(
    tmp_path: Path, path: str
) -> None:
    async with mine(tmp_path) as m:
        fresh = (await (await m.signed_in()).get(path)).body
        form = Seen(fresh).form(path)
        old = await m.signed_in(ago=FRESH)
        page = await old.get(path)
        assert f"/login?anew=1&next={path.replace('/', '%2F')}" in [each["href"] for each in Seen(page.body).all("a")]
        assert not [each for each in Seen(page.body).all("form") if each["action"] == path]
        answer = await forced(old, path, form | {"name": "alice"})
        assert (answer.status, "Sign in again first" in text_of(answer)) == (403, True)
        assert b"taken_at" not in answer.body
        assert not await m.gone()


@pytest.mark.parametrize("path", [DATA, REMOVE])
async def test_row_52_who_has_a_second_factor_has_to_have_shown_it(tmp_path: Path, path: str) -> None:
    async with mine(tmp_path) as m:
        await m.has_factors()
        answer = await forced(await m.signed_in(), path, {"name": "alice"})
        assert answer.status == 403
        assert not await m.gone()
        strong = await m.signed_in(amr=(PASSWORD, OTP, MFA))
        assert (await strong.fill(path, path, name="alice")).status in (200, 303)


@pytest.mark.parametrize("path", [DATA, REMOVE])
async def test_row_47_a_link_or_a_forged_form_does_nothing(tmp_path: Path, path: str) -> None:
    async with mine(tmp_path) as m:
        assert (await m.browser.get(f"{path}?name=alice")).headers["content-type"].startswith("text/html")
        for forged in ({"name": "alice"}, {"name": "alice", "csrf": "x"}):
            assert (await m.browser.post(path, forged)).status == 403
        assert (await Browser(m.h.front).get(path)).status == 303
        assert not await m.gone()


async def forced(browser: Browser, path: str, form: dict[str, str]) -> Answer:
    """The form, sent as if the page had had it."""
    proof = token_of(browser.cookies["scopekeeper"], path.rpartition("/")[2])
    return await browser.post(path, {**form, "csrf": proof})


# How I go


async def test_my_account_goes_with_all_that_hangs_on_it_and_says_goodbye(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        _, issue = await m.lets_in()
        elsewhere = await m.signed_in()
        await m.has_factors()
        await m.h.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        browser = await m.signed_in(amr=(PASSWORD, OTP, MFA))
        page = text_of(await browser.get(REMOVE))
        for words in ("What goes", "Phone book", "What stays", "audit log"):
            assert words in page
        answer = await browser.fill(REMOVE, REMOVE, name="alice")
        assert (answer.status, answer.headers["location"]) == (303, "/goodbye")
        assert "scopekeeper" not in browser.cookies
        goodbye = await browser.get("/goodbye")
        assert (goodbye.status, "Your account is removed" in text_of(goodbye)) == (200, True)
        assert await m.gone()
        assert (await elsewhere.get(ACCOUNT)).status == 303
        assert (await m.h.get("/api/rest/callforward/users/1001", issue.access_token)).status == 401
        assert not (await m.h.house.store.factors(m.alice.id)).second
        [act] = await m.h.house.store.acts(limit=1)
        assert (act.actor, act.action, act.target) == ("user:alice", "user.remove", "alice")


@pytest.mark.parametrize("typed", ["", "bob", "ALICE", "alice@example.com"])
async def test_who_does_not_type_their_name_removes_nothing(tmp_path: Path, typed: str) -> None:
    async with mine(tmp_path) as m:
        answer = await m.browser.fill(REMOVE, REMOVE, name=typed)
        assert (answer.status, "That is not your user name" in text_of(answer)) == (422, True)
        assert not await m.gone()


async def test_the_last_administrator_cannot_go(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        root = await a_person(h, "root", admin=True)
        _, cookie = await a_session(h, root)
        browser = Browser(h.front, {"scopekeeper": cookie})
        answer = await browser.fill(REMOVE, REMOVE, name="root")
        assert (answer.status, "the last administrator" in text_of(answer)) == (409, True)
        await h.house.accounts.add("chief", password="six grey herons", email=None, admin=True, actor="cli:test")
        assert (await browser.fill(REMOVE, REMOVE, name="root")).status == 303
        assert [each.name for each in await h.house.accounts.all()] == ["chief"]


async def test_applications_that_show_a_page_at_the_end_hear_of_it_in_frames(tmp_path: Path) -> None:
    async with mine(tmp_path) as m:
        session, cookie = await a_session(m.h, m.alice)
        application, _ = await m.lets_in(session_id=session.id)
        await m.h.house.applications.change(
            application.client_id,
            Changes(scope="openid rest:callforward", frontchannel_logout_uri="https://app.example/out"),
            "cli:test",
        )
        application = await m.h.house.applications.get(application.client_id)
        await granted(m.h, m.alice, application, session_id=session.id)
        answer = await Browser(m.h.front, {"scopekeeper": cookie}).fill(REMOVE, REMOVE, name="alice")
        seen = Seen(answer.body)
        [frame] = seen.all("iframe")
        assert frame["src"].startswith("https://app.example/out?")
        assert "/goodbye" in [each["href"] for each in seen.all("a")]
        assert await m.gone()
