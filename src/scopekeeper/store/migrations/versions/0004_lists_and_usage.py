"""What lists are read by and looked for in, folded; when an application was last used; and what is counted of it."""

import sqlite3
from typing import cast

import sqlalchemy as sa
from alembic import op

from scopekeeper.services.lists import folded

revision = "0004"
down_revision = "0003"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    driver = cast(sqlite3.Connection, op.get_bind().connection.driver_connection)
    driver.create_function("folded", 1, folded, deterministic=True)
    _applications()
    _users()
    _acts()
    _usage()


def _applications() -> None:
    op.add_column(
        "applications",
        sa.Column("last_used_at", Number, comment="when a token of it called, or was asked for; no edit sets it back"),
    )
    _add_text("applications", "name_folded", "the name in any case: its place in lists")
    _add_text("applications", "sought", "what is looked for in, folded")
    op.execute(
        "UPDATE applications SET name_folded = folded(name),"
        " sought = folded(name || char(10) || description || char(10) || client_id)"
    )
    op.create_index("ix_applications_name_folded", "applications", ["name_folded", "client_id"], unique=False)
    op.create_index("ix_applications_created_at", "applications", ["created_at", "client_id"], unique=False)


def _users() -> None:
    _add_text("users", "sought", "what is looked for in, folded")
    op.execute("UPDATE users SET sought = folded(name || char(10) || coalesce(email, ''))")


def _acts() -> None:
    _add_text("acts", "sought", "what is looked for in, folded")
    op.execute(
        "UPDATE acts SET sought = folded(actor || char(10) || action || char(10) || target || char(10)"
        " || coalesce(address, '') || char(10) || details)"
    )
    op.create_index("ix_acts_actor", "acts", ["actor"], unique=False)
    op.create_index("ix_acts_target", "acts", ["target"], unique=False)


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("client_id", sa.Text(), nullable=False, comment="empty: all applications together"),
        sa.Column("hour", Number, autoincrement=False, nullable=False, comment="its first second"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("times", Number, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "hour", "kind", "what", name="pk_usage"),
        comment="how often something happened in an hour: read by application, swept by hour",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usage_hour", "usage", ["hour"], unique=False)


def _add_text(table: str, name: str, comment: str) -> None:
    op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment))
