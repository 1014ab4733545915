"""What `pip install` brings: the wheel has all that running needs."""

import os
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.build import build_wheel

from tests.house.tree import PACKAGE, ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        return folder / build_wheel(str(folder))
    finally:
        os.chdir(before)


def entry_points(wheel: Path) -> ConfigParser:
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        parsed = ConfigParser()
        parsed.read_string(archive.read(name).decode())
        return parsed


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    ours = {path.relative_to(PACKAGE.parent).as_posix() for path in tracked() if path.is_relative_to(PACKAGE)}
    with ZipFile(wheel) as archive:
        brought = {name for name in archive.namelist() if name.startswith("scopekeeper/")}
    assert brought == ours


def test_the_wheel_has_types_migrations_and_the_licence(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "scopekeeper/py.typed" in names
    assert any(name.startswith("scopekeeper/store/migrations/versions/") for name in names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_every_entry_point_leads_somewhere(wheel: Path) -> None:
    points = entry_points(wheel)
    assert points["console_scripts"]["scopekeeper"]
    for group in ("console_scripts", "scopekeeper.modules"):
        for place in points[group].values():
            module, _, name = place.partition(":")
            assert hasattr(import_module(module), name), place


def test_every_module_in_the_box_is_an_entry_point(wheel: Path) -> None:
    in_the_box = {path.stem for path in (PACKAGE / "modules").iterdir() if not path.name.startswith("_")}
    administration = {"admin"}  # it is kept with the guard, for it reaches the services
    assert set(entry_points(wheel)["scopekeeper.modules"]) == in_the_box | administration


def test_the_wheel_asks_for_nothing_that_only_tests_need(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
    assert "Requires-Dist: sqlalchemy" in metadata
    assert "pytest" not in metadata
