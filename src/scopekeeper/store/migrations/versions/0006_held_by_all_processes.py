"""What holds over all processes: failed attempts, wrong user codes of each session, whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "buckets",
        sa.Column("key", Text, nullable=False, comment="what is guessed at, and the network from which"),
        sa.Column("empty_at_milliseconds", Number, nullable=False, comment="when it will have drained"),
        sa.PrimaryKeyConstraint("key", name="pk_buckets"),
        comment="failed attempts: each fills the bucket of its network, which drains by time alone",
    )
    op.create_index("ix_buckets_empty_at_milliseconds", "buckets", ["empty_at_milliseconds"], unique=False)
    op.create_table(
        "turns",
        sa.Column("name", Text, nullable=False, comment="of what one process does for all"),
        sa.Column("holder", Text, comment="empty: nobody"),
        sa.Column("until_milliseconds", Number, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_turns"),
        comment="whose turn it is",
    )
    op.add_column(
        "sessions",
        sa.Column(
            "wrong_codes", Number, nullable=False, server_default=sa.text("0"), comment="user codes that were none"
        ),
    )
