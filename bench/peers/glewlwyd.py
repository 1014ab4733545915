"""Debian's Glewlwyd on SQLite as a subject: its OIDC plugin, whose access tokens are JWTs and kept in the database."""

import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench import workloads
from bench.asking import until_answered
from bench.granted import REDIRECT
from bench.load import Load, Shot
from bench.ours import SCOPE
from bench.peers.asked import CLIENT_ID, SECRET, Absent, Peer
from bench.process import free_port, serving
from bench.subject import Place, Subject

SCHEMA: Final = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
PEER: Final = Peer("/api/oidc/token", "/api/oidc/introspect")
DISCOVERY: Final = "/api/oidc/.well-known/openid-configuration"

_CONFIGURATION: Final = """\
port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}"
api_prefix = "api"
log_mode = "console"
log_level = "ERROR"
cookie_secure = 0
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{database}" }};
"""


@contextmanager
def on_sqlite(place: Place) -> Iterator[Subject]:
    """A file of SQLite as it opens it."""
    program = shutil.which("glewlwyd")
    if program is None or not SCHEMA.exists():
        raise Absent("Debian's package of it is not installed (make bench-peers tries)")
    configuration, database, port = place.folder / "glewlwyd.conf", place.folder / "glewlwyd.db", free_port()
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(gzip.decompress(SCHEMA.read_bytes()).decode())
    configuration.write_text(_CONFIGURATION.format(port=port, database=database), encoding="utf-8")
    command = [program, "--config-file", str(configuration)]
    with serving(command, port, place.folder / "glewlwyd.log", place.core) as server:
        until_answered(server, "GET", "/config")
        _set_up(server.origin)
        loads = {
            workloads.JWT.name: PEER.client_credentials(expected='"access_token":"ey'),
            workloads.INTROSPECTION.name: PEER.introspect(server, '"active":true'),
            workloads.DISCOVERY.name: Load((Shot("GET", DISCOVERY),), {}, '"token_endpoint":"'),
        }
        yield Subject(server, loads)


def _set_up(origin: str) -> None:
    """What an administrator does in its pages: a scope, the plugin with a key for ES256, an application."""
    with httpx2.Client(base_url=f"{origin}/api", timeout=30) as steward:

        def tell(path: str, said: dict[str, Any]) -> None:
            answer = steward.post(path, json=said)
            if answer.status_code != 200:
                raise Absent(f"it refuses its set-up: {path} {answer.status_code} {answer.text[:200]}")

        tell("/auth", {"username": "admin", "password": "password"})
        tell("/scope/", {"name": SCOPE, "display_name": SCOPE, "password_required": False})
        tell("/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "OIDC", "parameters": _plugin(origin)})
        tell(
            "/client/",
            {
                "client_id": CLIENT_ID,
                "client_secret": SECRET,
                "name": CLIENT_ID,
                "confidential": True,
                "enabled": True,
                "scope": [SCOPE],
                "authorization_type": ["client_credentials"],
                "redirect_uri": [REDIRECT],
                "token_endpoint_auth_method": ["client_secret_basic"],
            },
        )


def _plugin(origin: str) -> dict[str, Any]:
    key = generate_private_key(SECP256R1())
    grants = {"client": True, **dict.fromkeys(("code", "refresh", "token", "none", "password", "implicit"), False)}
    return {
        "iss": f"{origin}/api/oidc",
        "jwt-type": "ecdsa",
        "jwt-key-size": "256",
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "cert": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "access-token-duration": 3_600,
        "refresh-token-duration": 86_400,
        "code-duration": 600,
        "refresh-token-rolling": True,
        "allow-non-oidc": True,
        "auth-type-id-token-enabled": True,
        **{f"auth-type-{grant}-enabled": enabled for grant, enabled in grants.items()},
        "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True,
        "subject-type": "public",
        "jwks-show": True,
    }
