"""What the console's pages load is what its sources make, and says whose it is."""

import hashlib
import json
from typing import Any, Final

import pytest

from tests.house.tree import PACKAGE, ROOT, tracked

FRONTEND: Final = ROOT / "frontend"
MANIFEST: Final[dict[str, Any]] = json.loads((FRONTEND / "built.json").read_text(encoding="utf-8"))
LOCK: Final[dict[str, Any]] = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
LICENCES: Final = PACKAGE / "console" / "LICENCES"


def digest_of(path: str) -> str:
    file = FRONTEND / path
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "gone"


def test_the_scripts_are_built_from_their_sources() -> None:
    other = [path for path, digest in MANIFEST["sources"].items() if digest_of(path) != digest]
    assert other == [], "frontend/ has changed since the scripts were built: run `make assets` (it needs Node)"


def test_what_was_built_is_as_it_was_built() -> None:
    other = [path for path, digest in MANIFEST["built"].items() if digest_of(path) != digest]
    assert other == [], "a built file was edited by hand: edit frontend/ and run `make assets` (it needs Node)"


def test_every_source_is_built() -> None:
    ours = {path.relative_to(FRONTEND).as_posix() for path in tracked() if path.is_relative_to(FRONTEND)}
    assert ours - {".npmrc", "built.json"} == set(MANIFEST["sources"]), (
        "a source that nothing imports, or `make assets`"
    )


def test_every_script_of_the_console_and_the_documentation_is_built() -> None:
    scripts = {path.name for room in ("console", "docs") for path in (PACKAGE / room / "static").glob("*.js")}
    assert scripts == {path.rpartition("/")[2] for path in MANIFEST["built"] if path.endswith(".js")}


@pytest.mark.parametrize("name", MANIFEST["packages"])
def test_the_licence_of_what_is_bundled_is_told(name: str) -> None:
    locked = LOCK["packages"][f"node_modules/{name}"]
    assert f"\n{name} {locked['version']} ({locked['license']})\n" in LICENCES.read_text(encoding="utf-8")


def test_packages_are_pinned_with_their_digests_and_nothing_says_from_where() -> None:
    asked = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version
    packages = {path: entry for path, entry in LOCK["packages"].items() if path}
    assert [path for path, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []
