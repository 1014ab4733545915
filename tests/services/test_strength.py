"""How hard to guess a password is: NIST SP 800-63B §3.1.1.2, by zxcvbn, with nothing asked of anybody else."""

import ast
import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from argon2.profiles import CHEAPEST
from hypothesis import given, settings
from hypothesis import strategies as st

from scopekeeper.oauth.people import UnfitPerson, WeakPassword
from scopekeeper.pages.unfit import WEAK
from scopekeeper.pages.words import LANGUAGES
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.strength import KNOWN, LOOKED_AT, MORE, Strength
from tests.building import built
from tests.persons import a_session
from tests.services.desk import ADDRESS, PASSWORD, Desk, a_desk

USUAL = Strength(3, "auth.greenhouse.example")


def a_strict_desk() -> Desk:
    return a_desk(passwords=Passwords(parameters=CHEAPEST, strength=USUAL))


def why(password: str, *about: str | None, strength: Strength = USUAL) -> tuple[str, ...]:
    with pytest.raises(WeakPassword) as weak:
        strength.require(password, about)
    return weak.value.why


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password1", "This is a very common password."),
        ("qwertyuiop", "This is a top-100 common password."),
        ("P4ssword", "This is similar to a commonly used password."),
        ("abcabcabcabc", 'Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
        ("23-11-2026", "Dates are often easy to guess."),
        ("asdfghjkl;", "Straight rows of keys are easy to guess."),
    ],
)
def test_a_password_that_is_tried_first_is_refused_and_it_is_said_why(password: str, said: str) -> None:
    assert said in why(password)


@pytest.mark.parametrize(
    "password", ["greenhouse", "Alice-Lindqvist", "lindqvist alice", "alice.lindqvist@example.com"]
)
def test_what_is_known_of_the_account_and_of_the_server_is_easy_to_guess(password: str) -> None:
    assert why(password, "alice", "alice.lindqvist@example.com", "Alice Lindqvist", None)[0] == KNOWN


def test_the_words_for_one_account_are_not_held_against_the_next() -> None:
    password = "lindqvist fjord"
    assert KNOWN in why(password, "lindqvist", "fjord")
    USUAL.require(password, ["bob"])


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r\x0019/-.@İßſ٣２²"), max_size=80))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_judged(password: str) -> None:
    with suppress(WeakPassword):
        Strength(4, "auth.example.com").require(password, ["İstanbul", password])


@pytest.mark.parametrize("password", ["11112011\n", "111999\n"])
def test_zxcvbn_does_not_stumble_over_the_end_of_a_line(password: str) -> None:
    assert why(password)


def test_two_who_choose_at_once_are_judged_each_by_their_own_words() -> None:
    def strong_for(name: str) -> bool:
        try:
            Strength(3).require("tsivqdnil7", [name])  # one of the names, backwards
        except WeakPassword:
            return False
        return True

    expected = {name: strong_for(name) for name in ("lindqvist", "bob", "ann")}
    assert list(expected.values()) == [False, True, True]
    names = [*expected] * 20
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(strong_for, names)) == [expected[name] for name in names]


@pytest.mark.parametrize("password", [PASSWORD, "a password for the bench", "Xk7#qP2!vm", "quattordici tartarughe"])
def test_several_words_or_enough_that_is_random_will_do(password: str) -> None:
    USUAL.require(password, ["alice", "alice@example.com"])


@pytest.mark.parametrize("least", range(5))
def test_the_more_is_asked_for_the_less_will_do(least: int) -> None:
    by_strength = ["password", "zephyrus", "zephyrus4", "secret sauce", PASSWORD]  # 0 to 4, as zxcvbn counts
    for score, password in enumerate(by_strength):
        if score < least:
            assert why(password, strength=Strength(least))
        else:
            Strength(least).require(password, [])


def test_what_is_weak_by_a_setting_of_ours_alone_is_told_what_would_help() -> None:
    assert why("secret sauce", strength=Strength(4)) == (MORE,)


def test_nothing_of_a_password_is_in_what_is_said_of_it() -> None:
    with pytest.raises(WeakPassword) as weak:
        USUAL.require("lindqvist1987", ["Lindqvist"])
    assert "lindqvist" not in f"{weak.value} {weak.value.why}".lower()


def test_row_54_only_the_first_characters_are_judged_however_long_it_is() -> None:
    assert why("a" * 1_000)
    USUAL.require((PASSWORD * 4)[:LOOKED_AT] + "a" * 900, [])
    assert why("a" * LOOKED_AT + PASSWORD)


def test_all_that_zxcvbn_says_can_be_said_in_other_languages() -> None:
    from zxcvbn import feedback  # type: ignore[import-untyped] # it comes without types

    calls = [node for node in ast.walk(ast.parse(inspect.getsource(feedback))) if isinstance(node, ast.Call)]
    marked = {
        ast.literal_eval(each.args[0]) for each in calls if isinstance(each.func, ast.Name) and each.func.id == "_"
    }
    assert len(marked) > 20
    assert {*marked, KNOWN, MORE} == set(WEAK)


def test_a_refusal_is_told_in_whole_sentences() -> None:
    said = LANGUAGES["en"].refusal(WeakPassword("Avoid sequences.", MORE))
    assert said == f"That password is too easy to guess. Avoid sequences. {MORE}"
    assert str(WeakPassword("Avoid sequences.")) == "that password is too easy to guess. Avoid sequences"


ACTS: list[Callable[[Desk, str], Awaitable[None]]] = []


def chosen(act: Callable[[Desk, str], Awaitable[None]]) -> Callable[[Desk, str], Awaitable[None]]:
    ACTS.append(act)
    return act


@chosen
async def added(desk: Desk, password: str) -> None:
    await desk.add("bob", password)


@chosen
async def was_set(desk: Desk, password: str) -> None:
    await desk.accounts.set_password("alice", password, "cli:root")


@chosen
async def changed(desk: Desk, password: str) -> None:
    session, _ = await desk.sign_in()
    await desk.accounts.change_password(await desk.accounts.get("alice"), PASSWORD, password, session, ADDRESS)


@chosen
async def by_link(desk: Desk, password: str) -> None:
    secret = await desk.accounts.password_link("alice", "cli:root")
    await desk.accounts.use_link(secret, name=None, password=password, address=ADDRESS)


@pytest.mark.parametrize("act", ACTS)
async def test_wherever_a_password_is_chosen_a_weak_one_is_refused_and_nothing_is_done(
    act: Callable[[Desk, str], Awaitable[None]],
) -> None:
    desk = a_strict_desk()
    alice = await desk.add()
    with pytest.raises(UnfitPerson) as weak:
        await act(desk, "password1")
    assert weak.value.field == "password"
    assert [user.name for user in await desk.accounts.all()] == ["alice"]
    assert (await desk.accounts.get("alice")).password == alice.password
    await act(desk, "six grey herons")


async def test_a_link_is_not_used_up_by_a_password_that_is_too_weak() -> None:
    desk = a_strict_desk()
    secret = await desk.accounts.setup_link()
    assert secret is not None
    with pytest.raises(WeakPassword):
        await desk.accounts.use_link(secret, name="root", password="greenhouse1", address=ADDRESS)
    await desk.accounts.use_link(secret, name="root", password=PASSWORD, address=ADDRESS)


async def test_a_weak_password_that_was_chosen_before_still_signs_in() -> None:
    desk = a_desk()
    await desk.add(password="password1")
    strict = a_desk(desk.store, passwords=Passwords(parameters=CHEAPEST, strength=USUAL))
    session, _ = await strict.sign_in(password="password1")
    assert session.user == "alice"


async def test_it_is_judged_beside_the_event_loop() -> None:
    passwords, ticks = Passwords(parameters=CHEAPEST, strength=USUAL), 0
    choosing = asyncio.create_task(passwords.choose("xq" * (LOOKED_AT // 2) + PASSWORD))
    while not choosing.done():
        ticks += 1
        await asyncio.sleep(0)
    with pytest.raises(WeakPassword):
        await choosing
    assert ticks > 5


async def test_the_setting_says_how_hard_it_has_to_be(tmp_path: Path) -> None:
    async with built(tmp_path / "usual") as h:
        with pytest.raises(WeakPassword):
            await h.house.accounts.add("alice", password="password1", email=None, admin=False, actor="cli:test")
    async with built(tmp_path / "none", {"SCOPEKEEPER_PASSWORD_STRENGTH": "0"}) as h:
        alice = await h.house.accounts.add("alice", password="password1", email=None, admin=False, actor="cli:test")
        assert (await a_session(h, alice))[0].user == "alice"


@pytest.mark.parametrize("alike", ["4@8({[<369!1|0$5+7%2" * 4, "p4ssw0rd(r@z!nes$8{3[7<69+1|%25" * 3])
def test_row_54_no_password_takes_long_to_judge_in_however_many_ways_it_can_be_read(alike: str) -> None:
    with suppress(WeakPassword):
        Strength(4).require("once", [])  # what is loaded at first does not count
    began = time.thread_time()
    with suppress(WeakPassword):
        Strength(4).require(alike, ["alice"])
    assert time.thread_time() - began < 2  # of a core; it was ten
    assert why("p4ssw0rd" + alike[:1])
