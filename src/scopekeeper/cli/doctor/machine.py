"""What is looked at from outside: the settings, the files and their modes, the disk, the clock."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scopekeeper.cli.doctor.finding import Finding
from scopekeeper.settings import Settings, SqliteFile

_LEAST_FREE: Final = 200 * 1024 * 1024
_BUILT_AFTER: Final = 1_790_000_000  # no clock that is right says less than September 2026


def settings(settings: Settings) -> Iterator[Finding]:
    """Where the settings come from; what looks like a setting and is none."""
    where = f"read from {settings.file}" if settings.file else "no file; environment and defaults hold"
    yield Finding("settings", "good", f"{where}; the issuer is {settings.issuer}")
    for line in settings.warnings:
        yield Finding("settings", "warning", line, "remove the variable, or mend its name")


def data(settings: Settings) -> Iterator[Finding]:
    """The folders and files: there, nobody else's to read, ours to write, with room to grow."""
    file = settings.database.path if isinstance(settings.database, SqliteFile) else None
    folders = dict.fromkeys((settings.data, *([file.parent] if file else [])))
    for folder in folders:
        if not folder.is_dir():
            yield Finding(
                "data",
                "bad",
                f"there is no folder {folder}",
                "every command that needs it makes it; or mend --data, if it should be elsewhere",
            )
    there = [path for path in (*folders, *([file] if file else []), settings.data / "master.key") if path.exists()]
    for path in there:
        yield from _access(path)
    for folder in folders:
        if folder.is_dir():
            yield _room(folder)


def clock() -> Finding:
    """The machine's clock, on which every lifetime rests."""
    from scopekeeper.services.clock import SystemClock

    if SystemClock().now() < _BUILT_AFTER:
        return Finding("clock", "bad", "the machine's clock is behind", "set it, and let NTP keep it right")
    return Finding("clock", "good", "the machine's clock is plausible")


def _access(path: Path) -> Iterator[Finding]:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        mode = "700" if path.is_dir() else "600"
        yield Finding("data", "bad", f"{path} is open to other users of this machine", f"chmod {mode} {path}")
    if not os.access(path, os.R_OK | os.W_OK):
        yield Finding("data", "bad", f"{path} cannot be read and written by this user", "chown it, or be its owner")


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        return Finding("data", "warning", f"only {free // 1_048_576} MB are free at {folder}", "make room on that disk")
    return Finding("data", "good", f"{folder}, {free // 1_048_576} MB free")
