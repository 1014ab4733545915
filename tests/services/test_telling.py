"""People hear what happened to their accounts: what is new, where it goes, and that nothing waits or fails for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import pytest
from structlog.testing import capture_logs

from scopekeeper.oauth.people import Session, User
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.aside import AT_ONCE, Aside
from scopekeeper.services.aside import MOST as MOST_ASIDE
from scopekeeper.services.login import Begun, Login
from scopekeeper.services.mail import NOTICE, Changed, Connected, News, SignedIn, TooMuchMail
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.telling import ACTS_AT_ONCE, REMEMBERED, Told
from scopekeeper.services.telling import AT_ONCE as NEW_AT_ONCE
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON
from tests.services.desk import KEY, PASSWORD, Desk, a_desk
from tests.stores.records import a_client

FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER_FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0"
SAFARI: Final = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"
HOME: Final = "203.0.113.7"
AT_HOME_TOMORROW: Final = "203.0.200.9"
ELSEWHERE: Final = "198.51.100.7"


@dataclass(slots=True)
class Kept:
    """Writes nothing, and keeps who was to be told what."""

    told: list[tuple[str | None, News]] = field(default_factory=list)
    pretended: list[News] = field(default_factory=list)
    fails: Exception | None = None
    held: asyncio.Event | None = None
    at_once: int = 0
    most: int = 0

    async def post(self, user: User, news: News, lifetime: int = NOTICE) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if self.held is not None:
                await self.held.wait()
        finally:
            self.at_once -= 1
        if self.fails is not None:
            raise self.fails
        self.told.append((user.email, news))

    def pretend(self, user: User, news: News) -> None:
        self.pretended.append(news)


@dataclass(slots=True)
class Bench:
    """Somebody's account, and what they are told."""

    desk: Desk
    kept: Kept
    told: Told
    login: Login
    accounts: Accounts

    async def add(self, name: str = "alice", email: str | None = "alice@example.com") -> User:
        return await self.accounts.add(name, password=PASSWORD, email=email, admin=False, actor="cli:test")

    async def sign_in(self, agent: str = FIREFOX, address: str | None = HOME, name: str = "alice") -> list[News]:
        """Somebody signs in a minute later. What they are told of it."""
        self.desk.clock.advance(60)
        begun = await self.login.sign_in(name, PASSWORD, address=address, agent=agent, ends=None, key=KEY)
        assert isinstance(begun, Begun)
        return [news for _, news in await self.heard()]

    async def heard(self) -> list[tuple[str | None, News]]:
        """What was told since."""
        await self.told.aside.settled()
        heard, self.kept.told = self.kept.told, []
        return heard


def a_bench() -> Bench:
    store, kept = MemoryStore(), Kept()
    desk = a_desk(store)
    told = Told(kept, store, desk.clock, Aside(), _family_of)
    return Bench(desk, kept, told, replace(desk.login, notices=told), replace(desk.accounts, notices=told))


def _family_of(agent: str) -> str:
    return next((name for name in ("Firefox", "Safari") if name in agent), "")


def told_of(news: list[News]) -> list[str]:
    return [type(each).__name__ for each in news]


async def test_the_first_sign_in_is_no_news_and_neither_is_the_same_device_again() -> None:
    bench = a_bench()
    await bench.add()
    assert await bench.sign_in() == []
    assert await bench.sign_in() == []
    assert await bench.sign_in(NEWER_FIREFOX, AT_HOME_TOMORROW) == [], (
        "a browser is updated, a provider gives addresses"
    )


@pytest.mark.parametrize(
    ("agent", "address"), [(SAFARI, HOME), (FIREFOX, ELSEWHERE), (SAFARI, ELSEWHERE), ("", HOME), (FIREFOX, None)]
)
async def test_another_device_or_another_network_is_told_once(agent: str, address: str | None) -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in()
    assert await bench.sign_in(agent, address) == [SignedIn(bench.desk.clock.now(), address, agent)]
    assert await bench.sign_in(agent, address) == []
    assert await bench.sign_in() == []


async def test_an_address_of_ipv6_counts_by_its_provider() -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in(address="2001:db8:1::1")
    assert await bench.sign_in(address="2001:db8:ffff::2") == []
    assert told_of(await bench.sign_in(address="2001:db9::1")) == ["SignedIn"]
    assert told_of(await bench.sign_in(address="::ffff:203.0.113.7")) == ["SignedIn"]
    assert await bench.sign_in(address=HOME) == []


async def test_a_device_is_forgotten_in_time() -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in(SAFARI)
    bench.desk.clock.advance(REMEMBERED - 120)
    assert told_of(await bench.sign_in()) == ["SignedIn"]
    bench.desk.clock.advance(120)
    assert told_of(await bench.sign_in(SAFARI)) == ["SignedIn"]


async def test_what_another_person_signs_in_with_says_nothing() -> None:
    bench = a_bench()
    await bench.add()
    await bench.add("bob", "bob@example.com")
    await bench.sign_in(SAFARI, name="bob")
    await bench.sign_in()
    assert told_of(await bench.sign_in(SAFARI)) == ["SignedIn"]


async def test_what_an_earlier_account_of_the_same_name_did_says_nothing() -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in(SAFARI)
    await bench.accounts.remove("alice", "cli:test")
    await bench.add()
    assert await bench.sign_in() == []
    assert told_of(await bench.sign_in(SAFARI)) == ["SignedIn"]


async def test_two_who_sign_in_within_one_second_are_both_told_of() -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in()
    bench.desk.clock.advance(60)
    both = [
        bench.login.sign_in("alice", PASSWORD, address=ELSEWHERE, agent=SAFARI, ends=None, key=KEY) for _ in range(2)
    ]
    await asyncio.gather(*both)
    assert told_of([news for _, news in await bench.heard()]) == ["SignedIn", "SignedIn"]


async def test_whoever_has_the_password_buries_nothing_under_new_devices() -> None:
    bench = a_bench()
    await bench.add()
    await bench.sign_in()
    told = [await bench.sign_in(f"Mozilla/5.0 ({number})") for number in range(2 * NEW_AT_ONCE)]
    assert NEW_AT_ONCE <= sum(map(len, told)) <= NEW_AT_ONCE + 2
    await bench.accounts.set_password("alice", PASSWORD + "!", "cli:test")
    assert told_of([news for _, news in await bench.heard()]) == ["Changed"]


async def test_whoever_has_no_address_is_not_told() -> None:
    bench = a_bench()
    await bench.add(email=None)
    await bench.sign_in()
    assert await bench.sign_in(SAFARI) == []
    await bench.accounts.set_password("alice", PASSWORD + "!", "cli:test")
    assert await bench.heard() == []


async def test_every_way_to_another_password_is_told() -> None:
    bench = a_bench()
    user = await bench.add()
    now = bench.desk.clock.now()
    await bench.accounts.set_password("alice", PASSWORD + "!", "cli:test")
    session = Session(1, b"", user.id, "alice", now, now)
    await bench.accounts.change_password(user, PASSWORD + "!", PASSWORD + "!!", session, HOME)
    link = await bench.accounts.password_link("alice", "cli:test")
    await bench.accounts.use_link(link, name=None, password=PASSWORD, address=ELSEWHERE)
    changed = [Changed("password", now, address) for address in (None, HOME, ELSEWHERE)]
    assert await bench.heard() == [("alice@example.com", each) for each in changed]


async def test_another_address_is_told_to_the_old_one() -> None:
    bench = a_bench()
    await bench.add()
    await bench.accounts.edit("alice", email="mallory@example.com", actor="cli:test", address=ELSEWHERE)
    changed = Changed("email", bench.desk.clock.now(), ELSEWHERE)
    assert await bench.heard() == [("alice@example.com", changed)]
    await bench.accounts.edit("alice", email_verified=True, admin=True, actor="cli:test")
    await bench.accounts.edit("alice", email="mallory@example.com", actor="cli:test")
    assert await bench.heard() == []


async def test_the_first_administrator_is_told_nothing_of_the_password_that_they_have_just_chosen() -> None:
    bench = a_bench()
    link = await bench.accounts.setup_link()
    assert link is not None
    await bench.accounts.use_link(link, name="root", password=PASSWORD, address=HOME, email="root@example.com")
    assert await bench.heard() == []


async def test_an_application_is_told_of_by_its_name() -> None:
    bench = a_bench()
    alice = await bench.add()
    await bench.told.connected(alice, a_client("book", name="Phone book"), HOME)
    assert await bench.heard() == [("alice@example.com", Connected("Phone book", NOON, HOME))]


@pytest.mark.parametrize("failure", [Unavailable("disk gone"), TooMuchMail("full"), RuntimeError("a bug")])
async def test_nothing_fails_because_somebody_could_not_be_told(failure: Exception) -> None:
    bench = a_bench()
    await bench.add()
    bench.kept.fails = failure
    with capture_logs() as logged:
        await bench.accounts.set_password("alice", PASSWORD + "!", "cli:test")
        await bench.told.aside.settled()
    assert len(logged) == 1
    assert "alice@" not in str(logged)


async def test_row_52_nobody_fills_the_queue_of_all_with_what_they_do_themselves() -> None:
    bench = a_bench()
    alice, bob = await bench.add(), await bench.add("bob", "bob@example.com")
    await bench.heard()
    for _ in range(2 * ACTS_AT_ONCE):
        await bench.told.connected(alice, a_client("book", name="Phone book"), HOME)
        await bench.told.changed(bob, "recovery.replace", HOME)
    heard = [address for address, _ in await bench.heard()]
    assert (heard.count("alice@example.com"), heard.count("bob@example.com")) == (ACTS_AT_ONCE, ACTS_AT_ONCE)
    await bench.told.changed(alice, "password", HOME)
    assert len(await bench.heard()) == 1, "what is loud hides nothing of another kind"


async def test_nobody_waits_until_somebody_was_told_and_few_are_told_at_once() -> None:
    bench = a_bench()
    alice = await bench.add()
    bench.kept.held = asyncio.Event()
    for _ in range(3 * AT_ONCE):
        await bench.told.changed(alice, "totp.add", HOME)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (bench.kept.at_once, bench.kept.told) == (AT_ONCE, [])
    bench.kept.held.set()
    assert len(await bench.heard()) == 3 * AT_ONCE
    assert bench.kept.most == AT_ONCE


async def test_what_is_done_aside_has_a_bound() -> None:
    bench = a_bench()
    alice = await bench.add()
    bench.kept.held = asyncio.Event()
    told = replace(bench.told, limited=False)
    with capture_logs() as logged:
        for _ in range(MOST_ASIDE + 5):
            await told.changed(alice, "totp.add", HOME)
    assert len(logged) == 5
    bench.kept.held.set()
    assert len(await bench.heard()) == MOST_ASIDE
