"""Row ids only ever rise, and never meet; entropy is even."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.secrets import ALPHABET, ENTROPY_LENGTH, LARGEST_ID
from scopekeeper.services.mint import EPOCH, LeasedMint
from scopekeeper.services.ports import Lease, Unavailable
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock

FOREVER = EPOCH + (1 << 41) - 1


def minted(number: int = 0, *, clock: FixedClock | None = None, since: int = 0, until: int = FOREVER) -> LeasedMint:
    return LeasedMint(Lease(number, since, until), clock or FixedClock())


def parts(row_id: int) -> tuple[int, int, int]:
    """Milliseconds, process number and count."""
    return (row_id >> 22) + EPOCH, row_id >> 12 & 0x3FF, row_id & 0xFFF


@given(st.lists(st.integers(-5_000, 5_000), max_size=60))
def test_ids_rise_whatever_the_clock_does(steps: list[int]) -> None:
    clock = FixedClock()
    mint = minted(clock=clock)
    ids = [mint.row_id()]
    for step in steps:
        clock.advance(step / 1000)
        ids.append(mint.row_id())
    assert ids == sorted(set(ids))


def test_an_id_tells_its_moment_its_process_and_its_count() -> None:
    mint = minted(513)
    assert [parts(mint.row_id()) for _ in range(3)] == [(NOON * 1000, 513, count) for count in range(3)]


def test_a_millisecond_that_is_full_overflows_into_the_next() -> None:
    clock = FixedClock()
    mint = minted(clock=clock)
    ids = [mint.row_id() for _ in range(3 * 4096)]
    assert ids == sorted(set(ids))
    assert {parts(each)[0] for each in ids} == {NOON * 1000 + n for n in range(3)}
    assert {parts(each)[1] for each in ids} == {0}
    clock.advance(0.001)
    assert mint.row_id() > ids[-1]


@pytest.mark.parametrize("number", [0, 1023])
def test_an_id_has_63_bits_to_the_last_moment(number: int) -> None:
    first, last = (minted(number, clock=FixedClock(moment / 1000)).row_id() for moment in (EPOCH, FOREVER))
    assert 0 <= first < last <= LARGEST_ID


def test_no_id_is_made_once_the_lease_has_run_out() -> None:
    clock = FixedClock()
    mint = minted(clock=clock, until=NOON * 1000 + 60_000)
    clock.advance(60)
    last = mint.row_id()
    clock.advance(0.001)
    with pytest.raises(Unavailable):
        mint.row_id()
    mint.renew(Lease(0, 0, NOON * 1000 + 120_000))
    assert mint.row_id() > last


def test_nor_by_running_ahead_of_the_clock() -> None:
    mint = minted(until=NOON * 1000)
    for _ in range(4096):
        mint.row_id()
    with pytest.raises(Unavailable):
        mint.row_id()


@given(st.integers(-70_000, 70_000), st.integers(0, 70_000))
def test_who_takes_a_number_over_begins_behind_the_last_holders_lease(behind: int, since: int) -> None:
    clock = FixedClock(NOON + behind / 1000)
    mint = minted(clock=clock, since=NOON * 1000 + since)
    assert parts(mint.row_id())[0] >= NOON * 1000 + since


async def test_two_holders_of_one_number_never_make_the_same_id() -> None:
    """The second comes in the very last millisecond of the first one's lease, which the first has used."""
    store, clock = MemoryStore(), FixedClock()
    for number in range(1023):
        await store.lease(f"other {number}", clock.milliseconds(), 120_000)
    first = LeasedMint(await store.lease("first", clock.milliseconds(), 60_000), clock)
    clock.advance(60)
    made = {first.row_id() for _ in range(5)}
    second = LeasedMint(await store.lease("second", clock.milliseconds(), 60_000), clock)
    taken = {second.row_id() for _ in range(5)}
    assert {parts(each)[1] for each in made} == {parts(each)[1] for each in taken}
    assert max(made) < min(taken)


def test_a_clock_before_the_first_moment_makes_no_ids() -> None:
    mint = minted(clock=FixedClock(0), until=60_000)
    with pytest.raises(Unavailable):
        mint.row_id()


def test_entropy_is_32_base62_characters() -> None:
    mint = minted()
    for drawn in (mint.entropy() for _ in range(1_000)):
        assert len(drawn) == ENTROPY_LENGTH
        assert set(drawn) <= set(ALPHABET)


def test_every_character_is_as_likely_as_another() -> None:
    """Chi-square over 62 characters: beyond 150 comes by chance less than once in a hundred million runs."""
    mint = minted()
    counts = Counter("".join(mint.entropy() for _ in range(4_000)))
    expected = 4_000 * ENTROPY_LENGTH / 62
    assert len(counts) == 62
    assert sum((counts[each] - expected) ** 2 / expected for each in ALPHABET) < 150


def test_no_entropy_is_drawn_twice() -> None:
    mint = minted()
    assert len({mint.entropy() for _ in range(1_000)}) == 1_000
