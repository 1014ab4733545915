"""django-oauth-toolkit on PostgreSQL as a subject: with hashed client secrets, which is its default, and without."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from bench import workloads
from bench.ours import durable_postgres
from bench.peers.asked import CLIENT_ID, Peer
from bench.peers.libpq import libpq
from bench.peers.on_gunicorn import Site
from bench.process import Server
from bench.subject import Place, Subject

REDEEMED: Final = 5_000
"""Codes for a go: more than it redeems in one."""

PEER: Final = Peer("/o/token/", "/o/introspect/", CLIENT_ID + "-web")


@contextmanager
def hashed(place: Place) -> Iterator[Subject]:
    """Secrets are hashed as passwords are: tokens for an application itself alone, one request at a time."""
    with _toolkit(place, "yes") as (_, server):
        yield Subject(server, {workloads.OPAQUE.name: replace(PEER.client_credentials(), most=1)})


@contextmanager
def plain(place: Place) -> Iterator[Subject]:
    """`hash_client_secret=False`, as its documentation has it for tokens that are signed with the secret."""
    with _toolkit(place, "no") as (site, server):
        loads = {
            workloads.OPAQUE.name: PEER.client_credentials(),
            workloads.REFRESH.name: PEER.refresh(site.made),
            workloads.CODE.name: PEER.code(site.made, REDEEMED),
            workloads.INTROSPECTION.name: PEER.introspect(server, '"active": true'),
        }
        yield Subject(server, loads)


@contextmanager
def _toolkit(place: Place, with_hashes: str) -> Iterator[tuple[Site, Server]]:
    with durable_postgres(place.core, empty=True) as (database, pid):
        site = Site("toolkit", "application", place, libpq(database))
        site.said("prepare", with_hashes)
        with site.serving(PEER.client_credentials()) as alone:
            yield site, replace(alone, database=pid)
