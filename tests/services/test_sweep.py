"""What expired a while ago goes, in small steps; what may still be asked about stays."""

from scopekeeper.services.sweep import KEPT, STEP, sweep
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock
from tests.stores.records import a_client, a_token, an_act


class Stepped(MemoryStore):
    """Remembers how large each step was."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []

    async def sweep(self, before: int, limit: int) -> int:
        assert limit == STEP
        self.steps.append(await super().sweep(before, limit))
        return self.steps[-1]


async def test_a_token_stays_for_a_week_after_it_expired() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1, expires_at=NOON + 60))
    clock.advance(60 + KEPT)
    assert await sweep(store, clock) == 0
    assert await store.token(1) is not None
    clock.advance(1)
    assert await sweep(store, clock) == 1
    assert await store.token(1) is None


async def test_many_go_in_small_steps() -> None:
    store, clock = Stepped(), FixedClock(NOON + 2 * KEPT)
    await store.add_client(a_client(), an_act())
    for number in range(2 * STEP + 1):
        await store.issue(a_token(number))
    assert await sweep(store, clock) == 2 * STEP + 1
    assert store.steps == [STEP, STEP, 1, 0]


async def test_a_token_that_lives_is_never_swept() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    await store.issue(a_token(2, revoked_at=NOON))
    assert await sweep(store, clock) == 0


async def test_what_a_removed_application_left_behind_goes_too() -> None:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client(), an_act())
    for number in range(3):
        await store.issue(a_token(number))
    await store.remove_client("night-shift", an_act())
    assert await sweep(store, clock) == 3
