"""How many rows a table has, and one digest of all their values, the same in either database."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from msgspec.msgpack import Encoder

from scopekeeper.store.moving.cargo import Cargo
from scopekeeper.store.rows import Row

_encoded: Final = Encoder().encode


@dataclass(frozen=True, slots=True)
class Tally:
    """What two tables are compared by. Rows are counted in the order of their keys."""

    rows: int
    digest: str
    """SHA-256 over the table's name, its columns and its rows, each as MessagePack; 64 hexadecimal digits."""


class Counting:
    """A tally in the making."""

    def __init__(self, cargo: Cargo) -> None:
        self._rows = 0
        self._digest = sha256(_encoded([cargo.name, cargo.names]))

    def add(self, rows: Iterable[Row]) -> None:
        """Count these rows, which follow those before."""
        packed = [_encoded(row) for row in rows]
        self._digest.update(b"".join(packed))
        self._rows += len(packed)

    def told(self) -> Tally:
        return Tally(self._rows, self._digest.hexdigest())
