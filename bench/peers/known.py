"""The peers, each in the set-up that its own documentation has for serving in earnest."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from subprocess import CalledProcessError
from typing import Final

from bench.asking import Silent
from bench.bare import floor
from bench.ours import on_postgres, scopekeeper
from bench.peers import authlib_on_flask, django_oauth_toolkit, glewlwyd, oidc_provider
from bench.peers.asked import Absent
from bench.subject import Opening, Place, Subject
from bench.workloads import CODE, DISCOVERY, FLOOR, INTROSPECTION, JWT, ON_POSTGRES, OPAQUE, OURS, REFRESH

PEERS: Final[Mapping[str, Opening]] = {
    "oidc-provider, in memory": oidc_provider.in_memory,
    "oidc-provider on PostgreSQL": oidc_provider.on_postgres,
    "Glewlwyd on SQLite": glewlwyd.on_sqlite,
    "Authlib on Flask, SQLite": authlib_on_flask.on_sqlite,
    "django-oauth-toolkit on PostgreSQL": django_oauth_toolkit.plain,
    "… with hashed secrets": django_oauth_toolkit.hashed,
}

COMPARED: Final = (OPAQUE, JWT, REFRESH, CODE, INTROSPECTION, DISCOVERY)
"""What peers have, too."""


def beside_ours(absent: dict[str, str], say: Callable[[str], None]) -> Mapping[str, Opening]:
    """The floor, ours, and the peers. Of one that cannot be had `absent` is told why, and one line is said."""
    return {
        FLOOR: floor,
        OURS: _compared(scopekeeper),
        ON_POSTGRES: _compared(on_postgres),
        **{name: or_nothing(name, opening, absent, say) for name, opening in PEERS.items()},
    }


def _compared(opening: Opening) -> Opening:
    @contextmanager
    def opened(place: Place) -> Iterator[Subject]:
        with opening(place) as subject:
            assert subject is not None
            yield Subject(subject.server, {each.name: subject.loads[each.name] for each in COMPARED})

    return opened


def or_nothing(name: str, opening: Opening, absent: dict[str, str], say: Callable[[str], None]) -> Opening:
    """The same opening, but for one thing: where there is nothing to open it opens nothing, and says so."""

    @contextmanager
    def opened(place: Place) -> Iterator[Subject | None]:
        with ExitStack() as stack:
            try:
                subject = stack.enter_context(opening(place))
            except (Absent, Silent, CalledProcessError) as why:
                absent[name] = str(why)
                say(f"left out: {name}: {why}")
                subject = None
            yield subject

    return opened
