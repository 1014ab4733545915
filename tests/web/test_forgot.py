"""`/forgot`, and the way from there through a mailbox to another password, with a real house and a real mail server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.pages.links import link_of
from tests.building import Built, built
from tests.mailing import Box, a_mail_server
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import PASSWORD

ISSUER: Final = "https://id.example.com"
EMAIL: Final = "alice@example.com"


async def always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class There:
    """A house that sends mail, and where that arrives."""

    h: Built
    box: Box

    @property
    def browser(self) -> Browser:
        return Browser(self.h.front)

    async def add(self, name: str = "alice", email: str | None = EMAIL, *, verified: bool = True) -> None:
        accounts = self.h.house.accounts
        await accounts.add(name, password=PASSWORD, email=email, email_verified=verified, admin=False, actor="cli:test")

    async def sent(self) -> None:
        """What is to be written is written and sent."""
        post = self.h.house.post
        assert post is not None
        await self.h.house.settled()
        await post.postman.send_due(always)


@asynccontextmanager
async def a_place(folder: Path, **environ: str) -> AsyncIterator[There]:
    async with a_mail_server() as box:
        mail = {"SCOPEKEEPER_MAIL_SERVER": box.url, "SCOPEKEEPER_MAIL_FROM": "id@example.com"}
        async with built(folder, {"SCOPEKEEPER_ISSUER": ISSUER, **mail, **environ}) as h:
            yield There(h, box)
            await h.house.settled()


async def test_somebody_who_has_forgotten_a_password_chooses_another_by_mail(tmp_path: Path) -> None:
    async with a_place(tmp_path) as there:
        await there.add()
        browser = there.browser
        page = Seen((await browser.get("/login")).body)
        assert "/forgot" in [link.get("href") for link in page.all("a")]
        answer = await browser.fill("/forgot", "/forgot", username="alice")
        assert (answer.status, answer.headers["location"]) == (303, "/forgot?note=sent")
        assert "is on its way" in text_of(await browser.get("/forgot?note=sent"))
        await there.sent()
        [mail] = there.box.mails
        assert (mail.recipient, mail.subject) == (EMAIL, "Choose a new password")
        assert (await browser.get(f"/link?key={mail.key}")).status == 303
        chosen = await browser.fill("/link", "/link", password="another horse's battery")
        assert chosen.headers["location"] == "/login?note=chosen"
        assert (await browser.sign_in("alice", "another horse's battery")).status == 303
        await there.sent()
        assert [each.subject for each in there.box.mails[1:]] == ["Your password was changed"]


async def test_row_54_the_answer_is_the_same_whoever_there_is(tmp_path: Path) -> None:
    async with a_place(tmp_path) as there:
        await there.add()
        await there.add("bob", "bob@example.com", verified=False)
        await there.add("carol", None, verified=False)
        await there.add("dora", "dora@example.com")
        await there.h.house.accounts.enable("dora", False, "cli:test")
        answers = set()
        for typed in ("alice", "bob", "carol", "dora", "nobody", EMAIL, "nobody@example.com", "%", "x" * 5_000):
            browser = there.browser
            answer = await browser.fill("/forgot", "/forgot", username=typed)
            shown = await browser.get(answer.headers["location"])
            assert not answer.cookies
            headers = tuple(sorted((name, text) for name, text in answer.headers.items() if name != "x-request-id"))
            answers.add((answer.status, answer.body, headers, shown.status, shown.body))
        assert len(answers) == 1
        await there.sent()
        assert [mail.recipient for mail in there.box.mails] == [EMAIL, EMAIL]


async def test_row_50_the_link_leads_to_the_issuer_whatever_the_request_says(tmp_path: Path) -> None:
    """GHSA-2wmj-46rj-qm2w, CVE-2026-33495."""
    evil = {"host": "evil.example", "x_forwarded_host": "evil.example", "forwarded": "host=evil.example;proto=http"}
    async with a_place(tmp_path) as there:
        await there.add()
        browser = there.browser
        form = Seen((await browser.get("/forgot")).body).form("/forgot")
        answer = await browser.post("/forgot", form | {"username": "alice"}, **evil)
        assert answer.status == 303
        await there.sent()
        [mail] = there.box.mails
        assert link_of(ISSUER, mail.key) in mail.text
        assert "evil.example" not in mail.raw.decode()


async def test_row_47_a_form_of_another_site_sends_nobody_a_mail(tmp_path: Path) -> None:
    async with a_place(tmp_path) as there:
        await there.add()
        for form in ({"username": "alice"}, {"username": "alice", "csrf": "x" * 64}):
            assert (await there.browser.post("/forgot", form)).status == 403
        browser = there.browser
        form = Seen((await browser.get("/forgot")).body).form("/forgot")
        assert (
            await browser.post("/forgot", form | {"username": "alice"}, origin="https://evil.example")
        ).status == 403
        assert (await there.browser.get("/forgot?username=alice")).status == 200
        await there.sent()
        assert there.box.mails == []


@pytest.mark.parametrize("typed", ["", "   "])
async def test_row_52_whoever_types_nothing_is_asked_again(tmp_path: Path, typed: str) -> None:
    async with a_place(tmp_path) as there:
        answer = await there.browser.fill("/forgot", "/forgot", username=typed)
        assert answer.status == 422
        assert "username-error" in Seen(answer.body).described("username")


async def test_row_52_a_network_that_asks_on_and_on_is_slowed_down(tmp_path: Path) -> None:
    async with a_place(tmp_path, SCOPEKEEPER_FAILURES_BURST="3") as there:
        answers = [(await there.browser.fill("/forgot", "/forgot", username="nobody")).status for _ in range(4)]
        assert answers == [303, 303, 303, 429]
        # Who asks for links keeps nobody from signing in.
        await there.add()
        assert (await there.browser.sign_in("alice", PASSWORD)).status == 303


async def test_where_there_is_no_mail_there_is_no_such_page_and_nothing_leads_there(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        browser = Browser(h.front)
        assert (await browser.get("/forgot")).status == 404
        assert b"/forgot" not in (await browser.get("/login")).body
        assert (h.house.post, h.house.links, h.house.forgotten) == (None, None, None)


async def test_mails_are_in_the_language_of_the_account_not_of_whoever_asks(tmp_path: Path) -> None:
    async with a_place(tmp_path) as there:
        await there.add()
        await there.h.house.accounts.edit("alice", profile={"locale": "de-AT"}, actor="cli:test")
        browser = there.browser
        browser.headers["accept-language"] = "en"
        await browser.fill("/forgot", "/forgot", username="alice")
        await there.sent()
        [mail] = there.box.mails
        assert mail.message["Content-Language"] == "de"
