"""What processes share among themselves, in memory: there is only one of them."""

from collections.abc import Callable

from scopekeeper.services.ports import SKEW, Filling


class MemoryShared:
    """The ports `Buckets`, `Spending` and `Turns`, in dictionaries."""

    def __init__(self, require_open: Callable[[], None]) -> None:
        self._empty_at: dict[str, int] = {}
        self._spent: dict[bytes, int] = {}
        self._turns: dict[str, tuple[str, int]] = {}
        self._require_open = require_open

    async def fill(self, key: str, now: int, by: int, most: int) -> Filling:
        self._require_open()
        empty_at = max(self._empty_at.get(key, now), now)
        if empty_at + by <= now + most:
            self._empty_at[key] = empty_at + by
            return Filling(True, empty_at + by)
        if empty_at > now + most + SKEW:
            self._empty_at[key] = empty_at = now + most
        return Filling(False, empty_at)

    async def give_back(self, key: str, by: int) -> None:
        self._require_open()
        if key in self._empty_at:
            self._empty_at[key] -= by

    async def sweep_buckets(self, before: int, limit: int) -> int:
        self._require_open()
        drained = sorted((at, key) for key, at in self._empty_at.items() if at < before)[:limit]
        for _, key in drained:
            del self._empty_at[key]
        return len(drained)

    async def spend(self, digest: bytes, until: int) -> bool:
        self._require_open()
        if digest in self._spent:
            return False
        self._spent[digest] = until
        return True

    async def sweep_spent(self, before: int, limit: int) -> int:
        self._require_open()
        due = sorted((until, digest) for digest, until in self._spent.items() if until < before)[:limit]
        for _, digest in due:
            del self._spent[digest]
        return len(due)

    async def turn(self, name: str, holder: str, now: int, length: int) -> bool:
        self._require_open()
        held_by, until = self._turns.get(name, (holder, now))
        if held_by != holder and now < until <= now + 2 * length + SKEW:
            return False
        if held_by != holder or not length / 2 <= until - now <= length:
            self._turns[name] = holder, now + length
        return True

    async def let_go(self, name: str, holder: str) -> None:
        self._require_open()
        if name in self._turns and self._turns[name][0] == holder:
            del self._turns[name]
