"""The first schema: applications, secrets, tokens, signing keys, the audit log, and what processes tell one another."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("at", Number, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("details", sa.Text(), nullable=False, comment="a JSON object"),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
        comment="the audit log",
    )
    op.create_table(
        "applications",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="the ceiling: scopes between spaces"),
        sa.Column("grant_types", sa.Text(), nullable=False, comment="between spaces"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False, comment="a JSON array"),
        sa.Column("post_logout_redirect_uris", sa.Text(), nullable=False, comment="a JSON array"),
        sa.Column("backchannel_logout_uri", sa.Text()),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("website", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("generation", Number, nullable=False, comment="tokens of another generation are dead"),
        sa.Column("token_format", sa.Text(), nullable=False),
        sa.Column("signing_alg", sa.Text(), nullable=False),
        sa.Column("access_token_lifetime", Number, comment="seconds; empty takes the server's"),
        sa.Column("pkce_required", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("resource_server", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Number, nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_applications"),
    )
    changes = op.create_table(
        "changes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("number", Number, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_changes_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        comment="one number that rises with everything that a cache could hide",
    )
    op.create_table(
        "forgotten",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_forgotten"),
        comment="removed applications whose tokens still wait to be swept",
    )
    processes = op.create_table(
        "processes",
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), comment="empty: free"),
        sa.Column("since_milliseconds", Number, nullable=False),
        sa.Column("until_milliseconds", Number, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_processes"),
        comment="the numbers by which processes make row ids that no other makes",
    )
    op.create_table(
        "signing_keys",
        sa.Column("position", Number, autoincrement=False, nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False, comment="the public JWK"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False, comment="the private key, under the master key"),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("retires_at", Number),
        sa.PrimaryKeyConstraint("position", name="pk_signing_keys"),
        sa.UniqueConstraint("kid", name="uq_signing_keys_kid"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token; empty for a JWT"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="scopes between spaces"),
        sa.Column("issued_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("generation", Number, nullable=False, comment="its application's when it was issued"),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), comment="in whose name it acts; empty: the application's own"),
        sa.Column("address", sa.Text()),
        sa.Column("revoked_at", Number),
        sa.Column("last_used_at", Number),
        sa.Column("last_used_address", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_client_id", "tokens", ["client_id"], unique=False)
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"], unique=False)
    op.create_index(
        "ix_tokens_user",
        "tokens",
        ["user"],
        unique=False,
        sqlite_where=sa.text('"user" IS NOT NULL'),
        postgresql_where=sa.text('"user" IS NOT NULL'),
    )
    op.create_table(
        "secrets",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret, which is nowhere"),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", Number),
        sa.Column("last_used_at", Number),
        sa.Column("last_used_address", sa.Text()),
        sa.ForeignKeyConstraint(
            ["client_id"], ["applications.client_id"], name="fk_secrets_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_secrets"),
    )
    op.create_index("ix_secrets_client_id", "secrets", ["client_id"], unique=False)

    op.bulk_insert(changes, [{"id": 1, "number": 1}])
    op.bulk_insert(
        processes,
        [{"number": number, "since_milliseconds": 0, "until_milliseconds": 0} for number in range(1024)],
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA application_id = 0x534B5052")
