"""How PostgreSQL's writer finds the rows of many decisions at once: by key, whatever it knows of the tables."""

import re
from collections.abc import Mapping

import asyncpg
import pytest
from sqlalchemy import Table

from scopekeeper.store.postgres.connection import BY_KEY, DIALECT, POINT
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from scopekeeper.store.tables import codes, device_codes, families, refresh_tokens
from tests.postgres import a_database, apart

SQL = Statements(DIALECT)

_ARRAY = re.compile(r"\$\d+::(\w+)\[\]")
_TWO: Mapping[str, list[object]] = {"BIGINT": [1, 2], "VARCHAR": ["1", "2"], "BYTEA": [b"1", b"2"]}
"""Of each type, as many as make it more than one row."""

_NOTHING = {"bigint": "0", "text": "''", "bytea": "''", "boolean": "false"}


def filled(table: Table) -> str:
    """What puts as many rows into the table as wait in a busy minute."""
    needed = [column for column in table.c if not column.nullable and column.name not in ("id", "user_code")]
    names = ", ".join(f'"{column.name}"' for column in needed)
    values = ", ".join(_NOTHING[column.type.compile(DIALECT).partition(" ")[0].lower()] for column in needed)
    unique = ('"id", "user_code"', "n, n") if "user_code" in table.c else ('"id"', "n")
    return (
        f"INSERT INTO {table.name} ({unique[0]}, {names}) SELECT {unique[1]}, {values} FROM generate_series(1, 5000) n"
    )


FILLED = {table.name: filled(table) for table in (codes, device_codes, refresh_tokens, families)}


async def plan_of(url: str, text: str, settings: Mapping[str, str] = BY_KEY) -> str:
    connection = await asyncpg.connect(url, server_settings=dict(settings))
    try:
        for table in ("codes", "device_codes", "refresh_tokens", "families"):
            await connection.execute(FILLED[table])
        rows = await connection.fetch(f"EXPLAIN {text}", *[_TWO[kind] for kind in _ARRAY.findall(text)])
    finally:
        await connection.close()
    return "\n".join(line for (line,) in rows)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("redeem_code", ["pk_codes", "pk_sessions"]),
        ("redeem_device", ["pk_device_codes", "pk_sessions"]),
        ("spend", ["pk_refresh_tokens", "pk_families"]),
    ],
)
def test_what_is_swapped_for_many_is_found_by_its_key(name: str, keys: list[str]) -> None:
    statement = getattr(SQL.grants, name)
    with a_database() as database:
        plan = apart(plan_of(database.url, SQL.swap_of_arrays(statement)))
    assert [key for key in keys if key not in plan] == [], plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("settings", [POINT, BY_KEY], ids=["kept", "made anew"])
def test_what_is_swapped_and_what_it_adds_are_one_statement_that_finds_rows_by_key(settings: Mapping[str, str]) -> None:
    added = SQL.add_token, SQL.grants.add_refresh_token
    text = SQL.swap_of_arrays(SQL.grants.spend, *added)
    with a_database() as database:
        plan = apart(plan_of(database.url, text, settings))
    assert [key for key in ("pk_refresh_tokens", "pk_families") if key not in plan] == [], plan
    assert plan.count("Insert on") == len(added), plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        (SQL.token, ["pk_tokens", "pk_families"]),
        (SQL.grants.code, ["pk_codes"]),
        (SQL.grants.refresh_token, ["pk_refresh_tokens", "pk_families"]),
        (SQL.grants.device, ["pk_device_codes"]),
        (SQL.people.session, ["pk_sessions", "pk_users"]),
        (SQL.factors.passkeys, ["ix_passkeys_user_id"]),
        (SQL.factors.totp, ["pk_totps"]),
        (SQL.factors.recovery_codes, ["ix_recovery_codes_user_id"]),
        (SQL.upstreams.identities, ["ix_identities_user_id"]),
    ],
    ids=["token", "code", "refresh token", "device", "session", "passkeys", "totp", "recovery codes", "identities"],
)
def test_what_many_read_at_once_is_found_by_its_key(statement: Statement, keys: list[str]) -> None:
    text = statement.rows_of_arrays
    assert text is not None
    with a_database() as database:
        plan = apart(plan_of(database.url, text, POINT))
    assert [key for key in keys if key not in plan] == [], plan
    assert "Seq Scan" not in plan
