"""What every store promises about applications and their secrets."""

import pytest

from scopekeeper.services.ports import Gone, Stale, Taken, Use
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.records import a_client, a_client_that_tells_everything, a_secret, a_token, an_act


async def test_an_application_is_found_as_it_was_remembered(opened: Opened) -> None:
    async with opened() as store:
        for client in (a_client(), a_client_that_tells_everything()):
            await store.add_client(client, an_act())
            assert await store.client(client.client_id) == client


async def test_an_unknown_application_is_none(opened: Opened) -> None:
    async with opened() as store:
        assert await store.client("nobody") is None
        assert await store.client("") is None


async def test_a_name_is_given_once(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(name="first"), an_act())
        with pytest.raises(Taken):
            await store.add_client(a_client(name="second"), an_act())
        found = await store.client("night-shift")
        assert found is not None
        assert found.name == "first"


async def test_a_secrets_row_id_is_given_once_and_the_application_that_has_it_stays_out(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("one", a_secret(1, "one")), an_act())
        with pytest.raises(Taken):
            await store.add_client(a_client("two", a_secret(1, "two")), an_act())
        assert await store.client("two") is None
        assert len(await store.acts()) == 1


async def test_applications_are_listed_by_name_from_behind_a_name(opened: Opened) -> None:
    async with opened() as store:
        for name in ("c", "a", "e", "b", "d"):
            await store.add_client(a_client(name, a_secret(ord(name), name), a_secret(ord(name) + 100, name)), an_act())
        assert [client.client_id for client in await store.clients(limit=2)] == ["a", "b"]
        last = await store.clients(after="b", limit=500)
        assert [client.client_id for client in last] == ["c", "d", "e"]
        assert [[secret.id for secret in client.secrets] for client in last] == [[99, 199], [100, 200], [101, 201]]
        assert await store.clients(after="e") == ()


async def test_an_edit_is_remembered_and_leaves_the_secrets_alone(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("it", a_secret(1, "it")), an_act())
        await store.save_client(a_client("it", name="Day shift", enabled=False, scope=(), revision=1), an_act())
        found = await store.client("it")
        assert found == a_client("it", a_secret(1, "it"), name="Day shift", enabled=False, scope=(), revision=1)


async def test_an_edit_of_what_was_edited_meanwhile_is_stale_and_changes_nothing(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.save_client(a_client(name="first", revision=1), an_act())
        changes, acts = await store.changes(), await store.acts()
        for revision in (1, 3):
            with pytest.raises(Stale):
                await store.save_client(a_client(name="second", revision=revision), an_act())
        assert await store.client("night-shift") == a_client(name="first", revision=1)
        assert (await store.changes(), await store.acts()) == (changes, acts)


async def test_what_is_not_there_cannot_be_changed(opened: Opened) -> None:
    async with opened() as store:
        with pytest.raises(Gone):
            await store.save_client(a_client(revision=1), an_act())
        with pytest.raises(Gone):
            await store.remove_client("night-shift", an_act())
        with pytest.raises(Gone):
            await store.add_secret(a_secret(1), {}, an_act())
        with pytest.raises(Gone):
            await store.compromise("night-shift", a_secret(1), an_act())
        assert await store.acts() == ()


async def test_a_new_secret_lets_others_end_but_none_later_than_before(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("it", a_secret(1, "it"), a_secret(2, "it", expires_at=NOON + 5)), an_act())
        await store.add_client(a_client("other", a_secret(9, "other")), an_act())
        ends = {1: NOON + 60, 2: NOON + 60, 9: NOON + 60, 77: NOON}
        await store.add_secret(a_secret(3, "it", label="rotated"), ends, an_act())
        found, other = await store.client("it"), await store.client("other")
        assert found is not None
        assert other is not None
        told = [(secret.id, secret.label, secret.expires_at) for secret in found.secrets]
        assert told == [(1, "first", NOON + 60), (2, "first", NOON + 5), (3, "rotated", None)]
        assert [secret.expires_at for secret in other.secrets] == [None]


async def test_one_secret_is_ended_once_and_the_others_go_on(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("it", a_secret(1, "it"), a_secret(2, "it", expires_at=NOON + 5)), an_act())
        before = await store.changes()
        assert await store.end_secret("it", 1, NOON, an_act("application.end_secret", "it"))
        assert await store.changes() > before
        found = await store.client("it")
        assert found is not None
        assert [secret.expires_at for secret in found.secrets] == [NOON, NOON + 5]
        for client_id, secret_id in (("it", 1), ("it", 77), ("other", 2), ("nobody", 1)):
            assert not await store.end_secret(client_id, secret_id, NOON, an_act("application.end_secret", client_id))
        assert [act.action for act in await store.acts()].count("application.end_secret") == 1


async def test_the_last_secret_is_not_ended_and_leaves_no_act(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("it", a_secret(1, "it", expires_at=NOON), a_secret(2, "it")), an_act())
        before = await store.changes()
        with pytest.raises(Stale):
            await store.end_secret("it", 2, NOON, an_act("application.end_secret", "it"))
        found = await store.client("it")
        assert found is not None
        assert found.secrets[1].expires_at is None
        assert (await store.changes(), len(await store.acts())) == (before, 1)


@pytest.mark.parametrize("secret", [a_secret(3), None])
async def test_a_compromise_leaves_one_new_secret_and_no_token(opened: Opened, secret: object) -> None:
    left = a_secret(3) if secret else None
    async with opened() as store:
        await store.add_client(a_client("night-shift", a_secret(1), a_secret(2)), an_act())
        await store.issue(a_token(10))
        await store.compromise("night-shift", left, an_act("application.compromised"))
        found = await store.client("night-shift")
        assert found is not None
        assert found.secrets == ((left,) if left else ())
        assert found.generation == 1
        assert await store.tokens(client_id="night-shift", now=NOON) == ()


async def test_an_edit_begun_before_a_compromise_cannot_undo_it(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.compromise("night-shift", None, an_act())
        with pytest.raises(Stale):
            await store.save_client(a_client(revision=1, generation=0), an_act())


async def test_a_removed_application_is_gone_with_its_secrets_and_tokens(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("night-shift", a_secret(1)), an_act())
        await store.issue(a_token(10))
        assert await store.token(10) is not None
        await store.remove_client("night-shift", an_act())
        assert await store.client("night-shift") is None
        assert await store.token(10) is None
        assert await store.tokens(now=NOON) == ()
        await store.add_client(a_client("other", a_secret(1, "other")), an_act())


async def test_a_name_is_not_given_again_while_tokens_of_its_last_bearer_are_left(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        for row_id in range(1, 6):
            await store.issue(a_token(row_id))
        await store.remove_client("night-shift", an_act())
        with pytest.raises(Taken):
            await store.add_client(a_client(), an_act())
        assert [await store.sweep(NOON, 2) for _ in range(4)] == [2, 2, 1, 0]
        await store.add_client(a_client(), an_act())
        assert await store.token(1) is None


async def test_when_a_secret_was_last_used_is_remembered_and_never_set_back(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("night-shift", a_secret(1), a_secret(2)), an_act())
        await store.used([], [Use(1, NOON + 5, "192.0.2.1"), Use(404, NOON, None)], [])
        await store.used([], [Use(1, NOON, "192.0.2.2")], [])
        (found,) = await store.clients()
        assert [(each.last_used_at, each.last_used_address) for each in found.secrets] == [
            (NOON + 5, "192.0.2.1"),
            (None, None),
        ]


async def test_secrets_that_ended_are_swept_a_few_at_a_time_but_no_applications_newest(opened: Opened) -> None:
    async with opened() as store:
        ended = [a_secret(each, "it", expires_at=NOON - 1) for each in (1, 2, 3)]
        await store.add_client(a_client("it", *ended, a_secret(4, "it", expires_at=NOON), a_secret(5, "it")), an_act())
        await store.add_client(a_client("shut", a_secret(6, "shut", expires_at=NOON - 1)), an_act())
        assert [await store.sweep_secrets(NOON, 2) for _ in range(3)] == [2, 1, 0]
        left = [await store.client(each) for each in ("it", "shut")]
        assert [[secret.id for secret in client.secrets] for client in left if client] == [[4, 5], [6]]
