"""The repository is the same everywhere: no file knows this machine, or where packages come from."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, written

REGISTRY = re.compile(r"pypi\.org/simple|pythonhosted\.org|--(?:extra-)?index-url|--find[-]links|registry\.npmjs")


@pytest.mark.parametrize("place", [ROOT, Path.home()], ids=["checkout", "home"])
def test_no_file_says_where_things_lie_on_this_machine(place: Path) -> None:
    # It must begin a path: a place such as /src is the end of many others.
    named = re.compile(rf"(?<![\w.*}}])/{re.escape(place.relative_to('/').as_posix())}/[\w.]")
    assert place == Path("/") or [path for path, text in written() if named.search(text)] == []


def test_no_file_names_a_package_registry() -> None:
    assert [path for path, text in written() if REGISTRY.search(text)] == []
