"""Of which sign-in a token is."""

import pytest

from scopekeeper.oauth.authentication import PASSWORD, Demand
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import Token
from scopekeeper.services.ports import Gone
from scopekeeper.services.sign_ins import SignIns
from tests.altered import replace
from tests.fixtures import FixedClock
from tests.rules.granting import family
from tests.rules.makers import NOW, token

THEIRS = token(user="alice", user_id=7, family_id=3)
RUNG = "urn:scopekeeper:acr:password"


class Families:
    """One family, or none."""

    def __init__(self, found: Family | None) -> None:
        self.found = found
        self.asked: list[int] = []

    async def family(self, family_id: int) -> Family | None:
        self.asked.append(family_id)
        return self.found


async def meets(found: Family | None, demand: Demand, of: Token = THEIRS) -> bool:
    return await SignIns(Families(found), FixedClock(NOW)).meets(of, demand)


async def test_it_is_that_of_the_family_found_by_one_look() -> None:
    families = Families(family(auth_time=NOW - 50))
    sign_ins = SignIns(families, FixedClock(NOW))
    assert await sign_ins.meets(THEIRS, Demand(50, (RUNG,)))
    assert not await sign_ins.meets(THEIRS, Demand(49))
    assert families.asked == [3, 3]


async def test_when_the_token_or_its_family_began_is_no_matter() -> None:
    old = family(auth_time=NOW - 50, issued_at=NOW, last_used_at=NOW)
    assert not await meets(old, Demand(49), replace(THEIRS, issued_at=NOW))


async def test_how_they_signed_in_is_compared_with_the_ladder() -> None:
    assert await meets(family(amr=(PASSWORD, "otp")), Demand(acr=(RUNG,)))
    assert not await meets(family(amr=("otp",)), Demand(acr=(RUNG,)))
    assert not await meets(family(amr=(PASSWORD,)), Demand(acr=("phr",)))


@pytest.mark.parametrize("found", [None, family(revoked_at=NOW - 1)], ids=["gone", "revoked"])
async def test_where_nobody_grants_it_any_more_there_is_none(found: Family | None) -> None:
    with pytest.raises(Gone):
        await meets(found, Demand(300))


async def test_a_token_without_a_family_is_of_none() -> None:
    with pytest.raises(Gone):
        await meets(family(), Demand(300), replace(THEIRS, family_id=None))
