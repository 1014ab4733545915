"""What applications do is counted in memory, within bounds, and written by the hour."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from scopekeeper.services.lists import HOUR, SYSTEM, Count, Kind
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.tally import MANY, MOST_APART, MOST_IN_ALL, MOST_NAMED, Tally
from scopekeeper.services.uses import Uses
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.records import a_client, an_act

ADDRESS = "203.0.113.7"
READ = ("rest:callforward:read",)


class Reluctant(MemoryStore):
    """A store that counts only when it is told to. `batches` are the sizes of what it was given."""

    def __init__(self, *goes_well: bool) -> None:
        super().__init__()
        self._goes_well = list(goes_well)
        self.batches: list[int] = []
        self._count = self.count
        self.count = self._reluctant

    async def _reluctant(self, counts: Sequence[Count], used: Mapping[str, int]) -> None:
        if self._goes_well and not self._goes_well.pop(0):
            raise Unavailable("away")
        self.batches.append(len(counts))
        await self._count(counts, used)


def told(tally: Tally, client_id: str = "night-shift", now: int = NOON) -> dict[tuple[Kind, str], int]:
    """What was counted of this application."""
    return {(each.kind, each.what): each.times for each in tally.taken(now) if each.client_id == client_id}


async def stored(store: MemoryStore, client_id: str = "night-shift") -> dict[tuple[Kind, str], int]:
    counts = await store.counts(client_id, NOON - HOUR, NOON + HOUR, tuple(Kind))
    return {(each.kind, each.what): each.times for each in counts}


async def written(uses: Uses, store: MemoryStore, now: int = NOON) -> None:
    await uses.write(store, FixedClock(now), FixedEntropy(500))


def test_a_call_counts_by_api_by_scope_and_by_address() -> None:
    tally = Tally()
    for _ in range(3):
        tally.call("night-shift", "rest", READ, ADDRESS)
    tally.call("night-shift", "gql", ("gql:a:read", "gql:b:write"), None)
    assert told(tally) == {
        (Kind.CALLS, "rest"): 3,
        (Kind.CALLS, "gql"): 1,
        (Kind.SCOPES, READ[0]): 3,
        (Kind.SCOPES, "gql:a:read"): 1,
        (Kind.SCOPES, "gql:b:write"): 1,
        (Kind.ADDRESSES, ADDRESS): 3,
    }


def test_of_the_system_tokens_calls_and_denials_are_counted_and_nothing_else() -> None:
    tally = Tally()
    tally.call("night-shift", "rest", READ, ADDRESS)
    tally.call("day-shift", "rest", READ, ADDRESS)
    tally.denial("night-shift", READ)
    tally.token("night-shift", "client_credentials")
    tally.write("night-shift", "callforward/1001")
    assert told(tally, SYSTEM) == {
        (Kind.CALLS, "rest"): 2,
        (Kind.DENIALS, READ[0]): 1,
        (Kind.TOKENS, "client_credentials"): 1,
    }


def test_a_denial_of_nobody_known_is_the_systems_alone() -> None:
    tally = Tally()
    tally.denial(None, ["invalid_token"])
    assert [(each.client_id, each.what) for each in tally.taken(NOON)] == [(SYSTEM, "invalid_token")]


def test_it_counts_for_the_hour_in_which_it_is_taken_and_once() -> None:
    tally = Tally()
    tally.token("night-shift", "password")
    assert {each.hour for each in tally.taken(NOON + 59)} == {NOON}
    assert tally.taken(NOON + 60) == []


def test_a_flood_of_addresses_is_named_up_to_a_bound_and_no_call_is_lost() -> None:
    tally = Tally()
    for number in range(2 * MOST_APART):
        tally.call("night-shift", "rest", READ, str(number))
    counted = told(tally)
    addresses = {what: times for (kind, what), times in counted.items() if kind is Kind.ADDRESSES}
    assert len(addresses) == MOST_NAMED + 1
    assert addresses[MANY] == 2 * MOST_APART - MOST_NAMED
    assert counted[(Kind.SCOPES, READ[0])] == counted[(Kind.CALLS, "rest")] == 2 * MOST_APART


def test_what_has_a_name_keeps_it_for_the_hour_and_a_new_hour_names_anew() -> None:
    tally = Tally()
    for number in range(MOST_NAMED):
        tally.write("night-shift", f"callforward/{number}")
    assert len(told(tally)) == MOST_NAMED
    tally.write("night-shift", "callforward/0")
    tally.write("night-shift", "callforward/new")
    assert told(tally) == {(Kind.WRITES, "callforward/0"): 1, (Kind.WRITES, MANY): 1}
    tally.taken(NOON + HOUR)
    tally.write("night-shift", "callforward/new")
    assert told(tally, now=NOON + HOUR) == {(Kind.WRITES, "callforward/new"): 1}


def test_many_applications_together_are_bounded_too() -> None:
    tally = Tally()
    for number in range(2 * MOST_IN_ALL):
        tally.write(f"app{number % 100}", f"callforward/{number}")
    counts = tally.taken(NOON)
    assert len(counts) == MOST_IN_ALL + 100
    assert sum(each.times for each in counts) == 2 * MOST_IN_ALL


def test_a_name_as_long_as_a_book_is_cut() -> None:
    tally = Tally()
    tally.write("night-shift", "x" * 10_000)
    assert [len(what) for _, what in told(tally)] == [200]


async def test_what_was_counted_is_written_and_added_to_what_was_there() -> None:
    store, uses = MemoryStore(), Uses()
    await store.add_client(a_client(), an_act())
    for _ in range(2):
        uses.tally.call("night-shift", "rest", READ, ADDRESS)
        await written(uses, store)
    assert await stored(store) == {(Kind.CALLS, "rest"): 2, (Kind.SCOPES, READ[0]): 2, (Kind.ADDRESSES, ADDRESS): 2}


async def test_an_application_was_used_when_it_called_or_got_a_token_not_when_it_was_refused() -> None:
    store, uses = MemoryStore(), Uses()
    for name in ("caller", "asker", "refused"):
        await store.add_client(a_client(name), an_act())
    uses.tally.call("caller", "rest", READ, ADDRESS)
    uses.tally.token("asker", "password")
    uses.tally.denial("refused", READ)
    await written(uses, store, NOON + 7)
    clients = {each.client_id: each.last_used_at for each in await store.clients()}
    assert clients == {"caller": NOON + 7, "asker": NOON + 7, "refused": None}


async def test_much_is_written_in_steps() -> None:
    store, uses = Reluctant(), Uses()
    for number in range(1_000):
        uses.tally.write("night-shift", str(number))
    await written(uses, store)
    assert store.batches == [500, 500]


async def test_while_the_store_is_away_what_was_counted_waits_and_what_was_written_is_not_counted_twice() -> None:
    store, uses = Reluctant(True, False, True), Uses()
    await store.add_client(a_client(), an_act())
    for number in range(700):
        uses.tally.write("night-shift", str(number))
    await written(uses, store)
    uses.tally.write("night-shift", "0")
    await written(uses, store)
    counted = await stored(store)
    assert sum(counted.values()) == 701
    assert counted[(Kind.WRITES, "0")] == 2


class Slow(MemoryStore):
    """A store whose commits go on although nobody waits for them any more, as the database's do."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.commits: list[asyncio.Task[None]] = []
        self._count = self.count
        self.count = self._slow

    async def _slow(self, counts: Sequence[Count], used: Mapping[str, int]) -> None:
        self.commits.append(asyncio.create_task(self._count(counts, used)))
        self.begun.set()
        await asyncio.shield(self.commits[-1])
        await asyncio.sleep(0)


async def test_who_is_stopped_amid_writing_leaves_the_rest_to_the_last_write_and_nothing_is_counted_twice() -> None:
    store, uses, many = Slow(), Uses(), 1_200
    await store.add_client(a_client(), an_act())
    for each in range(many):
        uses.tally.call("night-shift", "rest", (f"rest:module{each}:read",), None)
    writing = asyncio.create_task(written(uses, store))
    await store.begun.wait()
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await written(uses, store)
    await asyncio.gather(*store.commits)
    counted = await stored(store)
    assert counted.pop((Kind.CALLS, "rest")) == many
    assert (len(counted), set(counted.values())) == (many, {1})
