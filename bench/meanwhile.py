"""What must not stop anyone: tokens are asked for at a steady rate while a large installation is looked after.

Each act: how long it took, and what the requests that were due from its beginning until a second after its end took;
against those before. An act is felt where a percentile of the latter's is more than twice what it was, and more than
what nobody notices.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import msgspec

from bench import workloads
from bench.asking import Silent, ask
from bench.bare import FORM
from bench.console import PAGES, PASSWORD, STEWARD, signed_in
from bench.crowd import Crowd, Say
from bench.due import first_due, is_there, let_come_due
from bench.many import BUSY, DAY
from bench.ours import JSON
from bench.steady import Asked, Heard, asking, part_of, percentile

RATE: Final = 300.0
"""Requests a second: moderate, for any server."""

TWICE: Final = 2.0
FELT_MS: Final = 10.0
"""What takes no longer is not felt, whatever it took before."""

CALM: Final = 12.0
"""Seconds that are measured before anything is done."""

_WARM: Final = 3.0
_AFTER: Final = 1.0
_SWEPT: Final = "swept what has expired"
"""What the log says when it is done."""
_PATIENCE: Final = 300.0
_REVOKED: Final = 100
"""Of so many tokens of the busy application one is revoked."""


class Meanwhile(msgspec.Struct, frozen=True):
    """One act: how long it took, and the requests for tokens meanwhile."""

    what: str
    seconds: float
    requests: int
    p50_ms: float
    p99_ms: float
    longest_ms: float


class Calls(msgspec.Struct, frozen=True):
    """What an installation of this many tokens goes through. The first of all is how it was before."""

    rate: float
    acts: list[Meanwhile]
    errors: int
    first_error: str


def felt(before: Meanwhile, act: Meanwhile) -> bool:
    """Did those who asked for tokens have to wait for it?"""
    return act.p99_ms > max(TWICE * before.p99_ms, FELT_MS)


def looked_after(crowd: Crowd, folder: Path, core: int | None, say: Say) -> Calls:
    """Do all of it, one after the other. `core` is where the requests come from."""
    crowd.said("user", "add", STEWARD, "--admin", "--password-stdin", said=f"{PASSWORD}\n")
    tokens = part_of(workloads.OPAQUE.name, 100, crowd.loads[workloads.OPAQUE.name])
    done: dict[str, tuple[float, float]] = {}
    with asking(Asked(crowd.server.port, [tokens], RATE), folder / "asked", core) as asker:
        time.sleep(_WARM)
        done["nothing"] = (time.time(), time.time() + CALM)
        time.sleep(CALM)
        for what, act in _acts(crowd, folder).items():
            began = time.time()
            began = act() or began
            done[what] = (began, time.time())
            time.sleep(_AFTER)
            say(f"{what}: {done[what][1] - began:.1f} s")
        heard = asker.ended()
    acts = [_told(what, *span, heard) for what, span in done.items()]
    return Calls(RATE, acts, heard.errors, heard.first_error)


def _told(what: str, begin: float, end: float, heard: Heard) -> Meanwhile:
    times = heard.between(begin, end + _AFTER)
    p50, p99 = (round(percentile(times, each), 2) for each in (50, 99))
    return Meanwhile(what, round(end - begin, 2), len(times), p50, p99, round(max(times, default=0.0), 1))


def _acts(crowd: Crowd, folder: Path) -> Mapping[str, Callable[[], float | None]]:
    """What is done, in this order; an act that waits for its beginning returns when that was."""
    return {
        "console": partial(_console, crowd),
        "keys rotate": lambda: _nothing(crowd.said("keys", "rotate", "--compromised")),
        "sweep": partial(_sweep, crowd),
        "revocation of many": partial(_revoked, crowd),
        "app compromised": lambda: _nothing(crowd.said("app", "compromised", BUSY, "--yes")),
        "backup": partial(_backup, crowd, folder / "copy.db"),
        "doctor": lambda: _nothing(crowd.said("doctor")),
    }


def _console(crowd: Crowd) -> None:
    with signed_in(crowd.server.origin) as client:
        for path in PAGES.values():
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"bench: {path} answered {answer.status_code}")


def _sweep(crowd: Crowd) -> float:
    """Let a hundredth of all tokens come due, and wait until the server has swept them; when it began."""
    database, log = crowd.installation.database, crowd.server.log
    let_come_due(database, crowd.many, 1)
    before = log.read_text(encoding="utf-8", errors="replace").count(_SWEPT)
    _until(lambda: not is_there(database, first_due(crowd.many)))
    began = time.time()
    _until(lambda: log.read_text(encoding="utf-8", errors="replace").count(_SWEPT) > before)
    return began


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not so():
        if time.monotonic() > end:
            raise Silent("bench: the server does not sweep")
        time.sleep(0.1)


def _revoked(crowd: Crowd) -> None:
    """Revoke by the API what the busy application was given in the last of a hundred parts of a week."""
    since = datetime.fromtimestamp(crowd.many.now - 7 * DAY // _REVOKED, UTC).isoformat().replace("+00:00", "Z")
    connection = HTTPConnection("127.0.0.1", crowd.server.port, timeout=_PATIENCE)
    form = "grant_type=client_credentials&scope=rest:admin"
    token = ask(connection, "POST", "/oauth/token", {**FORM, "Authorization": crowd.administrator}, form)
    bearer = f"Bearer {msgspec.json.decode(token)['access_token']}"
    body = msgspec.json.encode({"client_id": BUSY, "since": since, "dry_run": False}).decode()
    ask(connection, "POST", "/api/rest/admin/tokens/revocations", {**JSON, "Authorization": bearer}, body)
    connection.close()


def _backup(crowd: Crowd, target: Path) -> None:
    crowd.said("backup", str(target))
    target.unlink()


def _nothing(_: object) -> None:
    """It has been done."""
