"""A world in which persons' reach is tried: rows of alice, of bob and of nobody in every table of every module.

Everything here is made from the declarations. What cannot be made is an error that says how to mend it: an operation
that nobody tried is none that keeps people apart.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from scopekeeper.api.modules import Modules
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.granted import Code, Consent
from scopekeeper.sdk import Operation, Table
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.sdk.reference import references_of
from scopekeeper.store import SqlStore
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi.choices import tell_choices
from scopekeeper.surface.openapi.examples import example_of
from tests.building import Built, built
from tests.fixtures import FixedEntropy
from tests.persons import a_person, an_application, granted

Whose = str | None
"""A person's name; None is nobody."""

KEYS: Final[Mapping[Whose, str]] = {"alice": "1001", "bob": "1002", None: "1003"}
NAMED: Final = "1005"
"""Of each table that records name rows of by a `Ref`, a row of nobody's: the one that the rows here name. It stays."""
FRESH: Final = "1004"
ABSENT: Final = "1009"

_MANY: Final = 500


class Untried(AssertionError):
    """The generator cannot exercise this operation: mend the module's examples, or teach the generator."""


Rows = Mapping[str, Mapping[Whose, Any]]
"""Table name to whose to the record."""


@dataclass(frozen=True, slots=True)
class World:
    """A house with its rows, and a token for each person who asks."""

    h: Built
    modules: Modules
    data: Data
    rows: Rows
    tokens: Mapping[str, str]
    kept: Mapping[str, Mapping[str, str]]
    """What the house itself keeps: the part of the path that says what (`credentials`) to the path's parameters."""

    async def snapshot(self) -> dict[str, list[Any]]:
        """Every row of every table, with its version."""
        tables = self.modules.tables
        return {table.name: list(await self.data.page(table, None, {}, None, _MANY)) for table in tables}

    def keys(self, whose: Whose) -> dict[str, str]:
        """Table name to the key of this person's row."""
        tables = self.modules.tables
        return {table.name: table.key_of(self.rows[table.name][whose]) for table in tables}


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A house with whatever modules are installed, and its rows."""
    stores: list[SqlStore] = []

    def kept(store: SqlStore) -> SqlStore:
        stores.append(store)
        return store

    async with built(folder, around=kept) as h:
        modules = h.house.modules
        data = stores[0].data(modules.tables, FixedEntropy(first=1_000_000))
        rows = rows_of(modules.tables)
        for table in in_order(modules.tables):
            named = [_row(table, None, {}, modules.tables, NAMED)] if is_named(table, modules.tables) else []
            for record in (*named, *rows[table.name].values()):
                await data.commit(Work(writes=[Write(table, table.key_of(record), record, None)]))
        application = await an_application(h)
        tokens = {
            name: (await granted(h, await a_person(h, name, admin=name == "root"), application)).access_token
            for name in ("alice", "bob", "root")
        }
        yield World(h, modules, data, rows, tokens, await kept_by(h))


async def kept_by(h: Built) -> Mapping[str, Mapping[str, str]]:
    """One of everything that the house keeps: an application, and what somebody granted it."""
    dora = await a_person(h, "dora")
    client = await an_application(h, scope="rest:callforward", name="Dora's")
    await h.house.applications.rotate(client.client_id, 3_600, "cli:test")
    issue = await granted(h, dora, client)
    assert issue.refresh is not None
    consent = Consent(dora.id, client.client_id, 0, client.scope, h.clock.now(), h.clock.now())
    code = Code(h.house.entropy.row_id(), bytes(32), client.client_id, 0, dora.id, dora.name, 0, None, "", (), 0, 0)
    await h.house.store.add_code(code, consent, None)
    [act] = await h.house.store.acts(limit=1)
    named = {"client_id": client.client_id, "user": dora.name, "name": dora.name}
    ids = {
        "credentials": client.secrets[0].id,
        "tokens": issue.token.id,
        "refresh-tokens": issue.refresh.id,
        "audit": act.id,
    }
    return {"": named} | {what: named | {"id": jti_of(row_id)} for what, row_id in ids.items()}


def in_order(tables: Sequence[Table[Any]]) -> list[Table[Any]]:
    """The tables, each behind those that it refers to."""
    found: list[Table[Any]] = []
    pending = list(tables)
    while pending:
        known = {table.name for table in found}
        ready = [table for table in pending if _leads_to(table) <= known | {table.name}]
        found += ready
        pending = [table for table in pending if table not in ready]
    return found


def _leads_to(table: Table[Any]) -> set[str]:
    return {target for target, _ in table.refers.values()} | set(references_of(table.record).values())


def is_named(table: Table[Any], tables: Sequence[Table[Any]]) -> bool:
    """Do records name rows of this table by a `Ref`?"""
    return any(table.name in references_of(each.record).values() for each in tables)


def rows_of(tables: Sequence[Table[Any]]) -> Rows:
    """A row of alice, of bob and of nobody for each table, from the examples of its record."""
    made: dict[str, dict[Whose, Any]] = {}
    for table in in_order(tables):
        made[table.name] = {
            whose: _row(table, whose, {name: each[whose] for name, each in made.items()}, tables, key)
            for whose, key in KEYS.items()
        }
    return made


def _row(table: Table[Any], whose: Whose, above: Mapping[str, Any], tables: Sequence[Table[Any]], key: str) -> Any:
    keyed = {each.name: each for each in tables}
    told = _example(table.record) | {table.key: key}
    for path in references_of(table.record):
        _name(told, path, NAMED)
    for field, (target, _) in table.refers.items():
        told[field] = keyed[target].key_of(above[target]) if target in above else None
    told |= dict.fromkeys(set(table.owners) - table.refers.keys(), whose)
    try:
        return msgspec.convert(told, table.record)
    except msgspec.ValidationError as wrong:
        raise Untried(
            f"the table {table.name}: no row of {whose or 'nobody'} can be made of {told}: {wrong}"
        ) from wrong


def _name(told: dict[str, Any], path: str, key: str) -> None:
    """Let what stands at this path, `members[].extension`, name the row with this key, if anything stands there."""
    step, _, rest = path.partition(".")
    field = step.removesuffix("[]")
    found = told.get(field)
    if found is None:
        return
    if not rest:
        told[field] = [key] if step.endswith("[]") else key
        return
    for each in found if step.endswith("[]") else [found]:
        _name(each, rest, key)


def _example(type: Any) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([type])
    tell_choices([type], components)
    example: dict[str, Any] = example_of(schema, components)
    return example


def is_kept_by_the_house(operation: Operation) -> bool:
    """Is it about what is in none of the modules' tables?"""
    return operation.module == "admin"


def table_of(operation: Operation, modules: Modules) -> Table[Any] | None:
    """The table whose records the operation is about."""
    if isinstance(operation.of, Table):
        return operation.of
    return next((table for table in modules.tables if table.record is operation.returns), None)


def arguments_of(operation: Operation, world: World, keys: Mapping[str, str]) -> dict[str, str]:
    """The path's parameters, so that they name the rows with these keys; or what the house keeps."""
    if is_kept_by_the_house(operation):
        return _kept_arguments(operation, world)
    found: dict[str, str] = {}
    for each in operation.path_arguments:
        named = [table.name for table in world.modules.tables if table.key == each.name]
        own = [name for name in named if name.partition(".")[0] == operation.module]
        table = operation.owner_table if operation.of == each.name else next(iter(own or named), None)
        if table is None:
            raise Untried(
                f"{operation.module}.{operation.name}: no table is keyed by {each.name!r}, so no row fills it"
            )
        found[each.name] = keys[table]
    missing = [each.name for each in operation.query_arguments if each.required]
    if missing:
        raise Untried(f"{operation.module}.{operation.name}: it demands {missing[0]!r}, which nothing here fills")
    return found


def _kept_arguments(operation: Operation, world: World) -> dict[str, str]:
    whats = [what for what in world.kept if what and what in operation.path.split("/")]
    known = world.kept[whats[0] if whats else ""]
    for each in operation.path_arguments:
        if each.name not in known:
            raise Untried(f"{operation.module}.{operation.name}: nothing that the house keeps fills {each.name!r}")
    return {each.name: known[each.name] for each in operation.path_arguments}


def body_of(operation: Operation, world: World, whose: Whose, keys: Mapping[str, str]) -> dict[str, Any] | None:
    """A body that changes something, from the examples of its author, with this person's rows and name in it."""
    struct = Binding.of(operation).struct
    if struct is None:
        return None
    body, table = _example(struct), table_of(operation, world.modules)
    for named, target in references_of(operation.body).items() if operation.body is not None else ():
        _name(body, named, keys[target])
    if table is not None:
        told: dict[str, Whose] = {
            table.key: FRESH,
            **{field: keys[target] for field, (target, _) in table.refers.items()},
        }
        told |= dict.fromkeys(set(table.owners) - table.refers.keys(), whose)
        body |= {field: value for field, value in told.items() if field in struct.__struct_fields__}
    path = {each.name for each in operation.path_arguments}
    return {field: value for field, value in body.items() if field not in path}
