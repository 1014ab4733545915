"""The program of the next version: a copy of this one, with two steps more and with statements that need the first.

The first step expands: a column that has a default, one that may be empty in the table that all requests use, and a
field of a module. The second contracts: what older programs insert into the log has no value for that column any more.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

import scopekeeper
from scopekeeper.store import HEAD
from tests.live import Live

EXPANDED: Final = f"{int(HEAD) + 1:04}"
CONTRACTED: Final = f"{int(HEAD) + 2:04}"

_REVISIONS: Final = f"""

MIGRATIONS = Migrations(
    (*MIGRATIONS.revisions, "{EXPANDED}", "{CONTRACTED}"),
    MIGRATIONS.locations,
    {{**MIGRATIONS.contracting, "{CONTRACTED}": "{EXPANDED}"}},
)
HEAD = MIGRATIONS.head
"""

_TABLES: Final = """

acts.append_column(Column("channel", Text, nullable=False))
"""

_ROWS: Final = """

_row_without = act_row


def act_row(act):
    return {**_row_without(act), "channel": "new"}
"""

_STEP: Final = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    {does}
"""

_EXPANDS: Final = """op.add_column("acts", sa.Column("channel", sa.Text(), nullable=False, server_default="old"))
    op.add_column("tokens", sa.Column("channel", sa.Text()))"""

_CONTRACTS: Final = """with op.batch_alter_table("acts") as acts:
        acts.alter_column("channel", existing_type=sa.Text(), existing_nullable=False, server_default=None)"""

_FIELD: Final = "    email: Email | None = None\n"


def made_in(folder: Path) -> Path:
    """Make it there: where Python finds it."""
    there = shutil.copytree(Path(scopekeeper.__file__).parent, folder / "scopekeeper")
    steps = there / "store" / "migrations" / "versions"
    for revision, before, does in ((EXPANDED, HEAD, _EXPANDS), (CONTRACTED, EXPANDED, _CONTRACTS)):
        (steps / f"{revision}.py").write_text(_STEP.format(revision=revision, before=before, does=does))
    for name, more in (("revisions", _REVISIONS), ("tables", _TABLES), ("rows", _ROWS)):
        with (there / "store" / f"{name}.py").open("a") as file:
            file.write(more)
    extensions = there / "modules" / "extensions" / "__init__.py"
    before, field, after = extensions.read_text().partition(_FIELD)
    assert field
    extensions.write_text(f'{before}{field}    site: str = "main"\n{after}')
    return folder


def become_next(server: Live, program: Path) -> None:
    """From now on it is run by that program."""
    server.settings = {**server.settings, "PYTHONPATH": str(program)}
    server.command = (sys.executable, "-u", "-m", "scopekeeper")
