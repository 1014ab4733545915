"""The postman: each mail once, from whichever process, again where it was not taken, and never for ever."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from structlog.testing import capture_logs

from scopekeeper.oauth.people import User
from scopekeeper.pages.letters import Letters
from scopekeeper.services.mail import Changed, Mailing, Reset
from scopekeeper.services.postman import PAUSE, WAITS, Fault, NotTaken, Postman
from scopekeeper.services.sweep import TURN, turn_of
from scopekeeper.services.vault import Vault
from scopekeeper.settings import Sender, SqliteFile
from scopekeeper.store import MemoryStore, open_store
from scopekeeper.wire.smtp import Smtp
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.mailing import a_mail_server
from tests.stores.people import a_user
from tests.stores.records import an_act
from tests.waiting import PATIENCE

ISSUER: Final = "https://id.example.com"
SENDER: Final = Sender("id@example.com", "Scopekeeper")
ALICE: Final = replace(a_user(), name="alice", email="alice@example.com")
BOB: Final = replace(a_user(2, "bob"), email="bob@example.com")
KEPT_FOR: Final = 7 * 86_400


@dataclass(slots=True)
class Carried:
    """A way to a mail server that answers as it is told to."""

    faults: list[Fault] = field(default_factory=list)
    """What becomes of the next ones; afterwards all are taken."""
    to: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None
    at_once: int = 0
    most: int = 0

    async def carry(self, sender: str, recipient: str, message: bytes) -> None:
        assert sender == SENDER.address
        self.to.append(recipient)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if self.held is not None:
                await self.held.wait()
        finally:
            self.at_once -= 1
        if self.faults:
            raise NotTaken(self.faults.pop(0), "status 000")


@dataclass(slots=True)
class Office:
    """A queue, and who works on it."""

    store: MemoryStore
    clock: FixedClock
    entropy: FixedEntropy
    carried: Carried
    postman: Postman

    async def write(self, user: User = ALICE, lifetime: int = KEPT_FOR) -> None:
        vault = Vault(bytes(32))
        mailing = Mailing(self.store, vault, Letters(ISSUER), SENDER, "id.example.com", self.clock, self.entropy)
        await mailing.post(user, Reset(f"{ISSUER}/link?key=SECRET", 3_600), lifetime)

    async def go(self) -> None:
        await self.postman.send_due(always)

    async def undelivered(self) -> list[tuple[str, object]]:
        return [
            (act.target, act.details["reason"]) for act in await self.store.acts() if act.action == "mail.undelivered"
        ]


async def always() -> bool:
    return True


async def an_office(*faults: Fault) -> Office:
    store, clock, entropy, carried = MemoryStore(), FixedClock(), FixedEntropy(1_000), Carried(list(faults))
    await store.add_user(ALICE, an_act())
    await store.add_user(BOB, an_act())
    postman = Postman(store, Vault(bytes(32)), carried, SENDER.address, clock, entropy)
    return Office(store, clock, entropy, carried, postman)


async def test_what_was_handed_over_is_forgotten() -> None:
    office = await an_office()
    await office.write()
    await office.go()
    await office.go()
    assert office.carried.to == ["alice@example.com"]
    assert await office.store.waiting_mails() == 0


async def test_what_was_not_taken_comes_again_each_time_after_a_longer_while_and_is_given_up_in_the_end() -> None:
    office = await an_office(*[Fault.LATER] * 99)
    await office.write()
    await office.go()
    for number, wait in enumerate(WAITS, 1):
        office.clock.advance(wait - 1)
        await office.go()
        assert len(office.carried.to) == number, "too early"
        assert await office.undelivered() == []
        office.clock.advance(1)
        await office.go()
        assert len(office.carried.to) == number + 1
    assert await office.undelivered() == [("alice", "status 000")]
    assert await office.store.waiting_mails() == 0
    assert list(WAITS) == sorted(WAITS)


async def test_what_is_refused_for_good_is_given_up_at_once_and_the_audit_log_says_so() -> None:
    office = await an_office(Fault.REFUSED)
    await office.write()
    await office.go()
    assert await office.undelivered() == [("alice", "status 000")]
    assert await office.store.waiting_mails() == 0


async def test_where_the_server_is_away_one_mail_asks_for_all_and_none_is_used_up_by_that() -> None:
    office = await an_office(*[Fault.AWAY] * 100)
    for _ in range(3):
        await office.write()
    for number in range(1, 101):
        await office.go()
        await office.go()
        assert len(office.carried.to) == number
        office.clock.advance(PAUSE)
    await office.go()
    assert len(office.carried.to) == 103
    assert (await office.store.waiting_mails(), await office.undelivered()) == (0, [])


async def test_a_mail_at_which_the_server_falls_silent_comes_seldom_again_and_holds_others_up_for_a_moment() -> None:
    """It may have been taken all the same: twice a minute, somebody's mailbox would be full of it."""
    office = await an_office(*[Fault.DROPPED] * (len(WAITS) + 1))
    await office.write()
    await office.go()
    await office.write(BOB)
    await office.go()
    assert office.carried.to == ["alice@example.com"]
    office.clock.advance(PAUSE)
    office.carried.faults, faults = [], office.carried.faults
    await office.go()
    assert office.carried.to == ["alice@example.com", "bob@example.com"]
    office.carried.faults = faults
    for _ in range(7 * 24 * 60):
        office.clock.advance(60)
        await office.go()
    assert office.carried.to.count("alice@example.com") == len(WAITS) + 1
    assert await office.undelivered() == [("alice", "status 000")]


async def test_who_is_removed_while_others_are_written_to_gets_no_mail_any_more() -> None:
    office = await an_office()
    await office.write()
    await office.write(BOB)
    office.carried.held = asyncio.Event()
    sending = asyncio.create_task(office.go())
    await until(lambda: office.carried.at_once == 1)
    await office.store.remove_user("bob", an_act())
    office.carried.held.set()
    await sending
    assert office.carried.to == ["alice@example.com"]


async def test_what_expires_while_others_are_written_to_is_not_sent() -> None:
    office = await an_office()
    await office.write()
    await office.write(BOB, lifetime=30)
    office.carried.held = asyncio.Event()
    sending = asyncio.create_task(office.go())
    await until(lambda: office.carried.at_once == 1)
    office.clock.advance(30)
    office.carried.held.set()
    await sending
    assert office.carried.to == ["alice@example.com"]


async def test_what_is_not_worth_sending_any_more_is_not_sent() -> None:
    """A link that has expired; a notice of the day before yesterday."""
    office = await an_office()
    await office.write(lifetime=600)
    office.clock.advance(600)
    await office.go()
    assert office.carried.to == []


async def test_mail_that_another_master_key_sealed_is_given_up() -> None:
    office = await an_office()
    await office.write()
    office.postman.vault = Vault(b"x" * 32)
    await office.go()
    assert office.carried.to == []
    assert await office.undelivered() == [("alice", "sealed under another master key")]


async def test_of_two_processes_one_sends_and_the_other_when_that_has_died() -> None:
    office = await an_office()
    other = Postman(office.store, Vault(bytes(32)), office.carried, SENDER.address, office.clock, office.entropy)
    mine, theirs = (turn_of(office.store, office.clock, each) for each in ("one", "other"))
    for _ in range(5):
        await office.write()
        assert [await mine(), await theirs()] == [True, False]
        await asyncio.gather(office.postman.send_due(mine), other.send_due(theirs))
    assert len(office.carried.to) == 5
    await office.write()
    office.clock.advance(TURN / 1_000)
    await other.send_due(theirs)
    assert len(office.carried.to) == 6


async def test_a_mail_in_hand_is_nobody_elses_though_the_turn_is_over() -> None:
    office = await an_office()
    office.carried.held = asyncio.Event()
    await office.write()
    sending = asyncio.create_task(office.go())
    await until(lambda: office.carried.at_once == 1)
    office.clock.advance(TURN / 1_000)
    other = Postman(office.store, Vault(bytes(32)), office.carried, SENDER.address, office.clock, office.entropy)
    await other.send_due(always)
    office.carried.held.set()
    await sending
    assert (len(office.carried.to), office.carried.most) == (1, 1)


async def test_a_process_that_dies_with_a_mail_in_hand_leaves_it_to_the_next() -> None:
    office = await an_office()
    office.carried.held = asyncio.Event()
    await office.write()
    sending = asyncio.create_task(office.go())
    await until(lambda: office.carried.at_once == 1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    office.carried.held.set()
    await office.go()
    assert len(office.carried.to) == 1
    office.clock.advance(WAITS[0])
    await office.go()
    assert len(office.carried.to) == 2
    assert await office.store.waiting_mails() == 0


async def test_a_turn_that_ends_ends_the_sending() -> None:
    office = await an_office()
    for _ in range(3):
        await office.write()
    left = iter([True, False])

    async def turn() -> bool:
        return next(left)

    await office.postman.send_due(turn)
    assert len(office.carried.to) == 1


async def test_row_31_the_log_has_neither_addresses_nor_what_was_written() -> None:
    office = await an_office(Fault.LATER, Fault.AWAY, Fault.REFUSED)
    with capture_logs() as logged:
        for _ in range(2):
            await office.write()
        for _ in range(3):
            await office.go()
            office.clock.advance(max(PAUSE, WAITS[0]))
    assert len(logged) >= 5
    assert not any(secret in str(logged) for secret in ("SECRET", "alice", "example.com"))


async def test_the_queue_survives_a_restart_and_what_is_in_the_file_is_sealed(tmp_path: Path) -> None:
    database = SqliteFile(tmp_path / "scopekeeper.db")
    clock, entropy, vault = FixedClock(), FixedEntropy(), Vault(bytes(32))
    store = open_store(database)
    await store.add_user(ALICE, an_act())
    mailing = Mailing(store, vault, Letters(ISSUER), SENDER, "id.example.com", clock, entropy)
    await mailing.post(ALICE, Reset(f"{ISSUER}/link?key=SECRETSECRET", 3_600))
    await mailing.post(ALICE, Changed("password", NOON, None))
    await store.close()
    assert not any(b"SECRETSECRET" in content for content in contents_of(tmp_path))
    store = open_store(database)
    async with a_mail_server() as box:
        carrier = Smtp(box.server(), "id.example.com")
        await Postman(store, vault, carrier, SENDER.address, clock, entropy).send_due(always)
        assert [mail.subject for mail in box.mails] == ["Choose a new password", "Your password was changed"]
        assert box.mails[0].key == "SECRETSECRET"
    assert await store.waiting_mails() == 0
    await store.close()


def contents_of(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.iterdir()]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0)
