"""Redeeming what people granted: once, by whom it was granted to (RFC 6749 §4.1.2, §4.3, §6; RFC 8628 §3.4)."""

import asyncio

import pytest

from scopekeeper.oauth.authentication import MFA_RUNG
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.grants import GRANTS
from scopekeeper.oauth.policy import Policy, SecondFactor
from scopekeeper.oauth.records import TokenFormat
from scopekeeper.oauth.secrets import Kind, row_of, secret_of
from scopekeeper.oauth.token import Answer
from scopekeeper.services.grants import redeemers
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.uses import Uses
from tests.altered import replace
from tests.rules.granting import SCOPE
from tests.rules.makers import secret
from tests.services.counter import PASSWORD, Counter, a_counter, web
from tests.services.factors import set_up
from tests.stores.records import an_act


async def refusal(counter: Counter, grant_type: str, *, client: str = "abc", **parameters: str) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        await counter.ask(grant_type, client=client, **parameters)
    return refused.value


async def holds(counter: Counter, answer: Answer) -> bool:
    """Is the access token of this answer good?"""
    row = row_of(answer.access_token, Kind.ACCESS_TOKEN)
    assert row is not None
    token = await counter.store.token(row)
    return token is not None and token.revoked_at is None


async def test_there_is_an_act_for_each_grant_of_the_table() -> None:
    counter = await a_counter()
    acts = redeemers(counter.store, counter.store, counter.issuing, counter.prove, counter.factors, Uses())
    assert set(acts) == set(GRANTS)


async def test_a_code_buys_what_the_person_granted() -> None:
    counter = await a_counter()
    answer = await counter.begun(scope=("openid", *SCOPE), nonce="n")
    assert answer.scope == " ".join(("openid", *SCOPE))
    assert answer.refresh_token.startswith("skpr_rt_")
    assert answer.id_token.count(".") == 2
    assert await holds(counter, answer)


async def test_row_11_a_code_redeemed_twice_revokes_what_it_bought_and_says_so_once() -> None:
    """RFC 6749 §4.1.2: MUST deny the request and SHOULD revoke all tokens issued based on that code."""
    counter = await a_counter()
    code = await counter.a_code()
    answer = await counter.redeem(code)
    for _ in range(3):
        with pytest.raises(OAuthError) as refused:
            await counter.redeem(code)
        assert refused.value.error == "invalid_grant"
    assert not await holds(counter, answer)
    with pytest.raises(OAuthError):
        await counter.refresh(answer.refresh_token)
    assert await counter.acts() == [("client:abc", "code.replayed")]
    (act,) = [act for act in await counter.store.acts() if act.action == "code.replayed"]
    assert code[-38:] not in repr(act)


async def test_row_11_of_fifty_at_once_one_is_answered_and_the_others_end_what_it_bought() -> None:
    """RFC 6749 §4.1.2."""
    counter = await a_counter()
    code = await counter.a_code()
    answers = await asyncio.gather(*(counter.redeem(code) for _ in range(50)), return_exceptions=True)
    (won,) = [each for each in answers if not isinstance(each, BaseException)]
    assert {each.error for each in answers if isinstance(each, OAuthError)} == {"invalid_grant"}
    assert not await holds(counter, won)
    assert len(await counter.acts()) == 1


async def test_row_12_22_another_clients_try_is_refused_and_harms_nobody() -> None:
    """RFC 6749 §4.1.3, §10.5."""
    counter = await a_counter()
    code = await counter.a_code()
    for _ in range(2):
        with pytest.raises(OAuthError) as refused:
            await counter.redeem(code, client="other")
        assert refused.value.error == "invalid_grant"
    answer = await counter.redeem(code)
    for attempt in (counter.redeem(code, client="other"), counter.refresh(answer.refresh_token, client="other")):
        with pytest.raises(OAuthError):
            await attempt
    assert await holds(counter, answer)
    assert await counter.acts() == []


async def test_a_try_that_fails_uses_nothing_up() -> None:
    counter = await a_counter()
    code = await counter.a_code()
    for wrong in ({"code_verifier": "w" * 43}, {"redirect_uri": "https://app.example/other"}):
        with pytest.raises(OAuthError):
            await counter.redeem(code, **wrong)
    assert (await counter.redeem(code)).access_token


async def test_row_13_no_kind_of_secret_is_taken_for_another() -> None:
    counter = await a_counter()
    code, device = await counter.a_code(), await counter.a_device()
    refresh = (await counter.begun()).refresh_token
    for name, grant_type, wrong in (
        ("code", "authorization_code", (device, refresh)),
        ("device_code", "urn:ietf:params:oauth:grant-type:device_code", (code, refresh)),
        ("refresh_token", "refresh_token", (code, device)),
    ):
        for each in (*wrong, "garbage", secret_of(Kind.LINK, row_of(code, Kind.AUTHORIZATION_CODE) or 0, "a" * 32)):
            told = {name: each, "redirect_uri": "https://app.example/cb"}
            assert (await refusal(counter, grant_type, **told)).error == "invalid_grant"
    assert (await counter.redeem(code)).access_token


async def test_a_code_whose_session_somebody_ended_is_dead_unless_it_may_outlive_it() -> None:
    counter = await a_counter()
    bound, offline = await counter.a_code(), await counter.a_code(scope=("offline_access", *SCOPE))
    await counter.store.end_session(70, an_act())
    with pytest.raises(OAuthError, match="session"):
        await counter.redeem(bound)
    assert await holds(counter, await counter.redeem(offline))


async def test_row_26_a_disabled_person_redeems_nothing() -> None:
    counter = await a_counter()
    code = await counter.a_code(scope=("offline_access", *SCOPE))
    refresh = (await counter.begun(scope=("offline_access", *SCOPE))).refresh_token
    device = await counter.a_device(scope=("offline_access", *SCOPE))
    alice = await counter.store.user("alice")
    assert alice is not None
    await counter.store.save_user(replace(alice, enabled=False, revision=1), an_act(), end_sessions=False)
    for attempt in (
        counter.redeem(code),
        counter.refresh(refresh),
        counter.ask("urn:ietf:params:oauth:grant-type:device_code", device_code=device),
        counter.ask("password", username="alice", password=PASSWORD),
    ):
        with pytest.raises(OAuthError) as refused:
            await attempt
        assert refused.value.error == "invalid_grant"


async def test_row_26_nothing_is_redeemed_once_the_application_was_compromised() -> None:
    counter = await a_counter()
    code, refresh = await counter.a_code(), (await counter.begun()).refresh_token
    await counter.store.compromise("abc", secret(id=9), an_act())
    for attempt in (counter.redeem(code), counter.refresh(refresh)):
        with pytest.raises(OAuthError) as refused:
            await attempt
        assert refused.value.error == "invalid_grant"


async def test_a_password_buys_a_grant_without_a_session() -> None:
    """RFC 6749 §4.3.2."""
    counter = await a_counter()
    answer = await counter.ask("password", username=" Alice ", password=PASSWORD, scope="rest:callforward:read openid")
    assert (answer.scope, answer.refresh_token != "", answer.id_token != "") == (
        "rest:callforward:read openid",
        True,
        True,
    )
    assert await counter.store.consents(7) == ()


async def test_row_52_the_password_grant_is_no_way_round_a_second_factor() -> None:
    """RFC 9700 §2.4. Only whoever has the password hears why; a wrong one sounds as it does for everybody."""
    counter = await a_counter()
    alice = await counter.store.user("alice")
    assert alice is not None
    await counter.ask("password", username="alice", password=PASSWORD)
    await set_up(counter, alice)
    right = await refusal(counter, "password", username="alice", password=PASSWORD)
    wrong = await refusal(counter, "password", username="alice", password="wrong")
    assert (right.error, wrong.error) == ("invalid_grant", "invalid_grant")
    assert "second factor" in right.description
    assert wrong.description == "Name and password do not match."


async def test_row_52_nor_round_one_that_a_policy_demands_or_the_application_requires() -> None:
    strict = await a_counter(None, web(), web("strict", 8, required_acr=MFA_RUNG))
    await strict.ask("password", username="alice", password=PASSWORD)
    refused = await refusal(strict, "password", client="strict", username="alice", password=PASSWORD)
    assert "second factor" in refused.description
    demanding = replace(strict.factors, policy=Policy(SecondFactor.EVERYONE))
    redeem = redeemers(strict.store, strict.store, strict.issuing, strict.prove, demanding, Uses())
    policed = replace(strict, exchange=replace(strict.exchange, redeemers=redeem))
    assert "second factor" in (await refusal(policed, "password", username="alice", password=PASSWORD)).description


async def test_row_52_guessing_by_the_password_grant_is_slowed_down_as_at_the_sign_in_page() -> None:
    """RFC 6749 §4.3.2: MUST protect the endpoint against brute force attacks."""
    counter = await a_counter()
    for _ in range(30):
        wrong = await refusal(counter, "password", username="alice", password="wrong")
        assert (wrong.error, wrong.status) == ("invalid_grant", 400)
    many = await refusal(counter, "password", username="alice", password=PASSWORD)
    assert (many.status, many.error, many.retry_after) == (429, "temporarily_unavailable", 6)
    assert "6 seconds" in many.description


async def test_row_15_a_device_code_is_redeemed_once() -> None:
    """RFC 8628 §3.5."""
    counter = await a_counter()
    device = await counter.a_device()
    told = {"device_code": device}
    grant_type = "urn:ietf:params:oauth:grant-type:device_code"
    answers = await asyncio.gather(*(counter.ask(grant_type, **told) for _ in range(20)), return_exceptions=True)
    (won,) = [each for each in answers if not isinstance(each, BaseException)]
    assert not await holds(counter, won)
    assert await counter.acts() == [("client:abc", "device.replayed")]


async def test_a_device_that_asks_too_often_is_told_to_slow_down() -> None:
    """RFC 8628 §3.5: slow_down adds five seconds to the interval, for this and all later requests."""
    counter = await a_counter()
    device = await counter.a_device(approved=None)
    heard = []
    for pause in (0, 5, 4, 10, 9, 15):
        counter.clock.advance(pause)
        told = await refusal(counter, "urn:ietf:params:oauth:grant-type:device_code", device_code=device)
        heard.append(told.error)
    assert [each == "slow_down" for each in heard] == [False, False, True, False, True, False]


async def test_what_could_not_be_remembered_is_not_answered() -> None:
    counter = await a_counter()
    code = await counter.a_code()
    await counter.store.close()
    with pytest.raises(Unavailable):
        await counter.redeem(code)


async def test_a_jwt_application_gets_jwts_by_every_grant() -> None:
    counter = await a_counter(None, web(token_format=TokenFormat.JWT))
    answer = await counter.begun()
    again = await counter.refresh(answer.refresh_token)
    assert answer.access_token.count(".") == again.access_token.count(".") == 2
