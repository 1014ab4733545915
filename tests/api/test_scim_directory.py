"""What SCIM does to accounts when others do something, too, and when there are many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast

import pytest

from scopekeeper.api.scim import directory as directories
from scopekeeper.api.scim.filters import filter_of
from scopekeeper.oauth.people import User
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.ports import Act, Stale
from scopekeeper.store import SqlStore
from tests.altered import replace
from tests.building import built
from tests.provisioning import BARBARA, FULL, USER, Provisioner, a_provisioner, fault_in, patch_of, provisioned

GERMAN: Final = {"op": "add", "path": "locale", "value": "de"}


class Overtaken:
    """Lets somebody else's edit be committed just before the next write of an account, as often as it is said."""

    def __init__(self) -> None:
        self.times = 0
        self.edit: Callable[[], Awaitable[None]] | None = None

    def around(self, store: SqlStore) -> SqlStore:
        save, remove = store.save_user, store.remove_user

        async def save_user(*arguments: Any, **named: Any) -> None:
            await self._come_first()
            await save(*arguments, **named)

        async def remove_user(*arguments: Any, **named: Any) -> None:
            await self._come_first()
            await remove(*arguments, **named)

        async def edit() -> None:
            user = await store.user("bjensen@example.com")
            assert user is not None
            act = Act(90 + user.revision, 0, "user:other", "other.edit", "it")
            zone = f"Etc/GMT-{user.revision}"
            await save(replace(user, zoneinfo=zone, revision=user.revision + 1), act, end_sessions=False)

        store.save_user, store.remove_user, self.edit = save_user, remove_user, edit  # type: ignore[method-assign]
        return store

    async def _come_first(self) -> None:
        if self.times:
            self.times -= 1
            assert self.edit is not None
            await self.edit()


async def test_both_changes_are_there_where_two_come_at_once(tmp_path: Path) -> None:
    overtaken = Overtaken()
    async with built(tmp_path, around=overtaken.around) as h:
        directory = await a_provisioner(h, "rest gql")
        made = await directory.add()
        overtaken.times = 2
        changed = await directory.patched(made["id"], GERMAN)
        assert (changed["locale"], changed["timezone"]) == ("de", "Etc/GMT-1")


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_row_55_what_changes_between_the_look_and_the_commit_is_not_what_was_supposed(
    tmp_path: Path, method: str
) -> None:
    """RFC 7644 §3.14."""
    overtaken = Overtaken()
    async with built(tmp_path, around=overtaken.around) as h:
        directory = await a_provisioner(h, "rest gql")
        made = await directory.add()
        overtaken.times = 1
        body = {"PATCH": patch_of(GERMAN), "PUT": FULL}.get(method)
        answer = await directory.ask(method, f"/Users/{made['id']}", body, {"if-match": 'W/"0"'})
        assert fault_in(answer) == (412, None)
        left = (await directory.ask("GET", f"/Users/{made['id']}")).json()
        assert (left.get("locale"), left["timezone"]) == (None, "Etc/GMT-0")


async def test_what_keeps_changing_is_a_conflict(tmp_path: Path) -> None:
    overtaken = Overtaken()
    async with built(tmp_path, around=overtaken.around) as h:
        directory = await a_provisioner(h, "rest gql")
        made = await directory.add()
        overtaken.times = 1_000
        assert fault_in(await directory.patch(made["id"], GERMAN)) == (409, None)


async def many(directory: Provisioner, number: int) -> None:
    house = directory.h.house
    for each in range(number):
        user = User(house.entropy.row_id(), f"u{each:04}", None, 0, enabled=each % 2 == 0)
        await house.store.add_user(user, Act(house.entropy.row_id(), 0, "cli:test", "user.add", user.name))


async def test_row_56_a_list_says_how_many_there_are_however_far_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7644 §3.4.2: also where the store counts no further."""
    async with provisioned(tmp_path) as directory:
        await many(directory, 700)
        for most in (10_000, 100):
            monkeypatch.setattr(directories, "MOST_COUNTED", most)
            if most == 100:
                monkeypatch.setattr("scopekeeper.services.accounts.Accounts.count", a_hundred_and_one)
            answer = (await directory.ask("GET", "/Users?startIndex=601&count=150")).json()
            assert (answer["totalResults"], answer["startIndex"], answer["itemsPerPage"]) == (700, 601, 100)
            assert [each["userName"] for each in answer["Resources"]] == [f"u{each:04}" for each in range(600, 700)]
        half = await directory.find("active eq true", count=1_000)
        assert (half["totalResults"], half["itemsPerPage"]) == (350, 200)


async def a_hundred_and_one(*_: object) -> int:
    """As the store counts: no further."""
    return 101


async def test_row_56_no_list_looks_at_more_accounts_than_it_is_willing_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7644 §3.12: `tooMany`. What names a key, or narrows the list, is found all the same."""
    async with provisioned(tmp_path) as directory:
        await many(directory, 60)
        monkeypatch.setattr(directories, "MOST_LOOKED_AT", 50)
        for filter in ("userName pr", 'userName ne "u0001"', 'userName eq "u0001" or active eq true'):
            assert fault_in(await directory.search(filter)) == (400, "tooMany")
        assert await directory.names('userName eq "u0001"') == ["u0001"]
        assert await directory.names('userName ew "0007"') == ["u0007"]
        assert len(await directory.names("active eq false")) == 30
        listed = (await directory.ask("GET", "/Users?count=0")).json()
        assert listed["totalResults"] == 60


async def test_row_57_the_more_a_filter_compares_the_fewer_accounts_it_is_asked_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with provisioned(tmp_path) as directory:
        await many(directory, 60)
        monkeypatch.setattr(directories, "MOST_COMPARED", 1_000)
        four = " or ".join(['meta.created gt "2099-01-01"'] * 4)
        assert await directory.names(four) == []
        assert fault_in(await directory.search(f"{four} or ({four} or {four} or {four} or {four})")) == (400, "tooMany")


class Ready:
    """Accounts that nobody has to wait for."""

    async def every(self, asked: object) -> AsyncIterator[User]:
        for each in range(200):
            yield User(each, f"user{each}", None, 0)


async def test_row_57_while_many_accounts_are_looked_at_others_have_their_turn() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    directory = directories.Directory(cast(Accounts, Ready()), "https://auth.example.com")
    assert (await directory.find(filter_of("meta.created pr"), 1, 10)).total == 200
    assert task.done()


@pytest.mark.parametrize(
    "query",
    [
        "startIndex=2147483647&count=2147483647",
        "cursor=eyJhZnRlciI6ICJ4In0",
        "sortBy=password&sortOrder=descending",
        "sortBy=users.id;drop%20table%20users",
        "attributes=password,admin,$where",
        "filter=userName%20eq%20%22%27%20or%201%3D1%20--%22",
    ],
)
async def test_row_56_nothing_in_a_query_is_the_name_of_a_column_or_more_than_a_place(
    tmp_path: Path, query: str
) -> None:
    async with provisioned(tmp_path) as directory:
        await directory.add(password="correct horse battery")
        answer = await directory.ask("GET", f"/Users?{query}")
        assert answer.status == 200
        assert b"argon2" not in answer.body
        assert "password" not in answer.body.decode()


async def test_the_account_of_another_name_is_not_reached_by_a_body_that_names_it(tmp_path: Path) -> None:
    """What the path says counts, whatever id stands in the body."""
    async with provisioned(tmp_path) as directory:
        first = await directory.add()
        second = await directory.add({"schemas": [USER], "userName": "zoe"})
        answer = await directory.ask("PUT", f"/Users/{first['id']}", {**BARBARA, "id": second["id"], "locale": "de"})
        assert (answer.status, answer.json()["id"]) == (200, first["id"])
        swapped = await directory.ask("PUT", f"/Users/{first['id']}", second)
        assert fault_in(swapped) == (400, "mutability")
        assert (await directory.ask("GET", f"/Users/{second['id']}")).json() == second


async def test_a_store_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    """RFC 7644 §3.12: 503, and to try again."""
    async with provisioned(tmp_path) as directory:
        await directory.h.house.store.close()
        answer = await directory.ask("GET", "/Users")
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"


def test_to_be_stale_is_no_fault_of_the_clients() -> None:
    with pytest.raises(Stale), directories.told():
        raise Stale("somebody else came first")


async def test_row_55_of_many_who_come_at_once_with_one_tag_one_is_first(tmp_path: Path) -> None:
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        tag = {"if-match": made["meta"]["version"]}
        told = [{**BARBARA, "locale": f"de-{n}"} for n in range(100, 120)]
        answers = await asyncio.gather(*(directory.ask("PUT", f"/Users/{made['id']}", each, tag) for each in told))
        assert sorted(each.status for each in answers) == [200] + [412] * 19


@pytest.mark.parametrize("unique", [{"userName": "zoe"}, {"externalId": "Z"}])
async def test_of_many_who_add_the_same_at_once_one_does(tmp_path: Path, unique: dict[str, str]) -> None:
    async with provisioned(tmp_path) as directory:
        people = [{"schemas": [USER], "userName": f"zoe{n}", "externalId": f"Z{n}", **unique} for n in range(10)]
        answers = await asyncio.gather(*(directory.ask("POST", "/Users", each) for each in people))
        assert sorted(each.status for each in answers) == [201] + [409] * 9


@pytest.mark.parametrize("shut_out", ["DELETE", "PATCH"])
async def test_row_55_of_administrators_who_are_shut_out_at_once_one_stays(tmp_path: Path, shut_out: str) -> None:
    async with provisioned(tmp_path) as directory:
        for name in ("ann", "bea", "cleo"):
            await directory.h.house.accounts.add(
                name, password="six grey herons in a row", email=None, admin=True, actor="cli:test"
            )
        ids = [each["id"] for each in (await directory.find("userName pr"))["Resources"]]
        off = patch_of({"op": "replace", "path": "active", "value": False}) if shut_out == "PATCH" else None
        answers = await asyncio.gather(*(directory.ask(shut_out, f"/Users/{id}", off) for id in ids))
        assert sorted(each.status for each in answers) == [*[204 if off is None else 200] * 2, 409]
        assert await directory.h.house.store.has_admin()
