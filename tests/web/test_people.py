"""The whole way of a person through the house, with everything real behind the pages."""

from pathlib import Path

import pytest

from scopekeeper.pages.links import link_of
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of

PASSWORD = "correct horse battery"
NEW = "a wholly new passphrase"


async def administrator(there: Built) -> Browser:
    """The browser in which the first administrator was made and is signed in."""
    secret = await there.house.accounts.setup_link()
    assert secret is not None
    issuer, browser = there.house.settings.issuer, Browser(there.front)
    await browser.get(link_of(issuer, secret).removeprefix(issuer))
    made = await browser.fill("/link", "/link", username="root", password=PASSWORD, email="root@example.com")
    assert made.headers["location"] == "/login?note=ready"
    assert (await browser.sign_in("root", PASSWORD)).status == 303
    return browser


async def test_from_the_set_up_link_to_signing_out(tmp_path: Path, logbook: pytest.CaptureFixture[str]) -> None:
    async with built(tmp_path) as there:
        browser = await administrator(there)
        assert "root@example.com" in text_of(await browser.get("/account"))
        other = Browser(there.front)
        await other.sign_in("ROOT", PASSWORD)
        changed = await browser.fill("/account", "/account/password", current=PASSWORD, password=NEW)
        assert changed.headers["location"] == "/account?note=changed"
        assert (await other.get("/account")).status == 303
        assert (await browser.get("/account")).status == 200
        await browser.fill("/account", "/account/sign-out")
        assert (await browser.get("/account")).status == 303
        assert (await browser.sign_in("root", PASSWORD)).status == 422
        assert (await browser.sign_in("root", NEW)).status == 303
    said = logbook.readouterr().err
    for secret in ("skpr_", PASSWORD, NEW):  # row 31
        assert secret not in said


async def test_row_60_there_is_one_first_administrator(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret = await there.house.accounts.setup_link()
        assert secret is not None
        late = Browser(there.front)
        await late.get(f"/link?key={secret}")
        form = Seen((await late.get("/link")).body).form("/link") | {"username": "eve", "password": PASSWORD}
        await there.house.accounts.add("root", password=PASSWORD, email=None, admin=True, actor="cli:test")
        assert (await late.post("/link", form)).status == 410
        assert [user.name for user in await there.house.accounts.all()] == ["root"]


async def test_row_54_unknown_and_disabled_and_wrong_see_the_same_page(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        for name in ("alice", "bob"):
            await there.house.accounts.add(name, password=PASSWORD, email=None, admin=False, actor="cli:test")
        await there.house.accounts.enable("bob", False, "cli:test")
        browser = Browser(there.front)
        tries = [("alice", "wrong"), ("bob", PASSWORD), ("nobody", PASSWORD)]
        answers = [await browser.sign_in(name, password) for name, password in tries]
        assert {answer.status for answer in answers} == {422}
        assert len({text_of(answer) for answer in answers}) == 1


async def test_row_52_whoever_guesses_has_to_wait_and_the_owner_elsewhere_does_not(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await there.house.accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:test")
        guesser = Browser(there.front, address="198.51.100.9")
        form = Seen((await guesser.get("/login")).body).form("/login") | {"username": "alice", "password": "wrong"}
        statuses = [(await guesser.post("/login", form)).status for _ in range(32)]
        assert statuses[:30] == [422] * 30
        refused = await guesser.post("/login", form)
        assert refused.status == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert (await Browser(there.front).sign_in("alice", PASSWORD)).status == 303
