"""Of an application with very many grants the database reads a page in another way, and finds the same."""

from pathlib import Path

import pytest

from scopekeeper.services.lists import ConsentsAsked, TokensAsked
from scopekeeper.store import open_sqlite, sql_lists
from scopekeeper.store.schema import ready
from tests.fixtures import NOON
from tests.stores.families import ALICE, BOB, a_code, a_consent, a_family, a_refresh_token
from tests.stores.records import a_client, a_token, an_act

BOOK = "book"


@pytest.fixture(params=["few", "many"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database to which four grants are few, and one to which they are many."""
    if request.param == "many":
        monkeypatch.setattr(sql_lists, "MOST_COUNTED", 1)
    ready(tmp_path / "it.db")
    return tmp_path / "it.db"


async def test_a_page_of_one_application_is_the_same_whether_it_has_few_grants_or_many(path: Path) -> None:
    store = open_sqlite(path)
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id in (BOOK, "site"):
        await store.add_client(a_client(client_id), an_act())
    given = [(each, person, client_id) for each, (person, client_id) in enumerate(
        [(ALICE, BOOK), (BOB, "site"), (BOB, BOOK), (ALICE, BOOK)], start=1
    )]  # fmt: skip
    for each, person, client_id in given:
        family = a_family(each, client_id, person)
        await store.begin_family(family, a_token(each, client_id), a_refresh_token(each, each), None, None)
        await store.add_code(a_code(each), a_consent(client_id, person), None)
    its = TokensAsked(client_id=BOOK)
    found = await store.find_refresh_tokens(its, now=NOON, limit=2)
    assert [(token.id, family.id) for token, family in found] == [(4, 4), (3, 3)]
    found = await store.find_refresh_tokens(its, now=NOON, before=3, limit=2)
    assert [(token.id, family.id) for token, family in found] == [(1, 1)]
    consents = ConsentsAsked(client_id=BOOK)
    assert [name for _, name in await store.find_consents(consents, limit=1)] == ["alice"]
    assert [name for _, name in await store.find_consents(consents, after=("alice", BOOK))] == ["bob"]
    await store.close()


async def test_tokens_of_ids_before_the_oldest_that_was_seen_are_found(path: Path) -> None:
    """Two processes make ids at once, and the later one may be written first."""
    store = open_sqlite(path)
    await store.add_client(a_client(BOOK), an_act())
    oldest, later = 9 << 40, NOON + 61
    await store.issue(a_token(oldest, BOOK))
    assert [token.id for token in await store.find_tokens(TokensAsked(), now=NOON)] == [oldest]
    await store.issue(a_token(oldest - 1, BOOK))
    await store.issue(a_token(5, BOOK, issued_at=later))
    assert [token.id for token in await store.find_tokens(TokensAsked(), now=NOON)] == [oldest, oldest - 1, 5]
    await store.revoke([5], NOON, None)
    assert [token.id for token in await store.find_tokens(TokensAsked(), now=later)] == [oldest, oldest - 1]
    assert await store.find_tokens(TokensAsked(), now=NOON + 9_999) == ()
    await store.close()
