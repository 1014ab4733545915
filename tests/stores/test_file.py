"""The file under a store: who removes or replaces it while it is open is noticed before anything is lost."""

import os
import shutil
from pathlib import Path

import pytest

from scopekeeper.services.ports import Unavailable
from scopekeeper.store import CachedStore, open_sqlite
from tests.fixtures import FixedClock


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
async def test_a_file_that_was_taken_away_is_written_to_no_more(tmp_path: Path, replaced: bool) -> None:
    path, clock = tmp_path / "scopekeeper.db", FixedClock()
    store = CachedStore(open_sqlite(path), clock)
    try:
        assert await store.client("nobody") is None
        if replaced:
            shutil.copy(path, tmp_path / "another.db")
            os.replace(tmp_path / "another.db", path)
        else:
            path.unlink()
        clock.advance(1)
        with pytest.raises(Unavailable, match="removed or replaced"):
            await store.client("nobody")
        with pytest.raises(Unavailable, match="removed or replaced"):
            await store.token(1)
    finally:
        await store.close()
