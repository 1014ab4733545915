"""The modules of the API: found by entry point, and linked. What cannot stand together stops the start."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from typing import Any, Final

from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk import ApiModule, DeclarationError, Operation, Table
from scopekeeper.sdk.intake import Intake
from scopekeeper.sdk.reference import references_of

GROUP: Final = "scopekeeper.modules"


class Modules:
    """The modules together: their operations with every reference resolved, their tables, and the scopes they make.

    Raises DeclarationError for two modules of one name, a GraphQL field declared twice, a reference to a table that no
    module declares, an `of=` that names nothing, and an `acr=` that nobody can reach. A `Ref` may name a table of a
    module that is `switched_off`: then no row of it can be named.
    """

    def __init__(self, modules: Sequence[ApiModule], *, switched_off: Collection[str] = ()) -> None:
        self.modules: Final = tuple(sorted(modules, key=lambda module: module.name))
        _require_distinct_names(self.modules)
        _require_distinct_fields(self.modules)
        _require_rungs(self.modules)
        self.tables: Final[tuple[Table[Any], ...]] = tuple(table for module in self.modules for table in module.tables)
        _require_references(self.tables, switched_off)
        self.operations: Final[tuple[Operation, ...]] = tuple(
            _linked(operation, self.tables) for module in self.modules for operation in module.operations
        )
        self.catalogue: Final = Catalogue.of(each for module in self.modules for each in module.declared())

    def intake(self, module: str) -> Intake[Any] | None:
        """What the module of this name takes in from files; None where it takes nothing, or is switched off."""
        return next((each for one in self.modules if one.name == module for each in one.intakes), None)

    def __iter__(self) -> Iterator[ApiModule]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)


def installed(*, switched_off: Collection[str] = ()) -> Modules:
    """The modules of every installed package, linked; those switched off are not even imported.

    Raises DeclarationError, also for one that cannot be imported, and for a name switched off that nobody bears.
    """
    found = entry_points(group=GROUP)
    unknown = sorted(set(switched_off) - found.names)
    if unknown:
        raise DeclarationError(f"no module is named {unknown[0]!r}, so it cannot be switched off")
    return Modules([_loaded(each) for each in found if each.name not in switched_off], switched_off=switched_off)


def tables_of_all(*, switched_off: Collection[str] = ()) -> tuple[Table[Any], ...]:
    """The tables of every installed module, those switched off too: what one of them kept is there as before.

    Raises DeclarationError for a module that cannot be loaded. One that is switched off may be just that.
    """
    tables: dict[str, Table[Any]] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name in switched_off):
        try:
            module = _loaded(entry)
        except DeclarationError:
            if entry.name not in switched_off:
                raise
        else:
            tables = {table.name: table for table in module.tables} | tables
    return tuple(tables.values())


def _loaded(entry: EntryPoint) -> ApiModule:
    try:
        module = entry.load()
    except DeclarationError:
        raise
    except Exception as wrong:
        raise DeclarationError(f"the module {entry.name!r} ({entry.value}) cannot be loaded: {wrong}") from wrong
    if not isinstance(module, ApiModule):
        raise DeclarationError(f"the entry point {entry.name!r} ({entry.value}) is no ApiModule")
    if module.name != entry.name:
        raise DeclarationError(f"the module {module.name!r} is entered as {entry.name!r}: give both one name")
    return module


def _require_distinct_names(modules: Sequence[ApiModule]) -> None:
    for one, other in pairwise(modules):
        if one.name == other.name:
            raise DeclarationError(f"two modules are named {one.name!r}: switch one off, or rename it")


def _require_distinct_fields(modules: Sequence[ApiModule]) -> None:
    taken: dict[str, Operation] = {}
    for module in modules:
        for operation in module.operations:
            other = taken.setdefault(operation.field, operation)
            if other is not operation:
                raise DeclarationError(
                    f"the GraphQL field {operation.field!r} is declared twice: "
                    f"by {other.module}.{other.name} and by {operation.module}.{operation.name}"
                )


def _require_rungs(modules: Sequence[ApiModule]) -> None:
    """See that every way to sign in that an operation demands is one that there is here."""
    for operation in (each for module in modules for each in module.operations):
        unknown = [acr for acr in operation.acr if acr not in ACR_VALUES]
        if unknown:
            raise DeclarationError(
                f"{operation.module}.{operation.name}: acr={unknown[0]!r} is no way to sign in here: "
                f"there is {', '.join(map(repr, ACR_VALUES))}"
            )


def _require_references(tables: Sequence[Table[Any]], switched_off: Collection[str]) -> None:
    declared = {table.name for table in tables}
    for table in tables:
        for field, (target, _) in table.refers.items():
            if target not in declared:
                raise DeclarationError(
                    f"the table {table.name!r} refers by {field!r} to the table {target!r}, which no module declares"
                )
        for path, target in _named_by(table):
            if target not in declared and target.partition(".")[0] not in switched_off:
                raise DeclarationError(
                    f"the table {table.name!r} names by {path!r} rows of the table {target!r}, which no module declares"
                )


def _named_by(table: Table[Any]) -> Iterator[tuple[str, str]]:
    try:
        yield from references_of(table.record).items()
    except TypeError as wrong:
        raise DeclarationError(f"the table {table.name!r}: {wrong}") from wrong


def _linked(operation: Operation, tables: Sequence[Table[Any]]) -> Operation:
    """The operation with the table in which its `of=` is looked up, where its own module does not know it."""
    if not isinstance(operation.of, str) or operation.owner_table is not None:
        return operation
    keyed = [table.name for table in tables if table.key == operation.of]
    if len(keyed) != 1:
        found = f"the tables {', '.join(keyed)} are" if keyed else "no table is"
        raise DeclarationError(
            f"{operation.module}.{operation.name}: of={operation.of!r} names no owner, for {found} keyed by it"
        )
    return replace(operation, owner_table=keyed[0])
