"""The Kamailio of the guide, as it stands in `deploy/kamailio/`, as an ordinary process in the foreground."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.waiting import PATIENCE

PROGRAM: Final = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin")
MODULES: Final = ("http_client", "jansson", "db_sqlite")
"""Those that are in packages of their own."""
FILES: Final = Path(__file__).parents[3] / "deploy" / "kamailio"
OUTBOX: Final = "/var/lib/kamailio/outbox.db"

DOMAIN: Final = "pbx.example.com"
HERE: Final = "127.0.0.1"
"""Where it is, and its telephones."""
OUTSIDE: Final = "127.0.0.2"
"""Where the gateway is."""


@dataclass(frozen=True, slots=True)
class Kamailio:
    """One that runs."""

    port: int
    log: Path
    outbox: Path

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{HERE}:{self.port}"


def installed() -> str:
    """Where the program is. Where it, or one of its modules, is missing the test says so: it fails on Linux."""
    if sys.platform != "linux":
        pytest.skip("Kamailio's modules are looked for where Linux has them")
    found = PROGRAM and all(any(Path("/usr/lib").glob(f"*/kamailio/modules/{name}.so")) for name in MODULES)
    if not PROGRAM or not found:
        pytest.fail("Kamailio or its modules are missing: make system installs them")
    return PROGRAM


@contextmanager
def kamailio(folder: Path, gateway_port: int, environ: Mapping[str, str]) -> Iterator[Kamailio]:
    """It runs with this environment, until the context ends. What it had in this folder before it has again."""
    folder.mkdir(exist_ok=True)
    made = Kamailio(udp_port(), folder / "log", folder / "outbox.db")
    for each in FILES.glob("*.cfg"):
        text = each.read_text(encoding="utf-8")
        (folder / each.name).write_text(text.replace(OUTBOX, str(made.outbox)))
    settings = {
        "SIP_LISTEN": f"udp:{made.address}",
        "SIP_DOMAIN": DOMAIN,
        "SIP_PHONES": f"{HERE}/32",
        "SIP_GATEWAY": f"{OUTSIDE}:{gateway_port}",
        "SIP_RING": "20",
        **environ,
    }
    command = [installed(), "-DD", "-E", "-n", "2", "-m", "32", "-w", str(folder), "-Y", str(folder)]
    command += ["-f", str(folder / "kamailio.cfg"), "-P", str(folder / "pid")]
    with made.log.open("ab") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env={"PATH": os.environ["PATH"], **settings}, start_new_session=True
        )
    try:
        _wait(made, process)
        yield made
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def udp_port(address: str = HERE) -> int:
    """A port that nobody listens on just now."""
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind((address, 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(made: Kamailio, process: subprocess.Popen[bytes]) -> None:
    """Until it answers OPTIONS."""
    end = time.monotonic() + PATIENCE
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.bind((HERE, 0))
        asking.settimeout(0.1)
        port = asking.getsockname()[1]
        asked = (
            f"OPTIONS sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP {HERE}:{port};branch=z9hG4bK-there\r\n"
            f"From: <sip:it@{DOMAIN}>;tag=1\r\nTo: <sip:{DOMAIN}>\r\nCall-ID: there@{HERE}\r\nCSeq: 1 OPTIONS\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
        while True:
            asking.sendto(asked.encode(), (HERE, made.port))
            try:
                if asking.recv(4096).startswith(b"SIP/2.0 200"):
                    return
            except OSError:
                assert process.poll() is None, made.log.read_text()
                assert time.monotonic() < end, made.log.read_text()
                time.sleep(0.05)
