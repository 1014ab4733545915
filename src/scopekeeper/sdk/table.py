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
      says whose it is. Without an owner a row is nobody's, and a person who is no administrator gets 403.
    * `refers`: field to (table, what to do with these rows when that row is removed). A reference to what does not
      exist is NotFound.
    """

    record: type[R]
    key: str
    owner: str | None = None
    refers: Mapping[str, tuple[str, OnRemoval]] = field(default_factory=dict)
    name: str = ""
    """Set by the module that declares it: the module's name, or `module.name` for further tables."""

    def __post_init__(self) -> None:
        known = {each.name for each in fields(self.record)}  # type: ignore[arg-type]
        for named in (self.key, *([self.owner] if self.owner else []), *self.refers):
            if named not in known:
                raise TypeError(f"the table of {self.record.__name__} names {named!r}, which is no field of it")

    def key_of(self, record: R) -> str:
        """The key of this record."""
        return str(getattr(record, self.key))
