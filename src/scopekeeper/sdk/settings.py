"""Settings: what is there for every key, stored or not, such as where the calls of each extension go.

    forwards = api.table(Forward, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
    settings = Settings(forwards)

Whoever has no row has the defaults: what the record says when nothing but its key is given. A row is stored only where
something differs. That the key itself exists is seen to by `of=` of the operation, before it runs.
"""

from dataclasses import MISSING, fields
from typing import Any, Final, Generic, TypeVar

from scopekeeper.sdk.caller import Caller
from scopekeeper.sdk.declaring import DeclarationError
from scopekeeper.sdk.table import Table

R = TypeVar("R")


class Settings(Generic[R]):
    """The settings of a table. Raises DeclarationError where a field besides the key has no default."""

    def __init__(self, table: Table[R]) -> None:
        record: Any = table.record
        self._table: Final = table
        self._record: Final = record
        for field in fields(record):
            if field.name != table.key and field.default is MISSING and field.default_factory is MISSING:
                raise DeclarationError(f"{table.name}: {field.name!r} needs a default: whoever has no row reads it")

    def default(self, key: str) -> R:
        """What is so while nobody has said anything."""
        made: R = self._record(**{self._table.key: key})
        return made

    async def get(self, caller: Caller, key: str) -> R:
        """What is so: as it is stored, or the defaults."""
        return await caller.rows(self._table).find(key) or self.default(key)

    async def keep(self, caller: Caller, settings: R) -> R:
        """Let it be so, and give it back. What says no more than the defaults leaves no row."""
        rows = caller.rows(self._table)
        key = self._table.key_of(settings)
        if settings != self.default(key):
            return rows.put(settings)
        if await rows.find(key) is not None:
            rows.remove(key)
        return settings

    async def clear(self, caller: Caller, key: str) -> R:
        """Let the defaults be so, and give them back."""
        return await self.keep(caller, self.default(key))
