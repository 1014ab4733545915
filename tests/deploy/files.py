"""The files of `deploy/`, read as the programs read them that they are for."""

import shutil
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from scopekeeper.settings import SETTINGS, variable_of

DEPLOY: Final = Path(__file__).parents[2] / "deploy"

VARIABLES: Final = {variable_of(name) + ending for name in SETTINGS for ending in ("", "_FILE")}
"""What may stand in an environment."""


def documents(text: str) -> list[Any]:
    """Every document of a YAML stream."""
    return list(yaml.safe_load_all(text))


def assignments(path: Path) -> dict[str, list[str]]:
    """What a unit, or an environment file, gives each name, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found[name].append(value)
    return found


def tool(name: str) -> str:
    """Where this program is. Where it is missing the test says so: it fails on Linux, for which there is one."""
    found = shutil.which(name)
    if found is None and sys.platform == "linux":
        pytest.fail(f"{name} is missing: make system installs it")
    if found is None:
        pytest.skip(f"there is no {name} for this system")
    return found
