"""A module's data, described: the store makes tables, migrations and foreign keys of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Generic, Literal, TypeVar

R = TypeVar("R")

OnRemoval = Literal["cascade", "restrict"]


@dataclass(frozen=True, slots=True, eq=False)
class Table(Generic[R]):
    """Where records of one kind are kept: one row for each record, found by its key.

    * `key`: the field that names a record. A string.
    * `owner`: whose data a row is. Either a field that holds a user's name, or a field in `refers`, whose target then
      says whose it is. Several fields, in a tuple, hold users' names: the row is theirs if one of them is. Without an
      owner a row is nobody's, and a person who is no administrator gets 403.
    * `refers`: field to (table, what to do with these rows when that row is removed). A reference to what does not
      exist is NotFound.
    * `indexes`: what lists are filtered and sorted by. Each index is some fields in order, and behind them the key. It
      serves a list where fields at its beginning equal a value, and the next one is what the list is sorted by (behind
      the last, the key). Of two that serve, the one that more fields equal is gone by, then the one named first. A
      person's list goes by what is theirs, unless an index begins with the owner's field. Each index makes every write
      slower.
    """

    record: type[R]
    key: str
    owner: str | tuple[str, ...] | None = None
    refers: Mapping[str, tuple[str, OnRemoval]] = field(default_factory=dict)
    name: str = ""
    """Set by the module that declares it: the module's name, or `module.name` for further tables."""
    indexes: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        known = {each.name for each in fields(self.record)}  # type: ignore[arg-type]
        indexed = [name for index in self.indexes for name in index]
        for named in (self.key, *self.owners, *self.refers, *indexed):
            if named not in known:
                raise TypeError(f"the table of {self.record.__name__} names {named!r}, which is no field of it")
        if len(self.owners) > 1 and (through := sorted(set(self.owners) & self.refers.keys())):
            raise TypeError(
                f"the table of {self.record.__name__} has several owners, so {through[0]!r} holds a user's name and "
                "cannot refer to a row"
            )
        if any(not index or self.key in index or len(set(index)) < len(index) for index in self.indexes):
            raise TypeError(
                f"an index of the table of {self.record.__name__} is fields, each once, without {self.key!r}: the key "
                "follows by itself"
            )

    @property
    def owners(self) -> tuple[str, ...]:
        """The fields that say whose a row is: one, several, or none where it is nobody's."""
        if self.owner is None:
            return ()
        return (self.owner,) if isinstance(self.owner, str) else self.owner

    @property
    def through(self) -> str | None:
        """The field of `refers` whose target says whose a row is; None where the row says so itself, or is nobody's."""
        return self.owner if isinstance(self.owner, str) and self.owner in self.refers else None

    @property
    def sorts(self) -> frozenset[str]:
        """The fields that a list can be sorted by: the key, and what stands in an index."""
        return frozenset((self.key, *(name for index in self.indexes for name in index)))

    def key_of(self, record: R) -> str:
        """The key of this record."""
        return str(getattr(record, self.key))
