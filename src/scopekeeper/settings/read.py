"""From what was given to what holds: flag > environment > file > default, as a function of all four."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scopekeeper.settings.record import PREFIX, SETTINGS, Setting, Settings, variable_of
from scopekeeper.settings.values import BadSecret, BadValue, Database, SqliteFile, is_loopback, origin_of

# What Kubernetes sets in every container for a service called scopekeeper, or scopekeeper-something.
_KUBERNETES: Final = re.compile(
    rf"{PREFIX}(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_SERVICE_ADDRESS: Final = re.compile(r"(?:tcp|udp|sctp)://.*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class SettingsError(Exception):
    """A setting that cannot hold, in one line that says which and why."""


@dataclass(frozen=True, slots=True)
class Here:
    """What the machine says: where we are, whose home it is, and which platform (as `sys.platform` names it)."""

    folder: Path
    home: Path | None
    platform: str


@dataclass(frozen=True, slots=True)
class File:
    """A settings file: where it lies, and its text."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written, by which name, and the folder that relative paths in it start from."""

    text: str
    source: str
    folder: Path


def read(
    flags: Mapping[str, str | None],
    environ: Mapping[str, str],
    file: File | None,
    here: Here,
    contents_of: Callable[[Path], str],
) -> Settings:
    """The settings that hold. Raises SettingsError.

    `flags` are by the names of the settings, None for one that was not given; `contents_of` gives the text of the file
    that a `SCOPEKEEPER_X_FILE` names, or raises OSError or UnicodeDecodeError.
    """
    ours, warnings = _ours(environ)
    given = (
        _from_file(file)
        | _from_environment(ours, here.folder, contents_of)
        | {name: _flag(name, text, here.folder) for name, text in flags.items() if text is not None}
    )
    made: dict[str, Any] = {name: _value(setting, given.get(name)) for name, setting in SETTINGS.items()}
    made["data"] = _placed(made["data"], given.get("data"), here) or _data_folder(environ, here)
    made["database"] = _database_of(made["database"], given.get("database"), here, made["data"])
    made["issuer"] = made["issuer"] or _issuer_of(made["host"], made["port"])
    if made["mail_server"] is not None and made["mail_from"] is None:
        raise SettingsError(f"{given['mail_server'].source}: needs mail_from with it: the address that mail comes from")
    return Settings(**made, file=file.path if file is not None else None, warnings=warnings)


def _flag(name: str, text: str, folder: Path) -> Given:
    setting = SETTINGS[name]
    return Given(text, setting.flag.split()[0] if setting.flag else name, folder)


def _ours(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that are meant for us, and a line for each that looks as if it were."""
    known = {variable_of(name) + ending for name in SETTINGS for ending in ("", "_FILE")}
    ours: dict[str, str] = {}
    unknown: list[str] = []
    for name, text in environ.items():
        if not name.startswith(PREFIX) or _is_kubernetes(name, text):
            continue
        if name in known:
            ours[name] = text
        else:
            unknown.append(f"{name} is no setting and has no effect{_meant(name, variable_of)}")
    return ours, tuple(sorted(unknown))


def _is_kubernetes(name: str, text: str) -> bool:
    if name.endswith("_PORT") and _SERVICE_ADDRESS.fullmatch(text):
        return True
    return _KUBERNETES.fullmatch(name) is not None


def _from_environment(ours: Mapping[str, str], folder: Path, contents_of: Callable[[Path], str]) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for name in SETTINGS:
        variable = variable_of(name)
        by_file = f"{variable}_FILE"
        if variable in ours and by_file in ours:
            raise SettingsError(f"{variable} and {by_file} are both set: keep one of them")
        if variable in ours:
            given[name] = Given(ours[variable], variable, folder)
        elif by_file in ours:
            given[name] = Given(_contents(by_file, folder / ours[by_file], contents_of), by_file, folder)
    return given


def _contents(variable: str, path: Path, contents_of: Callable[[Path], str]) -> str:
    try:
        return contents_of(path).strip()
    except (OSError, UnicodeDecodeError, ValueError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else "it is no text"
        raise SettingsError(f"{variable}: {path} cannot be read: {reason}") from failure


def _from_file(file: File | None) -> dict[str, Given]:
    if file is None:
        return {}
    try:
        written = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as failure:
        raise SettingsError(f"{file.path} is no TOML: {failure}") from failure
    given: dict[str, Given] = {}
    for name, value in written.items():
        if name not in SETTINGS:
            raise SettingsError(f"{file.path}: {name!r} is no setting{_meant(name)}")
        source = f"{file.path}: {name}"
        given[name] = Given(_text_of(value, SETTINGS[name], source), source, file.path.parent)
    return given


def _text_of(value: object, setting: Setting, source: str) -> str:
    """The value of a file as the environment would write it, so that each kind is read in one way."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case list() if setting.several and all(isinstance(each, str) for each in value):
            return ",".join(value)
        case _:
            raise SettingsError(f"{source}: must be a text, a number or true or false")


def _value(setting: Setting, given: Given | None) -> object:
    if given is None:
        return None if setting.default is None else setting.parse(setting.default)
    if _CONTROL.search(given.text):
        raise SettingsError(f"{given.source}: has a line break or another control character in it")
    try:
        return setting.parse(given.text)
    except BadValue as bad:
        shown = "" if setting.secret or isinstance(bad, BadSecret) else f", not {given.text!r}"
        raise SettingsError(f"{given.source}: {bad}{shown}") from None


def _placed(path: Path | None, given: Given | None, here: Here) -> Path | None:
    """The path with its `~` opened, starting from where it was written down."""
    if path is None or given is None:
        return None
    if path.parts[:1] == ("~",):
        return _home(here).joinpath(*path.parts[1:])
    return given.folder / path


def _database_of(database: Database | None, given: Given | None, here: Here, data: Path) -> Database:
    if database is None or isinstance(database, SqliteFile):
        path = _placed(database.path, given, here) if database is not None else None
        return SqliteFile(path or data / "scopekeeper.db")
    return database


def _data_folder(environ: Mapping[str, str], here: Here) -> Path:
    """Where the platform keeps a person's data. A relative XDG_DATA_HOME does not count, as its specification says."""
    if here.platform == "darwin":
        return _home(here) / "Library" / "Application Support" / "Scopekeeper"
    xdg = Path(environ.get("XDG_DATA_HOME", ""))
    return (xdg if xdg.is_absolute() else _home(here) / ".local" / "share") / "scopekeeper"


def _home(here: Here) -> Path:
    if here.home is None:
        raise SettingsError("--data: must be given, for there is no home directory here")
    return here.home


def _issuer_of(host: str, port: int) -> str:
    """The server's own name where none is given: it can only be guessed where nobody else can come."""
    if not is_loopback(host):
        raise SettingsError(
            f"--issuer: must be given, for the host {host} is not loopback: the https address that clients use"
        )
    return origin_of("http", host, port)


def _meant(written: str, shown: Callable[[str], str] = str) -> str:
    """Which setting was meant, if one is near enough."""
    close = difflib.get_close_matches(written.removeprefix(PREFIX).lower(), SETTINGS, n=1)
    return f": did you mean {shown(close[0])}?" if close else ""
