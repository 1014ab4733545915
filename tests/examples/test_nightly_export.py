"""The nightly export: a file for each day, whole or not there, and exit codes that cron understands."""

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx2
import pytest

from tests.examples.running import machine, run
from tests.listening import listening
from tests.live import Live, free_port, live

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
CALLS = 600
"""More than one page."""


def call(uid: str, started: datetime) -> dict[str, object]:
    return {
        "uid": uid,
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "answered_at": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "ended": f"{started + timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}",
        "caller": "5551234",
        "callee": "1001",
        "callee_extension": "1001",
        "direction": "inbound",
        "disposition": "answered",
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("called")) as running:
        yield running


@pytest.fixture(scope="module")
def application(server: Live) -> dict[str, str]:
    """With calls of yesterday, and one each of the days before and after."""
    made = server.json("app", "add", "Telephone system", "--type", "m2m", "--scope", "rest:cdr:write")
    yesterday = TODAY - timedelta(days=1)
    moments = [TODAY - timedelta(days=1, seconds=1), TODAY, *(yesterday + timedelta(seconds=n) for n in range(CALLS))]
    with httpx2.Client(headers={"authorization": f"Bearer {server.token(made)}"}) as client:
        for place, moment in enumerate(moments):
            answer = client.post(f"{server.issuer}/api/rest/cdr/calls", json=call(f"call-{place}", moment))
            assert answer.status_code == 201, answer.text
    return machine(server, "nightly_export")


def test_yesterday_is_written_whole_and_a_second_run_leaves_it_alone(
    server: Live, application: dict[str, str], tmp_path: Path
) -> None:
    said = run(server, "nightly_export", application, str(tmp_path))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    [file] = tmp_path.iterdir()
    assert file.name == f"calls-{TODAY - timedelta(days=1):%Y-%m-%d}.ndjson"
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["uid"] for each in told] == [f"call-{place}" for place in range(2, CALLS + 2)]
    file.write_text("seen")
    assert run(server, "nightly_export", application, str(tmp_path)).returncode == 0
    assert file.read_text() == "seen"


def test_days_that_were_missed_are_fetched_as_csv(server: Live, application: dict[str, str], tmp_path: Path) -> None:
    assert run(server, "nightly_export", application, str(tmp_path), "--format", "csv", "--days", "2").returncode == 0
    before, yesterday = sorted(tmp_path.iterdir())
    [row] = csv.DictReader(io.StringIO(before.read_text()))
    assert (row["uid"], row["callee"]) == ("call-0", "1001")
    assert len(list(csv.DictReader(io.StringIO(yesterday.read_text())))) == CALLS


def test_a_day_begins_at_midnight_where_they_are(server: Live, application: dict[str, str], tmp_path: Path) -> None:
    asked = (str(tmp_path), "--days", "3", "--zone", "Pacific/Kiritimati")
    assert run(server, "nightly_export", application, *asked).returncode == 0
    told = [line for file in sorted(tmp_path.iterdir()) for line in file.read_text().splitlines()]
    assert len(told) >= CALLS
    assert len({json.loads(line)["id"] for line in told}) == len(told)


def test_what_it_may_not_see_it_says_and_leaves_no_file(server: Live, tmp_path: Path) -> None:
    poorer = machine(server, "nightly_export", "rest:extensions:read")
    said = run(server, "nightly_export", poorer, str(tmp_path))
    assert said.returncode == os.EX_NOPERM
    assert "invalid_scope" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_tried_again_later(
    server: Live, application: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "issuer", f"http://127.0.0.1:{free_port()}")
    said = run(server, "nightly_export", application, str(tmp_path))
    assert said.returncode == os.EX_TEMPFAIL
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(server: Live, application: dict[str, str], tmp_path: Path) -> None:
    assert run(server, "nightly_export", application, str(tmp_path / "none")).returncode == os.EX_CANTCREAT
    assert run(server, "nightly_export", application, str(tmp_path), "--zone", "Mars/Olympus").returncode == 2


class HalfOf(BaseHTTPRequestHandler):
    """A server whose list breaks off in the middle."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._say({"access_token": "token", "token_type": "Bearer", "expires_in": 3600})

    def do_GET(self) -> None:
        issuer = f"http://{self.headers['host']}"
        if self.path.startswith("/.well-known/"):
            self._say({"issuer": issuer, "token_endpoint": f"{issuer}/token"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b'10\r\n{"uid":"call-1"}\n'[:20])
        self.close_connection = True

    def _say(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_half_a_list_is_no_file(
    server: Live, application: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as broken:
        broken.RequestHandlerClass = HalfOf
        monkeypatch.setattr(server, "issuer", f"http://127.0.0.1:{broken.server_port}")
        said = run(server, "nightly_export", application, str(tmp_path))
    assert said.returncode == os.EX_TEMPFAIL, said.stderr
    assert list(tmp_path.iterdir()) == []
