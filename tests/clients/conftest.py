"""One inhabited server for the tests of a file, and its metadata; alice anew for each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.inhabited import alice_at, discovered, inhabited
from tests.clients.person import Person
from tests.live import Live


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with the sample, and alice, who owns 1001."""
    with inhabited(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture(scope="module")
def found(server: Live) -> dict[str, Any]:
    """What discovery says."""
    return discovered(server)


@pytest.fixture
def alice(server: Live) -> Iterator[Person]:
    """Alice, signed in nowhere."""
    with alice_at(server) as person:
        yield person
