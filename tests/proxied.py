"""Two servers on one PostgreSQL database behind the nginx of the guide: each request goes to the one or the other."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.live import Live, free_port
from tests.postgres import postgres
from tests.waiting import PATIENCE

GUIDE: Final = Path(__file__).parents[1] / "docs" / "guides" / "behind-a-proxy.md"

NGINX: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
"""Debian's lies where only root looks."""

_MAIN: Final = """\
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""
"""What stands around a site in the configuration of a whole nginx. One worker alone goes strictly round."""


class Nginx:
    """An nginx with one site, in a folder of its own."""

    def __init__(self, site: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="skng-", dir="/tmp"))
        user = ""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
            user = "user nobody nogroup;"
        (self.folder / "it.conf").write_text(_MAIN.format(user=user, folder=self.folder, site=site))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int) -> None:
        """Start it, unless it runs, and wait until it listens."""
        if self._process is not None and self._process.poll() is None:
            return
        assert NGINX is not None, "nginx is missing: make system installs it"
        log = self.folder / "log"
        with log.open("ab") as said:
            command = [NGINX, "-e", str(log), "-c", str(self.folder / "it.conf")]
            self._process = subprocess.Popen(command, stdout=said, stderr=said)
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            assert self._process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def remove(self) -> None:
        """Stop it, and remove all that it had."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Proxied(Live):
    """What stands in for one server: one log, command line and issuer; all else is there twice.

    A database that the settings name stays that of the test.
    """

    processes = 2

    def __init__(self, data: Path, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(data, environ)
        self._own = None if "SCOPEKEEPER_DATABASE" in self.settings else postgres().make()
        self.settings = {
            **({} if self._own is None else {"SCOPEKEEPER_DATABASE": self._own.url}),
            "SCOPEKEEPER_MASTER_KEY": secrets.token_urlsafe(32),
            "SCOPEKEEPER_ISSUER": self.issuer,
            "SCOPEKEEPER_TRUSTED_PROXIES": "127.0.0.1",
            **self.settings,
        }
        self.ports = (free_port(), free_port())
        self._nginx = Nginx(site(self.port, self.ports))

    def start(self) -> None:
        """One server after the other, so that the set-up link that was printed last is the one that works."""
        self._nginx.start(self.port)
        self._processes = []
        for port, name in zip(self.ports, ("one", "other"), strict=True):
            data = self.data.with_name(f"{self.data.name}-of-{name}")
            self._processes.append(self._begun(port, SCOPEKEEPER_DATA=str(data)))
            self._wait_for(f"http://127.0.0.1:{port}")
        self._wait_for(self.issuer)

    def leave_one(self) -> None:
        """kill -9 of one of both."""
        self._processes[0].kill()
        self._processes[0].wait(PATIENCE)

    def kill(self) -> None:
        """kill -9, and nobody is there to say that nobody is there."""
        self._nginx.stop()
        super().kill()

    def close(self) -> None:
        super().close()
        self._nginx.remove()
        if self._own is not None:
            postgres().drop(self._own)


def site(port: int, servers: tuple[int, int]) -> str:
    """The guide's configuration on free ports, without TLS, for us as one of those that may look after the servers."""
    own = {
        r"listen 443 ssl;": f"listen 127.0.0.1:{port};",
        r"ssl_certificate\S* \S+;": "",
        r"10\.0\.0\.0/8": "127.0.0.1",
    }
    return put_into_the_guide(servers, own)


def put_into_the_guide(servers: tuple[int, int], own: Mapping[str, str]) -> str:
    """The guide's configuration with these two ports, and what is one's own in place of what the patterns find."""
    [found] = re.findall(r"^```nginx\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    text: str = found
    theirs = {rf"127\.0\.0\.1:{port}": f"127.0.0.1:{ours}" for port, ours in zip((8001, 8002), servers, strict=True)}
    for pattern, ours in {**theirs, **own}.items():
        text, times = re.subn(pattern, ours, text)
        assert times, f"the guide's configuration has no {pattern}"
    return text


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
