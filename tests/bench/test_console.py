"""The console's bench asks for pages that are there."""

from pathlib import Path

from bench.console import PAGES, crowded, measured, signed_in
from bench.large import Size

SMALL = Size(clients=200, users=20, acts=200, tokens=200, families=50, counts=200)


def test_every_page_that_is_measured_is_there_for_whoever_has_signed_in(tmp_path: Path) -> None:
    with crowded(tmp_path, SMALL) as server, signed_in(server.issuer) as client:
        sizes = {what: measured(client, path)[1] for what, path in PAGES.items()}
    assert min(sizes.values()) > 2_000
