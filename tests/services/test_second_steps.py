"""A sign-in by steps: who needs a second one, what of it is remembered, and that nobody gets past it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.oauth.authentication import FEDERATED, MFA, OTP, PASSWORD, POP, USER
from scopekeeper.oauth.factors import Passkey
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.policy import Policy, SecondFactor
from scopekeeper.services.factors import FRESH, Fresh, NotFresh, WrongCode
from scopekeeper.services.login import Begun, Further
from scopekeeper.services.notices import Silent
from scopekeeper.services.passwords import WrongPassword
from scopekeeper.services.ports import Act, Gone
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON
from tests.services.desk import ADDRESS, KEY, Desk, a_desk
from tests.services.desk import PASSWORD as WORDS
from tests.services.factors import SECOND, Set, set_up

AGENT = "Mozilla/5.0"
DEMANDING = Policy(SecondFactor.EVERYONE)


async def further(desk: Desk, *, stronger: bool = False) -> Further:
    """The first step was right, and there is another."""
    step = await desk.step(stronger=stronger)
    assert isinstance(step, Further)
    return step


async def second(desk: Desk, passage: str | None, code: str, *, key: str = KEY, ends: int | None = None) -> Begun:
    return await desk.login.second(passage, key, code, address=ADDRESS, agent=AGENT, ends=ends)


async def finish(desk: Desk, passage: str | None, *amr: str, key: str = KEY) -> Begun:
    return await desk.login.finish(passage, key, amr, address=ADDRESS, agent=AGENT, ends=None)


async def proven(desk: Desk, user: User, *amr: str, stronger: bool = False) -> Begun | Further:
    return await desk.login.proven(user, amr, key=KEY, address=ADDRESS, agent=AGENT, ends=None, stronger=stronger)


async def somebody(desk: Desk) -> tuple[User, Set]:
    """Alice, with one-time codes; the one by which they were set up is of the past."""
    alice = await desk.add()
    had = await set_up(desk, alice)
    desk.clock.advance(60)
    return alice, had


def a_passkey(desk: Desk, user: User) -> Passkey:
    row = desk.entropy.row_id()
    return Passkey(row, user.id, b"credential %d" % row, b"cose", 0, "Key ring", desk.clock.now())


async def test_for_whoever_has_a_second_factor_a_password_is_a_first_step() -> None:
    desk = a_desk()
    alice, had = await somebody(desk)
    step = await further(desk)
    assert not step.enrol
    assert await desk.store.sessions(alice.id) == ()
    waiting = await desk.login.waiting(step.passage, KEY)
    assert waiting is not None
    assert (waiting.user.id, waiting.amr, waiting.since, waiting.enrol) == (alice.id, (PASSWORD,), NOON + 60, False)
    assert waiting.factors.totp is not None
    session, cookie = await second(desk, step.passage, had.code(desk))
    assert session.amr == (PASSWORD, OTP, MFA)
    found = await desk.login.session(cookie)
    assert found is not None
    assert found[0] == session


async def test_a_recovery_code_is_a_second_step_too() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    session, _ = await second(desk, (await further(desk)).passage, had.recovery_codes[0])
    assert session.amr == (PASSWORD, OTP, MFA)


async def test_when_somebody_signed_in_is_when_they_had_shown_all_of_it() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    desk.clock.advance(90)
    session, _ = await second(desk, step.passage, had.code(desk))
    assert (session.signed_in_at, session.last_seen_at) == (NOON + 150, NOON + 150)


async def test_whoever_signs_in_again_by_both_steps_goes_on_in_their_session() -> None:
    desk = a_desk()
    await desk.add()
    first, old = await desk.sign_in()
    had = await set_up(desk, await desk.accounts.get("alice"), first.id)
    desk.clock.advance(60)
    again, new = await second(desk, (await further(desk)).passage, had.code(desk), ends=first.id)
    assert again.id == first.id
    assert (again.amr, first.amr) == ((PASSWORD, OTP, MFA), (PASSWORD,))
    assert await desk.login.session(old) is None
    assert await desk.login.session(new) is not None


@pytest.mark.parametrize("code", ["", " ", "000000", "no code at all"])
async def test_row_52_an_empty_or_wrong_answer_skips_no_step(code: str) -> None:
    """CVE-2026-49443."""
    desk = a_desk()
    alice, _ = await somebody(desk)
    step = await further(desk)
    for _ in range(3):
        with pytest.raises(WrongCode):
            await second(desk, step.passage, code)
    assert await desk.store.sessions(alice.id) == ()


async def test_row_52_without_a_first_step_there_is_no_second() -> None:
    desk = a_desk()
    alice, had = await somebody(desk)
    for passage in (None, "", "x", "A" * 200):
        assert await desk.login.waiting(passage, KEY) is None
        with pytest.raises(Gone):
            await second(desk, passage, had.code(desk))
        with pytest.raises(Gone):
            await finish(desk, passage, POP, USER, MFA)
    assert await desk.store.sessions(alice.id) == ()
    assert await desk.factors.shown(alice, had.code(desk), ADDRESS), "and no code was used up for it"


async def test_row_52_a_first_step_is_of_one_browser() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    assert await desk.login.waiting(step.passage, "another browser's") is None
    with pytest.raises(Gone):
        await second(desk, step.passage, had.code(desk), key="another browser's")


async def test_row_52_a_first_step_leads_to_one_session_however_often_the_second_is_repeated() -> None:
    desk = a_desk()
    alice, had = await somebody(desk)
    step = await further(desk)
    codes = [had.code(desk), *had.recovery_codes[:4]]
    done = await asyncio.gather(*(second(desk, step.passage, code) for code in codes), return_exceptions=True)
    assert sum(isinstance(each, Begun) for each in done) == 1
    assert sum(isinstance(each, Gone) for each in done) == 4
    assert len(await desk.store.sessions(alice.id)) == 1
    with pytest.raises(Gone):
        await second(desk, step.passage, had.recovery_codes[5])


async def test_row_52_a_first_step_is_good_for_ten_minutes() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    desk.clock.advance(FRESH)
    assert await desk.login.waiting(step.passage, KEY) is None
    with pytest.raises(Gone):
        await second(desk, step.passage, had.code(desk))


@pytest.mark.parametrize("amr", [(), (PASSWORD,), (USER,), (FEDERATED,)])
async def test_row_52_what_is_no_second_factor_finishes_nothing(amr: tuple[str, ...]) -> None:
    desk = a_desk()
    alice, _ = await somebody(desk)
    step = await further(desk)
    with pytest.raises(Gone):
        await finish(desk, step.passage, *amr)
    assert await desk.store.sessions(alice.id) == ()
    assert (await finish(desk, step.passage, POP)).session.amr == (PASSWORD, POP, MFA)


async def test_a_password_that_was_changed_between_the_steps_was_no_first_step() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    now = await desk.accounts.get("alice")
    await desk.store.save_user(
        replace(now, password="another", revision=now.revision + 1),
        Act(999, NOON, "user:alice", "user.password", "alice"),
        end_sessions=True,
    )
    assert await desk.login.waiting(step.passage, KEY) is None
    with pytest.raises(Gone):
        await second(desk, step.passage, had.code(desk))


async def test_an_account_that_was_disabled_between_the_steps_stays_out() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    await desk.accounts.enable("alice", False, "cli:test")
    with pytest.raises(Gone):
        await second(desk, step.passage, had.code(desk))


async def test_whose_factors_an_operator_took_away_between_the_steps_begins_again() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    step = await further(desk)
    await desk.factors.reset("alice", "cli:root")
    assert await desk.login.waiting(step.passage, KEY) is None
    with pytest.raises(Gone):
        await second(desk, step.passage, had.code(desk))
    await desk.sign_in()


async def test_row_54_nobody_learns_of_a_second_factor_before_the_password_is_right() -> None:
    desk = a_desk()
    await somebody(desk)
    with pytest.raises(WrongPassword):
        await desk.step(password="wrong")


async def test_a_passkey_that_verified_its_person_is_all_of_it() -> None:
    desk = a_desk(policy=DEMANDING)
    alice, _ = await somebody(desk)
    await desk.factors.add_passkey(alice, SECOND, a_passkey(desk, alice), ADDRESS)
    begun = await proven(desk, alice, POP, USER, MFA, stronger=True)
    assert isinstance(begun, Begun)
    assert begun.session.amr == (POP, USER, MFA)
    assert await desk.login.session(begun.cookie) is not None


async def test_a_key_that_verified_nobody_is_no_sign_in_alone() -> None:
    desk = a_desk()
    alice = await desk.add()
    await desk.factors.add_passkey(alice, Fresh(NOON, (PASSWORD,)), a_passkey(desk, alice), ADDRESS)
    step = await proven(desk, alice, POP)
    assert isinstance(step, Further)
    with pytest.raises(Gone):
        await finish(desk, step.passage, POP)


async def test_another_providers_word_is_a_first_step_like_a_password() -> None:
    desk = a_desk()
    alice = await desk.add()
    begun = await proven(desk, alice, FEDERATED)
    assert isinstance(begun, Begun)
    assert begun.session.amr == (FEDERATED,)
    had = await set_up(desk, alice)
    desk.clock.advance(60)
    step = await proven(desk, await desk.accounts.get("alice"), FEDERATED)
    assert isinstance(step, Further)
    assert (await second(desk, step.passage, had.code(desk))).session.amr == (FEDERATED, OTP, MFA)


async def test_whoever_is_disabled_proves_nothing_elsewhere() -> None:
    desk = a_desk()
    alice = await desk.add()
    await desk.accounts.enable("alice", False, "cli:test")
    with pytest.raises(WrongPassword):
        await proven(desk, await desk.accounts.get("alice"), FEDERATED)
    with pytest.raises(WrongPassword):
        await proven(desk, alice, POP, USER, MFA)


async def test_of_whom_a_second_factor_is_demanded_sets_one_up_before_there_is_a_session() -> None:
    desk = a_desk(policy=Policy(SecondFactor.ADMINISTRATORS))
    root, _ = await desk.add("root", admin=True), await desk.add()
    assert isinstance(await desk.step(), Begun), "of others nothing is demanded"
    step = await desk.step("root")
    assert isinstance(step, Further)
    assert step.enrol
    waiting = await desk.login.waiting(step.passage, KEY)
    assert waiting is not None
    assert (waiting.enrol, waiting.fresh) == (True, Fresh(NOON, (PASSWORD,)))
    with pytest.raises(Gone):
        await second(desk, step.passage, "000000")
    await desk.factors.add_passkey(root, waiting.fresh, a_passkey(desk, root), ADDRESS)
    assert await desk.store.sessions(root.id) == ()
    begun = await finish(desk, step.passage, POP, USER, MFA)
    assert begun.session.amr == (PASSWORD, POP, USER, MFA)
    assert await desk.login.session(begun.cookie) is not None


async def test_row_52_whoever_was_to_set_one_up_and_has_one_by_now_has_to_show_it() -> None:
    """Two browsers, one password: what the one has set up, the other can neither replace nor go past."""
    desk = a_desk(policy=DEMANDING)
    alice = await desk.add()
    step = await further(desk)
    had = await set_up(desk, alice)
    desk.clock.advance(60)
    waiting = await desk.login.waiting(step.passage, KEY)
    assert waiting is not None
    assert not waiting.enrol
    with pytest.raises(NotFresh):
        await desk.factors.add_passkey(alice, waiting.fresh, a_passkey(desk, alice), ADDRESS)
    with pytest.raises(WrongCode):
        await second(desk, step.passage, "000000")
    assert (await second(desk, step.passage, had.code(desk))).session.amr == (PASSWORD, OTP, MFA)


async def test_what_takes_more_leads_to_setting_one_up_as_a_policy_does() -> None:
    desk = a_desk()
    await desk.add()
    assert (await further(desk, stronger=True)).enrol
    alice = await desk.accounts.get("alice")
    step = await proven(desk, alice, FEDERATED, stronger=True)
    assert isinstance(step, Further)
    assert step.enrol


async def test_a_session_that_began_before_it_was_demanded_is_none_and_is_not_shown() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    alice = await desk.add()
    _, cookie = await desk.sign_in()
    strict = replace(desk.login, policy=DEMANDING)
    assert await desk.login.session(cookie) is not None
    assert await strict.session(cookie) is None
    assert await strict.sessions(alice) == []
    assert await strict.end_all(alice) == 0
    assert await store.sessions(alice.id) == ()


class Between(MemoryStore):
    """Before a session begins, somebody comes between, once."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await super().begin_session(session, user, ends, act)


async def test_a_factor_that_is_set_up_while_a_password_is_proven_is_asked_for() -> None:
    store = Between()
    desk = a_desk(store)
    alice = await desk.add()

    async def between() -> None:
        await set_up(desk, alice)

    store.meanwhile = between
    assert isinstance(await desk.step(), Further)
    assert await store.sessions(alice.id) == ()


async def test_a_passkey_that_is_taken_away_while_it_is_proven_opens_nothing() -> None:
    store = Between()
    desk = a_desk(store)
    alice = await desk.add()
    passkey = a_passkey(desk, alice)
    await desk.factors.add_passkey(alice, Fresh(NOON, (PASSWORD,)), passkey, ADDRESS)

    async def between() -> None:
        await desk.factors.remove_passkey(alice, SECOND, passkey.id, ADDRESS)

    user, step = await desk.accounts.get("alice"), await further(desk)
    store.meanwhile = between
    with pytest.raises(WrongPassword):
        await proven(desk, user, POP, USER, MFA)
    await desk.factors.add_passkey(alice, Fresh(NOON, (PASSWORD,)), passkey, ADDRESS)
    store.meanwhile = between
    with pytest.raises(Gone):
        await finish(desk, step.passage, POP, USER, MFA)
    assert await store.sessions(alice.id) == ()


@pytest.mark.parametrize("by_passkey", [False, True])
async def test_whose_factors_are_taken_away_while_they_show_one_does_not_get_in(by_passkey: bool) -> None:
    store = Between()
    desk = a_desk(store)
    alice, had = await somebody(desk)
    user, step = await desk.accounts.get("alice"), await further(desk)

    async def between() -> None:
        await desk.factors.reset("alice", "cli:root")

    store.meanwhile = between
    trying = proven(desk, user, POP, USER, MFA) if by_passkey else second(desk, step.passage, had.code(desk))
    with pytest.raises((Gone, WrongPassword)):
        await trying
    assert await store.sessions(alice.id) == ()


async def test_an_edit_between_that_changes_nothing_of_it_keeps_nobody_out() -> None:
    store = Between()
    desk = a_desk(store)
    _, had = await somebody(desk)
    step = await further(desk)

    async def between() -> None:
        user = await desk.accounts.get("alice")
        edited = replace(user, email="alice@example.com", revision=user.revision + 1)
        await store.save_user(edited, Act(998, NOON, "cli:test", "user.change", "alice"), end_sessions=False)

    store.meanwhile = between
    assert (await second(desk, step.passage, had.code(desk))).session.amr == (PASSWORD, OTP, MFA)


async def test_people_are_told_of_a_sign_in_when_it_is_one() -> None:
    class Told(Silent):
        def __init__(self) -> None:
            self.seen: list[int] = []

        async def signed_in(self, user: User, session: Session) -> None:
            self.seen.append(session.id)

    told = Told()
    desk = a_desk(notices=told)
    _, had = await somebody(desk)
    step = await further(desk)
    with pytest.raises(WrongCode):
        await second(desk, step.passage, "000000")
    assert told.seen == []
    begun = await second(desk, step.passage, had.code(desk))
    assert told.seen == [begun.session.id]


async def test_the_log_says_by_what_somebody_signed_in() -> None:
    desk = a_desk()
    _, had = await somebody(desk)
    await second(desk, (await further(desk)).passage, had.code(desk))
    [act] = [act for act in await desk.store.acts() if act.action == "session.begin"]
    assert act.details["amr"] == "pwd otp mfa"


async def test_row_48_neither_passage_nor_password_is_shown_by_what_is_logged() -> None:
    desk = a_desk()
    await somebody(desk)
    step = await further(desk)
    assert step.passage not in repr(step)
    assert WORDS not in step.passage
