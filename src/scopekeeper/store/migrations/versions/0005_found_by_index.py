"""By index: who owns an application, which refresh tokens work of one application or person, which secrets end, who
looked at what a person can read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index(
        "ix_applications_owner", "applications", ["owner"], unique=False, sqlite_where=sa.text("owner IS NOT NULL")
    )
    op.create_index(
        "ix_refresh_tokens_family_id",
        "refresh_tokens",
        ["family_id"],
        unique=False,
        sqlite_where=sa.text("spent_at IS NULL"),
    )
    op.create_index(
        "ix_acts_looks", "acts", ["target", "action"], unique=False, sqlite_where=sa.text("action = 'view.user'")
    )
    op.create_index(
        "ix_secrets_expires_at", "secrets", ["expires_at"], unique=False, sqlite_where=sa.text("expires_at IS NOT NULL")
    )
