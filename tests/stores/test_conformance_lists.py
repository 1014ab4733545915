"""What every store promises about the lists of applications and of accounts."""

from typing import Any

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.services.lists import ClientOrder, ClientsAsked, UsersAsked
from scopekeeper.services.ports import Store, Unavailable
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE
from tests.stores.people import a_user
from tests.stores.records import a_client, a_secret, an_act

E_ACUTE, E_AND_ACUTE = "\u00e9", "e\u0301"


async def with_clients(store: Store, *clients: Client) -> None:
    for client in clients:
        await store.add_client(client, an_act())


async def ids(store: Store, **asked: Any) -> list[str]:
    """Which applications are found, and that they are counted as many."""
    found = [client.client_id for client in await store.find_clients(ClientsAsked(**asked))]
    assert await store.count_clients(ClientsAsked(**asked)) == len(found)
    return found


async def test_applications_are_listed_by_name_in_any_case_and_then_by_client_id(opened: Opened) -> None:
    names = {"a": "Zebra", "b": "apple", "c": "Apple", "d": "Über", "e": "über", "f": "apple"}
    async with opened() as store:
        await with_clients(store, *[a_client(client_id, name=name) for client_id, name in names.items()])
        assert await ids(store) == ["b", "c", "f", "a", "d", "e"]


async def test_applications_are_listed_the_newest_first(opened: Opened) -> None:
    ages = {"a": 5, "b": 9, "c": 1, "d": 5}
    async with opened() as store:
        await with_clients(store, *[a_client(client_id, created_at=NOON + age) for client_id, age in ages.items()])
        assert await ids(store, order=ClientOrder.NEWEST) == ["b", "d", "a", "c"]


@pytest.mark.parametrize("order", ClientOrder)
@pytest.mark.parametrize("text", ["", "c"])
async def test_applications_come_page_by_page_each_once(opened: Opened, order: ClientOrder, text: str) -> None:
    async with opened() as store:
        await with_clients(
            store, *[a_client(f"c{each}", name="AbBa"[each % 4], created_at=NOON + each // 3) for each in range(10)]
        )
        asked = ClientsAsked(text, order=order)
        every = await store.find_clients(asked)
        found: list[Client] = []
        while page := await store.find_clients(asked, after=found[-1] if found else None, limit=3):
            assert len(page) <= 3
            found += page
        assert tuple(found) == every
        assert len(every) == 10


async def test_an_application_is_listed_with_all_its_secrets(opened: Opened) -> None:
    first, second = a_secret(1, "b"), a_secret(2, "b")
    async with opened() as store:
        await with_clients(store, a_client("a"), a_client("b", first, second), a_client("c", a_secret(3, "c")))
        assert [len(client.secrets) for client in await store.find_clients(ClientsAsked())] == [0, 2, 1]
        assert await store.find_clients(ClientsAsked(), limit=2) == (a_client("a"), a_client("b", first, second))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["a", "b", "c", "d-100%"]),
        ("night", ["a"]),
        ("NIGHT", ["a"]),
        ("caf" + E_ACUTE, ["b"]),
        ("CAF" + E_AND_ACUTE.upper(), ["b"]),
        ("strasse", ["c"]),
        ("answers calls", ["c"]),
        ("alice", ["b"]),
        ("d-100", ["d-100%"]),
        ("%", ["d-100%"]),
        ("_", []),
        ("'", []),
        ('"; DROP', []),
    ],
)
async def test_text_is_looked_for_in_name_description_client_id_and_owner(
    opened: Opened, text: str, found: list[str]
) -> None:
    async with opened() as store:
        await with_clients(
            store,
            a_client("a", name="Night shift"),
            a_client("b", name="CAF" + E_AND_ACUTE.upper(), owner="alice"),
            a_client("c", name="Hauptstraße", description="It answers calls."),
            a_client("d-100%", name="x"),
        )
        assert sorted(await ids(store, text=text)) == found


async def test_an_edited_application_is_found_by_what_it_is_now_called(opened: Opened) -> None:
    async with opened() as store:
        await with_clients(store, a_client("a", name="Old"), a_client("b", name="Middle"))
        await store.save_client(a_client("a", name="Äther", revision=1), an_act())
        assert (await ids(store, text="old"), await ids(store, text="äTHER")) == ([], ["a"])
        assert await ids(store) == ["b", "a"]


async def test_an_owner_who_is_gone_owns_nothing_in_a_list(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(ALICE, an_act())
        await with_clients(store, a_client("a", owner="alice"))
        assert await ids(store, owner="alice") == await ids(store, text="alice") == ["a"]
        await store.remove_user("alice", an_act())
        assert await ids(store, owner="alice") == await ids(store, text="alice") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": ApplicationType.SPA}, ["b"]),
        ({"enabled": False}, ["c"]),
        ({"enabled": True, "owner": "bob"}, ["d"]),
        ({"owner": "nobody"}, []),
        ({"scope": "rest:callforward:read"}, ["a", "b", "c"]),
        ({"scope": "rest:callforward:read:users"}, ["a", "b", "c"]),
        ({"scope": "rest:callforward"}, ["b", "c"]),
        ({"scope": "rest"}, ["c"]),
        ({"scope": "gql"}, ["d"]),
        ({"scope": "openid"}, ["a"]),
        ({"scope": "open"}, []),
        ({"scope": "rest:callforward", "type": ApplicationType.M2M, "text": "night"}, ["c"]),
    ],
)
async def test_applications_are_narrowed(opened: Opened, asked: dict[str, Any], found: list[str]) -> None:
    async with opened() as store:
        await with_clients(
            store,
            a_client("a", scope=("openid", "rest:callforward:read")),
            a_client("b", scope=("rest:callforward",), type=ApplicationType.SPA),
            a_client("c", scope=("gql:callforward", "rest"), enabled=False),
            a_client("d", scope=("gql",), owner="bob"),
        )
        assert await ids(store, **asked) == found


async def names(store: Store, **asked: Any) -> list[str]:
    """Which accounts are found, and that they are counted as many."""
    found = [user.name for user in await store.find_users(UsersAsked(**asked))]
    assert await store.count_users(UsersAsked(**asked)) == len(found)
    return found


async def test_accounts_are_listed_by_name_page_by_page(opened: Opened) -> None:
    async with opened() as store:
        for each in (3, 1, 4, 0, 2):
            await store.add_user(a_user(each + 1, f"u{each}"), an_act())
        assert await names(store) == ["u0", "u1", "u2", "u3", "u4"]
        page = await store.find_users(UsersAsked(), after="u1", limit=2)
        assert page == (a_user(3, "u2"), a_user(4, "u3"))
        assert await store.find_users(UsersAsked(), after="u4") == ()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "LIC"}, ["alice"]),
        ({"text": "josé@"}, ["bob"]),
        ({"text": "example"}, ["alice", "bob"]),
        ({"text": "%"}, []),
        ({"admin": True}, ["alice", "carol"]),
        ({"enabled": False}, ["carol"]),
        ({"admin": True, "enabled": True, "text": "example"}, ["alice"]),
    ],
)
async def test_accounts_are_narrowed(opened: Opened, asked: dict[str, Any], found: list[str]) -> None:
    people: list[User] = [
        a_user(1, "alice", email="alice@Example.org", admin=True),
        a_user(2, "bob", email=f"JOS{E_AND_ACUTE.upper()}@example.org"),
        a_user(3, "carol", admin=True, enabled=False),
    ]
    async with opened() as store:
        for user in people:
            await store.add_user(user, an_act())
        assert await names(store, **asked) == found


async def test_an_edited_account_is_found_by_its_new_address(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(1, "alice", email="old@example.org"), an_act())
        await store.save_user(a_user(1, "alice", email="new@example.org", revision=1), an_act(), end_sessions=False)
        assert (await names(store, text="old@"), await names(store, text="new@")) == ([], ["alice"])


async def test_no_list_is_read_after_the_end(opened: Opened) -> None:
    async with opened() as store:
        await store.close()
        for read in (store.find_clients(ClientsAsked()), store.count_users(UsersAsked()), store.act(1)):
            with pytest.raises(Unavailable):
                await read
