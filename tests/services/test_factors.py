"""Second factors at their person's own hands: set up, shown once, given up; and never by a stolen session."""

import asyncio
from base64 import b32decode
from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.oauth.authentication import MFA, OTP, PASSWORD
from scopekeeper.oauth.factors import NO_FACTORS, Factors, Passkey
from scopekeeper.oauth.one_time import RECOVERY_CODES
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.policy import Policy, SecondFactor
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.factors import FRESH, MOST_PASSKEYS, FactorBook, Fresh, Needed, NotFresh, WrongCode
from scopekeeper.services.login import Further
from scopekeeper.services.notices import Silent
from scopekeeper.services.ports import Gone, Taken
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON
from tests.services.desk import ADDRESS, KEY, Desk, a_desk
from tests.services.factors import FIRST, SECOND, Set, set_up


class Told(Silent):
    """Remembers what people are told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def changed(self, user: User, what: str, address: str | None) -> None:
        self.told.append(f"{user.name} {what} {address}")


def a_passkey(desk: Desk, user: User, name: str = "Key ring") -> Passkey:
    row = desk.entropy.row_id()
    return Passkey(row, user.id, b"credential %d" % row, b"cose", 0, name, desk.clock.now())


async def test_one_time_codes_are_set_up_by_a_code_of_their_app_and_recovery_codes_come_along() -> None:
    told = Told()
    desk = a_desk(notices=told)
    alice = await desk.add()
    had = await set_up(desk, alice)
    kept = await desk.factors.of(alice)
    assert kept.second
    assert (len(had.recovery_codes), len(set(had.recovery_codes)), kept.left) == (RECOVERY_CODES, 10, RECOVERY_CODES)
    assert told.told == [f"alice totp.add {ADDRESS}"]
    assert ("user:alice", "totp.add", "alice") in await desk.acts()


async def test_what_is_kept_of_secret_and_recovery_codes_shows_neither() -> None:
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    kept = await desk.factors.of(alice)
    assert kept.totp is not None
    assert had.secret not in kept.totp.sealed
    assert had.secret not in repr(kept).encode()
    codes = {code.replace("-", "").encode() for code in had.recovery_codes}
    assert not codes & {each.digest for each in kept.recovery_codes}
    assert all(len(each.digest) == 32 for each in kept.recovery_codes)


async def test_nothing_is_kept_before_a_code_is_typed_and_a_wrong_one_changes_nothing() -> None:
    desk = a_desk()
    alice = await desk.add()
    offer = desk.factors.offer_totp(alice, "key")
    assert desk.factors.offered_totp(alice, "key", offer.sealed) == offer
    for code in ("", "000000", "not a code"):
        with pytest.raises(WrongCode):
            await desk.factors.confirm_totp(alice, FIRST, "key", offer.sealed, code, ADDRESS)
    assert await desk.factors.of(alice) == NO_FACTORS


async def test_row_52_what_is_offered_is_for_one_person_and_one_browser_and_is_confirmed_once_and_soon() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    had = await set_up(desk, alice)
    fresh = Fresh(NOON, (PASSWORD, OTP, MFA))
    for key, who in (("another", alice), ("key", bob)):
        assert desk.factors.offered_totp(who, key, had.sealed) is None
        with pytest.raises(Gone):
            await desk.factors.confirm_totp(who, fresh, key, had.sealed, had.code(desk), ADDRESS)
    with pytest.raises(Gone):
        await desk.factors.confirm_totp(alice, fresh, "key", had.sealed, had.code(desk), ADDRESS)
    with pytest.raises(Gone):
        await desk.factors.confirm_totp(alice, fresh, "key", None, had.code(desk), ADDRESS)
    late = desk.factors.offer_totp(bob, "key")
    desk.clock.advance(600)
    assert desk.factors.offered_totp(bob, "key", late.sealed) is None


async def test_row_52_what_one_person_is_offered_another_does_not_take_over_in_the_same_browser() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    offer = desk.factors.offer_totp(alice, "key")
    code = Set(b32decode(offer.secret), offer.sealed, ()).code(desk)
    with pytest.raises(Gone):
        await desk.factors.confirm_totp(bob, FIRST, "key", offer.sealed, code, ADDRESS)
    assert await desk.factors.of(bob) == NO_FACTORS
    assert await desk.factors.confirm_totp(alice, FIRST, "key", offer.sealed, code, ADDRESS)


async def test_row_52_the_code_by_which_they_were_set_up_is_used() -> None:
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    with pytest.raises(WrongCode):
        await desk.factors.shown(alice, had.code(desk), ADDRESS)


async def test_row_52_a_code_is_taken_once_and_none_before_it() -> None:
    """RFC 6238 §5.2: the verifier must not accept the second attempt of the OTP."""
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    before = had.code(desk, 1)
    desk.clock.advance(60)
    assert await desk.factors.shown(alice, had.code(desk), ADDRESS) == (OTP,)
    for code in (had.code(desk), before):
        with pytest.raises(WrongCode):
            await desk.factors.shown(alice, code, ADDRESS)
    assert await desk.factors.shown(alice, had.code(desk, 1), ADDRESS) == (OTP,)


async def test_row_52_of_many_who_show_one_code_at_once_one_gets_through() -> None:
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    desk.clock.advance(60)
    for code in (had.code(desk), had.recovery_codes[0]):
        tried = [desk.factors.shown(alice, code, ADDRESS) for _ in range(5)]
        done = await asyncio.gather(*tried, return_exceptions=True)
        assert sorted(isinstance(each, WrongCode) for each in done) == [False, True, True, True, True]


async def test_a_recovery_code_stands_in_once_and_its_person_hears_of_it() -> None:
    told = Told()
    desk = a_desk(notices=told)
    alice = await desk.add()
    had = await set_up(desk, alice)
    typed = had.recovery_codes[3].lower().replace("-", " ")
    assert await desk.factors.shown(alice, typed, ADDRESS) == (OTP,)
    with pytest.raises(WrongCode):
        await desk.factors.shown(alice, typed, ADDRESS)
    assert (await desk.factors.of(alice)).left == RECOVERY_CODES - 1
    assert told.told[-1] == f"alice recovery.used {ADDRESS}"
    assert ("user:alice", "recovery.use", "alice") in await desk.acts()


async def test_a_recovery_code_is_its_own_persons() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    had = await set_up(desk, alice)
    await set_up(desk, bob)
    with pytest.raises(WrongCode):
        await desk.factors.shown(bob, had.recovery_codes[0], ADDRESS)
    with pytest.raises(WrongCode):
        await desk.factors.shown(bob, had.code(desk, 1), ADDRESS)


async def test_row_52_wrong_codes_lock_the_account_wherever_they_come_from_and_nobody_elses() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    had, theirs = await set_up(desk, alice), await set_up(desk, bob)
    desk.clock.advance(60)
    for number in range(10):
        with pytest.raises(WrongCode):
            await desk.factors.shown(alice, "000000", f"198.51.100.{number}")
    for code in (had.code(desk), had.recovery_codes[0]):
        with pytest.raises(TooMany) as refused:
            await desk.factors.shown(alice, code, "192.0.2.1")
        assert refused.value.retry_after == 600
    assert await desk.factors.shown(bob, theirs.code(desk), ADDRESS) == (OTP,)
    desk.clock.advance(600)
    assert await desk.factors.shown(alice, had.code(desk), ADDRESS) == (OTP,)


async def test_row_52_wrong_codes_fill_the_same_bucket_as_wrong_passwords() -> None:
    desk = a_desk(burst=2)
    alice = await desk.add()
    had = await set_up(desk, alice)
    for code in ("000000", "ABCD-EFGH-JKMN-PQRS"):
        with pytest.raises(WrongCode):
            await desk.factors.shown(alice, code, ADDRESS)
    desk.clock.advance(5)
    with pytest.raises(TooMany):
        await desk.sign_in()
    with pytest.raises(TooMany):
        await desk.factors.shown(alice, had.code(desk, 1), ADDRESS)


async def test_wrong_codes_are_written_down_and_never_what_was_typed() -> None:
    desk = a_desk()
    alice = await desk.add()
    await set_up(desk, alice)
    for code in ("424242", "424242"):
        with pytest.raises(WrongCode):
            await desk.factors.shown(alice, code, ADDRESS)
    await desk.acts()
    told = [(act.action, act.target, dict(act.details)) for act in await desk.store.acts()]
    assert ("user.refused", "alice", {"reason": "wrong code in the second step", "times": 2}) in told
    assert "424242" not in repr(told)


Changing = Callable[[FactorBook, User, Fresh, Passkey, Set], Awaitable[object]]

CHANGES: dict[str, Changing] = {
    "adding a passkey": lambda book, user, fresh, passkey, had: book.add_passkey(user, fresh, passkey, ADDRESS),
    "one-time codes": lambda book, user, fresh, passkey, had: book.confirm_totp(
        user, fresh, "key", book.offer_totp(user, "key").sealed, "000000", ADDRESS
    ),
    "giving up one-time codes": lambda book, user, fresh, passkey, had: book.remove_totp(user, fresh, ADDRESS),
    "giving up a passkey": lambda book, user, fresh, passkey, had: book.remove_passkey(user, fresh, 1, ADDRESS),
    "new recovery codes": lambda book, user, fresh, passkey, had: book.new_recovery_codes(user, fresh, ADDRESS),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    "stale", [Fresh(NOON - FRESH, SECOND.amr), Fresh(NOON, (PASSWORD,))], ids=["ten minutes ago", "by a password alone"]
)
async def test_row_52_no_factor_changes_by_a_stolen_session(change: Changing, stale: Fresh) -> None:
    """A session that is found lying about has not just signed in; and one that a password began shows no factor."""
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    before = await desk.factors.of(alice)
    with pytest.raises(NotFresh):
        await change(desk.factors, alice, stale, a_passkey(desk, alice), had)
    assert await desk.factors.of(alice) == before


async def test_row_52_the_first_factor_takes_a_sign_in_that_is_fresh_and_the_next_one_the_first() -> None:
    desk = a_desk()
    alice = await desk.add()
    with pytest.raises(NotFresh):
        await desk.factors.add_passkey(alice, Fresh(NOON - FRESH, (PASSWORD,)), a_passkey(desk, alice), ADDRESS)
    assert len(await desk.factors.add_passkey(alice, FIRST, a_passkey(desk, alice), ADDRESS)) == RECOVERY_CODES
    with pytest.raises(NotFresh):
        await desk.factors.add_passkey(alice, FIRST, a_passkey(desk, alice), ADDRESS)
    assert await desk.factors.add_passkey(alice, SECOND, a_passkey(desk, alice), ADDRESS) == ()


async def test_row_52_every_session_that_shows_less_ends_with_the_first_factor_and_none_with_the_next() -> None:
    """Whoever has the password may have been in for hours, when its person makes it a first step."""
    desk = a_desk()
    alice = await desk.add()
    (here, cookie), (_, thiefs) = await desk.sign_in(), await desk.sign_in()
    had = await set_up(desk, alice, here.id)
    assert await desk.login.session(cookie) is not None
    assert await desk.login.session(thiefs) is None
    assert [each.id for each in await desk.store.sessions(alice.id)] == [here.id]
    desk.clock.advance(60)
    step = await desk.step()
    assert isinstance(step, Further)
    sure = await desk.login.second(step.passage, KEY, had.code(desk), address=ADDRESS, agent="", ends=None)
    fresh = Fresh(sure.session.signed_in_at, sure.session.amr, sure.session.id)
    await desk.factors.add_passkey(alice, fresh, a_passkey(desk, alice), ADDRESS)
    assert len(await desk.store.sessions(alice.id)) == 2


class Slow(MemoryStore):
    """A store whose answer is old by the time it is read."""

    async def look(self, user_id: int) -> Factors:
        seen = await self.kept(user_id)
        await asyncio.sleep(0)
        return seen

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.factors = self.factors, self.look


async def test_row_52_of_two_who_set_up_a_first_factor_at_once_by_a_password_alone_one_does() -> None:
    """The second one has to show what the first one has set up, and takes nothing from them."""
    desk = a_desk(Slow())
    alice = await desk.add()
    passkey, offer = a_passkey(desk, alice), desk.factors.offer_totp(alice, "key")
    code = Set(b32decode(offer.secret), offer.sealed, ()).code(desk)
    done = await asyncio.gather(
        desk.factors.add_passkey(alice, FIRST, passkey, ADDRESS),
        desk.factors.add_passkey(alice, FIRST, a_passkey(desk, alice), ADDRESS),
        desk.factors.confirm_totp(alice, FIRST, "key", offer.sealed, code, ADDRESS),
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [tuple, NotFresh, NotFresh]
    kept = await desk.factors.of(alice)
    assert (kept.passkeys, kept.totp, kept.left) == ((passkey,), None, RECOVERY_CODES)


async def test_a_passkey_is_named_given_up_and_never_somebody_elses() -> None:
    told = Told()
    desk = a_desk(notices=told)
    alice, bob = await desk.add(), await desk.add("bob")
    passkey = a_passkey(desk, alice)
    await desk.factors.add_passkey(alice, FIRST, passkey, ADDRESS)
    with pytest.raises(Taken):
        await desk.factors.add_passkey(bob, FIRST, replace(passkey, id=404, user_id=bob.id), ADDRESS)
    for act in (
        desk.factors.rename_passkey(bob, passkey.id, "Mine", ADDRESS),
        desk.factors.remove_passkey(bob, FIRST, passkey.id, ADDRESS),
    ):
        with pytest.raises(Gone):
            await act
    await desk.factors.rename_passkey(alice, passkey.id, "  The blue\x00 one ", ADDRESS)
    [kept] = (await desk.factors.of(alice)).passkeys
    assert kept.name == "The blue one"
    await desk.factors.remove_passkey(alice, SECOND, passkey.id, ADDRESS)
    assert await desk.factors.of(alice) == NO_FACTORS, "recovery codes go with the last factor"
    assert [what.split()[1] for what in told.told] == ["passkey.add", "passkey.remove"]


async def test_row_9_there_are_only_so_many_passkeys() -> None:
    desk = a_desk()
    alice = await desk.add()
    await desk.factors.add_passkey(alice, FIRST, a_passkey(desk, alice), ADDRESS)
    for _ in range(MOST_PASSKEYS - 1):
        await desk.factors.add_passkey(alice, SECOND, a_passkey(desk, alice), ADDRESS)
    with pytest.raises(Taken):
        await desk.factors.add_passkey(alice, SECOND, a_passkey(desk, alice), ADDRESS)


async def test_new_recovery_codes_end_the_old_ones() -> None:
    desk = a_desk()
    alice = await desk.add()
    had = await set_up(desk, alice)
    codes = await desk.factors.new_recovery_codes(alice, SECOND, ADDRESS)
    assert not set(codes) & set(had.recovery_codes)
    with pytest.raises(WrongCode):
        await desk.factors.shown(alice, had.recovery_codes[0], ADDRESS)
    assert await desk.factors.shown(alice, codes[0], ADDRESS) == (OTP,)


async def test_without_a_factor_there_is_nothing_to_recover() -> None:
    desk = a_desk()
    with pytest.raises(Gone):
        await desk.factors.new_recovery_codes(await desk.add(), FIRST, ADDRESS)


async def test_the_last_factor_stays_where_one_is_demanded_and_goes_where_none_is() -> None:
    desk = a_desk(policy=Policy(SecondFactor.ADMINISTRATORS))
    root, alice = await desk.add("root", admin=True), await desk.add()
    for who in (root, alice):
        await set_up(desk, who)
    with pytest.raises(Needed):
        await desk.factors.remove_totp(root, SECOND, ADDRESS)
    await desk.factors.remove_totp(alice, SECOND, ADDRESS)
    passkey = a_passkey(desk, root)
    await desk.factors.add_passkey(root, SECOND, passkey, ADDRESS)
    await desk.factors.remove_totp(root, SECOND, ADDRESS)
    with pytest.raises(Needed):
        await desk.factors.remove_passkey(root, SECOND, passkey.id, ADDRESS)
    assert (await desk.factors.of(root)).second


async def test_what_is_not_there_is_not_given_up() -> None:
    desk = a_desk(policy=Policy(SecondFactor.EVERYONE))
    alice = await desk.add()
    await desk.factors.add_passkey(alice, FIRST, a_passkey(desk, alice), ADDRESS)
    with pytest.raises(Gone):
        await desk.factors.remove_totp(alice, SECOND, ADDRESS)


async def test_an_operator_takes_all_factors_away_and_every_session_ends() -> None:
    told = Told()
    desk = a_desk(notices=told)
    alice = await desk.add()
    _, cookie = await desk.sign_in()
    had = await set_up(desk, alice)
    assert await desk.factors.reset("alice", "cli:root") is True
    assert await desk.factors.of(alice) == NO_FACTORS
    assert await desk.login.session(cookie) is None
    assert told.told[-1] == "alice factors.remove None"
    assert ("cli:root", "factors.remove", "alice") in await desk.acts()
    with pytest.raises(WrongCode):
        await desk.factors.shown(alice, had.recovery_codes[0], ADDRESS)
    assert isinstance((await desk.sign_in()).session, Session)


async def test_where_there_is_no_factor_none_is_taken_away_and_nobody_is_told() -> None:
    told = Told()
    desk = a_desk(notices=told)
    await desk.add()
    _, cookie = await desk.sign_in()
    assert await desk.factors.reset("alice", "cli:root") is False
    assert await desk.login.session(cookie) is not None
    assert told.told == []
    with pytest.raises(Gone):
        await desk.factors.reset("nobody", "cli:root")
