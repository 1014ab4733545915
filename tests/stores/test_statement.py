"""A statement is compiled when its words are first asked for, by whichever thread that is."""

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import Dialect, bindparam, select

from scopekeeper.api.modules import installed
from scopekeeper.store.connection import DIALECT as SQLITE
from scopekeeper.store.link_tables import LinkStatements
from scopekeeper.store.postgres.connection import DIALECT as POSTGRES
from scopekeeper.store.reach import Holder, Reach
from scopekeeper.store.shapes import shapes_of
from scopekeeper.store.statement import Statement, Uncompiled
from scopekeeper.store.tables import tokens


def test_whoever_asks_while_another_thread_compiles_it_has_the_same_words() -> None:
    statement = Uncompiled(lambda: select(tokens.c.id).where(tokens.c.id == bindparam("id")), SQLITE)
    text, names = Uncompiled.text.fget, Uncompiled.names.fget  # type: ignore[attr-defined]  # as one who is in the midst of asking has them
    made = statement.text, statement.names
    assert (text(statement), names(statement)) == made
    assert made[1] == ("id",)


def statements_in(told: object) -> Iterator[Statement]:
    """Those among what is told, and in what that is made of."""
    if isinstance(told, Statement):
        yield told
    elif isinstance(told, tuple | list):
        for each in told:
            yield from statements_in(each)
    elif isinstance(told, Mapping):
        yield from statements_in(list(told.values()))
    elif isinstance(told, Holder):
        yield told.keys
    elif isinstance(told, LinkStatements):
        yield from statements_in(vars(told))


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgresql"])
def test_every_statement_on_the_tables_of_modules_can_be_compiled(dialect: Dialect) -> None:
    shapes = shapes_of(installed().tables)
    reaches = [Reach(shape, shapes, dialect) for shape in shapes.values()]
    found = [each for reach in reaches for each in statements_in(vars(reach))]
    assert len(found) > 10 * len(reaches)
    assert [each for each in found if type(each) is Statement] == []  # none is before it is used
    assert [each.text for each in found if not each.text] == []
    assert {type(each) for each in found} == {Statement}
