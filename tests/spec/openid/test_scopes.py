"""The plans `basic` and `form_post` of the suite: what the scopes of OpenID Connect Core §5.4 stand for."""

from pathlib import Path

from tests.spec.openid.claims import SCOPES
from tests.spec.openid.suite import Plan, suite

NOT_KEPT = {"middle_name", "nickname", "profile", "picture", "website", "gender", "birthdate"}
"""What an account has no place for. They are left out (§5.3.2), of which the suite warns: it wants all of a scope."""


async def told(folder: Path, plan: Plan, scope: str) -> set[str]:
    """The claims at userinfo for this scope, each of which is sound; none of them is in the id_token."""
    async with suite(folder, plan) as client:
        assert set(scope.split()) <= set(client.metadata["scopes_supported"])
        flow = await client.flow(client.request(scope=scope))
        claims = await client.userinfo(flow.tokens)
        assert claims.keys() <= set(client.metadata["claims_supported"])
        return set(claims)


async def test_the_scope_profile_tells_who_somebody_is(tmp_path: Path, plan: Plan) -> None:
    """oidcc-scope-profile: all that an account keeps of it."""
    assert await told(tmp_path, plan, "openid profile") == SCOPES["openid"] | SCOPES["profile"] - NOT_KEPT


async def test_the_scope_email_tells_an_address_and_whether_somebody_vouches_for_it(tmp_path: Path, plan: Plan) -> None:
    """oidcc-scope-email: and neither `name` nor anything else (§5.4, §5.5.1)."""
    assert await told(tmp_path, plan, "openid email") == SCOPES["openid"] | SCOPES["email"]


async def test_the_scope_address_tells_where_somebody_lives(tmp_path: Path, plan: Plan) -> None:
    """oidcc-scope-address: an object (§5.1.1)."""
    assert await told(tmp_path, plan, "openid address") == SCOPES["openid"] | SCOPES["address"]


async def test_the_scope_phone_tells_a_number_and_whether_somebody_vouches_for_it(tmp_path: Path, plan: Plan) -> None:
    """oidcc-scope-phone: both claims."""
    assert await told(tmp_path, plan, "openid phone") == SCOPES["openid"] | SCOPES["phone"]


async def test_all_scopes_tell_all_of_it(tmp_path: Path, plan: Plan) -> None:
    """oidcc-scope-all: each what it tells alone."""
    every = set[str]().union(*SCOPES.values())
    assert await told(tmp_path, plan, "openid email phone address profile") == every - NOT_KEPT
