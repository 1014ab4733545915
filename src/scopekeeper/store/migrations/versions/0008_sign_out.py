"""Sign-out as OpenID Connect has it: what applications say of it, and which of them are yet to hear of one."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _applications()
    op.create_table(
        "farewells",
        sa.Column("client_id", Text, nullable=False),
        sa.Column("session_id", Number, autoincrement=False, nullable=False, comment="the one that has ended"),
        sa.Column("user_id", Number, nullable=False, comment="whose it was; the account may be gone"),
        sa.Column("ended_at", Number, nullable=False),
        sa.Column("due_at", Number, nullable=False, comment="when it is to be told, or told again"),
        sa.Column("tries", Number, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "session_id", name="pk_farewells"),
        comment="applications that are yet to hear of the end of a session; swept by application where that is removed",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_farewells_due_at", "farewells", ["due_at"], unique=False)


def _applications() -> None:
    op.add_column("applications", sa.Column("frontchannel_logout_uri", Text))
    op.add_column(
        "applications",
        sa.Column(
            "outlives_session",
            Text,
            nullable=False,
            server_default="offline_access",
            comment="which grants: never, offline_access, always",
        ),
    )
    op.add_column("applications", sa.Column("default_max_age", Number, comment="seconds; empty: any"))
    op.add_column(
        "applications",
        sa.Column(
            "default_acr_values", Text, nullable=False, server_default="", comment="between spaces, the best first"
        ),
    )
