"""Grants of people: consents, codes, families, refresh tokens, devices; and from where web pages may call."""

import json

import sqlalchemy as sa
from alembic import op

from scopekeeper.oauth.redirects import origin_of

revision = "0003"
down_revision = "0002"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _columns()
    _origins()
    _consents()
    _codes()
    _families()
    _refresh_tokens()
    _device_codes()


def _columns() -> None:
    op.add_column("applications", sa.Column("code_lifetime", Number, comment="seconds; empty takes the server's"))
    op.add_column("tokens", sa.Column("user_id", Number, comment="that person's subject"))
    op.add_column(
        "tokens",
        sa.Column("family_id", Number, comment="the grant that it came of: dead or gone, the token is dead"),
    )


def _origins() -> None:
    origins = op.create_table(
        "origins",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["applications.client_id"], name="fk_origins_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("origin", "client_id", name="pk_origins"),
        comment="from which web pages single-page applications may call: the origins of their redirect URIs",
    )
    op.create_index("ix_origins_client_id", "origins", ["client_id"], unique=False)
    applications = op.get_bind().execute(
        sa.text("SELECT client_id, redirect_uris FROM applications WHERE type = 'spa' ORDER BY client_id")
    )
    op.bulk_insert(
        origins,
        [
            {"origin": origin, "client_id": client_id}
            for client_id, redirect_uris in applications
            for origin in sorted({origin_of(uri) or "" for uri in json.loads(redirect_uris)} - {""})
        ],
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("generation", Number, nullable=False, comment="its application's when it was given"),
        sa.Column("scope", sa.Text(), nullable=False, comment="scopes between spaces"),
        sa.Column("granted_at", Number, nullable=False),
        sa.Column("updated_at", Number, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_consents_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "client_id", name="pk_consents"),
        comment="what people allow applications, remembered",
    )
    op.create_index("ix_consents_client_id", "consents", ["client_id"], unique=False)


def _codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code, which is nowhere"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("generation", Number, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("auth_time", Number, nullable=False),
        sa.Column("session_id", Number),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("code_challenge", sa.Text(), comment="of S256"),
        sa.Column("nonce", sa.Text()),
        sa.Column("family_id", Number, comment="what it bought; empty: not redeemed"),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
        comment="authorization codes",
    )
    _waiting("codes")


def _families() -> None:
    op.create_table(
        "families",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("generation", Number, nullable=False),
        sa.Column("grant_type", sa.Text(), nullable=False, comment="by which it began"),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("auth_time", Number, nullable=False),
        sa.Column("session_id", Number),
        sa.Column("offline", sa.Boolean(), nullable=False, comment="may it outlive its session?"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("last_used_at", Number),
        sa.Column("revoked_at", Number),
        sa.PrimaryKeyConstraint("id", name="pk_families"),
        comment="grants of people to applications, with all that came of them; the sweep goes by the ids, which grow",
    )
    op.create_index("ix_families_client_id", "families", ["client_id"], unique=False)
    op.create_index(
        "ix_families_user_id", "families", ["user_id"], unique=False, sqlite_where=sa.text("revoked_at IS NULL")
    )
    op.create_index(
        "ix_families_session_id",
        "families",
        ["session_id"],
        unique=False,
        sqlite_where=sa.text("session_id IS NOT NULL"),
    )


def _refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token, which is nowhere"),
        sa.Column("family_id", Number, nullable=False),
        sa.Column("issued_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("spent_at", Number),
        sa.Column("successor", Number, comment="the one that took its place"),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            comment="the answer that it came in, under a key that only its predecessor yields",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_tokens"),
    )
    op.create_index(
        "ix_refresh_tokens_issued_at",
        "refresh_tokens",
        ["issued_at"],
        unique=False,
        sqlite_where=sa.text("sealed IS NOT NULL"),
    )


def _device_codes() -> None:
    op.create_table(
        "device_codes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the device code, which is nowhere"),
        sa.Column("user_code", sa.Text(), nullable=False, comment="eight consonants; worth nothing without a session"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("generation", Number, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("interval", Number, nullable=False, comment="seconds between two polls"),
        sa.Column("polled_at", Number),
        sa.Column("user_id", Number, comment="who claimed it"),
        sa.Column("user", sa.Text()),
        sa.Column("auth_time", Number),
        sa.Column("session_id", Number),
        sa.Column("approved", sa.Boolean(), comment="empty: not decided"),
        sa.Column("family_id", Number, comment="what it bought; empty: not redeemed"),
        sa.PrimaryKeyConstraint("id", name="pk_device_codes"),
        sa.UniqueConstraint("user_code", name="uq_device_codes_user_code"),
        comment="devices that wait to be let in",
    )
    _waiting("device_codes")


def _waiting(table: str) -> None:
    op.create_index(
        f"ix_{table}_waiting",
        table,
        ["user_id", "expires_at"],
        unique=False,
        sqlite_where=sa.text("family_id IS NULL"),
    )
