"""The databases in which modules' data is kept."""

from pathlib import Path

import pytest

from scopekeeper.settings import Database, PostgresDatabase, SqliteFile


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """One of each kind, new."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path / "scopekeeper.db")
    made = request.getfixturevalue("made")
    assert isinstance(made, PostgresDatabase)
    return made
