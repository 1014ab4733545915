"""What OpenID Connect has of its own: algorithms that applications choose, and what accounts tell of their people."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

CLAIMS = {
    "consents": "those allowed one by one, between spaces",
    "codes": "asked for one by one: userinfo:email",
    "families": "granted one by one: userinfo:email",
}


def upgrade() -> None:
    _applications()
    _users()
    for table in ("consents", "codes", "families"):
        op.add_column(table, sa.Column("claims", Text, nullable=False, server_default="", comment=CLAIMS[table]))
    for table in ("codes", "families", "device_codes", "sessions"):
        op.add_column(
            table,
            sa.Column("amr", Text, nullable=False, server_default="pwd", comment="by which methods (RFC 8176)"),
        )


def _applications() -> None:
    op.add_column(
        "applications", sa.Column("id_token_signed_response_alg", Text, nullable=False, server_default="RS256")
    )
    op.add_column("applications", sa.Column("userinfo_signed_response_alg", Text, comment="empty: not signed"))
    op.add_column("applications", sa.Column("subject_type", Text, nullable=False, server_default="public"))
    op.add_column(
        "applications",
        sa.Column(
            "sector_identifier_uri", Text, comment="whose host subjects are made of; empty: that of the redirect URIs"
        ),
    )


def _users() -> None:
    op.add_column(
        "users",
        sa.Column(
            "email_verified", sa.Boolean(), nullable=False, server_default=sa.false(), comment="as who keeps it vouches"
        ),
    )
    for name in ("full_name", "given_name", "family_name", "phone_number"):
        op.add_column("users", sa.Column(name, Text))
    op.add_column("users", sa.Column("address", Text, comment="the postal address, in lines"))
    for name in ("locale", "zoneinfo"):
        op.add_column("users", sa.Column(name, Text))
