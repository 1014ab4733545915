"""Writes the calls of each of the last days that has no file yet, from midnight to midnight.

    ISSUER=https://id.example.com CLIENT_ID=… CLIENT_SECRET=… \
        python nightly_export.py /srv/calls --format csv --days 7 --zone Europe/Berlin

A machine-to-machine application with the scope `rest:cdr:read` and nothing else is all that it needs.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

SCOPE = "rest:cdr:read"
TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
TIMEOUT = (10, 120)
"""Seconds to connect, and seconds without a byte."""
CHUNK = 64 * 1024


class Failed(Exception):
    """It cannot be done. `code` is the exit code, of sysexits."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def signed_in(issuer: str, client_id: str, client_secret: str) -> OAuth2Session:
    """A session with a token, and with the way to the next. Raises Failed."""
    found = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=TIMEOUT)
    found.raise_for_status()
    metadata = found.json()
    if metadata["issuer"] != issuer:
        raise Failed(os.EX_PROTOCOL, f"{issuer} says that it is {metadata['issuer']}")
    session = OAuth2Session(client_id, client_secret, scope=SCOPE, token_endpoint=metadata["token_endpoint"])
    session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", timeout=TIMEOUT)
    return session


def calls_of(session: OAuth2Session, issuer: str, day: date, zone: tzinfo, kind: str) -> Iterator[bytes]:
    """The calls that began on this day, the oldest first, as they come. Raises Failed."""
    midnights = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    since, until = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in midnights)
    with session.get(
        f"{issuer}/api/rest/cdr/calls",
        params={"since": since, "until": until, "order": "asc"},
        headers={"Accept": TYPES[kind]},
        stream=True,
        timeout=TIMEOUT,
    ) as answer:
        if answer.status_code in (401, 403):
            missing = answer.headers.get("www-authenticate", "").partition('scope="')[2].partition('"')[0]
            raise Failed(os.EX_NOPERM, f"the application lacks {missing}" if missing else answer.reason)
        if answer.status_code in (429, 502, 503, 504):
            raise Failed(os.EX_TEMPFAIL, f"the server answers {answer.status_code}: try again later")
        if not answer.ok:
            raise Failed(os.EX_PROTOCOL, f"the server answers {answer.status_code}: {answer.text[:500]}")
        if answer.headers.get("content-type", "").partition(";")[0] != TYPES[kind]:
            raise Failed(os.EX_PROTOCOL, f"the server does not speak {TYPES[kind]}")
        yield from answer.iter_content(CHUNK)


def write(file: Path, chunks: Iterator[bytes]) -> None:
    """The file, whole or not at all: written beside its place, then renamed. What broke off leaves nothing."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with unfinished.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def export(asked: argparse.Namespace, issuer: str, client_id: str, client_secret: str) -> None:
    """Every day that has no file yet, the oldest first. Raises Failed."""
    today = datetime.now(asked.zone).date()
    days = [today - timedelta(days=ago) for ago in range(asked.days, 0, -1)]
    files = {day: asked.folder / f"calls-{day}.{asked.format}" for day in days}
    missing = {day: file for day, file in files.items() if not file.exists()}
    if not missing:
        return
    session = signed_in(issuer, client_id, client_secret)
    for day, file in missing.items():
        write(file, calls_of(session, issuer, day, asked.zone, asked.format))


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"{name!r} is no time zone, such as Europe/Berlin") from None


def main() -> int:
    """Read the command line, export, and say with which exit code to leave."""
    parser = argparse.ArgumentParser(description="Write the calls of the last days, a file for each.")
    parser.add_argument("folder", type=Path, help="where the files are")
    parser.add_argument("--format", choices=sorted(TYPES), default="ndjson")
    parser.add_argument("--days", type=int, default=1, help="how many days back to look for what is missing")
    parser.add_argument("--zone", type=zone_of, default=UTC, help="whose midnight, such as Europe/Berlin; else UTC")
    asked = parser.parse_args()
    try:
        issuer, client_id, client_secret = (os.environ[each] for each in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
    except KeyError as missing:
        parser.error(f"set {missing.args[0]} in the environment")
    try:
        export(asked, issuer.rstrip("/"), client_id, client_secret)
    except Failed as failed:
        return told(failed.code, failed)
    except OAuthError as refused:
        return told(os.EX_NOPERM, f"no token: {refused}")
    except requests.RequestException as away:
        return told(os.EX_TEMPFAIL, f"{away}: try again later")
    except OSError as unwritten:
        return told(os.EX_CANTCREAT, unwritten)
    return os.EX_OK


def told(code: int, why: object) -> int:
    """Say why, where cron hears it."""
    print(f"nightly_export: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
