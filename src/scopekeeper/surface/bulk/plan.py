"""Who takes part: found in the declarations, so that a module of somebody else does by itself.

What is moved are the records of the one table that is keyed by `extension` and refers to nothing by it. Every module
that reads and changes something at a path with `{extension}`, and says that it is that extension's, adds its fields.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from scopekeeper.sdk import DeclarationError, Operation, Table
from scopekeeper.surface.bulk.columns import Column, columns_of, leaves_of
from scopekeeper.surface.bulk.kinds import plain


@dataclass(frozen=True, slots=True)
class Part:
    """One record of each extension: how it is read and changed, and its columns."""

    name: str
    """The module's, before the names of its columns; of the extension itself empty."""
    read: Operation
    write: Operation
    """A PATCH, or a PUT where there is none."""
    columns: tuple[Column, ...]
    """What can be written and read."""
    unread: tuple[Column, ...]
    """What can only be written, such as a PIN."""

    @property
    def prefix(self) -> str:
        """What the names of its columns begin with in a row of all."""
        return f"{self.name}." if self.name else ""

    def shown(self, record: Any) -> dict[str, Any]:
        """What is exported of the record, as JSON has it."""
        told = plain(record)
        return {each.field: told[each.field] for each in self.columns}

    def at(self, path: str) -> str:
        """A field of its body, or the body itself, as whoever reads a report finds it."""
        within = "" if path == "$" else path
        return f"{self.prefix}{within}" if within else self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What is moved in bulk: the extensions, and what modules keep for each."""

    key: str
    table: str
    """Where the extensions are kept, by the table's name."""
    listing: Operation
    add: Operation
    base: Part
    others: tuple[Part, ...]
    tables: tuple[Table[Any], ...]
    """Those that are known to hold a row for an extension: what is read first, and together."""

    @classmethod
    def of(cls, operations: Sequence[Operation], key: str = "extension") -> Self:
        """The plan that these operations make. Raises LookupError where no module keeps what is moved.

        Raises DeclarationError where two of them would have one name.
        """
        for listing in operations:
            of = listing.of
            if listing.paged and not listing.path_arguments and isinstance(of, Table) and _keeps(of, key):
                same = [each for each in operations if each.module == listing.module]
                one = f"{listing.path.rstrip('/')}/{{{key}}}"
                add = _at(same, "POST", listing.path)
                read, write = _at(same, "GET", one), _at(same, "PATCH", one)
                if add is not None and read is not None and write is not None:
                    base = _part("", read, write, {key})
                    others = tuple(_others(operations, key))
                    _require_apart(base, others)
                    tables = {each.of: None for each in operations if isinstance(each.of, Table) and each.of.key == key}
                    return cls(key, of.name, listing, add, base, others, tuple(tables))
        raise LookupError(f"no module that is switched on keeps records keyed by {key!r} that can be listed and added")

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them, the extension itself first."""
        return (self.base, *self.others)

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of an export, in order."""
        return (self.key, *(f"{part.prefix}{leaf.name}" for part in self.parts for leaf in leaves_of(part.columns)))

    @property
    def known(self) -> frozenset[str]:
        """The columns that an import takes."""
        unread = (f"{part.prefix}{leaf.name}" for part in self.parts for leaf in leaves_of(part.unread))
        return frozenset((*self.header, *unread))


def _keeps(table: Table[Any], key: str) -> bool:
    """Is this the table in which the extensions are, not one that hangs something on them?"""
    return table.key == key and key not in table.refers


def _at(operations: Sequence[Operation], method: str, path: str) -> Operation | None:
    return next((each for each in operations if (each.method, each.path) == (method, path)), None)


def _others(operations: Sequence[Operation], key: str) -> Iterator[Part]:
    """What each module keeps for an extension. Of two paths that show one field the shorter has it."""
    seen: dict[str, set[str]] = {}
    for read in sorted(operations, key=lambda each: (each.module, len(each.path), each.path)):
        if read.method != "GET" or read.of != key or [each.name for each in read.path_arguments] != [key]:
            continue
        if read.paged or any(each.required for each in read.query_arguments):
            continue
        same = [each for each in operations if each.module == read.module and each.of == key]
        write = _at(same, "PATCH", read.path) or _at(same, "PUT", read.path)
        if write is None or any(each.required for each in write.query_arguments):
            continue
        known = seen.setdefault(read.module, {key})
        part = _part(read.module, read, write, known)
        if part.columns or part.unread:
            known |= {each.field for each in (*part.columns, *part.unread)}
            yield part


def _part(name: str, read: Operation, write: Operation, known: set[str]) -> Part:
    columns = tuple(each for each in columns_of(write.body) if each.field not in known)  # type: ignore[arg-type]
    told = {each.name for each in fields(read.returns)}
    return Part(
        name,
        read,
        write,
        tuple(each for each in columns if each.field in told),
        tuple(each for each in columns if each.field not in told),
    )


def _require_apart(base: Part, others: Sequence[Part]) -> None:
    taken = {each.field for each in (*base.columns, *base.unread)}
    for part in others:
        if part.name in taken:
            raise DeclarationError(f"the module {part.name!r} bears the name of a field of {base.read.module}")
