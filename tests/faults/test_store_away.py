"""What happens when the database cannot be had: a clear 503, nothing half done, and all well again afterwards."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.live import Live, live

pytestmark = pytest.mark.one_process("what befalls is the file that is its database, or a signal")

# Takes the write lock as another process would that was stopped in the middle of its work, and says so.
_LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


def _locked(server: Live, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _LOCKER, str(server.data / "scopekeeper.db"), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "locked\n"
    return process


def test_a_write_lock_held_elsewhere_holds_up_writers_and_nobody_else(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        application = server.json("app", "add", "Lock", "--type", "m2m", "--scope", "rest")
        token = server.token(application)
        credentials = (application["client_id"], application["client_secret"])
        read = f"{server.issuer}/api/rest/callforward/users/1001"

        async def meanwhile() -> tuple[int, list[int]]:
            async with httpx2.AsyncClient(timeout=20) as client:
                issuing = asyncio.create_task(
                    client.post(
                        f"{server.issuer}/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials
                    )
                )
                await asyncio.sleep(0.1)
                reads = [
                    (await client.get(read, headers={"authorization": f"Bearer {token}"})).status_code
                    for _ in range(20)
                ]
                assert (await client.get(f"{server.issuer}/health/ready")).status_code == 200
                assert not issuing.done()
                return (await issuing).status_code, reads

        locker = _locked(server, 2.0)
        issued, reads = asyncio.run(meanwhile())
        locker.wait()
        assert reads == [200] * 20
        assert issued == 200


def test_a_lock_that_does_not_end_is_a_503_and_nothing_was_issued(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Lock", "--type", "m2m", "--scope", "rest")
        locker = _locked(server, 30.0)
        answer = httpx2.post(
            f"{server.issuer}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(application["client_id"], application["client_secret"]),
            timeout=20,
        )
        locker.kill()
        locker.wait()
        assert answer.status_code == 503
        assert answer.json()["error"] == "temporarily_unavailable"
        assert "retry-after" in answer.headers
        assert server.token(application)
        assert len(server.json("token", "list")) == 1


def test_sigterm_lets_what_is_under_way_finish(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Drain", "--type", "m2m", "--scope", "rest")
        locker = _locked(server, 1.5)

        async def drained() -> int:
            async with httpx2.AsyncClient(timeout=20) as client:
                issuing = asyncio.create_task(
                    client.post(
                        f"{server.issuer}/oauth/token",
                        data={"grant_type": "client_credentials"},
                        auth=(application["client_id"], application["client_secret"]),
                    )
                )
                await asyncio.sleep(0.3)
                server.signal(signal.SIGTERM)
                return (await issuing).status_code

        assert asyncio.run(drained()) == 200
        locker.wait()
        assert server.terminate() == 0


def test_a_database_that_is_no_database_stops_the_start_with_one_line(tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    server.data.mkdir()
    (server.data / "scopekeeper.db").write_bytes(b"this is no database" * 1_000)
    done = server.run("app", "list")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_torn_write_ahead_log_is_recovered(tmp_path: Path) -> None:
    """Power loss leaves a half-written frame at the log's end: what was answered before it is there."""
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Torn", "--type", "m2m", "--scope", "rest")
        token = server.token(application)
        server.kill()
        with (server.data / "scopekeeper.db-wal").open("ab") as log:
            log.write(b"\x00\xff" * 2_000)
        server.start()
        credentials = (application["client_id"], application["client_secret"])
        assert httpx2.post(f"{server.issuer}/oauth/introspect", data={"token": token}, auth=credentials).json()[
            "active"
        ]
        with sqlite3.connect(server.data / "scopekeeper.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_row_31_the_log_is_never_told_a_secret(tmp_path: Path) -> None:
    with live(tmp_path, {"SCOPEKEEPER_LOG_LEVEL": "debug"}) as server:
        application = server.json("app", "add", "Log", "--type", "m2m", "--scope", "rest")
        token = server.token(application)
        credentials = (application["client_id"], application["client_secret"])
        for url in ("/oauth/introspect", "/oauth/revoke"):
            httpx2.post(server.issuer + url, data={"token": token}, auth=credentials)
            httpx2.post(server.issuer + url, data={"token": token}, auth=(application["client_id"], token))
        httpx2.get(f"{server.issuer}/api/rest/extensions/?access_token={token}")
        httpx2.post(f"{server.issuer}/oauth/token?client_secret={application['client_secret']}")
        time.sleep(0.1)
        server.terminate()
        logged = server.log.read_text()
        assert "request" in logged
        assert token not in logged
        assert application["client_secret"] not in logged


@pytest.mark.parametrize("written", [b"", b"\xff" * 50, b"another" * 9], ids=["empty", "no text", "another"])
def test_a_master_key_that_does_not_fit_stops_the_server_with_one_line(tmp_path: Path, written: bytes) -> None:
    with live(tmp_path, sample=False) as server:
        server.terminate()
        (server.data / "master.key").write_bytes(written)
        done = server.run("serve", "--port", str(server.port))
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert "master.key" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only there can the disk of one process be made full")
def test_a_full_disk_is_a_503_that_loses_nothing_and_passes(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Full", "--type", "m2m", "--scope", "rest")
        credentials = (application["client_id"], application["client_secret"])
        before = server.token(application)
        server.fill_disk(full=True)
        refused = httpx2.post(
            f"{server.issuer}/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials
        )
        kept = httpx2.post(f"{server.issuer}/oauth/revoke", data={"token": before}, auth=credentials)
        assert (refused.status_code, kept.status_code) == (503, 503)
        form = {"token": before}
        assert httpx2.post(f"{server.issuer}/oauth/introspect", data=form, auth=credentials).json()["active"]
        server.fill_disk(full=False)
        after = server.token(application)
        server.kill()
        server.start()
        for token in (before, after):
            form = {"token": token}
            assert httpx2.post(f"{server.issuer}/oauth/introspect", data=form, auth=credentials).json()["active"]


def test_row_32_a_head_without_end_ends_at_the_door(tmp_path: Path) -> None:
    """The promise of tests/web/test_head.py, kept by the server as it is started."""
    with live(tmp_path, sample=False) as server, socket.create_connection(("127.0.0.1", server.port)) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            stranger.sendall(b"a" * 100_000_000)
