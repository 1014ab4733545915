"""Which certificates are believed: those of the machine's own store, and none that the environment names."""

import os
import re
import ssl
import sys
from collections.abc import Iterable
from typing import Final

# Where distributions keep the bundle that their OpenSSL, or a Python that brings its own, does not look for.
_BUNDLES: Final = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def trust_of_the_machine() -> ssl.SSLContext:
    """What verifies a server by its certificate and its name (RFC 9525), by TLS 1.2 at least.

    `ssl.create_default_context` would read SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE.
    """
    if sys.platform in ("darwin", "win32"):
        import truststore  # what these keep is in no file

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    compiled = ssl.get_default_verify_paths()
    file = compiled.openssl_cafile if os.path.isfile(compiled.openssl_cafile) else None
    folder = compiled.openssl_capath if _has_certificates(compiled.openssl_capath) else None
    if file is None and folder is None:
        file = _first_file(_BUNDLES)
    if file is not None or folder is not None:
        context.load_verify_locations(file, folder)
    return context


def _has_certificates(folder: str) -> bool:
    return os.path.isdir(folder) and any(map(_HASHED.fullmatch, os.listdir(folder)))


def _first_file(paths: Iterable[str]) -> str | None:
    return next(filter(os.path.isfile, paths), None)
