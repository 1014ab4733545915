"""`scopekeeper doctor`: looks at everything that has to be right, and says how to mend what is not."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from scopekeeper.cli.output import AsJson, Refused, print_json, say
from scopekeeper.cli.place import settings_of

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.settings import Settings

State = Literal["good", "warning", "bad"]

_LEAST_FREE: Final = 200 * 1024 * 1024
_BUILT_AFTER: Final = 1_790_000_000  # no clock that is right says less than September 2026


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    what: str
    mend: str = ""


def doctor(json: AsJson = False) -> None:
    """Look at settings, database, keys and clock. Exit code 1 if anything is bad."""
    settings = settings_of()
    findings = [*_looked_at_from_outside(settings), *_looked_at_inside(settings)]
    if json:
        print_json(findings)
    else:
        for each in findings:
            say(f"{_MARKS[each.state]} {each.subject}: {each.what}" + (f"\n     → {each.mend}" if each.mend else ""))
    if any(each.state == "bad" for each in findings):
        raise Refused("something has to be mended: see above")


_MARKS: Final[dict[State, str]] = {"good": "good", "warning": "warn", "bad": "BAD "}


def _looked_at_from_outside(settings: "Settings") -> Iterator[Finding]:
    where = f"read from {settings.file}" if settings.file else "no settings file; environment and defaults hold"
    yield Finding("settings", "good", f"{where}; issuer {settings.issuer}")
    for line in settings.warnings:
        yield Finding("settings", "warning", line, "remove the variable, or mend its name")
    yield from _folder(settings)
    yield _clock()


def _folder(settings: "Settings") -> Iterator[Finding]:
    folder = settings.database.path.parent
    if not folder.is_dir():
        yield Finding("data", "bad", f"there is no folder {folder}", "start `scopekeeper serve` once, or mend --data")
        return
    for path in (settings.data, settings.database.path, settings.data / "master.key"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Finding("data", "bad", f"{path} can be read by others", f"chmod {mode} {path}")
    if not os.access(folder, os.W_OK):
        yield Finding("data", "bad", f"{folder} cannot be written", "give it to the user that runs the server")
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        yield Finding("data", "warning", f"only {free // 1_048_576} MB are free at {folder}", "make room on that disk")
    else:
        yield Finding("data", "good", f"{folder}, {free // 1_048_576} MB free")


def _clock() -> Finding:
    from scopekeeper.services.mint import SystemClock

    if SystemClock().now() < _BUILT_AFTER:
        return Finding("clock", "bad", "the machine's clock is behind", "set it, and let NTP keep it right")
    return Finding("clock", "good", "the machine's clock is plausible")


def _looked_at_inside(settings: "Settings") -> list[Finding]:
    """What can be seen only with the database open. A house that does not open is itself the finding."""
    from scopekeeper.cli.house import in_house

    if not settings.database.path.exists():
        return [Finding("database", "bad", f"there is no {settings.database}", "start `scopekeeper serve` once")]
    try:
        return in_house(_inside)
    except Refused as refused:
        return [Finding("database", "bad", str(refused), "see docs/guides/mend-a-database.md")]


async def _inside(house: "House") -> list[Finding]:
    from scopekeeper.store import examine

    findings = [
        Finding("database", "good" if each.sound else "bad", each.what, each.mend)
        for each in examine(house.settings.database.path)
    ]
    return [*findings, await _keys(house), await _applications(house)]


async def _keys(house: "House") -> Finding:
    from scopekeeper.oauth.keys import active

    keys = await house.signer.keys()
    signing = active(keys, "ES256")
    if signing is None:
        return Finding("keys", "bad", "no key signs", "start `scopekeeper serve` once: it makes them")
    what = f"{signing.kid} signs ({signing.alg}), {len(keys)} keys in all, and the master key opens them"
    return Finding("keys", "good", what)


async def _applications(house: "House") -> Finding:
    clients = await house.applications.all()
    gone = sorted({scope for client in clients for scope in client.scope if scope not in house.modules.catalogue})
    if gone:
        return Finding(
            "applications",
            "warning",
            f"some have scopes that no module offers any more: {' '.join(gone[:5])}",
            "switch the module on again, or `scopekeeper app update CLIENT_ID --scope …`",
        )
    return Finding("applications", "good", f"{len(clients)} registered")
