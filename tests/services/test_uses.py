"""Last uses and refusals gather, and are written without anybody waiting."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from scopekeeper.services.ports import Act, Unavailable, Use
from scopekeeper.services.uses import INTERVAL, Uses
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.records import a_client, a_secret, a_token, an_act

ADDRESS = "203.0.113.7"


class Flaky(MemoryStore):
    """A store that writes uses only when it is told to. `written` counts each write's tokens, secrets and acts."""

    def __init__(self, *, goes_well: Sequence[bool] = ()) -> None:
        super().__init__()
        self._goes_well = list(goes_well)
        self.written: list[tuple[int, int, int]] = []
        self.well = asyncio.Event()

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        if self._goes_well and not self._goes_well.pop(0):
            raise Unavailable("away")
        self.written.append((len(tokens), len(secrets), len(acts)))
        await super().used(tokens, secrets, acts)
        self.well.set()


async def written(uses: Uses, store: MemoryStore) -> None:
    await uses.write(store, FixedClock(), FixedEntropy(500))


async def refusals(store: MemoryStore) -> dict[str, object]:
    """Of each client, how often it was refused."""
    return {act.target: act.details["times"] for act in await store.acts() if act.action == "client.refused"}


async def test_what_was_used_last_and_from_where_is_written() -> None:
    store, uses, token, secret = MemoryStore(), Uses(), a_token(1), a_secret(2)
    await store.add_client(a_client("night-shift", secret), an_act())
    await store.issue(token)
    for at, address in ((NOON, "198.51.100.1"), (NOON + 5, ADDRESS)):
        uses.token(token, at, address)
        uses.secret(secret, at, address)
    await written(uses, store)
    kept, client = await store.token(1), await store.client("night-shift")
    assert kept is not None
    assert client is not None
    for used in (kept, client.secrets[0]):
        assert (used.last_used_at, used.last_used_address) == (NOON + 5, ADDRESS)


async def test_where_nothing_was_used_nothing_is_written() -> None:
    store, uses = Flaky(), Uses()
    await written(uses, store)
    assert store.written == []


async def test_what_is_written_is_not_written_again() -> None:
    store, uses = Flaky(), Uses()
    uses.token(a_token(1), NOON, ADDRESS)
    await written(uses, store)
    await written(uses, store)
    assert store.written == [(1, 0, 0)]


async def test_a_token_used_a_thousand_times_is_written_once() -> None:
    store, uses = Flaky(), Uses()
    for second in range(1_000):
        uses.token(a_token(1), NOON + second, ADDRESS)
    await written(uses, store)
    assert store.written == [(1, 0, 0)]


async def test_many_tokens_are_written_in_steps() -> None:
    store, uses = Flaky(), Uses()
    for number in range(1_200):
        uses.token(a_token(number), NOON, ADDRESS)
    uses.secret(a_secret(1), NOON, ADDRESS)
    uses.refused("night-shift", ADDRESS, "wrong client_secret")
    await written(uses, store)
    assert store.written == [(500, 1, 1), (500, 0, 0), (200, 0, 0)]


async def test_while_the_store_is_away_nothing_that_gathered_is_lost() -> None:
    store, uses = Flaky(goes_well=[False, True]), Uses()
    uses.token(a_token(1), NOON, ADDRESS)
    uses.secret(a_secret(1), NOON, ADDRESS)
    uses.refused("night-shift", ADDRESS, "wrong client_secret")
    await written(uses, store)
    uses.refused("night-shift", ADDRESS, "wrong client_secret")
    uses.token(a_token(2), NOON, ADDRESS)
    await written(uses, store)
    assert store.written == [(2, 1, 1)]
    assert await refusals(store) == {"night-shift": 2}


async def test_the_newer_use_outlives_one_that_could_not_be_written() -> None:
    store, uses, token = Flaky(goes_well=[False, True]), Uses(), a_token(1)
    await store.issue(token)
    await store.add_client(a_client(), an_act())
    uses.token(token, NOON, ADDRESS)
    writing = asyncio.create_task(written(uses, store))
    uses.token(token, NOON + 1, "198.51.100.1")
    await writing
    await written(uses, store)
    kept = await store.token(1)
    assert kept is not None
    assert kept.last_used_at == NOON + 1


async def test_a_refusal_that_was_written_is_not_counted_again_where_the_rest_could_not_be() -> None:
    store, uses = Flaky(goes_well=[True, False, True, True, True]), Uses()
    for number in range(800):
        uses.token(a_token(number), NOON, ADDRESS)
    uses.refused("night-shift", ADDRESS, "wrong client_secret")
    await written(uses, store)
    await written(uses, store)
    assert await refusals(store) == {"night-shift": 1}


async def test_refusals_are_counted_apart_by_client_address_and_reason() -> None:
    store, uses = MemoryStore(), Uses()
    for _ in range(3):
        uses.refused("night-shift", ADDRESS, "wrong client_secret")
    uses.refused("night-shift", ADDRESS, "the application is disabled")
    uses.refused("night-shift", "198.51.100.1", "wrong client_secret")
    await written(uses, store)
    acts = [act for act in await store.acts() if act.action == "client.refused"]
    assert sorted(str(act.details["times"]) for act in acts) == ["1", "1", "3"]
    assert {act.actor for act in acts} == {"client:night-shift"}


async def test_a_flood_of_refusals_is_bounded_and_what_was_there_goes_on_being_counted() -> None:
    store, uses = MemoryStore(), Uses()
    for address in range(20_000):
        uses.refused("night-shift", str(address), "wrong client_secret")
    uses.refused("night-shift", "0", "wrong client_secret")
    await written(uses, store)
    acts = [act for page in (await store.acts(limit=30_000),) for act in page]
    assert len(acts) == 51
    assert sum(cast("int", act.details["times"]) for act in acts) == 20_001
    assert {act.details["times"] for act in acts if act.address == "0"} == {2}


async def test_a_client_id_as_long_as_a_book_is_cut() -> None:
    store, uses = MemoryStore(), Uses()
    uses.refused("x" * 10_000, ADDRESS, "unknown client_id")
    await written(uses, store)
    (act,) = await store.acts()
    assert len(act.target) == 100


async def test_it_goes_on_by_itself_until_it_is_stopped() -> None:
    store, uses = Flaky(goes_well=[False, True]), Uses()
    uses.token(a_token(1), NOON, ADDRESS)
    keeping = asyncio.create_task(uses.keep_writing(store, FixedClock(), FixedEntropy()))
    async with asyncio.timeout(10 * INTERVAL):
        await store.well.wait()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert store.written == [(1, 0, 0)]
