"""Links by mail: whom they reach, how long they work, and what strangers cannot do by asking for them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from scopekeeper.oauth.people import INVITATION_LIFETIME, RESET_LIFETIME, User
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.aside import MOST as MOST_ASIDE
from scopekeeper.services.aside import Aside
from scopekeeper.services.attempts import Attempts, Limits, TooMany
from scopekeeper.services.invitations import AT_ONCE, EVERY, Forgotten, LinksByMail
from scopekeeper.services.mail import Invitation, NoAddress, Reset, TooMuchMail
from scopekeeper.services.ports import Filling, Gone, Taken
from scopekeeper.store import MemoryStore
from tests.services.desk import ADDRESS, PASSWORD, Desk, a_desk
from tests.services.test_telling import ELSEWHERE, Kept

LINK: Final = "https://id.example.com/link?key="


@dataclass(slots=True)
class Bench:
    """Accounts, and who gets a link to one."""

    desk: Desk
    kept: Kept
    links: LinksByMail
    forgotten: Forgotten

    @property
    def accounts(self) -> Accounts:
        return self.desk.accounts

    async def add(self, name: str = "alice", email: str | None = "alice@example.com", **facts: Any) -> User:
        usual: dict[str, Any] = {"password": PASSWORD, "admin": False, "actor": "cli:test", "email_verified": True}
        return await self.accounts.add(name, email=email, **(usual | facts))

    async def ask(self, typed: str, address: str | None = ADDRESS) -> list[tuple[str | None, str]]:
        """Whoever is sent a link by that: the address, and the secret."""
        await self.forgotten(typed, address)
        await self.forgotten.aside.settled()
        return self.sent()

    def sent(self) -> list[tuple[str | None, str]]:
        """Who was sent a link since, and its secret."""
        told, self.kept.told = self.kept.told, []
        found = [(email, news) for email, news in told if isinstance(news, Reset | Invitation)]
        assert len(found) == len(told)
        assert all(news.link.startswith(LINK) for _, news in found)
        return [(email, news.link.removeprefix(LINK)) for email, news in found]


@dataclass(slots=True)
class Watched(Kept):
    """The same, and how long each is worth sending."""

    lifetimes: list[int] = field(default_factory=list)

    async def post(self, user: User, news: Any, lifetime: int = 0) -> None:
        self.lifetimes.append(lifetime)
        await Kept.post(self, user, news, lifetime)


def a_bench(store: MemoryStore | None = None, *, burst: int = 1_000) -> Bench:
    desk, kept = a_desk(store or MemoryStore()), Watched()
    links = LinksByMail(desk.accounts, kept, lambda secret: LINK + secret)
    attempts = Attempts(desk.store, desk.clock, "forgotten", Limits(a_minute=10, burst=burst))
    return Bench(desk, kept, links, Forgotten(desk.accounts, links, desk.store, attempts, Aside(), desk.clock))


async def works(bench: Bench, secret: str) -> bool:
    return await bench.accounts.open_link(secret) is not None


async def test_an_invitation_works_once_and_for_three_days() -> None:
    bench = a_bench()
    await bench.add(password=None, email_verified=False)
    await bench.links.invite("Alice", "cli:test")
    [(email, secret)] = bench.sent()
    assert email == "alice@example.com"
    bench.desk.clock.advance(INVITATION_LIFETIME - 1)
    assert await works(bench, secret)
    await bench.accounts.use_link(secret, name=None, password=PASSWORD, address=ADDRESS)
    with pytest.raises(Gone):
        await bench.accounts.use_link(secret, name=None, password=PASSWORD, address=ADDRESS)
    assert isinstance(bench.kept, Watched)
    assert bench.kept.lifetimes == [INVITATION_LIFETIME]


async def test_an_invitation_that_nobody_followed_in_time_opens_nothing() -> None:
    bench = a_bench()
    await bench.add(password=None)
    await bench.links.invite("alice", "cli:test")
    [(_, secret)] = bench.sent()
    bench.desk.clock.advance(INVITATION_LIFETIME)
    assert not await works(bench, secret)


async def test_another_invitation_ends_the_one_before() -> None:
    """It may have gone to an address that was mistyped."""
    bench = a_bench()
    await bench.add(password=None, email="alcie@example.com")
    await bench.links.invite("alice", "cli:test")
    await bench.accounts.edit("alice", email="alice@example.com", actor="cli:test")
    await bench.links.invite("alice", "cli:test")
    (_, mistyped), (email, secret) = bench.sent()
    assert (email, await works(bench, mistyped), await works(bench, secret)) == ("alice@example.com", False, True)


async def test_row_53_what_was_sent_to_a_wrong_address_opens_nothing_once_that_is_set_right() -> None:
    bench = a_bench()
    await bench.add(email="alcie@example.com", password=None)
    await bench.links.invite("alice", "cli:test")
    [(at, secret)] = bench.sent()
    assert (at, await works(bench, secret)) == ("alcie@example.com", True)
    await bench.accounts.edit("alice", profile={"full_name": "Alice"}, actor="cli:test")
    assert await works(bench, secret)
    await bench.accounts.edit("alice", email="alice@example.com", actor="cli:test")
    assert not await works(bench, secret)


async def test_whoever_has_a_password_is_not_invited_and_whoever_has_no_address_neither() -> None:
    bench = a_bench()
    await bench.add()
    await bench.add("bob", None, password=None, email_verified=False)
    for name, refusal in (("alice", Taken), ("bob", NoAddress), ("carol", Gone)):
        with pytest.raises(refusal):
            await bench.links.invite(name, "cli:test")
    with pytest.raises(NoAddress):
        await bench.links.reset("bob", "cli:test")
    assert bench.sent() == []
    assert "user.link" not in {action for _, action, _ in await bench.desk.acts()}


async def test_a_reset_works_once_and_for_an_hour_and_ends_every_session_and_every_other_link() -> None:
    bench = a_bench()
    alice = await bench.add()
    await bench.desk.sign_in()
    given = await bench.accounts.password_link("alice", "cli:test")
    [(_, secret)] = await bench.ask("alice")
    [(_, other)] = await bench.ask("alice")
    bench.desk.clock.advance(RESET_LIFETIME - 1)
    await bench.accounts.use_link(secret, name=None, password=PASSWORD + "!", address=ADDRESS)
    assert [await works(bench, each) for each in (given, secret, other)] == [False, False, False]
    assert await bench.desk.login.sessions(alice) == []
    [(_, secret)] = await bench.ask("alice")
    bench.desk.clock.advance(RESET_LIFETIME)
    assert not await works(bench, secret)


@pytest.mark.parametrize("typed", ["alice", " ALICE ", "alice@example.com", "Alice@Example.com"])
async def test_a_name_or_an_address_finds_the_account_and_the_link_goes_to_the_address_on_record(typed: str) -> None:
    bench = a_bench()
    await bench.add()
    [(email, _)] = await bench.ask(typed)
    assert email == "alice@example.com"
    assert ("system", "user.link", "alice") in await bench.desk.acts()


@pytest.mark.parametrize(
    "typed",
    [
        "", "nobody", "nobody@example.com", "lice@example.com", "alice@example.com.evil.example", "@example.com",
        "alice@example.com,mallory@evil.example", "alice@example.com\r\nBcc: mallory@evil.example", "%", "a" * 10_000,
        "al\u0131ce@example.com", "AL\u0130CE@example.com",
    ],
)  # fmt: skip
async def test_whatever_else_is_typed_reaches_nobody(typed: str) -> None:
    bench = a_bench()
    await bench.add()
    assert await bench.ask(typed) == []


async def test_row_54_only_an_address_that_somebody_vouches_for_is_sent_a_link() -> None:
    bench = a_bench()
    await bench.add(email_verified=False)
    await bench.add("bob", "bob@example.com")
    await bench.accounts.enable("bob", False, "cli:test")
    await bench.add("carol", None, email_verified=False)
    for typed in ("alice", "alice@example.com", "bob", "bob@example.com", "carol"):
        assert await bench.ask(typed) == []


@pytest.mark.parametrize("edit", [{"email": "mallory@example.net"}, {"email_verified": False}, {"enabled": False}])
async def test_row_53_an_address_that_nobody_vouches_for_any_more_is_sent_no_link(edit: dict[str, Any]) -> None:
    """Whoever may edit accounts, and give no password, would come between the look and the mail."""
    bench = a_bench()
    fill = bench.desk.store.fill
    await bench.add()
    assert [address for address, _ in await bench.ask("alice")] == ["alice@example.com"]

    async def overtaken(key: str, *more: int) -> Filling:
        if key.startswith("mail "):
            await bench.accounts.edit("alice", actor="client:hr", **edit)
        return await fill(key, *more)

    bench.desk.store.fill = overtaken  # type: ignore[assignment, method-assign]
    assert await bench.ask("alice") == []


async def test_of_accounts_that_share_an_address_each_gets_its_own_link() -> None:
    bench = a_bench()
    for name in ("alice", "alice.admin"):
        await bench.add(name)
    sent = await bench.ask("alice@example.com")
    assert {email for email, _ in sent} == {"alice@example.com"}
    assert len({secret for _, secret in sent}) == 2


async def test_row_54_a_letter_is_written_whether_there_is_somebody_to_get_it_or_not() -> None:
    """It takes milliseconds in which nobody else is served: who asks for something else meanwhile would notice."""
    bench = a_bench()
    await bench.add()
    await bench.add("bob", "bob@example.com", email_verified=False)
    for typed in ("alice", "nobody", "bob", "?", "nobody@example.com"):
        for _ in range(AT_ONCE + 1):
            sent = await bench.ask(typed)
            assert len(sent) + len(bench.kept.pretended) == 1, typed
            bench.kept.pretended.clear()


async def test_row_54_nothing_is_looked_at_before_the_answer() -> None:
    """So it takes as long for those who are there as for those who are not."""
    asked: list[str] = []

    class Slow(MemoryStore):
        async def user(self, name: str) -> User | None:
            asked.append(name)
            await asyncio.Event().wait()
            raise AssertionError("nobody wakes it")

    bench = a_bench(Slow())
    async with asyncio.timeout(10):
        await bench.forgotten("alice", ADDRESS)
    assert asked == []
    while not asked:  # noqa: ASYNC110 - it is looked at from outside
        await asyncio.sleep(0)
    for task in bench.forgotten.aside._going:
        task.cancel()
    await asyncio.gather(*bench.forgotten.aside._going, return_exceptions=True)


async def test_row_52_nobody_is_flooded_from_however_many_networks_it_is_asked() -> None:
    bench = a_bench()
    await bench.add()
    sent = [email for number in range(20) for email, _ in await bench.ask("alice", f"198.51.{number}.7")]
    assert len(sent) == AT_ONCE
    bench.desk.clock.advance(EVERY / 1_000)
    assert [len(await bench.ask(typed)) for typed in ("alice@example.com", "alice")] == [1, 0]


async def test_row_52_whoever_asks_too_often_is_told_so_whoever_it_is_for() -> None:
    bench = a_bench(burst=3)
    await bench.add()
    for typed in ("alice", "nobody", "bob@example.com"):
        await bench.forgotten(typed, ADDRESS)
    for typed in ("alice", "nobody"):
        with pytest.raises(TooMany):
            await bench.forgotten(typed, ADDRESS)
    await bench.forgotten("alice", ELSEWHERE)
    await bench.forgotten.aside.settled()


async def test_a_stranger_ends_no_link_that_an_operator_has_given() -> None:
    bench = a_bench()
    await bench.add()
    given = await bench.accounts.password_link("alice", "cli:test")
    for _ in range(5):
        await bench.ask("alice")
    assert await works(bench, given)


async def test_where_too_much_is_under_way_nobody_is_told_more_than_that() -> None:
    bench = a_bench()
    await bench.add()
    bench.kept.held = asyncio.Event()
    for number in range(MOST_ASIDE):
        await bench.forgotten("alice", f"198.51.{number}.7")
    for typed in ("alice", "nobody"):
        with pytest.raises(TooMany):
            await bench.forgotten(typed, ADDRESS)
    bench.kept.held.set()
    await bench.forgotten.aside.settled()


async def test_a_queue_that_is_full_is_the_servers_own_affair() -> None:
    bench = a_bench()
    await bench.add()
    bench.kept.fails = TooMuchMail("full")
    assert await bench.ask("alice") == []
    with pytest.raises(TooMuchMail):
        await bench.links.reset("alice", "cli:test")


def test_no_link_lives_longer_than_whoever_gets_it_needs() -> None:
    """OWASP ASVS 5.0 §6.4.1 and §6.4.3: short-lived, and random (`oauth/secrets.py`)."""
    assert (RESET_LIFETIME, INVITATION_LIFETIME) == (3_600, 3 * 86_400)
    assert "SECRET" not in repr(Reset(f"{LINK}SECRET", 60)) + repr(Invitation(f"{LINK}SECRET", 60))
