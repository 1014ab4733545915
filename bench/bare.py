"""The floor as a subject: its server, a token-shaped POST and a GET."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.asking import basic, until_answered
from bench.floor import CLIENT_ID, SECRET
from bench.load import Load, Shot
from bench.process import free_port, serving
from bench.subject import Place, Subject

SERVER: Final = Path(__file__).with_name("floor.py")

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
ASKED: Final = "grant_type=client_credentials&scope=rest%3Acallforward%3Aread"
"""What a client_credentials request says, to the floor as to everyone."""

LOADS: Final = {
    "POST": Load(
        (Shot("POST", "/oauth/token", ASKED),), {**FORM, "Authorization": basic(CLIENT_ID, SECRET)}, '"access_token":"'
    ),
    "GET": Load((Shot("GET", "/"),), {}, '"access_token":"'),
}


@contextmanager
def floor(place: Place) -> Iterator[Subject]:
    """The floor, serving."""
    port = free_port()
    command = [sys.executable, str(SERVER), str(port)]
    with serving(command, port, place.folder / "floor.log", place.core) as server:
        until_answered(server, "GET", "/")
        yield Subject(server, LOADS)
