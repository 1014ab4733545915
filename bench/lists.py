"""`python -m bench.lists`: what each list costs in a large installation, on this machine.

Of each: the first page, one from far behind, the dearest (where nothing is found, all of it is read), and the count.

Exit codes: 0 every page is there in time; 1 one is not.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.large import DAY, Size, client_id_of, fill
from scopekeeper.services.lists import (
    SYSTEM,
    ActsAsked,
    ClientOrder,
    ClientsAsked,
    ConsentsAsked,
    Kind,
    TokensAsked,
    UsersAsked,
)
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Store
from scopekeeper.store import open_sqlite

MUST: Final = 0.3
"""Seconds."""

NOTHING: Final = "nothing has this in it"
UNUSED: Final = "rest:nothing:read"
RESULTS: Final = Path(__file__).with_name("results")

Ask = Callable[[], Awaitable[object]]

_TIMES: Final = 3


async def questions(store: Store, size: Size, now: int) -> dict[str, Ask]:
    """What is asked, by what the table calls it."""
    middle = await store.client(client_id_of(size.clients // 2))
    newest, old, one = ClientOrder.NEWEST, first_row_id(now - 6 * DAY), client_id_of(4)
    month, kinds = now - 30 * DAY, tuple(Kind)
    return {
        "applications by name": lambda: store.find_clients(ClientsAsked()),
        "applications by name, far behind": lambda: store.find_clients(ClientsAsked(), after=middle),
        "applications by name, text": lambda: store.find_clients(ClientsAsked(NOTHING)),
        "applications by name, scope": lambda: store.find_clients(ClientsAsked(scope=UNUSED)),
        "applications by age": lambda: store.find_clients(ClientsAsked(order=newest)),
        "applications by age, far behind": lambda: store.find_clients(ClientsAsked(order=newest), after=middle),
        "applications by age, text": lambda: store.find_clients(ClientsAsked(NOTHING, order=newest)),
        "applications, count": lambda: store.count_clients(ClientsAsked()),
        "applications, count of text": lambda: store.count_clients(ClientsAsked(NOTHING)),
        "tokens": lambda: store.find_tokens(TokensAsked(), now=now),
        "tokens, far behind": lambda: store.find_tokens(TokensAsked(), now=now, before=old),
        "tokens of an application": lambda: store.find_tokens(TokensAsked(one), now=now),
        "tokens, scope": lambda: store.find_tokens(TokensAsked(scope=UNUSED), now=now),
        "tokens, count": lambda: store.count_tokens(TokensAsked(), now=now),
        "refresh tokens": lambda: store.find_refresh_tokens(TokensAsked(), now=now),
        "refresh tokens, far behind": lambda: store.find_refresh_tokens(TokensAsked(), now=now, before=old),
        "refresh tokens of an application": lambda: store.find_refresh_tokens(TokensAsked(one), now=now),
        "refresh tokens, scope": lambda: store.find_refresh_tokens(TokensAsked(scope=UNUSED), now=now),
        "refresh tokens, count": lambda: store.count_refresh_tokens(TokensAsked(), now=now),
        "consents": lambda: store.find_consents(ConsentsAsked()),
        "consents, far behind": lambda: store.find_consents(ConsentsAsked(), after=("user5", one)),
        "consents to an application": lambda: store.find_consents(ConsentsAsked(one)),
        "consents, count": lambda: store.count_consents(ConsentsAsked()),
        "accounts, text": lambda: store.find_users(UsersAsked(NOTHING)),
        "accounts, far behind": lambda: store.find_users(UsersAsked(), after="user5"),
        "acts": lambda: store.acts(limit=50),
        "acts, far behind": lambda: store.acts(before=old, limit=50),
        "acts, text": lambda: store.acts(ActsAsked(NOTHING), limit=50),
        "acts on an application": lambda: store.acts(ActsAsked(target=one), limit=50),
        "acts, count of text": lambda: store.count_acts(ActsAsked(NOTHING)),
        "a month of all that is counted": lambda: store.counts(SYSTEM, month, now, kinds),
        "a month of an application": lambda: store.counts(one, month, now, kinds),
    }


async def measured(database: Path, size: Size) -> dict[str, float]:
    """The seconds that each takes, the best of some times."""
    now = int(time.time())
    fill(database, size, now)
    store = open_sqlite(database)
    asked = await questions(store, size, now)
    taken = {what: min([await _seconds(ask) for _ in range(_TIMES)]) for what, ask in asked.items()}
    await store.close()
    return taken


async def _seconds(ask: Ask) -> float:
    began = time.perf_counter()
    await ask()
    return time.perf_counter() - began


def main() -> int:
    """Measure, print a table; the exit code."""
    # In the checkout, because a system's temporary directory may lie in memory.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name:
        taken = asyncio.run(measured(Path(name) / "large.db", Size()))
    for what, seconds in taken.items():
        print(f"{what:36}{seconds * 1_000:8.1f} ms{'' if seconds < MUST else '  too long'}")
    return 0 if max(taken.values()) < MUST else 1


if __name__ == "__main__":
    sys.exit(main())
