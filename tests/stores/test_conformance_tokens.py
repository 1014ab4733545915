"""What every store promises about tokens."""

import pytest

from scopekeeper.oauth.records import TokenFormat
from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Activity, Taken, Use
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.records import a_client, a_token, an_act

THEN = first_row_id(NOON)
"""What row ids of that time begin with: what was issued since a time is found by them."""


async def test_a_token_is_found_as_it_was_issued(opened: Opened) -> None:
    plain = a_token(1)
    told = a_token(
        LARGEST_ID,
        digest=b"",
        scope=("openid", "rest:callforward:write"),
        format=TokenFormat.JWT,
        user="alice",
        address="2001:db8::7",
        generation=4,
        revoked_at=NOON + 1,
        last_used_at=NOON + 2,
        last_used_address="192.0.2.1",
    )
    nothing = a_token(2, scope=())
    async with opened() as store:
        for token in (plain, told, nothing):
            await store.issue(token)
            assert await store.token(token.id) == token


async def test_an_unknown_token_is_none(opened: Opened) -> None:
    async with opened() as store:
        assert await store.token(0) is None
        assert await store.token(LARGEST_ID) is None


async def test_a_row_id_is_issued_once(opened: Opened) -> None:
    async with opened() as store:
        await store.issue(a_token(1, user="first"))
        with pytest.raises(Taken):
            await store.issue(a_token(1, user="second"))
        assert await store.token(1) == a_token(1, user="first")


async def test_a_revocation_counts_only_those_that_were_not_revoked_yet(opened: Opened) -> None:
    async with opened() as store:
        for row_id in (1, 2, 3):
            await store.issue(a_token(row_id))
        assert await store.revoke([1, 2], NOON + 1, an_act("token.revoke")) == 2
        assert await store.revoke([2, 3, 404], NOON + 2, None) == 1
        assert await store.revoke([], NOON + 2, None) == 0
        revoked = [token.revoked_at for row in (1, 2, 3) if (token := await store.token(row)) is not None]
        assert revoked == [NOON + 1, NOON + 1, NOON + 2]
        assert [act.action for act in await store.acts()] == ["token.revoke"]


async def test_those_that_hold_are_listed_newest_first(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("one"), an_act())
        await store.add_client(a_client("two", generation=1), an_act())
        await store.issue(a_token(1, "one", user="alice"))
        await store.issue(a_token(2, "two", generation=1, user="alice"))
        await store.issue(a_token(3, "one", user="bob"))
        await store.issue(a_token(4, "one"))
        await store.issue(a_token(5, "one", expires_at=NOON + 10))
        await store.issue(a_token(6, "one", revoked_at=NOON))
        await store.issue(a_token(7, "two", generation=0))
        await store.issue(a_token(8, "nobody"))

        async def listed(**which: object) -> list[int]:
            return [token.id for token in await store.tokens(now=NOON + 10, **which)]  # type: ignore[arg-type]  # by name

        assert await listed() == [4, 3, 2, 1]
        assert await listed(client_id="one") == [4, 3, 1]
        assert await listed(user="alice") == [2, 1]
        assert await listed(client_id="one", user="alice") == [1]
        assert await listed(limit=2) == [4, 3]
        assert await listed(before=3) == [2, 1]
        assert await listed(before=3, limit=1) == [2]


async def test_the_activity_tells_of_what_was_issued_since(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.issue(a_token(THEN + 1, issued_at=NOON - 100, scope=("gql",), address="192.0.2.9"))
        await store.issue(a_token(THEN + 2, issued_at=NOON, address="192.0.2.1", last_used_at=NOON + 7))
        await store.issue(a_token(THEN + 3, issued_at=NOON + 5, scope=("rest", "gql:extensions"), address="192.0.2.1"))
        await store.issue(a_token(THEN + 4, issued_at=NOON + 4, revoked_at=NOON + 5, last_used_address="192.0.2.3"))
        await store.issue(a_token(THEN + 5, issued_at=NOON + 4, generation=9))
        await store.issue(a_token(THEN + 6, "other", issued_at=NOON))
        assert await store.activity("night-shift", NOON, NOON + 10) == Activity(
            tokens_issued=4,
            tokens_live=2,
            first_issued_at=NOON,
            last_issued_at=NOON + 5,
            last_used_at=NOON + 7,
            scopes=("gql:extensions", "rest", "rest:callforward:read"),
            addresses=("192.0.2.1", "192.0.2.3"),
        )
        assert await store.activity("nobody", 0, NOON) == Activity(0, 0, None, None, None, (), ())


async def test_when_a_token_was_last_used_is_remembered_without_raising_changes(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        for row_id in (1, 2):
            await store.issue(a_token(row_id))
        before = await store.changes()
        await store.used([Use(2, NOON + 5, "192.0.2.1"), Use(404, NOON, None)], [], [an_act("client.refused")])
        await store.used([Use(2, NOON, "192.0.2.2"), Use(1, NOON, None)], [], [])
        assert await store.changes() == before
        told = [(token.id, token.last_used_at, token.last_used_address) for token in await store.tokens(now=NOON)]
        assert told == [(2, NOON + 5, "192.0.2.1"), (1, NOON, None)]
        assert [act.action for act in await store.acts()] == ["client.refused", "application.change"]


async def test_the_expired_are_swept_in_steps_and_those_that_live_are_left(opened: Opened) -> None:
    async with opened() as store:
        for row_id in range(1, 8):
            await store.issue(a_token(row_id, expires_at=NOON + row_id))
        assert await store.sweep(NOON + 6, 3) == 3
        assert await store.sweep(NOON + 6, 3) == 2
        assert await store.sweep(NOON + 6, 3) == 0
        assert [row_id for row_id in range(1, 8) if await store.token(row_id)] == [6, 7]
