"""The authorization request as an act, on a store in memory: what is remembered, and what is answered."""

import os
from dataclasses import dataclass
from typing import Any

import pytest

from scopekeeper.oauth.authentication import MFA_RUNG, PASSWORD_RUNG
from scopekeeper.oauth.authorize import Asked, Refused, Unproven
from scopekeeper.oauth.factors import Factors, Totp
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType, GrantType, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.oauth.steps import Approve, Ask, Login, Present
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.authorize import Authorization
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.ports import Act
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import FixedClock, FixedEntropy
from tests.rules.asking import READ, app, sent
from tests.rules.makers import KNOWN

ISSUER = "https://id.example.com"


@dataclass(frozen=True, slots=True)
class Office:
    """Where people decide."""

    store: MemoryStore
    clock: FixedClock
    authorize: Authorization
    alice: Present

    async def asked(self, **more: Any) -> Asked:
        return await self.authorize.asked(sent(**more))

    async def approve(self, asked: Asked, *, given: bool = True) -> dict[str, str]:
        return dict(await self.authorize.approve(asked, self.alice, given=given, address="203.0.113.7"))


async def an_office(**more: Any) -> Office:
    store, clock, entropy = MemoryStore(), FixedClock(), FixedEntropy(100)
    signer = Signer(store, Vault(os.urandom(32)), clock, entropy, ISSUER)
    issuing = Issuing(signer, clock, entropy, ISSUER, Lifetimes(3_600), KNOWN.__contains__, Subjects(bytes(32)))
    user = User(7, "alice", None, clock.now())
    session = Session(70, b"s" * 32, 7, "alice", clock.now(), clock.now())
    act = Act(1, clock.now(), "cli:test", "test", "abc")
    await store.add_client(app(**more), act)
    await store.add_user(user, replace(act, id=2))
    await store.begin_session(session, user, None, replace(act, id=3))
    authorization = Authorization(store, store, signer, issuing, entropy, Uses(), store)
    return Office(store, clock, authorization, Present(user, session))


async def test_nobody_is_asked_for_an_application_that_there_is_not() -> None:
    office = await an_office()
    for client_id in ("unknown", ""):
        with pytest.raises(Unproven):
            await office.asked(client_id=client_id)


async def test_the_way_to_a_code() -> None:
    office = await an_office()
    asked = await office.asked(nonce="n")
    assert await office.authorize.step(asked, None, anew=False) == Login(anew=False)
    assert await office.authorize.step(asked, office.alice, anew=False) == Ask()
    answer = await office.approve(asked)
    row_id = row_of(answer["code"], Kind.AUTHORIZATION_CODE)
    assert row_id is not None
    code = await office.store.code(row_id)
    assert code is not None
    assert (code.digest, code.nonce, code.session_id) == (digest_of(answer["code"]), "n", 70)
    assert await office.authorize.step(asked, office.alice, anew=False) == Approve()


async def test_what_was_approved_is_remembered_with_the_act_and_what_was_before_is_not_noted_again() -> None:
    office = await an_office()
    await office.approve(await office.asked())
    office.clock.advance(60)
    wider = await office.asked(scope=f"{READ} openid")
    assert await office.authorize.allowed(wider, office.alice) == ((READ,), ())
    await office.approve(wider)
    await office.approve(wider, given=False)
    consent = await office.store.consent(7, "abc")
    assert consent is not None
    assert consent.scope == (READ, "openid")
    assert consent.updated_at - consent.granted_at == 60
    acts = [act for act in await office.store.acts() if act.action == "consent.give"]
    assert [(act.actor, act.target, act.address) for act in acts] == [("user:alice", "abc", "203.0.113.7")] * 2
    assert acts[0].details == {"scope": f"{READ} openid"}


@pytest.mark.parametrize("token_format", [TokenFormat.OPAQUE, TokenFormat.JWT])
async def test_the_implicit_grant_begins_a_family_without_a_refresh_token(token_format: TokenFormat) -> None:
    """RFC 6749 §4.2.2."""
    grants = (GrantType.IMPLICIT, GrantType.REFRESH_TOKEN)
    office = await an_office(type=ApplicationType.SPA, grant_types=grants, token_format=token_format)
    answer = await office.approve(await office.asked(response_type="token", scope=f"openid {READ}"))
    assert answer | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": "3600",
        "scope": f"openid {READ}",
    }
    assert answer["access_token"].startswith("eyJ" if token_format is TokenFormat.JWT else "skpr_at_")
    [family] = await office.store.families(7, office.clock.now())
    assert (family.grant_type, family.session_id, family.offline) == (GrantType.IMPLICIT, 70, False)
    assert family.expires_at == office.clock.now() + 3_600
    [token] = await office.store.tokens(user="alice", now=office.clock.now())
    assert token.family_id == family.id


async def test_a_hint_that_was_not_issued_here_is_refused() -> None:
    """OpenID Connect Core §3.1.2.1."""
    office = await an_office()
    with pytest.raises(Refused) as refused:
        await office.authorize.step(await office.asked(id_token_hint="e30.e30.AA"), office.alice, anew=False)
    assert refused.value.error.error == "invalid_request"


async def test_an_account_that_goes_while_it_decides_has_decided_nothing() -> None:
    office = await an_office()
    asked = await office.asked()
    await office.store.remove_user("alice", Act(9, office.clock.now(), "cli:test", "user.remove", "alice"))
    with pytest.raises(Refused) as refused:
        await office.approve(asked)
    assert refused.value.error.error == "access_denied"


async def test_a_token_by_the_implicit_grant_is_counted() -> None:
    office = await an_office(type=ApplicationType.SPA, grant_types=(GrantType.IMPLICIT,), secrets=())
    asked = await office.asked(response_type="token", code_challenge=None, code_challenge_method=None)
    await office.approve(asked)
    (count,) = [each for each in office.authorize.uses.tally.taken(office.clock.now()) if each.client_id]
    assert (count.kind, count.what, count.times) == ("tokens", "implicit", 1)


async def test_what_somebody_could_show_is_looked_up_only_where_it_matters() -> None:
    looked: list[Factors] = []

    class Looked:
        async def factors(self, user_id: int) -> Factors:
            looked.append(await office.store.factors(user_id))
            return looked[-1]

    office = await an_office()
    authorize = replace(office.authorize, factors=Looked())
    wish = await office.asked(acr_values=MFA_RUNG)
    for asked in (await office.asked(), await office.asked(acr_values=PASSWORD_RUNG)):
        await authorize.step(asked, office.alice, anew=False)
    await authorize.step(wish, None, anew=False)
    await authorize.step(wish, office.alice, anew=True)
    assert looked == []
    assert await authorize.step(wish, office.alice, anew=False) == Ask(), "they have none to show"
    await office.store.save_totp(Totp(7, b"sealed", 0), Act(4, office.clock.now(), "user:alice", "totp.add", "alice"))
    assert await authorize.step(wish, office.alice, anew=False) == Login(anew=True)
    assert len(looked) == 2
