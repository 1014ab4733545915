"""A database says which programs work on it, and of each process which of them it is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("alembic_version", sa.Column("works_from", sa.String(32)))
    op.add_column(
        "processes",
        sa.Column("knows", Text, comment="the newest schema that its program knows; empty: one before 0009"),
    )
