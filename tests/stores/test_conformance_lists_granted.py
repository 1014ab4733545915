"""What every store promises about the lists of tokens, refresh tokens and consents: none that does not hold."""

import asyncio
from typing import Any

import pytest

from scopekeeper.services.lists import MOST_COUNTED, ConsentsAsked, TokensAsked
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Store
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE, BOB, READ, WRITE, a_code, a_consent, a_family, a_refresh_token, grant
from tests.stores.records import a_client, a_token, an_act

THEN = first_row_id(NOON)
"""What row ids of that time begin with: what is asked for by its time is found by them."""


async def tokens(store: Store, *, now: int = NOON, **asked: Any) -> list[int]:
    """Which tokens are found, and that they are counted as many."""
    found = [token.id for token in await store.find_tokens(TokensAsked(**asked), now=now)]
    assert await store.count_tokens(TokensAsked(**asked), now=now) == len(found)
    return found


async def refresh_tokens(store: Store, *, now: int = NOON, **asked: Any) -> list[int]:
    """Which refresh tokens are found, and that they are counted as many."""
    found = [token.id for token, _ in await store.find_refresh_tokens(TokensAsked(**asked), now=now)]
    assert await store.count_refresh_tokens(TokensAsked(**asked), now=now) == len(found)
    return found


async def consents(store: Store, **asked: Any) -> list[tuple[str, str]]:
    """Whose consents are found and to what, and that they are counted as many."""
    found = [(name, consent.client_id) for consent, name in await store.find_consents(ConsentsAsked(**asked))]
    assert await store.count_consents(ConsentsAsked(**asked)) == len(found)
    return found


async def furnish(store: Store, *client_ids: str) -> None:
    """Two people and these applications."""
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id in client_ids:
        await store.add_client(a_client(client_id), an_act())


async def test_tokens_are_listed_the_newest_first_page_by_page(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "night-shift")
        for each in (3, 1, 5, 2, 4):
            await store.issue(a_token(each))
        assert await tokens(store) == [5, 4, 3, 2, 1]
        assert await store.find_tokens(TokensAsked(), now=NOON, before=4, limit=2) == (a_token(3), a_token(2))
        assert await store.find_tokens(TokensAsked(), now=NOON, before=1) == ()


async def test_only_tokens_that_hold_are_listed(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "night-shift", "gone", "stolen", "book")
        await store.issue(a_token(1, expires_at=NOON))
        await store.issue(a_token(2, revoked_at=NOON))
        await store.issue(a_token(3, "gone"))
        await store.issue(a_token(4, "stolen"))
        await store.issue(a_token(5, expires_at=NOON + 1))
        await grant(store, a_family(6))
        await grant(store, a_family(7))
        await store.issue(a_token(8, family_id=404))
        await store.remove_client("gone", an_act())
        await store.compromise("stolen", None, an_act())
        await store.revoke_family(6, NOON, None)
        assert await tokens(store) == [7, 5]
        assert await tokens(store, now=NOON + 1) == [7]
        assert await tokens(store, now=NOON + 9_999) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"client_id": "night-shift"}, [3, 2, 1]),
        ({"user": "alice"}, [4, 3]),
        ({"client_id": "night-shift", "user": "alice"}, [3]),
        ({"scope": "rest:callforward:read"}, [4, 3, 1]),
        ({"scope": "rest:callforward:write"}, [4, 2]),
        ({"scope": "rest:callforward"}, [4]),
        ({"since": NOON + 2}, [4, 3, 2]),
        ({"until": NOON + 2}, [1]),
        ({"since": NOON + 2, "until": NOON + 3}, [2]),
        ({"since": NOON + 2, "scope": READ, "user": "alice", "client_id": "book"}, [4]),
        ({"client_id": "nobody"}, []),
    ],
)
async def test_tokens_are_narrowed(opened: Opened, asked: dict[str, Any], found: list[int]) -> None:
    async with opened() as store:
        await furnish(store, "night-shift", "book")
        await store.issue(a_token(THEN + 1, issued_at=NOON + 1))
        await store.issue(a_token(THEN + 2, issued_at=NOON + 2, scope=(WRITE,)))
        await store.issue(a_token(THEN + 3, issued_at=NOON + 3, user="alice"))
        await store.issue(a_token(THEN + 4, "book", issued_at=NOON + 4, user="alice", scope=("openid", "rest")))
        assert await tokens(store, **asked) == [THEN + each for each in found]


async def test_refresh_tokens_are_listed_with_their_family_as_long_as_they_work(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "book", "gone", "stolen")
        families = {each: a_family(each) for each in (1, 2, 3)} | {4: a_family(4, "gone"), 5: a_family(5, "stolen")}
        for each, family in families.items():
            token = a_token(each, family.client_id, family_id=each)
            idle = {"expires_at": NOON} if each == 2 else {}
            await store.begin_family(family, token, a_refresh_token(each, each, **idle), None, None)
        await store.rotate(a_refresh_token(1, 1), NOON, a_refresh_token(10, 1), b"sealed", a_token(10, "book"))
        await store.revoke_family(3, NOON, None)
        await store.remove_client("gone", an_act())
        await store.compromise("stolen", None, an_act())
        await store.begin_family(a_family(11, user=BOB), a_token(11, "book"), a_refresh_token(11, 11), None, None)
        assert await refresh_tokens(store) == [11, 10]
        assert await store.find_refresh_tokens(TokensAsked(), now=NOON, before=11) == (
            (a_refresh_token(10, 1, sealed=b"sealed"), a_family(1)),
        )
        assert await refresh_tokens(store, now=NOON + 3600) == []


async def test_no_refresh_token_outlives_its_family(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "book")
        late = a_refresh_token(1, 1, expires_at=NOON + 9_999)
        await store.begin_family(a_family(1, expires_at=NOON + 60), a_token(1, "book"), late, None, None)
        assert (await refresh_tokens(store), await refresh_tokens(store, now=NOON + 60)) == ([1], [])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"client_id": "book"}, [2, 1]),
        ({"user": "bob"}, [3, 2]),
        ({"client_id": "book", "user": "bob"}, [2]),
        ({"family": 2}, [2]),
        ({"family": 2, "client_id": "site"}, []),
        ({"scope": WRITE}, [2, 1]),
        ({"scope": "rest:callforward:read:users"}, [3, 2, 1]),
        ({"since": NOON + 2}, [3, 2]),
        ({"until": NOON + 2, "client_id": "book"}, [1]),
    ],
)
async def test_refresh_tokens_are_narrowed(opened: Opened, asked: dict[str, Any], found: list[int]) -> None:
    families = a_family(1), a_family(2, user=BOB), a_family(3, "site", BOB, scope=(READ,))
    async with opened() as store:
        await furnish(store, "book", "site")
        for family in families:
            refresh = a_refresh_token(THEN + family.id, family.id, issued_at=NOON + family.id)
            await store.begin_family(family, a_token(family.id, family.client_id), refresh, None, None)
        assert await refresh_tokens(store, **asked) == [THEN + each for each in found]


async def test_consents_are_listed_by_name_and_application(opened: Opened) -> None:
    given = [(BOB, "book"), (ALICE, "site"), (ALICE, "book"), (BOB, "gone"), (BOB, "stolen"), (ALICE, "other")]
    async with opened() as store:
        await furnish(store, "book", "site", "gone", "stolen", "other")
        for each, (user, client_id) in enumerate(given):
            await store.add_code(a_code(each), a_consent(client_id, user), None)
        await store.remove_client("gone", an_act())
        await store.compromise("stolen", None, an_act())
        everything = [("alice", "book"), ("alice", "other"), ("alice", "site"), ("bob", "book")]
        assert await consents(store) == everything
        assert await consents(store, client_id="book") == [("alice", "book"), ("bob", "book")]
        assert await consents(store, user="alice") == everything[:3]
        assert await consents(store, client_id="book", user="bob") == [("bob", "book")]
        assert await consents(store, user="nobody") == []
        after = await store.find_consents(ConsentsAsked(), after=("alice", "book"), limit=2)
        assert after == ((a_consent("other"), "alice"), (a_consent("site"), "alice"))
        assert await store.find_consents(ConsentsAsked(client_id="book"), after=("alice", "book")) == (
            (a_consent("book", BOB), "bob"),
        )
        assert await store.find_consents(ConsentsAsked(), after=("bob", "book")) == ()


async def test_who_is_gone_allows_nothing(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "book")
        await store.add_code(a_code(1), a_consent(), None)
        await store.remove_user("alice", an_act())
        await store.add_user(replace(ALICE, id=7), an_act())
        assert await consents(store) == []


async def test_of_very_many_is_counted_no_more_than_that_they_are_more(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store, "night-shift")
        await asyncio.gather(*[store.issue(a_token(each)) for each in range(MOST_COUNTED + 5)])
        assert await store.count_tokens(TokensAsked(), now=NOON) == MOST_COUNTED + 1
        assert await store.count_tokens(TokensAsked(client_id="nobody"), now=NOON) == 0
