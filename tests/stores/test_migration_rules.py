"""The rules for whoever writes a migration (docs/adr/0032), held over every step from 0009 on."""

import re
from collections.abc import Iterator
from io import StringIO
from types import ModuleType
from typing import Final

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from scopekeeper.store.connection import DIALECT as SQLITE
from scopekeeper.store.postgres.connection import DIALECT as POSTGRESQL
from scopekeeper.store.revisions import FIRST, MIGRATIONS, Migrations, Standing
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

CONTRACTS: Final = re.compile(
    r"\bDROP (TABLE|COLUMN|DEFAULT)\b|\bRENAME\b|\bSET NOT NULL\b|\bTYPE\b|\bADD CONSTRAINT\b|\bUNIQUE INDEX\b"
)
"""What a program that knows nothing of it may stumble over: what it reads is gone, or what it writes is refused."""

CONSTANT: Final = re.compile(r"DEFAULT ('[^']*'|-?\d+|true|false)(?= |$)")

STEPS: Final = MIGRATIONS.revisions[MIGRATIONS.revisions.index(FIRST) :]


def statements_of(step: ModuleType) -> Iterator[str]:
    """What a step says to PostgreSQL, each in one line."""
    said = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        step.upgrade()
    for each in said.getvalue().split(";\n"):
        if line := " ".join(each.split()):
            yield line


def faults_in(statements: list[str], *, contracting: bool) -> list[str]:
    """What is against the rules."""
    made = {each.split()[2] for each in statements if each.startswith("CREATE TABLE ")}
    found = []
    for each in statements:
        table = re.search(r"(?:ALTER TABLE|INDEX \S+ ON) (\S+)", each)
        if table and table[1] in made:
            continue
        if CONTRACTS.search(each) and not contracting:
            found.append(f"contracts: {each}")
        if "ADD COLUMN" in each and "NOT NULL" in each and "DEFAULT" not in each and not contracting:
            found.append(f"must be filled: {each}")
        if "DEFAULT" in each and "DROP DEFAULT" not in each and not CONSTANT.search(each):
            found.append(f"has no constant default: {each}")
        if re.match(r"CREATE (UNIQUE )?INDEX", each):
            found.append(f"shuts the table while it is made: {each}")
        if re.match("UPDATE|DELETE|INSERT", each):
            found.append(f"goes through rows: {each}")
    return found


def step_named(revision: str) -> ModuleType:
    config = Config()
    config.set_main_option("script_location", "scopekeeper.store:migrations")
    return ScriptDirectory.from_config(config).get_revision(revision).module


@pytest.mark.parametrize("revision", STEPS)
def test_a_step_leaves_older_programs_at_work_or_says_which_it_does_not(revision: str) -> None:
    statements = list(statements_of(step_named(revision)))
    assert statements
    assert faults_in(statements, contracting=revision in MIGRATIONS.contracting) == []


@pytest.mark.parametrize(
    ("does", "fault"),
    [
        (lambda: op.drop_column("tokens", "address"), "contracts"),
        (lambda: op.drop_table("usage"), "contracts"),
        (lambda: op.alter_column("tokens", "user", new_column_name="person"), "contracts"),
        (lambda: op.alter_column("tokens", "user", nullable=False), "contracts"),
        (lambda: op.alter_column("tokens", "user", type_=sa.Integer()), "contracts"),
        (lambda: op.create_unique_constraint("uq_tokens_digest", "tokens", ["digest"]), "contracts"),
        (lambda: op.add_column("tokens", sa.Column("channel", sa.Text(), nullable=False)), "must be filled"),
        (
            lambda: op.add_column("tokens", sa.Column("at", sa.DateTime(), server_default=sa.func.clock_timestamp())),
            "has no constant default",
        ),
        (lambda: op.create_index("ix_tokens_scope", "tokens", ["scope"]), "shuts the table while it is made"),
        (lambda: op.execute("UPDATE tokens SET scope = ''"), "goes through rows"),
    ],
)
def test_what_is_against_the_rules_is_found(does: object, fault: str) -> None:
    step = ModuleType("step")
    step.upgrade = does  # type: ignore[attr-defined]
    (found,) = faults_in(list(statements_of(step)), contracting=False)
    assert found.startswith(f"{fault}: ")


def test_a_new_table_may_have_what_it_likes_and_a_new_column_a_constant() -> None:
    def upgrade() -> None:
        op.create_table("notes", sa.Column("id", sa.Integer(), nullable=False))
        op.create_index("ix_notes_id", "notes", ["id"])
        op.add_column("tokens", sa.Column("channel", sa.Text(), nullable=False, server_default="web"))
        op.add_column("tokens", sa.Column("seen", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.add_column("tokens", sa.Column("note", sa.Text(), comment="of whoever drops by; a type of words"))

    step = ModuleType("step")
    step.upgrade = upgrade  # type: ignore[attr-defined]
    assert faults_in(list(statements_of(step)), contracting=False) == []


def are_named_well(migrations: Migrations) -> bool:
    """Does each step that contracts name a program no newer than itself, and none an older one than the step before?"""
    at = migrations.revisions.index
    places = [(at(each), at(oldest)) for each, oldest in sorted(migrations.contracting.items())]
    oldest_ones = [oldest for _, oldest in places]
    return all(at(FIRST) < oldest <= step for step, oldest in places) and oldest_ones == sorted(oldest_ones)


@pytest.mark.parametrize(
    ("contracting", "well"),
    [
        ({"0011": "0010", "0012": "0010"}, True),
        ({"0011": "0011"}, True),
        ({"0010": "0011"}, False),
        ({"0010": "0009"}, False),
        ({"0011": "0011", "0012": "0010"}, False),
    ],
)
def test_a_step_that_contracts_names_a_program_that_is_no_newer_than_itself_and_goes_never_back(
    contracting: dict[str, str], well: bool
) -> None:
    assert are_named_well(MIGRATIONS)
    assert are_named_well(Migrations(("0009", "0010", "0011", "0012"), (), contracting)) is well


def test_a_step_that_contracts_is_needed_only_where_one_that_expands_comes_behind_it() -> None:
    steps = Migrations(("0009", "0010", "0011", "0012"), (), {"0011": "0010"})
    assert (steps.needs, steps.goal("0009", contract=False)) == ("0012", "0012")
    pending = Migrations(steps.revisions[:3], (), steps.contracting)
    assert (pending.needs, pending.goal("0009", contract=False)) == ("0010", "0010")
    assert [pending.goal(each, contract=False) for each in ("0010", "0011")] == ["0010", "0011"]
    told = [pending.mismatch(version, "it", "0011").rpartition(": ")[2] for version in ("0009", "0010", "0012")]
    assert told == ["run `scopekeeper migrate`", "run `scopekeeper migrate --contract`", "install the newer program"]
    assert [pending.opens(Standing(each, "0009")) for each in ("0009", "0010", "0011", "0012")] == [
        False,
        True,
        True,
        True,
    ]
    assert [pending.opens(Standing("0012", each)) for each in (None, "0011", "0012")] == [False, True, False]
    assert [steps.works_from(each) for each in steps.revisions] == ["0009", "0009", "0010", "0010"]
    old = [steps.is_too_old(knows, "0012") for knows in (None, "0009", "0010", "0012", "0013")]
    assert old == [True, True, False, False, False]


def texts_in(sql: object) -> Iterator[str]:
    """All statements of the program, by what the database hears."""
    for value in vars(sql).values():
        if isinstance(value, Statement):
            yield value.text
        elif type(value).__module__.startswith("scopekeeper.store") and hasattr(value, "__dict__"):
            yield from texts_in(value)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
def test_a_statement_names_its_columns_so_that_one_more_is_nothing_to_it(dialect: sa.Dialect) -> None:
    texts = list(texts_in(Statements(dialect)))
    assert len(texts) > 80
    assert [each for each in texts if re.search(r"(?<!EXISTS \()SELECT \*|\w\.\*", each)] == []
    assert [each for each in texts if re.match(r"INSERT INTO \S+ (?!\()", each)] == []
