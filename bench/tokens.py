"""`python -m bench.tokens`: what the store's work costs with ten thousand tokens and with ten million, on this machine.

`--database sqlite|postgresql` (one after the other, unless one is named), `--rows N`. Of each kind of work: the median
of some times, small and large, and how many times as long the large one takes.

Exit codes: 0 all of it is flat, or within what a page may take; 1 something grows that must not.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.many import BUSY, DAY, Many, client_id_of, fill
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import GrantType, Secret, Token
from scopekeeper.services.lists import ActsAsked, ClientOrder, ClientsAsked, ConsentsAsked, TokensAsked, UsersAsked
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Act, Store, Unavailable, Use
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store.databases import open_store
from tests.postgres import DISK, Postgres

SMALL: Final = 10_000
LARGE: Final = 10_000_000
FLAT: Final = 3.0
"""Times as long, at most; or else it takes no longer than what may be felt."""
FELT: Final = 0.3
"""Seconds."""
RESULTS: Final = Path(__file__).with_name("results")

Work = Callable[[int], Awaitable[object]]
"""Given a number of its own each time."""

_TIMES: Final = 15
_ENOUGH: Final = 5.0
"""Seconds after which no further time is needed."""
_GROWS: Final = frozenset({"tokens, a scope that none has", "activity of a tenth of all"})
"""What goes through all there is of what is asked for: it may grow, and is given up where it takes too long."""
_OPTIONS: Final = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "512MB"}


class _Works:
    """The store's own methods, on one of those databases."""

    def __init__(self, store: Store, many: Many) -> None:
        self._store, self._many, self._now = store, many, many.now

    def all(self) -> Mapping[str, Work]:
        """What is done, by what the table calls it."""
        return {**self._reads(), **self._lists(), **self._narrowed(), **self._writes(), **self._sweeps()}

    def _reads(self) -> Mapping[str, Work]:
        store, many, one = self._store, self._many, client_id_of(1)
        live = many.tokens // 2
        return {
            "token": lambda n: store.token(many.token_id(live + n)),
            "refresh_token": lambda n: store.refresh_token(many.refresh_token_id(many.families // 2 + n)),
            "family": lambda n: store.family(many.family_id(many.families // 2 + n)),
            "client": lambda n: store.client(client_id_of(n % many.clients)),
            "user": lambda n: store.user(f"user{n}"),
            "consent": lambda n: store.consent(n + 1, BUSY),
            "families of a person": lambda n: store.families(n + 1, self._now),
            "tokens of a person": lambda n: store.tokens(user=f"user{n}", now=self._now, limit=50),
            "tokens of an application": lambda _: store.tokens(client_id=one, now=self._now, limit=50),
            "tokens of a tenth of all": lambda _: store.tokens(client_id=BUSY, now=self._now, limit=50),
            "activity of an application": lambda _: store.activity(one, self._now - 7 * DAY, self._now),
            "activity of a tenth of all": lambda _: store.activity(BUSY, self._now - 7 * DAY, self._now),
        }

    def _lists(self) -> Mapping[str, Work]:
        store, many, now = self._store, self._many, self._now
        middle, far = many.token_id(many.tokens // 2), first_row_id(now - 20 * DAY)
        newest, half = ClientOrder.NEWEST, f"user{many.users // 2}"
        return {
            "tokens": lambda _: store.find_tokens(TokensAsked(), now=now),
            "tokens, far behind": lambda _: store.find_tokens(TokensAsked(), now=now, before=middle),
            "tokens, count": lambda _: store.count_tokens(TokensAsked(), now=now),
            "refresh tokens": lambda _: store.find_refresh_tokens(TokensAsked(), now=now),
            "refresh tokens, far behind": lambda _: store.find_refresh_tokens(TokensAsked(), now=now, before=far),
            "refresh tokens, count": lambda _: store.count_refresh_tokens(TokensAsked(), now=now),
            "consents": lambda _: store.find_consents(ConsentsAsked()),
            "consents, far behind": lambda _: store.find_consents(ConsentsAsked(), after=(half, BUSY)),
            "consents, count": lambda _: store.count_consents(ConsentsAsked()),
            "applications": lambda _: store.find_clients(ClientsAsked()),
            "applications, newest": lambda _: store.find_clients(ClientsAsked(order=newest)),
            "applications, count": lambda _: store.count_clients(ClientsAsked()),
            "accounts": lambda _: store.find_users(UsersAsked()),
            "accounts, far behind": lambda _: store.find_users(UsersAsked(), after=half),
            "accounts, count": lambda _: store.count_users(UsersAsked()),
            "acts": lambda _: store.acts(limit=50),
            "acts, count": lambda _: store.count_acts(ActsAsked()),
        }

    def _narrowed(self) -> Mapping[str, Work]:
        store, many, now = self._store, self._many, self._now
        middle, one = many.token_id(many.tokens // 2), client_id_of(1)
        asked: dict[str, TokensAsked] = {
            "of an application": TokensAsked(one),
            "of a tenth of all": TokensAsked(BUSY),
            "of a person": TokensAsked(user="user7"),
            "of both": TokensAsked(BUSY, "user7"),
            "of a family": TokensAsked(BUSY, "user0", family=many.family_id(many.families // 2)),
            "of a day": TokensAsked(since=now - 5 * DAY, until=now - 4 * DAY),
            "of a day and an application": TokensAsked(one, since=now - 5 * DAY, until=now - 4 * DAY),
            "with a scope": TokensAsked(scope="rest:callforward:read"),
        }
        acts = {"of one actor": ActsAsked(actor="user:user3"), "on an application": ActsAsked(target=one)}
        acts |= {"on a tenth of all": ActsAsked(target=BUSY), "of a day": ActsAsked(since=now - DAY)}
        works: dict[str, Work] = {}
        for what, of in asked.items():
            works |= {
                f"tokens {what}": _asking(store.find_tokens, of, now=now),
                f"tokens {what}, far behind": _asking(store.find_tokens, of, now=now, before=middle),
                f"tokens {what}, count": _asking(store.count_tokens, of, now=now),
                f"refresh tokens {what}": _asking(store.find_refresh_tokens, of, now=now),
                f"refresh tokens {what}, count": _asking(store.count_refresh_tokens, of, now=now),
            }
        for what, some in acts.items():
            works |= {
                f"acts {what}": _asking(store.acts, some, limit=50),
                f"acts {what}, count": _asking(store.count_acts, some),
            }
        for what, given in {"to one": ConsentsAsked(one), "to a tenth of all": ConsentsAsked(BUSY)}.items():
            works |= {
                f"consents {what}": _asking(store.find_consents, given),
                f"consents {what}, count": _asking(store.count_consents, given),
            }
        none = TokensAsked(scope="rest:nothing:read")
        return {**works, "tokens, a scope that none has": lambda _: store.find_tokens(none, now=now)}

    def _writes(self) -> Mapping[str, Work]:
        store, many, now = self._store, self._many, self._now
        live = many.tokens // 2

        def token(n: int, family: int | None = None) -> Token:
            row_id = first_row_id(now + 60) + n
            return Token(row_id, bytes(32), BUSY, ("rest",), now, now + DAY, 0, family_id=family)

        async def rotated(n: int) -> None:
            at = many.families // 3 + n
            family, spent = many.family_id(at), many.refresh_token_id(at)
            old, new = (RefreshToken(row, bytes(32), family, now, now + DAY) for row in (spent, first_row_id(now) + n))
            await store.rotate(old, now, new, b"sealed", token(1_000 + n, family))

        async def begun(n: int) -> None:
            row_id = first_row_id(now + 120) + n
            whose = (GrantType.AUTHORIZATION_CODE, n % many.users + 1, f"user{n % many.users}")
            family = Family(row_id, BUSY, 0, *whose, now, None, True, ("rest",), now, now + DAY)
            await store.begin_family(family, token(2_000 + n, row_id), None, None, None)

        async def compromised(n: int) -> None:
            row_id = first_row_id(now + 180) + n
            secret = Secret(row_id, client_id_of(2), bytes(32), "wxyz", "new", now, "cli:root")
            act = Act(row_id, now, "cli:root", "application.compromised", client_id_of(2), None, {})
            await store.compromise(client_id_of(2), secret, act)

        return {
            "issue": lambda n: store.issue(token(n)),
            "rotate": rotated,
            "begin_family": begun,
            "revoke": lambda n: store.revoke([many.token_id(live + n)], now, None),
            "revoke_family": lambda n: store.revoke_family(many.family_id(many.families // 2 + n), now, None),
            "used, a hundred": lambda n: store.used(
                [Use(many.token_id(live + 100 * n + each), now, None) for each in range(100)], [], []
            ),
            "compromise": compromised,
        }

    def _sweeps(self) -> Mapping[str, Work]:
        store, now = self._store, self._now
        act = Act(first_row_id(now + 240), now, "cli:root", "application.compromised", BUSY, None, {})
        old = first_row_id(now - 200 * DAY)
        return {
            "sweep, a step of 20": lambda _: store.sweep(now - 30 * DAY, 20),
            "sweep_grants, a step of 5": lambda _: store.sweep_grants(now - 100 * DAY, old, 5),
            "erase_sealed, a step of 10": lambda _: store.erase_sealed(now - 60, 10),
            "sweep_waiting": lambda _: store.sweep_waiting(now, first_row_id(now - DAY), 500),
            "compromise of a tenth of all": lambda n: store.compromise(BUSY, None, replace(act, id=act.id + n)),
        }


def _asking(ask: Callable[..., Awaitable[object]], *asked: object, **more: object) -> Work:
    return lambda _: ask(*asked, **more)


async def taken(database: Database, many: Many) -> dict[str, float | None]:
    """Seconds of each kind of work; None where it was given up."""
    store = open_store(database)
    try:
        return {what: await _seconds(work) for what, work in _Works(store, many).all().items()}
    finally:
        await store.close()


async def _seconds(work: Work) -> float | None:
    times: list[float] = []
    for n in range(_TIMES):
        began = time.perf_counter()
        try:
            await work(n)
        except Unavailable:
            return None
        times.append(time.perf_counter() - began)
        if sum(times) > _ENOUGH:
            break
    return median(times)


def grows(what: str, small: float, large: float | None) -> bool:
    """Does it take longer than it must, and than what is felt, because there is more?"""
    if what in _GROWS:
        return False
    return large is None or large > max(FELT, small * FLAT)


def measured(kind: str, rows: int) -> bool:
    """Measure on one kind of database and print the table; is all of it flat?"""
    now = int(time.time())
    taking = []
    with _databases(kind) as database:
        for number in (SMALL, rows):
            many = Many(number, now)
            made = database(f"with_{number}")
            began = time.perf_counter()
            fill(made, many)
            print(f"{kind}: {number} tokens made in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            taking.append(asyncio.run(taken(made, many)))
    small, large = taking
    print(f"{kind + ', ms':50}{SMALL:>12}{rows:>12}{'ratio':>9}")
    growing = False
    for what, before in small.items():
        assert before is not None
        after = large[what]
        growing |= grows(what, before, after)
        told = "    given up" if after is None else f"{after * 1_000:12.2f}{after / before:9.1f}"
        print(f"{what:50}{before * 1_000:12.2f}{told}{'  grows' if grows(what, before, after) else ''}")
    return not growing


@contextmanager
def _databases(kind: str) -> Iterator[Callable[[str], Database]]:
    """What makes a new database of that kind, of this name."""
    if kind == "sqlite":
        # In the checkout, because a system's temporary directory may lie in memory.
        with TemporaryDirectory(prefix="data-", dir=RESULTS) as folder:
            yield lambda name: SqliteFile(Path(folder) / f"{name}.db")
        return
    server = Postgres(follows=None, below=DISK, **_OPTIONS)
    try:
        server.start()
        yield lambda name: _new(server, name)
    finally:
        server.remove()


def _new(server: Postgres, name: str) -> Database:
    server.tell(f"CREATE DATABASE {name} TEMPLATE template0", to="postgres")
    return server.at(name)


def main() -> int:
    """Measure as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench.tokens", description="Is it flat, however many tokens?")
    options.add_argument("--database", choices=("sqlite", "postgresql"), help="on this one alone")
    options.add_argument("--rows", type=int, default=LARGE, help="tokens of the large one, 10 000 000 by default")
    asked = options.parse_args()
    kinds = [asked.database] if asked.database else ["sqlite", "postgresql"]
    return int(not all(list(map(partial(measured, rows=asked.rows), kinds))))


if __name__ == "__main__":
    sys.exit(main())
