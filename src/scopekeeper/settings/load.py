"""Reads the settings from the machine: its environment, its files, its platform."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scopekeeper.settings.read import File, Here, SettingsError, read
from scopekeeper.settings.record import Settings

FILE: Final = "scopekeeper.toml"


def load(
    flags: Mapping[str, str | None] | None = None,
    *,
    config: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings that hold here and now. Raises SettingsError.

    `flags` are by the names of the settings, None for one that was not given; `config` is the file to read, which must
    be there; without it `scopekeeper.toml` in the working directory is read if it is there.
    """
    variables = os.environ if environ is None else environ
    here = Here(Path.cwd(), _home(variables), sys.platform)
    return read(flags or {}, variables, _file(here.folder, config), here, _contents_of)


def _file(folder: Path, config: str | Path | None) -> File | None:
    path = folder / (FILE if config is None else config)
    try:
        return File(path, _contents_of(path))
    except FileNotFoundError:
        if config is None:
            return None
        raise SettingsError(f"--config: there is no {path}") from None
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is no text"
        raise SettingsError(f"{path} cannot be read: {reason}") from failure


def _contents_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _home(environ: Mapping[str, str]) -> Path | None:
    home = Path(environ.get("HOME", ""))
    return home if home.is_absolute() else None
