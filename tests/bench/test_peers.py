"""Other people's servers beside ours: one that cannot be had is left out, the others are asked as ours is."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.load import Load, Shot
from bench.measure import measured
from bench.peers.asked import Absent, Peer
from bench.peers.known import PEERS, or_nothing
from bench.peers.libpq import libpq
from bench.peers.versions import versions
from bench.record import Method
from bench.subject import Place, Subject
from scopekeeper.settings import PostgresDatabase


def nobody(place: Place) -> AbstractContextManager[Subject]:
    raise Absent("it is sold out")


@contextmanager
def nobody_later(place: Place) -> Iterator[Subject]:
    raise Absent("it was sold out just now")
    yield


def test_a_peer_that_cannot_be_had_is_left_out_with_one_line_that_says_why(tmp_path: Path) -> None:
    said: list[str] = []
    absent: dict[str, str] = {}
    openings = {
        name: or_nothing(name, opening, absent, said.append)
        for name, opening in {"one": nobody, "another": nobody_later}.items()
    }
    assert measured(Method(), tmp_path, said.append, openings) == {}
    assert absent == {"one": "it is sold out", "another": "it was sold out just now"}
    assert said == ["left out: one: it is sold out", "left out: another: it was sold out just now"]


def test_shots_that_can_be_fired_once_are_made_before_the_servers_time_is_read() -> None:
    left = iter("ab")
    load = Load((), {}, "", lambda: (Shot("GET", f"/{next(left)}"),))
    made = load.made()
    assert made.shots == (Shot("GET", "/a"),)
    assert made.made() == made
    assert load.made().shots == (Shot("GET", "/b"),)


def test_a_refresh_token_stands_last_in_its_request_so_that_the_next_can_take_its_place() -> None:
    load = Peer().refresh(lambda what, number: [what, str(number)])
    assert [shot.body for shot in load.made().shots] == [
        "grant_type=refresh_token&refresh_token=refresh-tokens",
        "grant_type=refresh_token&refresh_token=500",
    ]
    assert load.follows == "refresh_token"


def test_programs_of_other_people_are_told_where_the_database_is() -> None:
    database = PostgresDatabase("postgresql://keeper@/it_1?host=%2Ftmp%2Fa+folder")
    assert libpq(database) == {"PGHOST": "/tmp/a folder", "PGUSER": "keeper", "PGDATABASE": "it_1"}


def test_a_run_tells_the_version_of_every_peer_that_is_pinned() -> None:
    assert {"oidc-provider", "pg", "django-oauth-toolkit", "authlib", "gunicorn"} <= set(versions())
    assert len(PEERS) == 6
