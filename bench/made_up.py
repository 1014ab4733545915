"""Modules that are made up for a bench, and found by a server as any installed package's are: by entry point."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.live import Live, live


@contextmanager
def serving(folder: Path, package: str, text: str, modules: Mapping[str, str]) -> Iterator[Live]:
    """A server that has this package besides. `modules`: the name of each API module, and what it is in the text."""
    packages = folder / "packages"
    information = packages / f"{package}-1.dist-info"
    information.mkdir(parents=True)
    (packages / f"{package}.py").write_text(text)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    entries = (f"{name} = {package}:{what}" for name, what in modules.items())
    (information / "entry_points.txt").write_text("\n".join(("[scopekeeper.modules]", *entries)) + "\n")
    here = Path(__file__).parents[1]  # what is made up may lie beside this file
    path = os.pathsep.join(filter(None, (str(packages), str(here), os.environ.get("PYTHONPATH"))))
    with live(folder, {"PYTHONPATH": path}) as server:
        yield server
