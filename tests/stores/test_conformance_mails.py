"""What every store promises of mails that wait to be sent, and of what can be presented once."""

import pytest

from scopekeeper.services.ports import Unavailable
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.people import a_user
from tests.stores.records import an_act
from tests.stores.stronger import a_mail


async def test_mails_that_are_due_and_worth_sending_come_the_longest_due_first(opened: Opened) -> None:
    async with opened() as store:
        due = [a_mail(4, due_at=NOON - 2), a_mail(2, due_at=NOON), a_mail(3, due_at=NOON)]
        later, expired = a_mail(1, due_at=NOON + 1), a_mail(5, expires_at=NOON)
        for each in (later, *reversed(due), expired):
            await store.add_mail(each)
        assert await store.mails_due(NOON, 10) == tuple(due)
        assert await store.mails_due(NOON, 2) == tuple(due[:2])
        assert await store.mails_due(NOON + 1, 10) == (*due, later)
        assert await store.mails_due(NOON + 3600, 10) == ()


async def test_a_mail_is_found_as_it_was_remembered(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        full = a_mail(1, recipient="ä@exämple.com", sealed=bytes(range(256)), tries=3, user_id=1)
        await store.add_mail(full)
        assert await store.mails_due(NOON, 10) == (full,)


async def test_a_mail_that_was_sent_waits_no_more_and_one_that_failed_waits_until_it_is_tried_again(
    opened: Opened,
) -> None:
    async with opened() as store:
        for number in (1, 2):
            await store.add_mail(a_mail(number))
        changes = await store.changes()
        await store.mail_sent(1)
        assert await store.mail_failed(2, 1, NOON + 60)
        for gone in (1, 404):
            await store.mail_sent(gone)
            assert not await store.mail_failed(gone, 1, NOON)
        assert await store.mails_due(NOON + 59, 10) == ()
        assert await store.mails_due(NOON + 60, 10) == (a_mail(2, tries=1, due_at=NOON + 60),)
        assert await store.waiting_mails() == 1
        assert await store.changes() == changes


async def test_a_mail_about_an_account_that_is_gone_is_not_kept(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.add_mail(a_mail(1, user_id=1))
        await store.add_mail(a_mail(2))
        await store.add_mail(a_mail(3, user_id=404))
        assert await store.waiting_mails() == 2
        await store.remove_user("alice", an_act())
        assert await store.mails_due(NOON, 10) == (a_mail(2),)
        await store.add_mail(a_mail(4, user_id=1))
        assert await store.waiting_mails() == 1


async def test_mails_that_expired_are_swept_the_longest_expired_first(opened: Opened) -> None:
    async with opened() as store:
        for number, expires_at in ((1, NOON + 2), (2, NOON), (3, NOON + 1), (4, NOON + 9)):
            await store.add_mail(a_mail(number, expires_at=expires_at))
        assert await store.sweep_mails(NOON, 10) == 0
        assert await store.sweep_mails(NOON + 3, 2) == 2
        assert await store.mails_due(NOON, 10) == (a_mail(1, expires_at=NOON + 2), a_mail(4, expires_at=NOON + 9))
        assert [await store.sweep_mails(NOON + 3, 10) for _ in range(2)] == [1, 0]
        assert await store.waiting_mails() == 1


async def test_what_was_spent_is_spent_until_it_is_forgotten(opened: Opened) -> None:
    async with opened() as store:
        changes, acts = await store.changes(), await store.acts()
        one, other = bytes(32), bytes(31) + b"\x01"
        told = [await store.spend(digest, NOON) for digest in (one, other, one, other)]
        assert told == [True, True, False, False]
        assert not await store.spend(one, NOON + 100)
        assert await store.sweep_spent(NOON, 10) == 0
        assert not await store.spend(one, NOON)
        assert await store.sweep_spent(NOON + 1, 10) == 2
        assert await store.spend(one, NOON)
        assert (await store.changes(), await store.acts()) == (changes, acts)


async def test_what_is_spent_is_swept_a_few_at_a_time_the_longest_over_first(opened: Opened) -> None:
    async with opened() as store:
        for number in range(5):
            await store.spend(bytes([number]), NOON + 5 - number)
        assert await store.sweep_spent(NOON + 4, 2) == 2
        assert [await store.spend(bytes([number]), NOON) for number in (4, 3, 2, 1, 0)] == [
            True, True, False, False, False,
        ]  # fmt: skip


async def test_a_closed_store_spends_nothing_and_keeps_no_mail(opened: Opened) -> None:
    async with opened() as store:
        await store.close()
        for act in (store.spend(b"one", NOON), store.add_mail(a_mail(1)), store.waiting_mails(), store.factors(1)):
            with pytest.raises(Unavailable):
                await act


async def test_a_mail_that_is_put_off_keeps_all_else(opened: Opened) -> None:
    async with opened() as store:
        mail = a_mail(1, tries=4)
        await store.add_mail(mail)
        await store.mail_failed(1, 5, NOON + 7)
        assert await store.mails_due(NOON + 7, 1) == (replace(mail, tries=5, due_at=NOON + 7),)
