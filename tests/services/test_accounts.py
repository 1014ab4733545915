"""Accounts: made, edited, removed; passwords changed; and links that work once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.giving import Exceeds, Holding
from scopekeeper.oauth.people import LINK_LIFETIME, Link, Purpose, UnfitPerson, User
from scopekeeper.oauth.records import GrantType
from scopekeeper.oauth.secrets import Kind, row_of, secret_of
from scopekeeper.services.accounts import LastAdministrator
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.lists import UsersAsked
from scopekeeper.services.passwords import WrongPassword
from scopekeeper.services.ports import Act, Gone, Stale, Taken
from scopekeeper.services.sweep import sweep
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.building import built
from tests.fixtures import NOON
from tests.persons import a_person
from tests.services.desk import ADDRESS, PASSWORD, Desk, a_desk
from tests.stores.families import a_consent, a_family, grant
from tests.stores.records import a_client, an_act

NEW = "another good password"


async def used(desk: Desk, secret: str, *, name: str | None = None, password: str = NEW) -> User:
    return await desk.accounts.use_link(secret, name=name, password=password, address=ADDRESS)


async def test_an_account_is_made_under_its_folded_name_and_its_password_is_a_hash() -> None:
    desk = a_desk()
    made = await desk.accounts.add(
        " Alice ", password=PASSWORD, email="alice@example.com", admin=True, actor="cli:root", address=ADDRESS
    )
    assert (made.name, made.email, made.admin, made.enabled) == ("alice", "alice@example.com", True, True)
    assert made.password is not None
    assert made.password.startswith("$argon2id$")
    assert await desk.accounts.get("ALICE") == made
    (act,) = await desk.store.acts()
    assert (act.actor, act.action, act.target, act.address) == ("cli:root", "user.add", "alice", ADDRESS)
    assert PASSWORD not in repr(act)


async def test_what_cannot_stand_is_refused_and_nothing_is_made() -> None:
    desk = a_desk()
    for field, name, password, email in (
        ("name", "no name!", PASSWORD, None),
        ("password", "alice", "short", None),
        ("email", "alice", PASSWORD, "nowhere"),
    ):
        with pytest.raises(UnfitPerson) as unfit:
            await desk.accounts.add(name, password=password, email=email, admin=False, actor="cli:root")
        assert unfit.value.field == field
    await desk.add()
    with pytest.raises(Taken):
        await desk.add("ALICE")
    assert [user.name for user in await desk.accounts.all()] == ["alice"]


async def test_all_accounts_are_listed_however_many() -> None:
    desk = a_desk()
    for number in range(501):
        await desk.add(f"user{number:04}", None)
    assert len(await desk.accounts.all()) == 501


async def test_an_account_that_is_not_there_is_gone() -> None:
    desk = a_desk()
    for name in ("alice", "no name!"):
        with pytest.raises(Gone):
            await desk.accounts.get(name)
        with pytest.raises(Gone):
            await desk.accounts.set_password(name, NEW, "cli:root")
        with pytest.raises(Gone):
            await desk.accounts.enable(name, False, "cli:root")
        with pytest.raises(Gone):
            await desk.accounts.remove(name, "cli:root")
        with pytest.raises(Gone):
            await desk.accounts.password_link(name, "cli:root")


async def test_a_new_password_ends_all_sessions_and_links() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    link = await desk.accounts.password_link("alice", "cli:root")
    await desk.accounts.set_password("Alice", NEW, "cli:root")
    assert await desk.login.session(cookie) is None
    assert await desk.accounts.open_link(link) is None
    with pytest.raises(WrongPassword):
        await desk.sign_in()
    await desk.sign_in(password=NEW)


async def test_a_person_who_changes_the_password_keeps_the_session_and_loses_the_others() -> None:
    desk = a_desk()
    alice = await desk.add()
    here, cookie = await desk.sign_in()
    _, elsewhere = await desk.sign_in()
    await desk.accounts.change_password(alice, PASSWORD, NEW, here, ADDRESS)
    assert await desk.login.session(cookie) is not None
    assert await desk.login.session(elsewhere) is None
    await desk.sign_in(password=NEW)
    assert ("user:alice", "user.password", "alice") in await desk.acts()


async def test_whoever_finds_a_session_open_does_not_change_the_password_and_guesses_slowly() -> None:
    desk = a_desk(burst=2)
    alice = await desk.add()
    session, _ = await desk.sign_in()
    with pytest.raises(UnfitPerson):
        await desk.accounts.change_password(alice, PASSWORD, "short", session, ADDRESS)
    for _ in range(2):
        with pytest.raises(WrongPassword):
            await desk.accounts.change_password(alice, "wrong", NEW, session, ADDRESS)
    with pytest.raises(TooMany):
        await desk.accounts.change_password(alice, PASSWORD, NEW, session, ADDRESS)


class EditedMeanwhile(MemoryStore):
    """Each edit comes second, as often as it is told to."""

    def __init__(self, *edits: dict[str, object]) -> None:
        super().__init__()
        self.edits = list(edits)

    async def save_user(self, user: User, act: Act, **ends: Any) -> None:
        if self.edits:
            stored = await self.user_with(user.id)
            assert stored is not None
            edited = replace(stored, revision=stored.revision + 1, **self.edits.pop(0))
            await super().save_user(edited, replace(act, id=act.id + 1_000), end_sessions=False)
        await super().save_user(user, act, **ends)


async def test_an_edit_that_comes_second_is_done_again_on_what_it_then_finds() -> None:
    desk = a_desk(EditedMeanwhile({"email": "a@example.com"}, {"admin": True}))
    await desk.add()
    await desk.accounts.set_password("alice", NEW, "cli:root")
    alice = await desk.accounts.get("alice")
    assert (alice.email, alice.admin, alice.revision) == ("a@example.com", True, 3)
    await desk.sign_in(password=NEW)


async def test_an_old_password_that_was_proven_just_before_it_changed_changes_nothing() -> None:
    desk = a_desk(EditedMeanwhile({"password": "the owner's new one"}))
    alice = await desk.add()
    session, _ = await desk.sign_in()
    with pytest.raises(WrongPassword):
        await desk.accounts.change_password(alice, PASSWORD, NEW, session, ADDRESS)
    assert (await desk.accounts.get("alice")).password == "the owner's new one"


async def test_whoever_always_comes_second_gives_up_in_the_end() -> None:
    edits: list[dict[str, object]] = [{"email": f"{each}@example.com"} for each in range(20)]
    desk = a_desk(EditedMeanwhile(*edits))
    await desk.add()
    with pytest.raises(Stale):
        await desk.accounts.set_password("alice", NEW, "cli:root")
    with pytest.raises(Stale):
        await desk.accounts.enable("alice", False, "cli:root")


async def test_disabling_is_done_once_and_written_down_once() -> None:
    desk = a_desk()
    await desk.add()
    for _ in range(2):
        await desk.accounts.enable("alice", False, "cli:root")
    assert (await desk.accounts.get("alice")).enabled is False
    assert [action for _, action, _ in await desk.acts()] == ["user.disable", "user.add"]


async def test_what_a_disabled_account_granted_is_revoked_for_good_and_its_consents_are_remembered() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    await desk.store.add_client(a_client("book"), an_act())
    for number, user in enumerate((alice, alice, bob), 11):
        await grant(desk.store, a_family(number, user=user), a_consent(user=user))
    await desk.accounts.enable("alice", False, "cli:root")
    await desk.accounts.enable("alice", True, "cli:root")
    revoked = {}
    for number in (11, 12, 13):
        token = await desk.store.token(number)
        assert token is not None
        revoked[number] = token.revoked_at
    assert revoked == {11: NOON, 12: NOON, 13: None}
    assert await desk.store.consent(alice.id, "book") is not None


async def test_disabling_again_ends_what_was_left_over() -> None:
    """Where the first time failed half-way, it can be done again."""
    desk = a_desk()
    alice = await desk.add()
    await desk.accounts.enable("alice", False, "cli:root")
    await grant(desk.store, a_family(11, user=alice))
    await desk.accounts.enable("alice", False, "cli:root")
    assert await desk.store.families(alice.id, NOON) == ()


async def test_what_was_left_over_does_not_come_back_with_the_account() -> None:
    """Where the process was killed between shutting somebody out and ending what they had granted."""
    desk = a_desk()
    alice = await desk.add()
    await desk.accounts.enable("alice", False, "cli:root")
    await grant(desk.store, a_family(11, user=alice))
    await desk.accounts.enable("alice", True, "cli:root")
    assert await desk.store.families(alice.id, NOON) == ()


@pytest.mark.parametrize("by", ["operator", "link"])
async def test_another_password_ends_what_the_old_one_itself_bought(by: str) -> None:
    """RFC 6749 §4.3: there is no session that it could end with. Whoever knew the password may have bought it."""
    desk = a_desk()
    alice = await desk.add()
    await desk.store.add_client(a_client("book"), an_act())
    await grant(desk.store, a_family(11, user=alice, grant_type=GrantType.PASSWORD))
    await grant(desk.store, a_family(12, user=alice))
    if by == "link":
        await used(desk, await desk.accounts.password_link("alice", "cli:root"))
    else:
        await desk.accounts.set_password("alice", NEW, "cli:root")
    assert [each.id for each in await desk.store.families(alice.id, NOON)] == [12]


async def test_a_removed_account_is_gone_with_its_sessions() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    await desk.accounts.remove("alice", "cli:root")
    assert await desk.login.session(cookie) is None
    with pytest.raises(WrongPassword):
        await desk.sign_in()
    again = await desk.add()
    assert await desk.login.session(cookie) is None
    assert await desk.login.sessions(again) == []


async def test_a_password_link_works_once_and_then_the_password_does() -> None:
    desk = a_desk()
    alice = await desk.add("alice", None)
    secret = await desk.accounts.password_link("alice", "cli:root")
    assert secret.startswith("skpr_ln_")
    opened = await desk.accounts.open_link(secret)
    assert opened is not None
    link, whose = opened
    assert (link.purpose, whose) == (Purpose.PASSWORD, alice)
    assert await desk.accounts.open_link(secret) is not None
    with pytest.raises(UnfitPerson):
        await used(desk, secret, password="short")
    changed = await used(desk, secret, name="somebody else")
    assert changed.name == "alice"
    await desk.sign_in(password=NEW)
    assert await desk.accounts.open_link(secret) is None
    with pytest.raises(Gone):
        await used(desk, secret)
    acts = await desk.acts()
    assert ("cli:root", "user.link", "alice") in acts
    assert ("user:alice", "user.password", "alice") in acts
    assert secret not in repr(await desk.store.acts())


async def test_a_new_link_replaces_the_old_one_and_no_link_outlives_its_day() -> None:
    desk = a_desk()
    await desk.add()
    old, new = [await desk.accounts.password_link("alice", "cli:root") for _ in range(2)]
    assert await desk.accounts.open_link(old) is None
    desk.clock.advance(LINK_LIFETIME - 1)
    assert await desk.accounts.open_link(new) is not None
    desk.clock.advance(1)
    assert await desk.accounts.open_link(new) is None
    with pytest.raises(Gone):
        await used(desk, new)
    desk.clock.advance(1)
    assert await sweep(desk.store, desk.clock, 0) == 1


async def test_row_13_nothing_but_a_link_opens_as_a_link() -> None:
    desk = a_desk()
    await desk.add()
    secret = await desk.accounts.password_link("alice", "cli:root")
    row = row_of(secret, Kind.LINK)
    assert row is not None
    _, cookie = await desk.sign_in()
    for other in ("", "x", secret[:-1], cookie, secret.replace("_ln_", "_ss_"), secret_of(Kind.LINK, row, "0" * 32)):
        assert await desk.accounts.open_link(other) is None
        with pytest.raises(Gone):
            await used(desk, other)


async def test_a_link_of_a_disabled_or_removed_account_opens_nothing() -> None:
    desk = a_desk()
    await desk.add()
    secret = await desk.accounts.password_link("alice", "cli:root")
    await desk.accounts.enable("alice", False, "cli:root")
    assert await desk.accounts.open_link(secret) is None
    secret = await desk.accounts.password_link("alice", "cli:root")
    assert await desk.accounts.open_link(secret) is None
    await desk.accounts.enable("alice", True, "cli:root")
    assert await desk.accounts.open_link(secret) is not None
    await desk.accounts.remove("alice", "cli:root")
    assert await desk.accounts.open_link(secret) is None


async def test_row_60_the_set_up_link_makes_the_first_administrator_and_no_other() -> None:
    desk = a_desk()
    first, second = await desk.accounts.setup_link(), await desk.accounts.setup_link()
    assert first is not None
    assert second is not None
    assert await desk.accounts.open_link(first) is None
    opened = await desk.accounts.open_link(second)
    assert opened is not None
    assert (opened[0].purpose, opened[1]) == (Purpose.SETUP, None)
    for name in (None, "", "no name!"):
        with pytest.raises(UnfitPerson):
            await used(desk, second, name=name)
    root = await desk.accounts.use_link(second, name="Root", password=NEW, address=ADDRESS, email="root@example.com")
    assert (root.name, root.admin, root.email, root.created_at) == ("root", True, "root@example.com", NOON)
    await desk.sign_in("root", NEW)
    assert await desk.accounts.setup_link() is None
    with pytest.raises(Gone):
        await used(desk, second, name="again")


async def test_row_60_the_set_up_link_is_dead_once_an_administrator_was_made_otherwise() -> None:
    desk = a_desk()
    secret = await desk.accounts.setup_link()
    assert secret is not None
    await desk.add("waits-for-a-password", None, admin=True)
    assert await desk.accounts.open_link(secret) is not None
    await desk.add("root", admin=True)
    assert await desk.accounts.open_link(secret) is None
    with pytest.raises(Gone):
        await used(desk, secret, name="second")


async def test_a_name_that_is_taken_leaves_the_set_up_link_for_another_try() -> None:
    desk = a_desk()
    await desk.add()
    secret = await desk.accounts.setup_link()
    assert secret is not None
    with pytest.raises(Taken):
        await used(desk, secret, name="alice")
    assert (await used(desk, secret, name="root")).admin


async def test_row_60_two_with_one_link_at_once_make_one_administrator() -> None:
    desk = a_desk()
    secret = await desk.accounts.setup_link()
    assert secret is not None
    told = await asyncio.gather(*(used(desk, secret, name=f"root{each}") for each in range(20)), return_exceptions=True)
    assert sum(isinstance(each, User) for each in told) == 1
    assert sum(isinstance(each, Gone) for each in told) == 19
    assert len(await desk.accounts.all()) == 1


async def test_an_account_edited_while_its_link_is_used_keeps_that_edit() -> None:
    class Meanwhile(EditedMeanwhile):
        async def spend_link(self, link: Link, user: User, act: Act) -> None:
            if self.edits:
                stored = await self.user_with(user.id)
                assert stored is not None
                edited = replace(stored, revision=stored.revision + 1, **self.edits.pop(0))
                await MemoryStore.save_user(self, edited, replace(act, id=act.id + 1_000), end_sessions=False)
            await super().spend_link(link, user, act)

    desk = a_desk(Meanwhile({"email": "a@example.com"}))
    await desk.add()
    secret = await desk.accounts.password_link("alice", "cli:root")
    changed = await used(desk, secret)
    assert (changed.email, changed.revision) == ("a@example.com", 2)
    assert await desk.accounts.get("alice") == changed


async def test_another_address_or_role_is_noted_with_what_was_before_and_ends_no_session() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    edited = await desk.accounts.edit("Alice", email="a@example.com", admin=True, actor="user:root", address=ADDRESS)
    assert (edited.email, edited.admin, edited.revision) == ("a@example.com", True, 1)
    assert await desk.accounts.get("alice") == edited
    assert await desk.login.session(cookie) is not None
    [act, *_] = await desk.store.acts()
    assert (act.actor, act.action, act.target, act.address) == ("user:root", "user.change", "alice", ADDRESS)
    assert act.details == {
        "email": {"before": None, "after": "a@example.com"},
        "admin": {"before": False, "after": True},
    }
    cleared = await desk.accounts.edit("alice", email=None, actor="user:root")
    assert (cleared.email, cleared.admin) == (None, True)


async def test_what_is_told_of_a_person_is_edited_field_by_field() -> None:
    desk = a_desk()
    await desk.add()
    edit = {"full_name": "Alice", "locale": "de-AT"}
    first = await desk.accounts.edit("alice", profile=edit, actor="user:root", address=ADDRESS)
    assert (first.full_name, first.locale, first.revision) == ("Alice", "de-AT", 1)
    second = await desk.accounts.edit("alice", profile={"locale": ""}, actor="user:root")
    assert (second.full_name, second.locale) == ("Alice", None)
    [act, *_] = await desk.store.acts()
    assert act.details == {"locale": {"before": "de-AT", "after": None}}
    second = await desk.accounts.edit("alice", profile={"address": "1 Main St"}, actor="user:root", address=ADDRESS)
    [act, *_] = await desk.store.acts()
    assert (act.address, act.details) == (ADDRESS, {"address": {"before": None, "after": "1 Main St"}})
    with pytest.raises(UnfitPerson):
        await desk.accounts.edit("alice", profile={"phone_number": "none"}, actor="user:root")
    assert await desk.accounts.get("alice") == second


async def test_row_53_another_address_is_vouched_for_anew() -> None:
    """Applications link accounts by addresses that are verified: word is given for one address, and for no other."""
    desk = a_desk()
    await desk.add()
    edit = desk.accounts.edit
    assert not (await edit("alice", email_verified=True, actor="user:root")).email_verified, "there is no address"
    assert not (await edit("alice", email="a@example.com", actor="user:root")).email_verified
    assert (await edit("alice", email_verified=True, actor="user:root")).email_verified
    assert (await edit("alice", email="a@example.com", admin=True, actor="user:root")).email_verified
    assert not (await edit("alice", email="b@example.com", actor="user:root")).email_verified
    assert (await edit("alice", email="c@example.com", email_verified=True, actor="user:root")).email_verified
    assert not (await edit("alice", email=None, actor="user:root")).email_verified


async def test_an_edit_that_changes_nothing_is_none() -> None:
    desk = a_desk()
    alice = await desk.add()
    assert await desk.accounts.edit("alice", actor="user:root") == alice
    assert await desk.accounts.edit("alice", admin=False, email=None, actor="user:root") == alice
    assert len(await desk.store.acts()) == 1


async def test_an_edit_of_what_was_seen_before_somebody_elses_edit_is_refused() -> None:
    desk = a_desk()
    alice = await desk.add()
    await desk.accounts.edit("alice", email="first@example.com", actor="user:root", revision=alice.revision)
    with pytest.raises(Stale):
        await desk.accounts.edit("alice", email="second@example.com", actor="user:mallory", revision=alice.revision)
    assert (await desk.accounts.get("alice")).email == "first@example.com"


async def test_an_edit_that_comes_second_unseen_is_done_on_what_it_then_finds() -> None:
    desk = a_desk(EditedMeanwhile({"admin": True}))
    await desk.add()
    edited = await desk.accounts.edit("alice", email="a@example.com", actor="user:root")
    assert (edited.email, edited.admin, edited.revision) == ("a@example.com", True, 2)


async def test_an_address_that_is_none_is_refused() -> None:
    desk = a_desk()
    await desk.add()
    with pytest.raises(UnfitPerson):
        await desk.accounts.edit("alice", email="nowhere", actor="user:root")


async def test_the_last_administrator_stays_where_one_is_to_be_kept() -> None:
    """One who cannot sign in (disabled, or without a password) keeps nothing."""
    desk = a_desk()
    await desk.add("root", admin=True)
    await desk.add("waits-for-a-password", None, admin=True)
    await desk.add("shut-out", admin=True)
    await desk.accounts.enable("shut-out", False, "cli:root")
    acts = len(await desk.store.acts())
    for last in (
        desk.accounts.edit("root", admin=False, actor="user:root", keep_one=True),
        desk.accounts.enable("root", False, "user:root", keep_one=True),
        desk.accounts.remove("root", "user:root", keep_one=True),
    ):
        with pytest.raises(LastAdministrator):
            await last
    assert len(await desk.store.acts()) == acts
    await desk.accounts.edit("root", email="r@example.com", actor="user:root", keep_one=True)
    await desk.add("other", admin=True)
    await desk.accounts.edit("root", admin=False, actor="user:root", keep_one=True)
    assert [user.name for user in await desk.accounts.find(UsersAsked(admin=True, enabled=True))] == [
        "other",
        "waits-for-a-password",
    ]
    await desk.accounts.remove("root", "user:other", keep_one=True)


@pytest.mark.parametrize("how", ["demote", "disable", "remove"])
async def test_row_55_of_two_administrators_who_make_each_other_less_at_once_one_stays(
    tmp_path: Path, how: str
) -> None:
    """Each of them saw the other, when it was decided; the commit looks again."""
    async with built(tmp_path) as h:
        accounts = h.house.accounts
        hashed = await accounts.passwords.hash(PASSWORD)
        for name in ("alice", "bob"):
            chosen = replace(await a_person(h, name, admin=True), password=hashed, revision=1)
            await h.house.store.save_user(chosen, an_act(), end_sessions=False)
        acts: dict[str, Callable[[str, str], Awaitable[object]]] = {
            "demote": lambda name, by: accounts.edit(name, admin=False, actor=by, keep_one=True),
            "disable": lambda name, by: accounts.enable(name, False, by, keep_one=True),
            "remove": lambda name, by: accounts.remove(name, by, keep_one=True),
        }
        done = await asyncio.gather(
            acts[how]("alice", "user:bob"), acts[how]("bob", "user:alice"), return_exceptions=True
        )
        assert [type(each) for each in done if isinstance(each, BaseException)] == [LastAdministrator]
        assert await h.house.store.has_admin()


async def test_whoever_is_no_administrator_or_disabled_can_go_although_there_is_one_only() -> None:
    desk = a_desk()
    await desk.add("root", admin=True)
    await desk.add("alice")
    await desk.add("shut-out", admin=True)
    await desk.accounts.enable("shut-out", False, "user:root", keep_one=True)
    await desk.accounts.remove("shut-out", "user:root", keep_one=True)
    await desk.accounts.enable("alice", False, "user:root", keep_one=True)
    await desk.accounts.remove("alice", "user:root", keep_one=True)


async def test_nobody_makes_or_lets_in_an_administrator_who_may_not_do_everything() -> None:
    desk = a_desk()
    await desk.add("root", admin=True)
    await desk.add("alice")
    little = Holding(frozenset({"rest:admin"}), frozenset())
    for more in (
        desk.accounts.add("mallory", password=None, email=None, admin=True, actor="client:x", holding=little),
        desk.accounts.edit("alice", admin=True, actor="client:x", holding=little),
        desk.accounts.edit("root", email="m@example.com", actor="client:x", holding=little),
        desk.accounts.password_link("alice", "client:x", holding=little),
    ):
        with pytest.raises(Exceeds):
            await more
    await desk.accounts.add("bob", password=None, email=None, admin=False, actor="client:x", holding=little)
    await desk.accounts.edit("alice", email="a@example.com", actor="client:x", holding=little)
    await desk.accounts.enable("root", False, "client:x", holding=little)
    with pytest.raises(Exceeds):
        await desk.accounts.enable("root", True, "client:x", holding=little)
    assert [user.name for user in await desk.accounts.all()] == ["alice", "bob", "root"]


async def test_accounts_are_found_by_name_address_and_state_a_page_at_a_time() -> None:
    desk = a_desk()
    for name, email in (("alice", "a@example.com"), ("bob", None), ("carol", "ALICE@elsewhere.example")):
        await desk.accounts.add(name, password=None, email=email, admin=name == "bob", actor="cli:root")
    assert [user.name for user in await desk.accounts.find(UsersAsked("alice"))] == ["alice", "carol"]
    assert [user.name for user in await desk.accounts.find(UsersAsked(), after="alice", limit=1)] == ["bob"]
    assert [user.name async for user in desk.accounts.every(UsersAsked(admin=False))] == ["alice", "carol"]
    assert await desk.accounts.count(UsersAsked(enabled=True)) == 3


async def test_an_account_is_found_by_what_it_is_called_elsewhere_and_no_two_are_called_so() -> None:
    """RFC 7643 §3.1."""
    desk = a_desk()
    alice = await desk.accounts.add(
        "alice", password=None, email=None, admin=False, actor="client:x", external_id="E1", enabled=False
    )
    assert not alice.enabled
    assert await desk.accounts.called("E1") == await desk.accounts.get_with(alice.id) == alice
    assert await desk.accounts.called("e1") is None
    assert await desk.accounts.called("\0") is None
    with pytest.raises(Gone):
        await desk.accounts.get_with(alice.id + 1)
    with pytest.raises(Taken):
        await desk.accounts.add("bob", password=None, email=None, admin=False, actor="client:x", external_id="E1")
    await desk.accounts.add("bob", password=None, email=None, admin=False, actor="client:x", external_id="E2")
    with pytest.raises(Taken):
        await desk.accounts.edit("bob", external_id="E1", actor="client:x")
    assert (await desk.accounts.edit("alice", external_id=None, actor="client:x")).external_id is None
    assert (await desk.accounts.edit("bob", external_id="E1", actor="client:x")).external_id == "E1"
    assert (await desk.accounts.edit("bob", enabled=False, actor="client:x")).external_id == "E1"


async def test_row_55_to_give_a_password_takes_as_much_as_a_link_to_choose_one() -> None:
    desk = a_desk()
    await desk.accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:root")
    little = Holding(frozenset({"rest:admin"}), frozenset({GrantType.CLIENT_CREDENTIALS}))
    before = await desk.accounts.get("alice")
    for more in (
        desk.accounts.add("bob", password=NEW, email=None, admin=False, actor="client:x", holding=little),
        desk.accounts.edit("alice", password=NEW, actor="client:x", holding=little),
    ):
        with pytest.raises(Exceeds):
            await more
    assert [user.name for user in await desk.accounts.all()] == ["alice"]
    assert await desk.accounts.get("alice") == before
    session, _ = await desk.sign_in()
    edited = await desk.accounts.edit("alice", password=NEW, actor="client:x")
    assert edited.password != before.password
    assert await desk.store.session(session.id) is None
    with pytest.raises(UnfitPerson):
        await desk.accounts.edit("alice", password="short", email="a@example.com", actor="client:x")
    assert await desk.accounts.get("alice") == edited
