"""What every store promises of other providers, and of whom they know."""

import pytest

from scopekeeper.services.ports import Gone, Stale, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.people import a_user
from tests.stores.records import an_act
from tests.stores.stronger import an_identity, an_upstream


async def with_alice_and_acme(store: Store) -> None:
    await store.add_user(a_user(), an_act())
    await store.add_user(a_user(2, "bob"), an_act())
    await store.add_upstream(an_upstream(), an_act())


async def test_a_provider_is_found_by_its_name_as_it_was_remembered(opened: Opened) -> None:
    async with opened() as store:
        full = an_upstream(
            71,
            "übung",
            sealed=b"\x00sealed\xff",
            scope=("openid", "email", "profile"),
            link_by_email=True,
            enabled=False,
            updated_at=NOON + 1,
            revision=3,
        )
        for each in (an_upstream(), full):
            await store.add_upstream(each, an_act())
            assert await store.upstream(each.name) == each
        assert await store.upstream("nobody") is None


async def test_providers_are_listed_by_label_and_name(opened: Opened) -> None:
    async with opened() as store:
        assert await store.upstreams() == ()
        named = [an_upstream(3, "b", label="B"), an_upstream(2, "d", label="A"), an_upstream(1, "c", label="B")]
        for each in named:
            await store.add_upstream(each, an_act())
        assert [each.name for each in await store.upstreams()] == ["d", "b", "c"]


async def test_a_providers_name_is_given_once(opened: Opened) -> None:
    async with opened() as store:
        await store.add_upstream(an_upstream(), an_act())
        for other in (an_upstream(71), an_upstream(70, "other")):
            with pytest.raises(Taken):
                await store.add_upstream(other, an_act())
        assert await store.upstreams() == (an_upstream(),)
        assert len(await store.acts()) == 1


async def test_an_edit_of_a_provider_that_was_edited_meanwhile_is_stale_and_its_name_never_changes(
    opened: Opened,
) -> None:
    async with opened() as store:
        await store.add_upstream(an_upstream(), an_act())
        edited = an_upstream(label="Acme Ltd", scope=("openid",), enabled=False, sealed=b"new", revision=1)
        await store.save_upstream(replace(edited, name="another"), an_act())
        assert await store.upstream("acme") == edited
        assert await store.upstream("another") is None
        with pytest.raises(Stale):
            await store.save_upstream(edited, an_act())
        with pytest.raises(Gone):
            await store.save_upstream(an_upstream(404, revision=1), an_act())
        assert await store.upstreams() == (edited,)
        assert len(await store.acts()) == 2


async def test_a_provider_goes_with_all_whom_it_knows(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_upstream(an_upstream(71, "other"), an_act())
        for upstream_id in (70, 71):
            await store.add_identity(an_identity(upstream_id=upstream_id), an_act())
        await store.remove_upstream(70, an_act())
        assert await store.upstream("acme") is None
        assert await store.identity(70, "248289761001") is None
        assert await store.identities(1) == (an_identity(upstream_id=71),)
        with pytest.raises(Gone):
            await store.remove_upstream(70, an_act())
        await store.add_upstream(an_upstream(), an_act())
        assert await store.identity(70, "248289761001") is None


async def test_a_provider_that_knows_many_goes_at_last(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        for number in range(1_050):
            await store.add_identity(an_identity(f"{number}"), an_act())
        acts = await store.acts(limit=2_000)
        await store.remove_upstream(70, an_act())
        assert (await store.upstreams(), await store.identities(1)) == ((), ())
        assert len(await store.acts(limit=2_000)) == len(acts) + 1


async def test_a_subject_is_found_as_it_was_remembered_letter_for_letter(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        full = an_identity("Ä|a b", 2, email="bob@acme.example", last_used_at=NOON + 1)
        for each in (an_identity(), full):
            await store.add_identity(each, an_act())
            assert await store.identity(70, each.subject) == each
        assert await store.identity(70, "ä|a b") is None
        assert await store.identity(71, "248289761001") is None


async def test_whom_providers_know_is_listed_by_person_the_oldest_first(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_upstream(an_upstream(60, "other"), an_act())
        known = [
            an_identity("b", created_at=NOON + 1),
            an_identity("a", created_at=NOON + 1),
            an_identity("c", created_at=NOON),
            an_identity("a", created_at=NOON + 1, upstream_id=60),
        ]
        for each in (*known, an_identity("d", 2)):
            await store.add_identity(each, an_act())
        assert await store.identities(1) == (known[2], known[3], known[1], known[0])
        assert await store.identities(404) == ()


async def test_a_subject_is_one_persons_and_person_and_provider_are_there(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_identity(an_identity(), an_act())
        acts = await store.acts()
        for user_id in (1, 2):
            with pytest.raises(Taken):
                await store.add_identity(an_identity(user_id=user_id), an_act())
        for gone in (an_identity("other", 404), an_identity("other", upstream_id=404)):
            with pytest.raises(Gone):
                await store.add_identity(gone, an_act())
        assert await store.identities(1) == (an_identity(),)
        assert await store.acts() == acts


async def test_a_use_is_noted_with_the_address_that_the_provider_tells_now(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_identity(an_identity(email="old@acme.example"), an_act())
        acts, changes = await store.acts(), await store.changes()
        await store.use_identity(an_identity(), "new@acme.example", NOON + 1)
        used = an_identity(email="new@acme.example", last_used_at=NOON + 1)
        assert await store.identities(1) == (used,)
        for other in (an_identity(user_id=2), an_identity("404")):
            await store.use_identity(other, "other@acme.example", NOON + 2)
        assert await store.identities(1) == (used,)
        await store.use_identity(an_identity(), None, NOON + 3)
        assert await store.identities(1) == (an_identity(last_used_at=NOON + 3),)
        assert (await store.acts(), await store.changes()) == (acts, changes)


async def test_a_subject_is_let_go_by_its_own_person_alone(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_identity(an_identity(), an_act())
        acts = len(await store.acts())
        for upstream_id, subject, user_id in ((70, "248289761001", 2), (71, "248289761001", 1), (70, "404", 1)):
            with pytest.raises(Gone):
                await store.remove_identity(upstream_id, subject, user_id, an_act())
        await store.remove_identity(70, "248289761001", 1, an_act())
        assert await store.identities(1) == ()
        assert len(await store.acts()) == acts + 1
        await store.add_identity(an_identity(user_id=2), an_act())


async def test_a_subject_whose_account_is_removed_is_nobodys(opened: Opened) -> None:
    async with opened() as store:
        await with_alice_and_acme(store)
        await store.add_identity(an_identity(), an_act())
        await store.remove_user("alice", an_act())
        assert await store.identity(70, "248289761001") is None
        assert await store.identities(1) == ()
        await store.add_identity(an_identity(user_id=2), an_act())
