"""Stronger accounts: factors besides a password, other providers, what is spent, mails that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column("required_acr", Text, comment="how well whoever signs in for it has to have proven who they are"),
    )
    op.add_column("users", sa.Column("external_id", Text, comment="what those call it who keep it from elsewhere"))
    if op.get_context().dialect.name == "sqlite":  # on PostgreSQL made behind all steps, while everybody goes on
        op.create_index(
            "ix_users_external_id",
            "users",
            ["external_id"],
            unique=True,
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )
    _factors()
    _upstreams()
    _queues()


def _factors() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False, comment="the authenticator's own name for it"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="a COSE_Key, in CBOR"),
        sa.Column("sign_count", Number, nullable=False, comment="the authenticator's own; 0 where it keeps none"),
        sa.Column("name", Text, nullable=False, comment="what its person calls it"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("last_used_at", Number),
        sa.Column("synced", sa.Boolean(), nullable=False, comment="is it on other devices, too?"),
        sa.Column("transports", Text, nullable=False, comment="how it is reached, between spaces"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passkeys_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        comment="credentials of authenticators (Web Authentication)",
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"], unique=False)
    op.create_table(
        "totps",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the shared secret, under the master key"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("last_step", Number, nullable=False, comment="the latest time step of which a code was taken"),
        sa.Column("last_used_at", Number),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_totps_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_totps"),
        comment="one-time codes by time (RFC 6238)",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code, which is nowhere"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("used_at", Number),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        comment="codes that stand in for a lost factor, once each",
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"], unique=False)


def _upstreams() -> None:
    op.create_table(
        "upstreams",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("name", Text, nullable=False, comment="in addresses; it never changes"),
        sa.Column("label", Text, nullable=False, comment="what stands on its button"),
        sa.Column("issuer", Text, nullable=False),
        sa.Column("client_id", Text, nullable=False, comment="who we are there"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), comment="our secret there, under the master key; empty: a public client"),
        sa.Column("scope", Text, nullable=False, comment="scopes between spaces"),
        sa.Column(
            "link_by_email", sa.Boolean(), nullable=False, comment="are newcomers known by their verified address?"
        ),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Number, nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upstreams"),
        sa.UniqueConstraint("name", name="uq_upstreams_name"),
        comment="other OpenID providers at which people may sign in",
    )
    op.create_table(
        "identities",
        sa.Column("upstream_id", Number, autoincrement=False, nullable=False),
        sa.Column("subject", Text, nullable=False, comment="the provider's own name for somebody"),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("email", Text, comment="as the provider told it"),
        sa.Column("last_used_at", Number),
        sa.ForeignKeyConstraint(
            ["upstream_id"], ["upstreams.id"], name="fk_identities_upstream_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("upstream_id", "subject", name="pk_identities"),
        comment="whom of ours other providers know",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"], unique=False)


def _queues() -> None:
    op.create_table(
        "spent",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was presented"),
        sa.Column("until", Number, nullable=False, comment="when it is worth nothing anyway"),
        sa.PrimaryKeyConstraint("digest", name="pk_spent"),
        comment="what can be presented once, and has been",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_spent_until", "spent", ["until"], unique=False)
    op.create_table(
        "mails",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("recipient", Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="what it says, under the master key"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("due_at", Number, nullable=False, comment="when it is tried next"),
        sa.Column("expires_at", Number, nullable=False, comment="when it is not worth sending any more"),
        sa.Column("tries", Number, nullable=False),
        sa.Column("user_id", Number, comment="whose account it is about"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mails_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        comment="mails that wait to be sent",
    )
    op.create_index("ix_mails_due_at", "mails", ["due_at"], unique=False)
    op.create_index("ix_mails_expires_at", "mails", ["expires_at"], unique=False)
    op.create_index("ix_mails_user_id", "mails", ["user_id"], unique=False)
