"""Signing in: one hash, one word for every refusal, a fresh cookie each time; and how a session ends."""

import asyncio

import pytest
from argon2.profiles import CHEAPEST

from scopekeeper.oauth.people import ABSOLUTE, IDLE, Session, User
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.services.login import SEEN_EVERY, Begun, TooMany, WrongPassword
from scopekeeper.services.passwords import Passwords, Verified
from scopekeeper.services.ports import Act, Unavailable
from scopekeeper.services.sweep import sweep
from scopekeeper.store import CachedStore, MemoryStore
from tests.altered import replace
from tests.fixtures import NOON, FixedClock
from tests.services.desk import ADDRESS, PASSWORD, a_desk
from tests.stores.families import a_family, grant
from tests.stores.records import a_client, an_act


class Counted(Passwords):
    """Counts what it verifies, and against what."""

    def __init__(self) -> None:
        super().__init__(parameters=CHEAPEST)
        self.against: list[str | None] = []

    async def verify(self, hashed: str | None, password: str) -> Verified:
        self.against.append(hashed)
        return await super().verify(hashed, password)


async def test_signing_in_begins_a_session_that_the_cookie_finds_again() -> None:
    desk = a_desk()
    alice = await desk.add()
    session, cookie = await desk.sign_in(" Alice ")
    assert (session.user_id, session.user, session.address) == (alice.id, "alice", ADDRESS)
    assert (session.signed_in_at, session.last_seen_at, session.agent) == (NOON, NOON, "Mozilla/5.0")
    assert row_of(cookie, Kind.SESSION) == session.id
    assert session.digest == digest_of(cookie)
    assert await desk.login.session(cookie) == (session, alice)
    assert (await desk.acts())[0] == ("user:alice", "session.begin", "alice")


async def test_row_49_every_sign_in_is_a_new_cookie_and_the_one_that_the_browser_had_opens_nothing() -> None:
    desk = a_desk()
    alice, bob = await desk.add(), await desk.add("bob")
    first, old = await desk.sign_in()
    desk.clock.advance(60)
    second, new = await desk.sign_in(ends=first.id)
    assert old != new
    assert await desk.login.session(old) is None
    assert await desk.login.session(new) == (second, alice)
    assert (second.signed_in_at, second.last_seen_at) == (NOON + 60, NOON + 60)
    third, theirs = await desk.sign_in("bob", ends=second.id)
    assert await desk.login.session(new) is None
    assert await desk.login.session(theirs) == (third, bob)


async def test_whoever_signs_in_again_in_their_session_goes_on_in_it_and_nobody_else_does() -> None:
    desk = a_desk()
    alice, _ = await desk.add(), await desk.add("bob")
    first, _ = await desk.sign_in()
    again, _ = await desk.sign_in(ends=first.id)
    assert again.id == first.id
    assert await desk.login.sessions(alice) == [again]
    other, _ = await desk.sign_in()
    bobs, _ = await desk.sign_in("bob", ends=again.id)
    assert len({again.id, other.id, bobs.id}) == 3
    assert await desk.login.sessions(alice) == [other]


async def test_a_session_that_was_ended_while_its_person_signed_in_again_is_followed_by_a_new_one() -> None:
    class EndedMeanwhile(MemoryStore):
        async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
            if ends is not None:
                await self.end_session(ends, replace(act, id=act.id + 1_000))
            await super().begin_session(session, user, ends, act)

    desk = a_desk(EndedMeanwhile())
    alice = await desk.add()
    first, old = await desk.sign_in()
    second, new = await desk.sign_in(ends=first.id)
    assert second.id != first.id
    assert await desk.login.session(old) is None
    assert await desk.login.session(new) == (second, alice)
    third, _ = await desk.sign_in(ends=404)
    assert third.id not in (first.id, second.id, 404)


async def test_of_sign_ins_at_once_in_one_browser_the_last_ones_cookie_is_good() -> None:
    desk = a_desk()
    alice = await desk.add()
    first, _ = await desk.sign_in()
    made = await asyncio.gather(*(desk.sign_in(ends=first.id) for _ in range(10)))
    assert {session.id for session, _ in made} == {first.id}
    [left] = await desk.login.sessions(alice)
    found = [await desk.login.session(cookie) for _, cookie in made]
    assert [each for each in found if each is not None] == [(left, alice)]


async def test_a_sign_in_in_another_process_is_known_here_at_once_and_the_old_cookie_dies() -> None:
    store, clock = MemoryStore(), FixedClock()
    desk = a_desk(store)
    alice = await desk.add()
    first, old = await desk.sign_in()
    here = replace(desk.login, store=CachedStore(store, clock), clock=clock)
    assert await here.session(old) is not None
    second, new = await desk.sign_in(ends=first.id)
    assert await here.session(new) == (second, alice)
    for each in (clock, desk.clock):
        each.advance(0.25)
    assert await here.session(old) is None


async def test_an_old_cookie_is_not_taken_for_the_new_one_where_its_session_seems_to_be_idle() -> None:
    store, clock = MemoryStore(), FixedClock()
    desk = a_desk(store)
    await desk.add()
    first, old = await desk.sign_in()
    cached = CachedStore(store, clock)
    here = replace(desk.login, store=cached)
    assert await here.session(old) is not None
    desk.clock.advance(IDLE)
    await desk.sign_in(ends=first.id)
    assert (await cached.session(first.id)) == first
    assert await here.session(old) is None


async def test_what_the_browser_says_of_itself_is_cut_and_cannot_break_a_line() -> None:
    desk = a_desk()
    await desk.add()
    begun = await desk.login.sign_in("alice", PASSWORD, address=None, agent="a\r\nb\x1b[31m" + "x" * 999, ends=None)
    assert isinstance(begun, Begun)
    session = begun.session
    assert session.agent.startswith("ab[31mx")
    assert len(session.agent) <= 200


async def test_row_54_unknown_disabled_and_without_a_password_hear_the_same_after_the_same_work() -> None:
    passwords = Counted()
    desk = a_desk(passwords=passwords)
    await desk.add("alice")
    await desk.add("bob")
    await desk.accounts.enable("bob", False, "cli:test")
    await desk.add("carol", None)
    words = set()
    for name, password in (
        ("alice", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD), ("carol", PASSWORD), ("no name!", PASSWORD),
        ("alice", ""), ("carol", ""),
    ):  # fmt: skip
        with pytest.raises(WrongPassword) as refused:
            await desk.sign_in(name, password)
        words.add(str(refused.value))
    assert words == {"name and password do not match"}
    assert [hashed is None for hashed in passwords.against] == [False, True, True, True, True, False, True]


async def test_refused_sign_ins_are_counted_and_no_mistyped_name_is_written_down() -> None:
    desk = a_desk()
    await desk.add()
    for name in ("alice", "alice", "My-Secret-Password-1", "nobody"):
        with pytest.raises(WrongPassword):
            await desk.sign_in(name, "wrong")
    await desk.acts()
    told = [(act.target, act.actor, act.address, dict(act.details)) for act in await desk.store.acts()]
    assert ("alice", "user:alice", ADDRESS, {"reason": "wrong password", "times": 2}) in told
    assert ("unknown", "user:unknown", ADDRESS, {"reason": "unknown account", "times": 2}) in told
    assert "my-secret" not in repr(told).lower()


async def test_row_52_guessing_is_slowed_down_without_further_hashes() -> None:
    passwords = Counted()
    desk = a_desk(passwords=passwords, burst=3)
    await desk.add()
    for _ in range(3):
        with pytest.raises(WrongPassword):
            await desk.sign_in(password="wrong")
    for password in ("wrong", PASSWORD):
        with pytest.raises(TooMany) as refused:
            await desk.sign_in(password=password)
        assert refused.value.retry_after == 6
    assert len(passwords.against) == 3
    desk.clock.advance(6)
    await desk.sign_in()


async def test_row_52_right_credentials_from_elsewhere_are_never_refused_for_anothers_failures() -> None:
    desk = a_desk(burst=3)
    await desk.add()
    for _ in range(5):
        with pytest.raises((WrongPassword, TooMany)):
            await desk.sign_in(password="wrong")
    await desk.sign_in(address="198.51.100.1")


async def test_whoever_signs_in_a_thousand_times_is_not_limited() -> None:
    desk = a_desk(burst=1)
    await desk.add()
    for _ in range(100):
        await desk.sign_in()
    assert len(await desk.store.sessions((await desk.accounts.get("alice")).id)) == 100


async def test_a_hash_of_old_parameters_is_replaced_at_the_next_sign_in_and_no_session_ends() -> None:
    store = MemoryStore()
    old = a_desk(store, passwords=Passwords(parameters=replace(CHEAPEST, time_cost=2)))
    await old.add()
    _, cookie = await old.sign_in()
    before = await store.user("alice")
    desk = a_desk(store)
    desk.entropy._next_row = 1_000
    await desk.sign_in()
    after = await store.user("alice")
    assert before is not None
    assert after is not None
    assert before.password != after.password
    assert after == replace(before, password=after.password)
    assert await desk.login.session(cookie) is not None
    await desk.sign_in()
    assert await store.user("alice") == after


async def test_a_hash_that_cannot_be_replaced_just_now_keeps_nobody_out() -> None:
    store = MemoryStore()
    await a_desk(store, passwords=Passwords(parameters=replace(CHEAPEST, time_cost=2))).add()

    class Busy(Passwords):
        async def hash(self, password: str) -> str:
            raise Unavailable("too many passwords wait to be hashed")

    desk = a_desk(store, passwords=Busy(parameters=CHEAPEST))
    desk.entropy._next_row = 1_000
    await desk.sign_in()


class EditedMeanwhile(MemoryStore):
    """Between proof and beginning somebody edits the account, once."""

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts: dict[str, object] | None = facts

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        if self.facts is not None:
            facts, self.facts = self.facts, None
            edited = replace(user, revision=user.revision + 1, **facts)
            await self.save_user(edited, replace(act, id=act.id + 1_000), end_sessions=False)
        await super().begin_session(session, user, ends, act)


@pytest.mark.parametrize("facts", [{"password": "another"}, {"enabled": False}])
async def test_no_session_begins_by_a_password_that_was_changed_while_it_was_proven(facts: dict[str, object]) -> None:
    desk = a_desk(EditedMeanwhile(**facts))
    alice = await desk.add()
    with pytest.raises(WrongPassword):
        await desk.sign_in()
    assert await desk.store.sessions(alice.id) == ()


async def test_an_edit_of_something_else_meanwhile_does_not_keep_anybody_out() -> None:
    desk = a_desk(EditedMeanwhile(email="alice@example.com"))
    await desk.add()
    _, cookie = await desk.sign_in()
    found = await desk.login.session(cookie)
    assert found is not None
    assert found[1].email == "alice@example.com"


async def test_garbage_finds_no_session_and_does_not_touch_the_store() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    await desk.store.close()
    for garbage in ("", "x", cookie[:-1], cookie + "0", cookie.replace("_ss_", "_at_"), "é" * 57):
        assert await desk.login.session(garbage) is None
    with pytest.raises(Unavailable):
        await desk.login.session(cookie)


async def test_the_id_of_a_session_is_not_enough() -> None:
    desk = a_desk()
    await desk.add()
    session, _ = await desk.sign_in()
    assert await desk.login.session(secret_of(Kind.SESSION, session.id, "0" * 32)) is None


async def test_a_session_ends_after_two_hours_without_a_request_and_after_twelve_in_all() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    desk.clock.advance(IDLE)
    assert await desk.login.session(cookie) is None
    began, cookie = await desk.sign_in()
    asked = 0
    while await desk.login.session(cookie) is not None:
        await desk.acts()
        desk.clock.advance(IDLE / 2)
        asked += 1
    assert asked == 2 * ABSOLUTE // IDLE
    assert desk.clock.now() == began.signed_in_at + ABSOLUTE


async def test_that_somebody_was_seen_is_written_at_most_once_a_minute_and_never_by_the_request() -> None:
    desk = a_desk()
    await desk.add()
    session, cookie = await desk.sign_in()
    await desk.login.session(cookie)
    await desk.acts()
    assert await desk.store.session(session.id) == session
    desk.clock.advance(SEEN_EVERY)
    await desk.login.session(cookie)
    assert await desk.store.session(session.id) == session
    await desk.acts()
    assert await desk.store.session(session.id) == replace(session, last_seen_at=NOON + SEEN_EVERY)


async def test_a_session_that_is_busy_elsewhere_is_not_taken_for_idle_here() -> None:
    store, clock = MemoryStore(), FixedClock()
    desk = a_desk(store)
    await desk.add()
    _, cookie = await desk.sign_in()
    here = replace(desk.login, store=CachedStore(store, clock), clock=clock)
    assert await here.session(cookie) is not None
    for _ in range(3):
        for each in (clock, desk.clock):
            each.advance(IDLE - 1)
        assert await desk.login.session(cookie) is not None
        await desk.acts()
    assert await here.session(cookie) is not None


async def test_disabling_an_account_ends_its_sessions_and_enabling_brings_none_back() -> None:
    desk = a_desk()
    await desk.add()
    _, cookie = await desk.sign_in()
    await desk.accounts.enable("alice", False, "cli:test")
    assert await desk.login.session(cookie) is None
    await desk.accounts.enable("alice", True, "cli:test")
    assert await desk.login.session(cookie) is None
    await desk.sign_in()


async def test_signing_out_ends_the_session() -> None:
    desk = a_desk()
    await desk.add()
    session, cookie = await desk.sign_in()
    await desk.login.sign_out(session)
    assert await desk.login.session(cookie) is None
    assert (await desk.acts())[0] == ("user:alice", "session.end", "alice")


async def test_row_55_only_ones_own_sessions_can_be_seen_and_ended() -> None:
    desk = a_desk()
    alice, bob = await desk.add("alice"), await desk.add("bob")
    (first, _), (second, _) = await desk.sign_in("alice"), await desk.sign_in("alice")
    theirs, cookie = await desk.sign_in("bob")
    assert await desk.login.sessions(alice) == [second, first]
    await desk.login.end(alice, theirs.id)
    await desk.login.end(alice, 404)
    assert await desk.login.session(cookie) is not None
    await desk.login.end(alice, first.id)
    assert await desk.login.sessions(alice) == [second]
    assert await desk.login.sessions(bob) == [theirs]


async def test_an_administrator_ends_somebody_elses_session_and_the_log_says_who_it_was() -> None:
    desk = a_desk()
    alice = await desk.add("alice")
    (first, cookie), (second, _) = await desk.sign_in("alice"), await desk.sign_in("alice")
    assert await desk.login.end(alice, first.id, ADDRESS, actor="user:root") is True
    assert await desk.login.end(alice, first.id, ADDRESS, actor="user:root") is False
    assert await desk.login.session(cookie) is None
    [act, *_] = await desk.store.acts()
    assert (act.actor, act.action, act.target, act.address) == ("user:root", "session.end", "alice", ADDRESS)
    assert await desk.login.sessions(alice) == [second]


async def test_all_sessions_of_a_person_end_at_once_but_the_one_that_is_kept() -> None:
    desk = a_desk()
    alice = await desk.add("alice")
    await desk.add("bob")
    kept, *_ = [(await desk.sign_in("alice"))[0] for _ in range(3)]
    _, theirs = await desk.sign_in("bob")
    assert await desk.login.end_all(alice, actor="user:root", keep=kept.id) == 2
    assert await desk.login.sessions(alice) == [kept]
    assert await desk.login.session(theirs) is not None
    assert await desk.login.end_all(alice) == 1
    assert [act for act in await desk.acts() if act[1] == "session.end"] == [
        ("user:alice", "session.end", "alice"),
        ("user:root", "session.end", "alice"),
        ("user:root", "session.end", "alice"),
    ]


async def test_all_sessions_are_ended_with_what_began_in_those_that_had_only_grown_old() -> None:
    desk = a_desk()
    alice = await desk.add()
    old, _ = await desk.sign_in()
    await desk.store.add_client(a_client("book"), an_act())
    await grant(desk.store, a_family(1, user=alice, session_id=old.id, offline=False))
    desk.clock.advance(IDLE)
    await desk.sign_in()
    assert await desk.login.end_all(alice, actor="user:root") == 1
    family = await desk.store.family(1)
    assert family is not None
    assert family.revoked_at == NOON + IDLE


async def test_a_session_that_has_ended_is_not_shown_and_swept_in_the_end() -> None:
    desk = a_desk()
    alice = await desk.add()
    session, _ = await desk.sign_in()
    desk.clock.advance(IDLE)
    assert await desk.login.sessions(alice) == []
    await sweep(desk.store, desk.clock, 0)
    assert await desk.store.session(session.id) == session
    desk.clock.advance(ABSOLUTE)
    assert await sweep(desk.store, desk.clock, 0) == 1
    assert await desk.store.session(session.id) is None


async def test_many_sign_in_at_once_and_each_has_a_session() -> None:
    desk = a_desk()
    await desk.add()
    made = await asyncio.gather(*(desk.sign_in() for _ in range(30)))
    assert len({session.id for session, _ in made}) == 30
    assert all([await desk.login.session(cookie) for _, cookie in made])
