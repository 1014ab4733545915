"""Of whom a second factor is demanded."""

import pytest

from scopekeeper.oauth.authentication import FEDERATED, MFA, OTP, PASSWORD, POP, USER
from scopekeeper.oauth.factors import NO_FACTORS, Factors, RecoveryCode, Totp
from scopekeeper.oauth.policy import Policy, SecondFactor, best_of
from tests.altered import replace
from tests.rules.granting import ALICE

ROOT = replace(ALICE, admin=True)
WITH_CODES = Factors(totp=Totp(7, b"sealed", 0))


@pytest.mark.parametrize(
    ("second_factor", "people", "administrators"),
    [(SecondFactor.OFF, False, False), (SecondFactor.ADMINISTRATORS, False, True), (SecondFactor.EVERYONE, True, True)],
)
def test_it_is_demanded_of_whom_the_policy_names(
    second_factor: SecondFactor, people: bool, administrators: bool
) -> None:
    policy = Policy(second_factor)
    assert (policy.demands(ALICE), policy.demands(ROOT)) == (people, administrators)


def test_it_is_off_by_default() -> None:
    assert not Policy().demands(ROOT)


def test_of_whom_it_is_demanded_is_let_in_by_two_factors_alone() -> None:
    policy = Policy(SecondFactor.ADMINISTRATORS)
    assert policy.lets_in(ROOT, (PASSWORD, OTP, MFA))
    assert policy.lets_in(ROOT, (POP, USER, MFA))
    fewer: list[tuple[str, ...]] = [(PASSWORD,), (FEDERATED,), (PASSWORD, OTP), ()]
    for amr in fewer:
        assert not policy.lets_in(ROOT, amr)
        assert policy.lets_in(ALICE, amr)


def test_at_best_people_show_what_they_have() -> None:
    assert best_of(ALICE, NO_FACTORS) == (PASSWORD,)
    assert best_of(ALICE, WITH_CODES) == (PASSWORD, MFA)
    assert best_of(replace(ALICE, password=None), WITH_CODES) == (MFA,)
    assert best_of(replace(ALICE, password=None), NO_FACTORS) == ()


def test_recovery_codes_alone_are_no_second_factor() -> None:
    left = Factors(recovery_codes=(RecoveryCode(1, 7, b"digest", 0),))
    assert best_of(ALICE, left) == (PASSWORD,)
