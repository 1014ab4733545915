"""Five wrong user codes for each session, bounded in memory."""

import pytest

from scopekeeper.services.guesses import ALLOWED, Guesses, NoMoreGuesses, WrongUserCode


def wrong(guesses: Guesses, session_id: int) -> None:
    with pytest.raises(WrongUserCode), guesses.guess(session_id):
        raise WrongUserCode


def spent(guesses: Guesses, session_id: int) -> bool:
    try:
        with guesses.guess(session_id):
            return False
    except NoMoreGuesses:
        return True


def test_row_51_each_session_has_five_of_its_own() -> None:
    guesses = Guesses()
    for _ in range(ALLOWED):
        assert not spent(guesses, 1)
        wrong(guesses, 1)
    assert ALLOWED == 5
    assert spent(guesses, 1)
    assert not spent(guesses, 2)


def test_row_57_the_number_of_sessions_that_are_remembered_is_bounded_and_those_that_guessed_last_are_kept() -> None:
    guesses = Guesses(allowed=1, most=100)
    for session_id in range(1_000):
        wrong(guesses, session_id)
    assert len(guesses._wrong) == 100
    assert not spent(guesses, 0)
    assert spent(guesses, 999)


def test_switched_off_all_pass() -> None:
    guesses = Guesses(on=False)
    for _ in range(100):
        wrong(guesses, 1)
    assert not spent(guesses, 1)
