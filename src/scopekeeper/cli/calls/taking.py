"""Taking records in: hundreds of them in one statement, and what is wrong with a line set aside.

It begins at the beginning each time: what is there already is left as it is, so whatever broke it off, the same command
goes on. Every statement is a transaction of its own, so that whatever is there is whole.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scopekeeper.cli.calls.lines import Aside, Line
from scopekeeper.sdk import Invalid
from scopekeeper.sdk.data import Data
from scopekeeper.sdk.intake import Intake

AT_ONCE: Final = 500
"""Records in one statement."""

Read = Callable[[Sequence[str]], Any]


@dataclass(slots=True)
class Tally:
    """What became of the lines: records that are new, records that were there, and lines that were set aside."""

    new: int = 0
    there: int = 0
    bad: int = 0


class Taking:
    """Takes the lines of one file in. With `owners` it is looked up whose a record is just now; else it is nobody's."""

    def __init__(self, data: Data, intake: Intake[Any], aside: Aside, *, owners: bool, dry_run: bool) -> None:
        self._data = data
        self._intake = intake
        self._aside = aside
        self._owners = owners
        self._dry_run = dry_run
        self._known: dict[tuple[str, str], str | None] = {}
        self.tally: Final = Tally()

    async def take(self, lines: Iterable[Line], read: Read, advanced: Callable[[], None]) -> None:
        """All of them; `advanced` is told now and then. Raises OSError where a line cannot be set aside."""
        batch: list[Any] = []
        for line in lines:
            try:
                if line.fault:
                    raise Invalid("", line.fault)
                batch.append(read(line.cells))
            except Invalid as wrong:
                self._aside.put(line, f"{wrong.path}: {wrong.detail}" if wrong.path else wrong.detail)
                self.tally.bad += 1
            if len(batch) == AT_ONCE:
                await self._put(batch)
                batch = []
                advanced()
        if batch:
            await self._put(batch)
        advanced()

    async def _put(self, batch: list[Any]) -> None:
        """Put these in. A dry run counts what it would put in, without a look at what is there."""
        new = len(batch)
        self._known.clear()  # who is removed meanwhile is named no more, and whoever comes by their name sees nothing
        if not self._dry_run:
            records = [await self._owned(each) for each in batch] if self._owners else batch
            new = await self._data.append(self._intake.table, records)
        self.tally.new += new
        self.tally.there += len(batch) - new

    async def _owned(self, record: Any) -> Any:
        owners = self._intake.owned(record).items()
        return replace(record, **{name: await self._owner(*asked) for name, asked in owners if asked[1] is not None})

    async def _owner(self, table: str, key: str) -> str | None:
        """Whose the row is, asked once for each batch."""
        if (table, key) not in self._known:
            try:
                owned = await self._data.owner(table, key)
            except LookupError:  # its module is switched off
                owned = None
            self._known[table, key] = None if owned is None else owned.owner
        return self._known[table, key]
