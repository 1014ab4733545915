"""A session in which a first factor was just set up: as strong as that, by another cookie, and by nothing less."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.oauth.authentication import FEDERATED, MFA, OTP, PASSWORD, POP, USER
from scopekeeper.oauth.factors import Passkey
from scopekeeper.oauth.people import Session, User
from scopekeeper.services.factors import FRESH, Fresh
from scopekeeper.services.login import Begun
from scopekeeper.services.notices import Silent
from scopekeeper.services.ports import Act, Gone, Stale
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON
from tests.services.desk import ADDRESS, KEY, Desk, a_desk
from tests.services.factors import set_up

ELSEWHERE = "198.51.100.4"
AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


async def strengthened(desk: Desk, session: Session, *shown: str) -> Begun:
    return await desk.login.strengthened(session, shown, address=ELSEWHERE, agent=AGENT)


def a_passkey(desk: Desk, user: User) -> Passkey:
    row = desk.entropy.row_id()
    return Passkey(row, user.id, b"credential %d" % row, b"cose", 0, "Key ring", desk.clock.now())


async def with_codes(desk: Desk, session: Session) -> None:
    """One-time codes are set up in this session."""
    await set_up(desk, await desk.accounts.get("alice"), session.id)


async def with_passkey(desk: Desk, session: Session) -> None:
    """A passkey is added in it, by whoever has all that it takes."""
    user = await desk.accounts.get("alice")
    fresh = Fresh(desk.clock.now(), (PASSWORD, OTP, MFA), session.id)
    await desk.factors.add_passkey(user, fresh, a_passkey(desk, user), ADDRESS)


async def somebody(desk: Desk) -> Begun:
    """Alice, in her session, who has nothing but a password; half a minute later."""
    await desk.add()
    begun = await desk.sign_in()
    desk.clock.advance(30)
    return begun


@pytest.mark.parametrize(
    ("setting_up", "shown", "amr"),
    [
        (with_codes, (OTP,), (PASSWORD, OTP, MFA)),
        (with_passkey, (POP, USER), (PASSWORD, POP, USER, MFA)),
    ],
    ids=["one-time codes", "a passkey"],
)
async def test_it_goes_on_by_another_cookie_as_one_that_began_with_both(
    setting_up: Callable[[Desk, Session], Awaitable[None]], shown: tuple[str, ...], amr: tuple[str, ...]
) -> None:
    desk = a_desk()
    before, old = await somebody(desk)
    await setting_up(desk, before)
    after, new = await strengthened(desk, before, *shown)
    assert (after.id, after.user_id, after.amr) == (before.id, before.user_id, amr)
    assert (after.signed_in_at, after.last_seen_at) == (NOON, NOON + 30), "the password is no newer by it"
    assert (after.address, after.agent) == (ELSEWHERE, AGENT)
    assert await desk.login.session(old) is None
    found = await desk.login.session(new)
    assert found is not None
    assert found[0] == after
    desk.factors.require_fresh(await desk.factors.of(found[1]), Fresh(after.signed_in_at, after.amr))
    assert len(await desk.store.sessions(after.user_id)) == 1


async def test_another_providers_word_and_a_factor_are_two_steps_as_well() -> None:
    desk = a_desk()
    alice = await desk.add()
    begun = await desk.login.proven(alice, (FEDERATED,), key=KEY, address=ADDRESS, agent=AGENT, ends=None)
    assert isinstance(begun, Begun)
    await with_codes(desk, begun.session)
    assert (await strengthened(desk, begun.session, OTP)).session.amr == (FEDERATED, OTP, MFA)


async def test_the_log_says_so_and_nobody_is_told_of_a_sign_in_that_was_none() -> None:
    class Told(Silent):
        def __init__(self) -> None:
            self.seen: list[int] = []

        async def signed_in(self, user: User, session: Session) -> None:
            self.seen.append(session.id)

    told = Told()
    desk = a_desk(notices=told)
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    await strengthened(desk, before, OTP)
    assert told.seen == [before.id]
    act = (await desk.store.acts())[0]
    assert (act.actor, act.action, act.target, act.address) == ("user:alice", "session.strengthen", "alice", ELSEWHERE)
    assert act.details == {"amr": "pwd otp mfa"}


async def stays(desk: Desk, begun: Begun, *shown: str, session: Session | None = None) -> None:
    """It is left as it is."""
    with pytest.raises(Gone):
        await strengthened(desk, session or begun.session, *shown)
    found = await desk.login.session(begun.cookie)
    assert found is not None
    assert found[0].amr == begun.session.amr


async def test_row_52_a_session_that_is_not_fresh_any_more_stays_as_it_is() -> None:
    desk = a_desk()
    begun = await somebody(desk)
    desk.clock.advance(FRESH - 31)
    await with_codes(desk, begun.session)
    desk.clock.advance(1)
    await stays(desk, begun, OTP)


@pytest.mark.parametrize("shown", [(), (USER,), (MFA,), (PASSWORD,), (POP,), (POP, USER, MFA)])
async def test_row_52_what_was_not_set_up_makes_nothing_stronger(shown: tuple[str, ...]) -> None:
    desk = a_desk()
    begun = await somebody(desk)
    await stays(desk, begun, *shown)
    await with_codes(desk, begun.session)
    await stays(desk, begun, *shown)


async def test_row_52_without_a_factor_there_is_nothing_to_be_shown() -> None:
    desk = a_desk()
    await stays(desk, await somebody(desk), OTP)


async def test_row_52_a_second_factor_is_none_that_was_set_up_first() -> None:
    """Whoever has two has shown one of them at most, and it may have been the other."""
    desk = a_desk()
    begun = await somebody(desk)
    await with_codes(desk, begun.session)
    await with_passkey(desk, begun.session)
    await stays(desk, begun, OTP)
    await stays(desk, begun, POP, USER)


async def test_row_52_a_factor_that_was_there_before_the_session_was_not_set_up_in_it() -> None:
    desk = a_desk()
    await with_codes(desk, (await somebody(desk)).session)
    desk.clock.advance(60)
    user, now = await desk.accounts.get("alice"), desk.clock.now()
    weak = replace((await desk.store.sessions(user.id))[0], id=77, signed_in_at=now, last_seen_at=now)
    await desk.store.begin_session(weak, user, None, Act(78, now, "user:alice", "session.begin", "alice"))
    with pytest.raises(Gone):
        await strengthened(desk, weak, OTP)
    assert await desk.store.session(77) == weak


async def test_it_happens_once() -> None:
    desk = a_desk()
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    begun = await strengthened(desk, before, OTP)
    await stays(desk, begun, OTP, session=before)
    await stays(desk, begun, OTP)


async def test_of_two_at_once_one_has_the_session_that_holds() -> None:
    desk = a_desk()
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    done = await asyncio.gather(*(strengthened(desk, before, OTP) for _ in range(2)), return_exceptions=True)
    [begun] = [each for each in done if isinstance(each, Begun)]
    assert await desk.login.session(begun.cookie) is not None


async def test_row_49_who_was_signed_in_anew_in_it_meanwhile_keeps_it() -> None:
    """What an older cookie set off takes nothing from the newer one."""
    desk = a_desk()
    before, _ = await somebody(desk)
    anew = await desk.sign_in(ends=before.id)
    assert anew.session.id == before.id
    await with_codes(desk, before)
    await stays(desk, anew, OTP, session=before)


async def test_row_49_a_session_that_was_ended_is_not_brought_back() -> None:
    desk = a_desk()
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    await desk.login.sign_out(before)
    with pytest.raises(Gone):
        await strengthened(desk, before, OTP)
    assert await desk.store.sessions(before.user_id) == ()


class Between(MemoryStore):
    """Before a session begins, somebody comes between: as often as it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        if self.meanwhile:
            await self.meanwhile.pop()()
        await super().begin_session(session, user, ends, act)


async def edited(desk: Desk) -> None:
    """Somebody edits the account, and nothing that counts here."""
    await desk.accounts.edit("alice", profile={"full_name": f"Alice {desk.entropy.row_id()}"}, actor="cli:test")


async def test_an_edit_between_that_changes_nothing_of_it_is_no_hindrance() -> None:
    store = Between()
    desk = a_desk(store)
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    store.meanwhile = [lambda: edited(desk)]
    _, cookie = await strengthened(desk, before, OTP)
    found = await desk.login.session(cookie)
    assert found is not None
    assert found[1].full_name is not None


async def test_where_there_is_no_end_of_edits_it_is_left_as_it_is() -> None:
    store = Between()
    desk = a_desk(store)
    before, old = await somebody(desk)
    await with_codes(desk, before)
    store.meanwhile = [lambda: edited(desk)] * 5
    with pytest.raises(Stale):
        await strengthened(desk, before, OTP)
    assert store.meanwhile == []
    assert await desk.login.session(old) is not None


@pytest.mark.parametrize("what", ["reset", "removed", "joined", "disabled", "password"])
async def test_row_52_what_it_went_by_is_looked_at_again_where_the_account_was_edited(what: str) -> None:
    store = Between()
    desk = a_desk(store)
    before, _ = await somebody(desk)
    await with_codes(desk, before)
    sure = Fresh(desk.clock.now(), (PASSWORD, OTP, MFA), before.id)

    async def between() -> None:
        alice = await desk.accounts.get("alice")
        if what == "reset":
            await desk.factors.reset("alice", "cli:root")
        elif what == "removed":
            await desk.factors.remove_totp(alice, sure, ADDRESS)
        elif what == "joined":
            await desk.factors.add_passkey(alice, sure, a_passkey(desk, alice), ADDRESS)
        elif what == "disabled":
            await desk.accounts.enable("alice", False, "cli:test")
        else:
            chosen = replace(alice, password="another", revision=alice.revision + 1)
            act = Act(999, NOON, "user:alice", "user.password", "alice")
            await store.save_user(chosen, act, end_sessions=True)

    store.meanwhile = [between]
    with pytest.raises(Gone):
        await strengthened(desk, before, OTP)
    assert all(each.amr == (PASSWORD,) for each in await store.sessions(before.user_id))
