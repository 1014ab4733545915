"""An administrator has a link mailed: an invitation or a reset, to the address on record, and nobody here sees it."""

from pathlib import Path
from typing import Final

from tests.console.steward import Steward, place, stewarding
from tests.mailing import Box, a_mail_server
from tests.pages.people import PASSWORD

USERS: Final = "/console/users"


def mailing(box: Box) -> dict[str, str]:
    return {"SCOPEKEEPER_MAIL_SERVER": box.url, "SCOPEKEEPER_MAIL_FROM": "id@example.com"}


async def add(s: Steward, name: str, email: str | None, password: str | None = None) -> None:
    await s.h.house.accounts.add(name, password=password, email=email, admin=False, actor="cli:test")


async def always() -> bool:
    return True


async def sent(s: Steward) -> None:
    post = s.h.house.post
    assert post is not None
    await s.h.house.settled()
    await post.postman.send_due(always)


async def test_whoever_has_no_password_is_invited_and_whoever_has_one_gets_a_link_for_another(tmp_path: Path) -> None:
    async with a_mail_server() as box, stewarding(tmp_path, mailing(box)) as s:
        await add(s, "alice", "alice@example.com")
        await add(s, "bob", "bob@example.com", PASSWORD)
        for name in ("alice", "bob"):
            answer = await s.send(f"{USERS}/{name}", f"{USERS}/{name}/mail")
            assert place(answer) == f"{USERS}/{name}?done=mailed"
            page = await s.browser.get(f"{USERS}/{name}?done=mailed")
            assert f"A link waits to be mailed to {name}@example.com" in page.body.decode()
            assert b"skpr_ln_" not in page.body
        await sent(s)
        assert [(mail.recipient, mail.subject) for mail in box.mails] == [
            ("alice@example.com", "An account was made for you"),
            ("bob@example.com", "Choose a new password"),
        ]
        assert (await s.noted()).details == {"by": "mail"}
        opened = await s.h.house.accounts.open_link(box.mails[0].key)
        assert opened is not None
        assert opened[1] is not None
        assert opened[1].name == "alice"


async def test_a_form_that_is_sent_again_mails_nothing_more(tmp_path: Path) -> None:
    async with a_mail_server() as box, stewarding(tmp_path, mailing(box)) as s:
        await add(s, "alice", "alice@example.com")
        form = (await s.page(f"{USERS}/alice")).form(f"{USERS}/alice/mail")
        assert place(await s.post(f"{USERS}/alice/mail", form)) == f"{USERS}/alice?done=mailed"
        assert place(await s.post(f"{USERS}/alice/mail", form)) == f"{USERS}/alice?done=linked"
        await sent(s)
        assert len(box.mails) == 1


async def test_where_there_is_no_mail_or_no_address_there_is_no_such_form(tmp_path: Path) -> None:
    async with stewarding(tmp_path / "silent") as s:
        await add(s, "alice", "alice@example.com")
        assert b"/alice/mail" not in (await s.browser.get(f"{USERS}/alice")).body
        assert (await s.post(f"{USERS}/alice/mail", {**await s.proof(), "newest": "0"})).status == 404
    async with a_mail_server() as box, stewarding(tmp_path / "mailing", mailing(box)) as s:
        await add(s, "bob", None)
        assert b"/bob/mail" not in (await s.browser.get(f"{USERS}/bob")).body
        assert (await s.post(f"{USERS}/bob/mail", {**await s.proof(), "newest": "0"})).status == 409
        assert (await s.post(f"{USERS}/nobody/mail", {**await s.proof(), "newest": "0"})).status == 404
        assert "user.link" not in {act.action for act in await s.h.house.store.acts()}


async def test_row_47_no_other_site_has_a_link_mailed(tmp_path: Path) -> None:
    async with a_mail_server() as box, stewarding(tmp_path, mailing(box)) as s:
        await add(s, "alice", "alice@example.com")
        assert (await s.post(f"{USERS}/alice/mail", {"newest": "0"})).status == 403
        assert (await s.browser.get(f"{USERS}/alice/mail")).status == 405
        await sent(s)
        assert box.mails == []
