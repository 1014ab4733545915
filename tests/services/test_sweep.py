"""What expired a while ago goes, in small steps; what may still be asked about stays."""

from pathlib import Path

from scopekeeper.oauth.applications import LONGEST_LIFETIME
from scopekeeper.services.lists import HOUR, SYSTEM, Kind
from scopekeeper.services.mint import EPOCH, first_row_id
from scopekeeper.services.sweep import (
    CARETAKER,
    EXPIRED,
    FIRST_STEP,
    KEPT,
    KEPT_BUCKETS,
    KEPT_COUNTS,
    KEPT_SECRETS,
    KEPT_SPENT,
    LEAST_STEP,
    QUICK,
    SLOW,
    STEP,
    TURN,
    WAITED,
    erase,
    let_go,
    next_step,
    sweep,
    turn_of,
)
from scopekeeper.store import MemoryStore, open_sqlite
from tests.fixtures import NOON, FixedClock
from tests.stores.families import a_code, a_device, a_family, a_refresh_token
from tests.stores.records import a_client, a_count, a_secret, a_token, an_act
from tests.stores.stronger import a_mail

MONTH = 30 * 86_400


class Stepped(MemoryStore):
    """Remembers how large each step was."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []

    async def sweep(self, before: int, limit: int) -> int:
        assert LEAST_STEP <= limit <= STEP
        self.steps.append(await super().sweep(before, limit))
        return self.steps[-1]


async def test_a_token_stays_for_a_week_after_it_expired() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1, expires_at=NOON + 60))
    clock.advance(60 + KEPT)
    assert await sweep(store, clock, MONTH) == 0
    assert await store.token(1) is not None
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1
    assert await store.token(1) is None


async def test_many_go_in_small_steps() -> None:
    store, clock = Stepped(), FixedClock(NOON + 2 * KEPT)
    await store.add_client(a_client(), an_act())
    for number in range(2 * STEP + 1):
        await store.issue(a_token(number))
    assert await sweep(store, clock, MONTH) == 2 * STEP + 1
    assert store.steps[0] == FIRST_STEP
    assert max(store.steps) <= STEP
    assert sum(store.steps) == 2 * STEP + 1


def test_a_step_that_kept_others_waiting_is_followed_by_a_smaller_one() -> None:
    assert next_step(100, SLOW * 2) == 50
    assert next_step(LEAST_STEP, SLOW * 2) == LEAST_STEP


def test_a_step_that_nobody_felt_is_followed_by_a_larger_one() -> None:
    assert next_step(100, QUICK / 2) == 200
    assert next_step(STEP, QUICK / 2) == STEP


def test_a_step_of_the_right_length_is_followed_by_one_as_large() -> None:
    assert next_step(160, (QUICK + SLOW) / 2) == 160


async def test_a_token_that_lives_is_never_swept() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    await store.issue(a_token(2, revoked_at=NOON))
    assert await sweep(store, clock, MONTH) == 0


async def test_a_secret_that_ended_is_known_for_another_ninety_days_and_the_log_keeps_what_was_done_with_it() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client("night-shift", a_secret(1, expires_at=NOON), a_secret(2)), an_act())
    clock.advance(KEPT_SECRETS)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    acts = await store.acts()
    assert await sweep(store, clock, MONTH) == 1
    client = await store.client("night-shift")
    assert client is not None
    assert [secret.id for secret in client.secrets] == [2]
    assert await store.acts() == acts


async def test_what_a_removed_application_left_behind_goes_too() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    for number in range(3):
        await store.issue(a_token(number))
    await store.remove_client("night-shift", an_act())
    assert await sweep(store, clock, MONTH) == 3


async def test_what_was_redeemed_goes_a_day_later() -> None:
    store, clock = MemoryStore(), FixedClock()
    code = a_code(first_row_id(NOON))
    await store.add_code(code, None, None)
    await store.redeem_code(code, a_family(1), a_token(1, family_id=1), None)
    clock.advance(WAITED)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1
    assert await store.code(code.id) is None


async def test_what_was_spent_goes_once_it_is_worth_nothing_to_any_clock() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.spend(b"one", NOON)
    clock.advance(KEPT_SPENT)
    assert await sweep(store, clock, MONTH) == 0
    assert not await store.spend(b"one", NOON)
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1


async def test_a_mail_that_was_not_sent_in_time_goes() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_mail(a_mail(1, expires_at=NOON + 60))
    clock.advance(60)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1
    assert await store.waiting_mails() == 0


async def test_what_nobody_redeemed_goes_minutes_after_its_end() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_code(a_code(first_row_id(NOON), expires_at=NOON), None, None)
    await store.add_device(a_device(first_row_id(NOON) + 1, expires_at=NOON))
    clock.advance(EXPIRED)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 2


async def test_a_grant_stays_until_every_access_token_of_it_must_have_ended() -> None:
    store, clock = MemoryStore(), FixedClock()
    row_id = first_row_id(NOON)
    family = a_family(row_id, issued_at=NOON, expires_at=NOON + MONTH)
    late = a_token(row_id, "book", family_id=row_id, expires_at=NOON + MONTH + LONGEST_LIFETIME)
    await store.begin_family(family, late, a_refresh_token(row_id + 1, row_id), None, None)
    clock.advance(MONTH + LONGEST_LIFETIME)
    assert await sweep(store, clock, MONTH) == 0
    assert await store.token(row_id) == late
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 2
    assert (await store.family(row_id), await store.refresh_token(row_id + 1)) == (None, None)


async def test_what_was_counted_stays_for_a_quarter_of_a_year() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.count([a_count(SYSTEM), a_count(SYSTEM, hour=NOON + HOUR)], {})
    clock.advance(KEPT_COUNTS)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1
    left = await store.counts(SYSTEM, 0, NOON + 2 * HOUR, tuple(Kind))
    assert left == (a_count(SYSTEM, hour=NOON + HOUR),)


async def test_what_was_counted_of_a_removed_application_goes_with_it() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    await store.count([a_count(), a_count(SYSTEM)], {})
    await store.remove_client("night-shift", an_act())
    assert await sweep(store, clock, MONTH) == 1
    assert await store.counts("night-shift", 0, NOON + HOUR, tuple(Kind)) == ()


async def test_a_sealed_answer_is_erased_as_soon_as_the_grace_is_over() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.begin_family(a_family(1), a_token(1, family_id=1), a_refresh_token(1, 1), None, None)
    successor = a_refresh_token(2, 1, issued_at=NOON)
    await store.rotate(a_refresh_token(1, 1), NOON, successor, b"answer", a_token(2, family_id=1))
    clock.advance(10)
    assert await erase(store, clock, 10) == 0
    clock.advance(1)
    assert await erase(store, clock, 10) == 1


async def test_nothing_is_written_where_there_is_no_answer_to_erase(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db")
    log = tmp_path / "it.db-wal"
    before = log.stat().st_mtime_ns, log.stat().st_size
    assert await erase(store, FixedClock(), 10) == 0
    assert (log.stat().st_mtime_ns, log.stat().st_size) == before
    await store.close()


async def test_a_bucket_of_failures_goes_a_minute_after_it_has_drained() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.fill("a", clock.milliseconds(), 6_000, 180_000)
    clock.advance(6 + KEPT_BUCKETS / 1_000)
    assert await sweep(store, clock, MONTH) == 0
    clock.advance(1)
    assert await sweep(store, clock, MONTH) == 1
    assert (await store.fill("a", clock.milliseconds(), 6_000, 6_000)).done


async def test_of_two_processes_one_sweeps_and_erases() -> None:
    store, clock = Stepped(), FixedClock(NOON + 2 * KEPT)
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    await store.begin_family(a_family(1), a_token(2, family_id=1), a_refresh_token(1, 1), None, None)
    successor = a_refresh_token(2, 1, issued_at=NOON)
    await store.rotate(a_refresh_token(1, 1), NOON, successor, b"answer", a_token(3, family_id=1))
    one, other = (turn_of(store, clock, holder) for holder in ("one", "other"))
    assert await one()
    assert (await sweep(store, clock, MONTH, other), await erase(store, clock, 10, other)) == (0, 0)
    assert store.steps == []
    assert await erase(store, clock, 10, one) == 1
    assert await sweep(store, clock, MONTH, one) > 0


async def test_a_caretaker_that_lost_its_turn_stops_at_the_next_step() -> None:
    class Slow(Stepped):
        """Each step takes a second, and after the second one this process is held up for as long as a turn lasts."""

        async def sweep(self, before: int, limit: int) -> int:
            swept = await super().sweep(before, limit)
            clock.advance(1)
            if len(self.steps) == 2:
                clock.advance(TURN / 1_000)
                assert await self.turn(CARETAKER, "other", clock.milliseconds(), TURN)
            return swept

    store, clock = Slow(), FixedClock(NOON + 2 * KEPT)
    await store.add_client(a_client(), an_act())
    for number in range(4 * STEP):
        await store.issue(a_token(number))
    swept = await sweep(store, clock, MONTH, turn_of(store, clock, "one"))
    assert swept == sum(store.steps)
    assert len(store.steps) == 2
    clock.advance(TURN / 1_000)
    assert await sweep(store, clock, MONTH, turn_of(store, clock, "one")) == 4 * STEP - swept


async def test_a_long_sweep_keeps_its_turn() -> None:
    class Slow(Stepped):
        """Each step takes four seconds."""

        async def sweep(self, before: int, limit: int) -> int:
            clock.advance(4)
            assert not await self.turn(CARETAKER, "other", clock.milliseconds(), TURN)
            return await super().sweep(before, limit)

    store, clock = Slow(), FixedClock(NOON + 2 * KEPT)
    await store.add_client(a_client(), an_act())
    for number in range(8 * STEP):
        await store.issue(a_token(number))
    assert await sweep(store, clock, MONTH, turn_of(store, clock, "one")) == 8 * STEP


async def test_who_is_gone_is_followed_when_their_turn_is_over_and_who_says_so_at_once() -> None:
    store, clock = MemoryStore(), FixedClock()
    one, other = (turn_of(store, clock, holder) for holder in ("one", "other"))
    assert await one()
    clock.advance(TURN / 1_000 - 1)
    assert not await other()
    clock.advance(1)
    assert await other()
    await let_go(store, "other")
    assert await one()
    await store.close()
    await let_go(store, "one")  # a database that is away keeps no process from ending


async def test_to_ask_whose_turn_it_is_writes_nothing_until_half_of_it_is_over(tmp_path: Path) -> None:
    store, clock = open_sqlite(tmp_path / "it.db"), FixedClock()
    log = tmp_path / "it.db-wal"
    one, other = (turn_of(store, clock, holder) for holder in ("one", "other"))
    assert await one()
    before = log.stat().st_mtime_ns, log.stat().st_size
    for _ in range(5):
        assert (await one(), await other()) == (True, False)
        clock.advance(1)
    assert (log.stat().st_mtime_ns, log.stat().st_size) == before
    clock.advance(1)
    assert (await one(), await other()) == (True, False)
    assert (log.stat().st_mtime_ns, log.stat().st_size) != before
    await store.close()


def test_a_row_id_tells_when_it_was_made() -> None:
    assert first_row_id(EPOCH // 1_000) == first_row_id(0) == 0
    assert first_row_id(EPOCH // 1_000 + 1) == 1_000 << 22
