"""A statement is compiled when its words are first asked for, by whichever thread that is."""

from sqlalchemy import bindparam, select

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.statement import Uncompiled
from scopekeeper.store.tables import tokens


def test_whoever_asks_while_another_thread_compiles_it_has_the_same_words() -> None:
    statement = Uncompiled(lambda: select(tokens.c.id).where(tokens.c.id == bindparam("id")), DIALECT)
    text, names = Uncompiled.text.fget, Uncompiled.names.fget  # type: ignore[attr-defined]  # as one who is in the midst of asking has them
    made = statement.text, statement.names
    assert (text(statement), names(statement)) == made
    assert made[1] == ("id",)
