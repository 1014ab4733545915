"""What is installed is pinned, with its hashes, and nothing says from where."""

import re
import tomllib
from typing import Any

import pytest

from tests.house.tree import ROOT

FILES = ("run.txt", "test.txt", "generator.txt", "peers.txt")


def pins(file: str) -> dict[str, str]:
    """The lines of a requirements file by package: the pin and all its hashes."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {re.split(r"[=\[ ;]", line, maxsplit=1)[0]: line for line in lines}


def declared(*groups: str) -> set[str]:
    """The names of the packages that pyproject.toml asks for, those of the groups among them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project: dict[str, Any] = tomllib.load(file)
    asked = [
        *project["project"]["dependencies"],
        *(each for group in groups for each in project["dependency-groups"][group]),
    ]
    return {re.split(r"[<>=;\[ ]", each, maxsplit=1)[0] for each in asked}


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_with_its_hashes(file: str) -> None:
    for package, line in pins(file).items():
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line), package


@pytest.mark.parametrize(("file", "groups"), [("run.txt", ("build",)), ("test.txt", ("build", "test"))])
def test_every_package_that_is_asked_for_is_pinned(file: str, groups: tuple[str, ...]) -> None:
    assert declared(*groups) <= set(pins(file))


@pytest.mark.parametrize("group", ["generator", "peers"])
def test_what_is_apart_is_pinned_all_the_same(group: str) -> None:
    assert declared(group) - declared() <= set(pins(f"{group}.txt"))


def test_tests_run_on_what_serves() -> None:
    run, test = pins("run.txt"), pins("test.txt")
    assert {package: test.get(package) for package in run} == run
