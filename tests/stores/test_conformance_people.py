"""What every store promises about accounts, their sessions and their links."""

import pytest

from scopekeeper.services.lists import UsersAsked
from scopekeeper.services.ports import Gone, Stale, Store, Taken, Use
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.people import PROFILE, a_link, a_session, a_user, an_admin
from tests.stores.records import a_client, a_token, an_act


async def with_alice(store: Store) -> None:
    await store.add_user(a_user(), an_act())


async def test_an_account_is_found_as_it_was_remembered(opened: Opened) -> None:
    async with opened() as store:
        plain = a_user(2, "bob", password=None)
        full = an_admin(enabled=False, updated_at=NOON + 1, revision=7, external_id="701984", **PROFILE)
        for user in (plain, full):
            await store.add_user(user, an_act())
            assert await store.user(user.name) == user
            assert await store.user_with(user.id) == user
        assert await store.user("nobody") is None
        assert await store.user_with(404) is None


async def test_what_is_told_of_a_person_is_edited_cleared_and_looked_for(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        told = a_user(updated_at=NOON + 1, revision=1, **PROFILE)
        await store.save_user(told, an_act(), end_sessions=False)
        assert await store.user("alice") == told
        assert list(await store.find_users(UsersAsked("JØRGENSEN"))) == [told]
        await store.begin_session(a_session(10), told, None, an_act())
        cleared = a_user(updated_at=NOON + 2, revision=2)
        await store.save_user(cleared, an_act(), end_sessions=False)
        assert await store.user("alice") == cleared
        assert list(await store.find_users(UsersAsked("JØRGENSEN"))) == []


async def test_an_account_name_is_given_once(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        for other in (a_user(2, "alice", email="other@example.com"), a_user(1, "bob")):
            with pytest.raises(Taken):
                await store.add_user(other, an_act())
        assert await store.users() == (a_user(),)
        assert len(await store.acts()) == 1


async def test_an_external_id_is_one_accounts_and_finds_it_letter_for_letter(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(external_id="Ab-1"), an_act())
        for number, external_id in ((2, None), (3, None), (4, "ab-1")):
            await store.add_user(a_user(number, f"user{number}", external_id=external_id), an_act())
        acts, changes = await store.acts(), await store.changes()
        with pytest.raises(Taken):
            await store.add_user(a_user(5, "user5", external_id="Ab-1"), an_act())
        with pytest.raises(Taken):
            await store.save_user(a_user(2, "user2", external_id="Ab-1", revision=1), an_act(), end_sessions=True)
        assert (await store.acts(), await store.changes()) == (acts, changes)
        assert await store.user("user2") == a_user(2, "user2")
        assert await store.user_with_external_id("Ab-1") == a_user(external_id="Ab-1")
        assert await store.user_with_external_id("AB-1") is None
        await store.save_user(a_user(external_id="other", revision=1), an_act(), end_sessions=False)
        assert await store.user_with_external_id("Ab-1") is None
        await store.save_user(a_user(2, "user2", external_id="Ab-1", revision=1), an_act(), end_sessions=False)
        await store.remove_user("user2", an_act())
        assert await store.user_with_external_id("Ab-1") is None


async def test_accounts_are_listed_by_name_from_behind_a_name(opened: Opened) -> None:
    async with opened() as store:
        for number, name in enumerate(("c", "a", "e", "b", "d"), 1):
            await store.add_user(a_user(number, name), an_act())
        assert [user.name for user in await store.users(limit=2)] == ["a", "b"]
        assert [user.name for user in await store.users(after="b")] == ["c", "d", "e"]
        assert await store.users(after="e") == ()


async def test_an_administrator_counts_who_can_sign_in(opened: Opened) -> None:
    async with opened() as store:
        assert await store.has_admin() is False
        await with_alice(store)
        await store.add_user(an_admin(2, "a", password=None), an_act())
        await store.add_user(an_admin(3, "b", enabled=False), an_act())
        assert await store.has_admin() is False
        await store.add_user(an_admin(), an_act())
        assert await store.has_admin() is True


async def test_an_edit_of_an_account_that_was_edited_meanwhile_is_stale_and_ends_no_session(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        edited = a_user(email="alice@example.com", revision=1)
        await store.save_user(edited, an_act(), end_sessions=False)
        changes, acts = await store.changes(), await store.acts()
        for revision in (1, 3):
            with pytest.raises(Stale):
                await store.save_user(a_user(admin=True, revision=revision), an_act(), end_sessions=True)
        with pytest.raises(Gone):
            await store.save_user(a_user(5, "carol", revision=1), an_act(), end_sessions=True)
        assert await store.user("alice") == edited
        assert await store.session(10) == a_session(10)
        assert (await store.changes(), await store.acts()) == (changes, acts)


async def test_an_edit_that_ends_sessions_ends_all_but_one_and_every_link(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_user(a_user(2, "bob"), an_act())
        for row_id in (10, 11, 12):
            await store.begin_session(a_session(row_id), a_user(), None, an_act())
            assert await store.session(row_id) is not None
        await store.begin_session(a_session(13, 2, "bob"), a_user(2, "bob"), None, an_act())
        await store.add_link(a_link(20), None, alone=True)
        await store.add_link(a_link(21, 2), None, alone=True)
        await store.save_user(a_user(password="new", revision=1), an_act(), end_sessions=True, keep=11)
        assert [await store.session(row_id) is not None for row_id in (10, 11, 12, 13)] == [False, True, False, True]
        assert [await store.link(row_id) is not None for row_id in (20, 21)] == [False, True]
        await store.save_user(a_user(password="newer", revision=2), an_act(), end_sessions=True)
        assert await store.sessions(1) == ()


async def test_an_edit_that_ends_links_ends_no_session(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_user(a_user(2, "bob"), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.add_link(a_link(20), None, alone=True)
        await store.add_link(a_link(21, 2), None, alone=True)
        await store.save_user(a_user(revision=1), an_act(), end_sessions=False)
        assert await store.link(20) is not None
        await store.save_user(a_user(revision=2), an_act(), end_sessions=False, end_links=True)
        assert [await store.link(row_id) is not None for row_id in (20, 21)] == [False, True]
        assert await store.session(10) is not None


async def test_a_hash_is_replaced_only_while_it_is_the_one_that_was_proven(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(password="old"), an_act())
        assert await store.user("alice") == a_user(password="old")
        await store.rehash(1, "other", "wrong")
        await store.rehash(404, "old", "wrong")
        assert await store.user("alice") == a_user(password="old")
        await store.rehash(1, "old", "new")
        assert await store.user("alice") == a_user(password="new")


async def test_a_removed_account_takes_sessions_links_and_tokens_along(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_client(a_client(), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.add_link(a_link(20), None, alone=True)
        for row_id, user in ((30, "alice"), (31, "alice"), (32, "bob"), (33, None)):
            await store.issue(a_token(row_id, user=user))
            assert await store.token(row_id) is not None
        await store.remove_user("alice", an_act(at=NOON + 5))
        assert await store.user("alice") is None
        assert await store.session(10) is None
        assert await store.sessions(1) == ()
        assert await store.link(20) is None
        tokens = [await store.token(row_id) for row_id in (30, 31, 32, 33)]
        assert [token and token.revoked_at for token in tokens] == [NOON + 5, NOON + 5, None, None]
        with pytest.raises(Gone):
            await store.remove_user("alice", an_act())


async def test_a_removed_account_with_very_many_tokens_leaves_none_of_them(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_client(a_client(), an_act())
        for row_id in range(1, 1_203):
            await store.issue(a_token(row_id, user="alice"))
        await store.remove_user("alice", an_act("user.remove"))
        assert await store.tokens(user="alice", now=NOON) == ()
        assert [act.action for act in await store.acts()].count("user.remove") == 1


async def test_applications_of_a_removed_account_are_nobodys_and_edits_begun_before_are_stale(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_client(a_client(owner="alice"), an_act())
        await store.add_client(a_client("other", owner="bob"), an_act())
        assert (await store.client("night-shift")) == a_client(owner="alice")
        await store.remove_user("alice", an_act())
        assert await store.client("night-shift") == a_client(owner=None, revision=1)
        assert await store.client("other") == a_client("other", owner="bob")
        with pytest.raises(Stale):
            await store.save_client(a_client(owner="alice", revision=1), an_act())


async def test_a_new_account_of_an_old_name_inherits_nothing(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.remove_user("alice", an_act())
        await store.add_user(a_user(2), an_act())
        assert await store.session(10) is None
        assert await store.sessions(2) == ()
        with pytest.raises(Stale):
            await store.begin_session(a_session(11), a_user(1), None, an_act())


async def test_a_session_is_found_as_it_was_remembered(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        session = a_session(
            10, address="2001:db8::1", agent="Mozilla/5.0 (“quoted”)", last_seen_at=NOON + 5, amr=("pwd", "otp")
        )
        await store.begin_session(session, a_user(), None, an_act())
        assert await store.session(10) == session
        assert await store.session(404) is None


async def test_a_session_takes_the_place_of_the_one_that_the_browser_had(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        assert await store.session(10) is not None
        await store.begin_session(a_session(11), a_user(), 10, an_act())
        await store.begin_session(a_session(12), a_user(), 404, an_act())
        assert await store.session(10) is None
        assert [session.id for session in await store.sessions(1)] == [12, 11]


async def test_whoever_signs_in_anew_has_the_same_session_with_another_cookie(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10, address="::1", agent="Firefox"), a_user(), None, an_act())
        await store.begin_session(a_session(11), a_user(), None, an_act())
        assert await store.session(10) is not None
        before = await store.changes()
        anew = a_session(
            10, digest=b"new", signed_in_at=NOON + 5, last_seen_at=NOON + 5, agent="Opera", amr=("pwd", "otp")
        )
        await store.begin_session(anew, a_user(), 10, an_act("session.begin"))
        assert await store.session(10) == anew
        assert await store.sessions(1) == (a_session(11), anew)
        assert await store.changes() > before
        assert (await store.acts())[0].action == "session.begin"


async def test_a_session_that_was_ended_does_not_go_on_nor_does_somebody_elses(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_user(a_user(2, "bob"), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.begin_session(a_session(11, 2, "bob"), a_user(2, "bob"), None, an_act())
        await store.end_session(10, an_act())
        changes, acts = await store.changes(), await store.acts()
        for row_id in (10, 11):
            with pytest.raises(Gone):
                await store.begin_session(a_session(row_id, digest=b"new"), a_user(), row_id, an_act())
        assert await store.sessions(1) == ()
        assert await store.session(11) == a_session(11, 2, "bob")
        assert (await store.changes(), await store.acts()) == (changes, acts)


async def test_row_51_signing_in_anew_brings_no_more_guesses(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        assert [await store.guess(10, 2) for _ in range(3)] == [True, True, False]
        await store.begin_session(a_session(10, digest=b"new"), a_user(), 10, an_act())
        assert await store.guess(10, 2) is False


async def test_no_session_begins_on_an_account_that_was_edited_while_its_password_was_proven(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.save_user(a_user(password="new", revision=1), an_act(), end_sessions=True)
        acts = await store.acts()
        for proven in (a_user(), a_user(5, "carol")):
            for row_id in (10, 11):
                with pytest.raises(Stale):
                    await store.begin_session(a_session(row_id), proven, 10, an_act())
        assert await store.sessions(1) == ()
        assert await store.acts() == acts


async def test_only_a_session_that_ends_another_is_a_change(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        before = await store.changes()
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.begin_session(a_session(11), a_user(), 404, an_act())
        await store.seen([Use(10, NOON + 60, None)])
        await store.end_session(404, an_act())
        assert await store.changes() == before
        await store.begin_session(a_session(12), a_user(), 10, an_act())
        assert await store.changes() > before
        before = await store.changes()
        await store.end_session(12, an_act())
        assert await store.changes() > before


async def test_of_too_many_sessions_the_oldest_end(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_user(a_user(2, "bob"), an_act())
        await store.begin_session(a_session(5, 2, "bob"), a_user(2, "bob"), None, an_act())
        for row_id in range(10, 113):
            await store.begin_session(a_session(row_id), a_user(), None, an_act())
        assert [session.id for session in await store.sessions(1)] == list(range(112, 12, -1))
        assert await store.session(5) is not None


async def test_an_ended_session_is_gone_and_ending_it_again_is_no_error_and_no_act(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        assert await store.session(10) is not None
        await store.end_session(10, an_act())
        assert await store.session(10) is None
        acts = await store.acts()
        await store.end_session(10, an_act())
        assert await store.acts() == acts


async def test_when_a_person_was_last_seen_is_remembered_and_never_set_back(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        assert await store.session(10) == a_session(10)
        await store.seen([Use(10, NOON + 60, None), Use(404, NOON + 60, None)])
        await store.seen([Use(10, NOON + 30, None)])
        assert await store.session(10) == a_session(10, last_seen_at=NOON + 60)
        assert await store.sessions(1) == (a_session(10, last_seen_at=NOON + 60),)


async def test_sessions_of_long_ago_are_swept_in_steps(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        for row_id in range(10, 15):
            await store.begin_session(a_session(row_id, signed_in_at=NOON + row_id), a_user(), None, an_act())
        assert [await store.sweep_sessions(NOON + 14, 3) for _ in range(3)] == [3, 1, 0]
        assert [session.id for session in await store.sessions(1)] == [14]


async def test_links_are_found_as_they_were_remembered_and_swept_when_they_expired(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        links = (a_link(20), a_link(21, None, expires_at=NOON + 90))
        for link in links:
            await store.add_link(link, an_act(), alone=True)
            assert await store.link(link.id) == link
        assert await store.link(404) is None
        assert [await store.sweep_links(before, 10) for before in (NOON + 60, NOON + 61, NOON + 91)] == [0, 1, 1]


async def test_a_link_that_stands_alone_replaces_only_those_of_its_kind(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.add_user(a_user(2, "bob"), an_act())
        for link in (a_link(20), a_link(21, 2), a_link(22, None)):
            await store.add_link(link, None, alone=True)
        await store.add_link(a_link(23), None, alone=False)
        assert [await store.link(row_id) is not None for row_id in (20, 21, 22, 23)] == [True] * 4
        await store.add_link(a_link(24), None, alone=True)
        await store.add_link(a_link(25, None), None, alone=True)
        kept = [row_id for row_id in range(20, 30) if await store.link(row_id)]
        assert kept == [21, 24, 25]


async def test_no_link_is_for_an_account_that_is_not_there(opened: Opened) -> None:
    async with opened() as store:
        with pytest.raises(Gone):
            await store.add_link(a_link(20, 404), an_act(), alone=True)
        assert await store.acts() == ()


async def test_row_60_a_set_up_link_makes_one_administrator_and_is_used_up(opened: Opened) -> None:
    async with opened() as store:
        link = a_link(20, None)
        await store.add_link(link, None, alone=True)
        await store.spend_link(link, an_admin(), an_act())
        assert await store.user("root") == an_admin()
        assert await store.link(20) is None
        with pytest.raises(Gone):
            await store.spend_link(link, an_admin(8, "second"), an_act())


async def test_row_60_a_set_up_link_is_too_late_where_there_is_an_administrator(opened: Opened) -> None:
    async with opened() as store:
        link = a_link(20, None)
        await store.add_link(link, None, alone=True)
        await store.add_user(an_admin(), an_act())
        with pytest.raises(Taken):
            await store.spend_link(link, an_admin(8, "second"), an_act())
        assert await store.user("second") is None


async def test_a_set_up_link_is_not_used_up_by_a_name_that_is_taken(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        link = a_link(20, None)
        await store.add_link(link, None, alone=True)
        with pytest.raises(Taken):
            await store.spend_link(link, an_admin(8, "alice"), an_act())
        assert await store.link(20) == link
        await store.spend_link(link, an_admin(8, "bob"), an_act())


async def test_a_password_link_sets_the_password_once_and_ends_what_the_old_one_opened(opened: Opened) -> None:
    async with opened() as store:
        await with_alice(store)
        await store.begin_session(a_session(10), a_user(), None, an_act())
        assert await store.session(10) is not None
        link, changed = a_link(20), a_user(password="new", revision=1)
        await store.add_link(link, None, alone=True)
        with pytest.raises(Stale):
            await store.spend_link(link, replace(changed, revision=2), an_act())
        assert await store.link(20) == link
        await store.spend_link(link, changed, an_act())
        assert await store.user("alice") == changed
        assert await store.session(10) is None
        with pytest.raises(Gone):
            await store.spend_link(link, replace(changed, password="other", revision=2), an_act())
        assert await store.user("alice") == changed
