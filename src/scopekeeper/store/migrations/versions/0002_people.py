"""People: accounts, the stays of those who are signed in, and single-use links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", Number, autoincrement=False, nullable=False, comment="the subject: no later account bears it"),
        sa.Column("name", sa.Text(), nullable=False, comment="folded to lower case"),
        sa.Column("password", sa.Text(), comment="argon2id, in its own notation; empty until one is chosen"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Number, nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "links",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the link's secret, which is nowhere"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", Number, comment="empty: nobody yet"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_links_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        comment="single-use links: to set a password, to make the first administrator",
    )
    op.create_index("ix_links_user_id", "links", ["user_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's value, which is nowhere"
        ),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("signed_in_at", Number, nullable=False),
        sa.Column("last_seen_at", Number, nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("agent", sa.Text(), nullable=False, comment="the browser, in its own words"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        comment="the stays of people who are signed in",
    )
    op.create_index("ix_sessions_signed_in_at", "sessions", ["signed_in_at"], unique=False)
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
