"""Moving modules' data of every kind, and the two ends of a move by themselves."""

import asyncio
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.sdk import ApiModule, Table, record
from scopekeeper.sdk.data import Work, Write
from scopekeeper.settings import PostgresDatabase, SqliteFile
from scopekeeper.store import SchemaError, brought_up_to_date
from scopekeeper.store.moving.between import move
from scopekeeper.store.moving.cargo import CORE, MoveError
from scopekeeper.store.moving.ends import Place
from scopekeeper.store.moving.move import Differs, Moved
from scopekeeper.store.moving.tally import Counting
from scopekeeper.store.postgres.destination import PostgresTarget
from scopekeeper.store.postgres.schema import opened
from scopekeeper.store.tables import users
from tests.beneath import tell_file
from tests.moving import filled, require_same
from tests.postgres import tell
from tests.stores.modules import (
    TABLES,
    Colour,
    Everything,
    Forward,
    Lamp,
    Note,
    Phone,
    Ring,
    everything,
    open_data,
    put,
)

USERS: Final = next(cargo for cargo in CORE if cargo.table is users)


@record
class Folder:
    """A folder, in another one or in none."""

    name: str
    inside: str | None = None


tree = ApiModule("tree", title="Tree", read="See", write="Change")
folders: Final = tree.table(Folder, key="name", refers={"inside": ("tree", "cascade")})


class Unwatched:
    """Implements `Watcher`."""

    def begin(self, act: str, table: str, rows: int) -> None:
        """Nobody looks."""

    def advance(self, rows: int) -> None:
        """Nobody looks."""


def moved(path: Path, target: PostgresDatabase, *tables: Table[Any]) -> Moved:
    return move(SqliteFile(path), target, tables or TABLES, (), Unwatched())


def kept(path: Path, *rows: object, tables: Sequence[Table[Any]] = TABLES) -> None:
    """Put these records into a file."""

    async def act() -> None:
        async with open_data(SqliteFile(path), *tables) as data:
            await put(data, *rows)

    asyncio.run(act())


def lit(key: str, **facts: Any) -> Everything:
    at = datetime.datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=datetime.UTC)
    told: dict[str, Any] = {"whole": 1, "real": 0.1, "yes": True, "at": at, "colour": Colour.RED}
    told |= {"lamp": Lamp(Colour.BLUE), "words": [], "lamps": []}
    return Everything(key, **told | facts)


def test_values_of_every_kind_arrive_as_they_are(tmp_path: Path, empty: PostgresDatabase) -> None:
    rows = [
        lit("a", whole=2**63 - 1, real=1e308, words=['"', "\\", "é", "\N{GRINNING FACE}"]),
        lit("b", whole=-(2**63), real=-0.0, yes=False, whose=False, perhaps=Lamp(Colour.RED, 5e-324)),
        lit("ä", real=3.0, whose=True, lamps=[Lamp(Colour.BLUE, 0.30000000000000004)]),
        lit("\N{GRINNING FACE}", order="\t\r\n\x7f\x01 \\N '"),
    ]
    path = tmp_path / "it.db"
    kept(path, *rows)
    assert moved(path, empty).tables["module_rings_everything"].rows == len(rows)

    async def told() -> list[Any]:
        async with open_data(empty) as data:
            return [each.record for _, each in await data.page(everything, None, {}, None, 50)]

    assert asyncio.run(told()) == rows


def test_what_refers_to_other_rows_and_to_its_own_table_arrives(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = tmp_path / "it.db"
    rows = [Phone("1"), Forward("1", "2"), Note("n", "1", about="1"), Ring("r", "1")]
    kept(path, *rows)
    tables = (*TABLES, folders)

    async def nested() -> None:
        async with open_data(SqliteFile(path), *tables) as data:
            # What comes first by its key lies in what comes later.
            chain = [Folder("z")] + [Folder(f"{50 - n:02}", "z" if n == 0 else f"{51 - n:02}") for n in range(50)]
            for each in chain:
                await data.commit(Work(writes=[Write(folders, each.name, each, None)]))

    asyncio.run(nested())
    assert moved(path, empty, *tables).tables["module_tree"].rows == 51
    names = [f"module_{each}" for each in ("phones", "forwards", "forwards_notes", "rings", "tree")]
    require_same(path, empty, names)
    assert tell(
        empty, "SELECT count(*) FROM pg_constraint WHERE conrelid = 'module_tree'::regclass AND contype = 'f'"
    ) == [(1,)]
    with pytest.raises(Exception, match="fk_module_tree_inside"):
        tell(empty, "INSERT INTO module_tree VALUES ('x', 'nowhere', 1)")


def test_a_field_that_the_source_does_not_have_yet_gets_its_default(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = tmp_path / "it.db"
    kept(path, Phone("1", "alice", "Kitchen"))
    tell_file(path, "ALTER TABLE module_phones DROP COLUMN label")
    moved(path, empty)
    assert tell(empty, "SELECT number, owner, label FROM module_phones") == [("1", "alice", "")]


def test_a_table_that_is_not_as_its_module_says_is_refused(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = tmp_path / "it.db"
    kept(path, Phone("1"))
    tell_file(path, "ALTER TABLE module_phones ADD COLUMN colour TEXT")
    with pytest.raises(SchemaError, match="the data of phones has 'colour', which its record does not have"):
        moved(path, empty)


def test_a_batch_is_bounded_by_bytes_too(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = filled(tmp_path / "it.db", 0, users=900)
    tell_file(path, "UPDATE users SET sought = hex(zeroblob(20000))")
    batches: list[int] = []

    class Watching(Unwatched):
        act = ""

        def begin(self, act: str, table: str, rows: int) -> None:
            self.act = f"{act} {table}"

        def advance(self, rows: int) -> None:
            if self.act == "Copying users" and rows:
                batches.append(rows)

    move(SqliteFile(path), empty, TABLES, (), Watching())
    assert sum(batches) == 900
    assert max(batches) <= 200  # 40 kB each, 4 MB at once, a hundred looked at together
    require_same(path, empty)


async def test_who_began_later_goes_on_and_who_came_first_hears_of_it(empty: PostgresDatabase) -> None:
    await asyncio.to_thread(brought_up_to_date, empty, create=True)
    told = {"id": 1, "name": "a", "created_at": 1, "admin": False, "enabled": True, "updated_at": 1, "revision": 1}
    told |= {"sought": "", "email_verified": False}
    row, another = ([(told | more).get(name) for name in USERS.names] for more in ({}, {"id": 2, "name": "b"}))
    async with opened(empty) as one, opened(empty) as other:
        first, second = PostgresTarget(one, empty), PostgresTarget(other, empty)
        places = await first.begin("here")
        await first.put(USERS, [row], places | {"users": Place([1], 1)})
        assert await second.begin("here") == {"users": Place([1], 1)}
        with pytest.raises(MoveError, match="another process goes on with the move into"):
            await first.put(USERS, [another], places)
        with pytest.raises(MoveError, match="is half filled from here"):
            await second.begin("elsewhere")
    assert await asyncio.to_thread(tell, empty, "SELECT id FROM users") == [(1,)]


async def test_a_table_that_a_move_began_with_is_not_forgotten(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = filled(tmp_path / "it.db", 1)
    await asyncio.to_thread(brought_up_to_date, empty, create=True)
    async with opened(empty) as connection:
        target = PostgresTarget(connection, empty)
        await target.begin(f"sqlite:///{path}")
        await target.put(USERS, [], {"module_gone": Place(["1"], 1)})
    with pytest.raises(MoveError, match="the move began with the table module_gone, which is not moved now"):
        await asyncio.to_thread(moved, path, empty)


def test_what_does_not_arrive_as_it_was_is_told_and_nobody_gets_in(tmp_path: Path, empty: PostgresDatabase) -> None:
    path = filled(tmp_path / "it.db", 10)

    class Meddling(Unwatched):
        """Somebody changes a row before it is compared."""

        def begin(self, act: str, table: str, rows: int) -> None:
            if (act, table) == ("Comparing", "tokens"):
                tell(empty, "UPDATE tokens SET scope = 'gql' WHERE id = 5")

    with pytest.raises(Differs, match="tokens did not arrive as it was: 10 rows with digest"):
        move(SqliteFile(path), empty, TABLES, (), Meddling())
    with pytest.raises(SchemaError, match="is not whole"):
        asyncio.run(_opened(empty))
    moved(path, empty)  # what an earlier run began is compared, and copied anew where it differs
    require_same(path, empty)


def test_a_digest_tells_tables_and_values_apart_and_not_how_they_were_read() -> None:
    rows = [(1, "a", None, 1, None, False, True, 1, 1, ""), (2, "b", None, 1, None, True, True, 1, 1, "")]

    def digest(*batches: Sequence[Any]) -> str:
        counting = Counting(USERS)
        for batch in batches:
            counting.add(batch)
        return counting.told().digest

    assert digest(rows) == digest(rows[:1], rows[1:])
    assert digest(rows) != digest(rows[::-1])
    assert digest(rows) != digest([rows[0], (2, "b", None, 1, None, 1, True, 1, 1, "")])
    assert digest([(1, "a", "")]) != digest([(1, "a", None)])


async def _opened(database: PostgresDatabase) -> None:
    async with open_data(database):
        """Nobody comes here."""
