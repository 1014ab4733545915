"""A folder that holds what we export and nothing else: filled, or replaced as a whole.

A list of the files lies among them. By it an earlier export is known, and what only that had is removed. All is written
beside its place first, so that what was there stays whole if the disk is full; then each file takes its place at once,
the pages after all that they load. Whatever breaks off on the way, the next export finishes.
"""

import json
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from scopekeeper.cli.output import Refused

LIST: Final = "exported.json"
_MADE_BY: Final = "scopekeeper docs export"
_UNFINISHED: Final = ".unfinished"


def replace(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Let the folder hold these files, by their paths, and the list of them.

    Raises Refused where it holds other things, unless forced: then they stay, but for those whose names are needed.
    Raises OSError where it cannot be written.
    """
    there, ours = frozenset(_there(folder)), frozenset({*files, LIST})
    before = _listed(folder)
    known = before | {f"{path}{_UNFINISHED}" for path in ours | before}
    others = sorted(there - known)
    if others and not force:
        raise Refused(
            f"{folder} holds other things than an earlier export, such as {others[0]}: name an empty or a new "
            "directory, or give --force to leave them alone"
        )
    for path in ours:
        _require_inside(folder, path)
    try:
        for path, content in files.items():
            _unfinished(folder, path).parent.mkdir(parents=True, exist_ok=True)
            _written(_unfinished(folder, path), content)
        _list(folder, ours | before)
        for path in sorted(files, key=lambda path: (path.endswith(".html"), path)):
            _unfinished(folder, path).replace(folder / path)
    finally:
        for path in files:
            with suppress(OSError):  # what hinders here has been told of, or nothing has been written at all
                _unfinished(folder, path).unlink(missing_ok=True)
    _remove(folder, (there & known) - ours)
    _list(folder, ours)


def _there(folder: Path) -> Iterable[str]:
    """What the folder holds, by path: all but folders that are folders and nothing else."""
    if folder.is_dir():
        for place, folders, files in os.walk(folder):
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            yield from ((Path(place) / name).relative_to(folder).as_posix() for name in (*files, *links))
    elif os.path.lexists(folder):
        raise Refused(f"{folder} is no directory")


def _listed(folder: Path) -> frozenset[str]:
    """The files of an earlier export, as its list has them; none where there is none that we wrote."""
    try:
        told = json.loads((folder / LIST).read_bytes())
    except (FileNotFoundError, ValueError):
        return frozenset()
    if not isinstance(told, dict) or told.get("made_by") != _MADE_BY or not isinstance(told.get("files"), list):
        return frozenset()
    return frozenset(path for path in told["files"] if isinstance(path, str))


def _list(folder: Path, paths: Collection[str]) -> None:
    told = {"made_by": _MADE_BY, "files": sorted(paths)}
    _written(_unfinished(folder, LIST), json.dumps(told, indent=2).encode() + b"\n")
    _unfinished(folder, LIST).replace(folder / LIST)


def _written(path: Path, content: bytes) -> None:
    """Write a file that is not there yet: nothing is written through a link that somebody put in its place."""
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(content)


def _unfinished(folder: Path, path: str) -> Path:
    return folder / f"{path}{_UNFINISHED}"


def _require_inside(folder: Path, path: str) -> None:
    """Is every folder on the way to this file one of ours? A link could lead out of it. Raises Refused."""
    for above in Path(path).parents:
        if above != Path() and (folder / above).is_symlink():
            raise Refused(f"{folder / above} is a link: remove it first")


def _remove(folder: Path, paths: Iterable[str]) -> None:
    """Remove these files, which were seen in the folder, and every folder that this leaves empty."""
    for path in paths:
        (folder / path).unlink(missing_ok=True)
        for above in Path(path).parents:
            if above != Path():
                with suppress(OSError):  # it holds something else
                    (folder / above).rmdir()
