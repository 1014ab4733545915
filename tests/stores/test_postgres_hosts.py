"""A database at several hosts: the one that takes writes is found, and those that answer nobody hold nobody up."""

import socket
from contextlib import suppress
from urllib.parse import quote

import pytest

from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import open_store
from scopekeeper.store.postgres.hosts import at_one_of, each_of
from tests.postgres import a_database, name_of, postgres, tell
from tests.stores.records import a_client, a_token, an_act

_WRITES = "target_session_attrs=read-write"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:p%40w@one/it?x=1", ["postgresql://me:p%40w@one/it?x=1"]),
        ("postgresql://me@/it?host=/run/one", ["postgresql://me@/it?host=/run/one"]),
        (
            "postgresql://me:p%40w@one:1,two/it?sslmode=require",
            [
                f"postgresql://me:p%40w@one:1/it?sslmode=require&{_WRITES}",
                f"postgresql://me:p%40w@two/it?sslmode=require&{_WRITES}",
            ],
        ),
        (
            "postgresql://[::1]:5,[::2]/it?target_session_attrs=primary",
            [
                "postgresql://[::1]:5/it?target_session_attrs=primary",
                "postgresql://[::2]/it?target_session_attrs=primary",
            ],
        ),
        (
            "postgresql://me@/it?host=/run/one,/run/two",
            [f"postgresql://me@/it?host=/run/{each}&{_WRITES}" for each in ("one", "two")],
        ),
        (
            "postgresql:///it?host=one,two&port=1,2",
            [
                f"postgresql:///it?host=one&port=1&{_WRITES}",
                f"postgresql:///it?host=two&port=2&{_WRITES}",
            ],
        ),
        (
            "postgresql:///it?host=one,two&port=1",
            [f"postgresql:///it?host={each}&port=1&{_WRITES}" for each in ("one", "two")],
        ),
    ],
)
def test_each_host_of_a_url_has_its_own_and_all_that_is_said_of_them(url: str, expected: list[str]) -> None:
    assert [each.replace("postgresql:/it", "postgresql:///it") for each in each_of(url)] == expected


async def test_the_host_that_served_last_is_asked_first() -> None:
    url, asked = "postgresql://the,others/served", list[str]()
    sound = {"others"}

    async def reach(one: str, patience: float) -> str:
        (host,) = {"the", "others"} & set(one.replace("/", ":").split(":"))
        asked.append(host)
        assert patience == 2.5
        if host not in sound:
            raise OSError(f"{host} is away")
        return host

    assert [await at_one_of(url, 5.0, reach) for _ in range(2)] == ["others", "others"]
    assert asked == ["the", "others", "others"]
    sound.clear()
    with pytest.raises(OSError, match="the is away"):
        await at_one_of(url, 5.0, reach)
    sound.add("the")
    assert await at_one_of(url, 5.0, reach) == "the"


async def test_a_host_that_answers_nobody_keeps_nobody_from_the_next() -> None:
    with a_database() as made, socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hosts = f"127.0.0.1,{quote(str(postgres().folder))}"
        url = f"postgresql://keeper@/{name_of(made)}?host={hosts}&port={port},5432"
        store = open_store(PostgresDatabase(url))
        try:
            await store.issue(a_token(1))
            assert await store.token(1) == a_token(1)
        finally:
            await store.close()


async def test_a_server_that_takes_no_writes_any_more_is_unavailable_and_no_mistake_of_ours() -> None:
    with a_database() as made:
        store = open_store(made)
        name = name_of(made)
        try:
            await store.add_client(a_client(), an_act())
            _only_read(made, name)
            with suppress(Unavailable):
                await store.issue(a_token(1))  # the end of its connection may be heard only now
            with pytest.raises(Unavailable, match="read-only"):
                await store.issue(a_token(1))
            with pytest.raises(Unavailable, match="read-only"):
                await store.revoke([1], 0, None)
            assert await store.client(a_client().client_id) == a_client()
            postgres().tell(f"ALTER DATABASE {name} RESET default_transaction_read_only", to="postgres")
            await store.issue(a_token(1))
            assert await store.token(1) == a_token(1)
        finally:
            await store.close()


def _only_read(database: PostgresDatabase, name: str) -> None:
    """From now on; those who are connected already hear it when they are connected again."""
    postgres().tell(f"ALTER DATABASE {name} SET default_transaction_read_only = on", to="postgres")
    tell(
        database,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid != pg_backend_pid()",
    )
