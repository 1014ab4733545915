"""An Apache with mod_auth_openidc, as Debian has both, in front of a page that shows all that the module tells it."""

import html
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.waiting import PATIENCE

PROGRAM: Final = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
MODULES: Final = Path("/usr/lib/apache2/modules")
LOADED: Final = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "auth_openidc")

_CONFIGURATION: Final = """\
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/log
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
StartServers 2
DocumentRoot {folder}/pages
DirectoryIndex page.shtml
<Directory {folder}/pages>
    Options Includes
    SetOutputFilter INCLUDES
</Directory>
<Location /inside>
    AuthType openid-connect
    Require valid-user
</Location>
OIDCRedirectURI http://127.0.0.1:{port}/inside/hook
OIDCCryptoPassphrase "A passphrase of a test"
OIDCCacheType file
OIDCCacheDir {folder}/cache
"""
"""Several processes serve: what the module keeps of a session is in files, where all of them see it."""

_PAGE: Final = "<!--#printenv -->"
_TOLD: Final = re.compile(r"^(OIDC_\w+|REMOTE_USER)=(.*)$", re.MULTILINE)


def origin(port: int) -> str:
    """Where the one that listens on this port is."""
    return f"http://127.0.0.1:{port}"


def hook(port: int) -> str:
    """The module's redirect URI. There it is also told whatever else it shall do."""
    return f"{origin(port)}/inside/hook"


@contextmanager
def apache(port: int, settings: Mapping[str, str]) -> Iterator[None]:
    """It runs with these settings of the module, until the context ends."""
    if PROGRAM is None or not (MODULES / "mod_auth_openidc.so").exists():
        pytest.fail("Apache or its mod_auth_openidc is missing: make system installs them")
    folder = Path(tempfile.mkdtemp(prefix="skap-", dir="/tmp"))
    lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED]
    lines += [_CONFIGURATION.format(folder=folder, port=port)]
    lines += [f"{name} {value}" for name, value in settings.items()]
    for path in ("cache", "pages/inside"):
        (folder / path).mkdir(parents=True)
    for path in ("pages", "pages/inside"):
        (folder / path / "page.shtml").write_text(_PAGE)
    if os.geteuid() == 0:
        lines += ["User nobody", "Group nogroup"]
        for each in (folder, *folder.rglob("*")):
            shutil.chown(each, "nobody", "nogroup")
    (folder / "it.conf").write_text("\n".join(lines))
    log = folder / "log"
    with log.open("ab") as said:
        process = subprocess.Popen([PROGRAM, "-D", "FOREGROUND", "-f", folder / "it.conf"], stdout=said, stderr=said)
    try:
        _wait(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder)


def told(page: str) -> dict[str, str]:
    """What the module says to the page, by name."""
    return {name: html.unescape(value) for name, value in _TOLD.findall(page)}


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            httpx2.get(origin(port))
        except httpx2.TransportError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        else:
            return
