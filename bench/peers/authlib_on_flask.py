"""Authlib on Flask, with SQLite through SQLAlchemy, as a subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench import workloads
from bench.peers.asked import Peer
from bench.peers.on_gunicorn import Site
from bench.subject import Place, Subject

REDEEMED: Final = 5_000
"""Codes for a go: more than it redeems in one."""

PEER: Final = Peer("/oauth/token", "/oauth/introspect")


@contextmanager
def on_sqlite(place: Place) -> Iterator[Subject]:
    """A file of SQLite as SQLAlchemy opens it."""
    site = Site("authlib_site", "app", place, {"AUTHLIB_INSECURE_TRANSPORT": "1"})
    site.said("prepare")
    with site.serving(PEER.client_credentials()) as server:
        loads = {
            workloads.OPAQUE.name: PEER.client_credentials(),
            workloads.REFRESH.name: PEER.refresh(site.made),
            workloads.CODE.name: PEER.code(site.made, REDEEMED),
            workloads.INTROSPECTION.name: PEER.introspect(server, '"active": true'),
        }
        yield Subject(server, loads)
