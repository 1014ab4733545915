"""What has to be true of a passkey's answer: the parts that need no answer to be shown."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scopekeeper.oauth.factors import Passkey
from scopekeeper.oauth.people import User
from scopekeeper.oauth.webauthn import Handles, Unfit, reached, require_own, require_risen
from tests.altered import replace

PASSKEY: Final = Passkey(1, 7, b"id", b"key", 0, "Phone", 0)
ALICE: Final = User(7, "alice", None, 0)
COUNTS: Final = some.integers(0, 2**32 - 1)


@given(COUNTS, COUNTS)
def test_a_count_rises_or_is_not_kept_at_all(before: int, after: int) -> None:
    """Web Authentication §7.2, step 22."""
    passkey = replace(PASSKEY, sign_count=before)
    if after > before or before == after == 0:
        require_risen(passkey, after)
    else:
        with pytest.raises(Unfit):
            require_risen(passkey, after)


def test_whose_it_is_has_to_be_said_unless_somebody_in_particular_was_asked() -> None:
    drawn = Handles(bytes(32)).of(ALICE)
    assert require_own(PASSKEY, ALICE, None, drawn, drawn) == ALICE
    assert require_own(PASSKEY, ALICE, 7, None, drawn) == ALICE
    for user, only, handle in (
        (None, None, drawn),
        (replace(ALICE, id=8), None, drawn),
        (replace(ALICE, enabled=False), None, drawn),
        (ALICE, 8, drawn),
        (ALICE, None, None),
        (ALICE, None, drawn[:-1]),
        (ALICE, 7, b"x" * 32),
    ):
        with pytest.raises(Unfit):
            require_own(PASSKEY, user, only, handle, drawn)


@given(some.lists(some.text(), max_size=30))
def test_of_ways_to_reach_an_authenticator_few_are_kept_each_once_and_short(said: list[str]) -> None:
    kept = reached([*said, "usb", "usb"])
    assert len(kept) == len(set(kept)) <= 8
    assert all(len(each) <= 32 and each.replace("-", "a").isalpha() for each in kept)


@given(some.integers(1, 2**62), some.integers(1, 2**62))
def test_no_two_accounts_have_one_handle(one: int, other: int) -> None:
    handles = Handles(bytes(32))
    assert (handles.of(replace(ALICE, id=one)) == handles.of(replace(ALICE, id=other))) is (one == other)
    assert "key" not in repr(handles)
