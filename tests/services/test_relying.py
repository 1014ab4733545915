"""Signing in with another provider's word: there and back, what is believed, and whom of our people it means."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.relying.registration import UpstreamChanges
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.passages import Leg
from scopekeeper.services.ports import Gone
from scopekeeper.services.relying import LIFETIME, LONGEST_ONWARD, Arrived, Away, NotArrived, Why
from scopekeeper.services.relying.providers import AGAIN, KEYS_AGAIN, KEYS_AGE, METADATA_AGE
from tests.altered import replace
from tests.providing import CLIENT_ID, ISSUER, KEYS, SECRET, SUBJECT, signed
from tests.services.desk import ADDRESS, KEY, a_desk
from tests.services.elsewhere import NAME, ONWARD, OURS, Elsewhere, elsewhere


async def known() -> tuple[Elsewhere, str]:
    """A provider that knows alice."""
    world = elsewhere()
    await world.add()
    await world.person("alice")
    await world.upstreams.link(NAME, "alice", SUBJECT, "cli:test")
    world.told.changes.clear()
    return world, "alice"


async def refused(world: Elsewhere, coming_back: Any, why: Why = "failed") -> NotArrived:
    """They are not let in, for this reason."""
    with pytest.raises(NotArrived) as told:
        await coming_back
    assert told.value.why == why
    return told.value


def asked_in(url: str) -> dict[str, str]:
    """What somebody is sent there with."""
    return {name: value for name, [value] in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


async def test_whom_the_provider_knows_is_signed_in_and_goes_where_they_wanted_to() -> None:
    world, name = await known()
    arrived = await world.there_and_back()
    assert arrived == Arrived(arrived.user, ONWARD, connecting=False)
    assert arrived.user.name == name
    [(_, identity)] = await world.linked.of(arrived.user)
    assert identity.last_used_at == world.desk.clock.now()


async def test_the_request_has_all_that_binds_the_answer_to_it() -> None:
    world, _ = await known()
    departure = await world.leave()
    asked = asked_in(departure.url)
    assert departure.url.startswith(f"{ISSUER}/authorize?")
    assert asked.keys() == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{OURS}/login/from/{NAME}"
    again = asked_in((await world.leave()).url)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("alg", list(KEYS))
async def test_each_kind_of_key_is_believed(alg: str) -> None:
    world, _ = await known()
    world.theirs.alg = alg
    assert (await world.there_and_back()).user.name == "alice"


@pytest.mark.parametrize(
    ("methods", "secret", "proof"),
    [
        (None, True, "client_secret_basic"),
        (["client_secret_post", "client_secret_basic"], True, "client_secret_basic"),
        (["client_secret_post", "private_key_jwt"], True, "client_secret_post"),
        (["client_secret_basic"], False, "none"),
    ],
)
async def test_we_prove_who_we_are_as_the_provider_takes_it(methods: object, secret: bool, proof: str) -> None:
    """RFC 6749 §2.3.1."""
    world, _ = await known()
    world.theirs.metadata["token_endpoint_auth_methods_supported"] = methods
    if not secret:
        world.theirs.secret = None
        await world.upstreams.edit(NAME, UpstreamChanges(client_secret=None), "cli:test")
    world.desk.clock.advance(METADATA_AGE)
    await world.there_and_back()
    assert world.theirs.proofs == [proof]


@pytest.mark.parametrize(
    "altered",
    [
        {"state": "another"},
        {"state": None},
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"code": None},
        {"code": "guessed"},
        {"code": "x" * 5_000},
        {"error": "server_error"},
        {"error": "access_denied", "iss": "https://evil.example.com"},
    ],
)
async def test_row_53_an_answer_that_is_not_the_one_that_was_waited_for_lets_nobody_in(altered: dict[str, Any]) -> None:
    """RFC 6749 §10.12, RFC 9207 §2.4."""
    world, _ = await known()
    departure = await world.leave()
    answer: dict[str, Any] = world.theirs.sign_in(departure.url) | altered
    sent = {name: value for name, value in answer.items() if value is not None}
    failed = await refused(world, world.back(departure, sent))
    assert failed.onward == ONWARD


async def test_a_provider_that_does_not_promise_to_name_itself_need_not_but_no_other_answers_for_it() -> None:
    """RFC 9207 §2.4."""
    world, _ = await known()
    world.theirs.metadata["authorization_response_iss_parameter_supported"] = None
    world.desk.clock.advance(METADATA_AGE)
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    await refused(world, world.back(departure, answer | {"iss": "https://evil.example.com"}))
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    del answer["iss"]
    assert (await world.back(departure, answer)).user.name == "alice"


async def test_row_53_an_answer_lets_in_once() -> None:
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    again = world.theirs.sign_in(departure.url)  # even with another code: what is single-use is our state
    assert (await world.back(departure, answer)).user.name == "alice"
    await refused(world, world.back(departure, answer))
    await refused(world, world.back(departure, again))


async def test_row_53_of_many_who_come_back_with_one_answer_at_once_one_is_let_in() -> None:
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    outcomes = await asyncio.gather(*(world.back(departure, answer) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, Arrived) for each in outcomes) == 1
    assert sum(isinstance(each, NotArrived) for each in outcomes) == 19


async def test_row_53_nobody_comes_back_in_a_browser_that_was_not_sent_there() -> None:
    """Sign-in cannot be forged: whoever sends somebody here with an answer of their own signs them in nowhere."""
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    await refused(world, world.back(departure, answer, key="another browser's"))
    for sealed in (None, "", "AAAA", departure.sealed[:-2], departure.sealed + "A" * 3_000):
        with pytest.raises(NotArrived):
            await world.signing.finish(NAME, answer, sealed=sealed, key=KEY, here=None, address=ADDRESS)
    assert len(world.theirs.codes) == 1, "the code went nowhere"
    assert (await world.back(departure, answer)).user.name == "alice"


async def test_nobody_comes_back_after_ten_minutes() -> None:
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    world.desk.clock.advance(LIFETIME)
    await refused(world, world.back(departure, answer))


async def test_row_53_nobody_comes_back_from_another_provider_than_they_were_sent_to() -> None:
    """One provider does not get at what another one answers (RFC 9700 §4.4)."""
    world, _ = await known()
    await world.add("other")
    departure = await world.leave()
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url), name="other"))
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url), name="nobody"))
    departure = await world.leave()
    await world.upstreams.remove(NAME, "cli:test")
    await world.add()  # of the same name, and another one nevertheless
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url)))


async def test_row_13_what_was_sealed_for_something_else_is_nothing_here() -> None:
    world, _ = await known()
    departure = await world.leave()
    answer, passages = world.theirs.sign_in(departure.url), world.desk.passages
    opened = passages.open(Leg.UPSTREAM, KEY, departure.sealed, Away)
    assert opened is not None
    for leg in Leg:
        sealed = passages.seal(leg, KEY, opened.facts, LIFETIME)
        if leg is not Leg.UPSTREAM:
            await refused(world, world.back(replace(departure, sealed=sealed), answer))
            assert passages.open(leg, KEY, departure.sealed, Away) is None
    assert (await world.back(departure, answer)).user.name == "alice"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.com"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["another", "scopekeeper-at-theirs"]},
        {"azp": "another"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
        {"iat": None},
        {"nonce": "another"},
        {"nonce": None},
        {"at_hash": "another"},
        {"sub": ""},
        {"sub": None},
        {"sub": "ü"},
        {"sub": "x" * 256},
        {"sub": 248289761001},
    ],
)
async def test_an_id_token_that_does_not_fit_lets_nobody_in(claims: dict[str, Any]) -> None:
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    told = world.theirs.codes[answer["code"]].claims
    told |= claims
    for name, value in claims.items():
        if value is None:
            del told[name]
    await refused(world, world.back(departure, answer))


def _unsigned(claims: dict[str, Any]) -> str:
    payload = signed(claims, KEYS["RS256"], "RS256").split(".")[1]
    return _head(alg="none", kid="rsa") + f".{payload}."


def _by_our_secret(claims: dict[str, Any]) -> str:
    return _by_hmac(claims, SECRET.encode())


def _by_their_public_key(claims: dict[str, Any]) -> str:
    key = KEYS["RS256"]
    assert isinstance(key, RSAKey)
    return _by_hmac(claims, key.as_pem(private=False))


def _by_hmac(claims: dict[str, Any], secret: bytes) -> str:
    payload = signed(claims, KEYS["RS256"], "RS256").split(".")[1]
    text = _head(alg="HS256", kid="rsa") + f".{payload}"
    return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def _by_a_stranger(claims: dict[str, Any]) -> str:
    return signed(claims, RSAKey.generate_key(2048, {"kid": "rsa"}), "RS256")


def _with_a_key_in_the_header(claims: dict[str, Any]) -> str:
    mine = RSAKey.generate_key(2048, {"kid": "rsa"})
    return signed(claims, mine, "RS256", jwk=mine.as_dict(private=False))


def _another_kind(claims: dict[str, Any]) -> str:
    return signed(claims, KEYS["RS256"], "RS256", typ="logout+jwt")


def _critical(claims: dict[str, Any]) -> str:
    key = KEYS["RS256"]
    assert isinstance(key, RSAKey)
    payload = signed(claims, key, "RS256").split(".")[1]
    text = _head(alg="RS256", kid="rsa", crit=["exp"], exp=1) + f".{payload}"
    return f"{text}.{_encoded(key.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"  # type: ignore[union-attr]


def _altered(claims: dict[str, Any]) -> str:
    head, _, signature = signed(claims, KEYS["RS256"], "RS256").split(".")
    payload = signed(claims | {"azp": CLIENT_ID}, KEYS["RS256"], "RS256").split(".")[1]
    return f"{head}.{payload}.{signature}"


def _by_a_key_of_another_kind(claims: dict[str, Any]) -> str:
    return signed(claims, KEYS["ES256"], "ES256", kid="rsa")


def _by_what_they_do_not_sign_with(claims: dict[str, Any]) -> str:
    return signed(claims, KEYS["RS256"], "RS384")


def _no_jwt(claims: dict[str, Any]) -> str:
    return "no.jwt"


def _too_long(claims: dict[str, Any]) -> str:
    return signed(claims | {"more": "x" * 20_000}, KEYS["RS256"], "RS256")


def _head(**header: object) -> str:
    return _encoded(json.dumps(header).encode())


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


FORGED: tuple[Callable[[dict[str, Any]], str], ...] = (
    _unsigned, _by_our_secret, _by_their_public_key, _by_a_stranger, _with_a_key_in_the_header, _another_kind,
    _critical, _altered, _by_a_key_of_another_kind, _by_what_they_do_not_sign_with, _no_jwt, _too_long,
)  # fmt: skip


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.lstrip("_"))
async def test_row_33_36_an_id_token_that_the_provider_did_not_sign_lets_nobody_in(
    forge: Callable[[dict[str, Any]], str],
) -> None:
    """RFC 8725 §3.1, RFC 7515 §5.2, RFC 7515 §4.1.11, RFC 8725 §3.11."""
    world, _ = await known()
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url)
    world.theirs.tokens["id_token"] = forge(world.theirs.codes[answer["code"]].claims)
    await refused(world, world.back(departure, answer))
    del world.theirs.tokens["id_token"]
    assert (await world.there_and_back()).user.name == "alice"


@pytest.mark.parametrize("tokens", [{"id_token": None}, {"access_token": 5}, {"token_type": "DPoP"}])
async def test_tokens_that_are_none_let_nobody_in(tokens: dict[str, object]) -> None:
    world, _ = await known()
    world.theirs.tokens = tokens
    await refused(world, world.there_and_back())


async def test_who_has_to_sign_in_anew_does_so_there_and_the_provider_says_when_that_was() -> None:
    """A session there that is hours old is no sign-in of now (OpenID Connect Core §3.1.2.1)."""
    world, _ = await known()
    departure = await world.leave(anew=True)
    assert (asked_in(departure.url)["prompt"], asked_in(departure.url)["max_age"]) == ("login", "0")
    long_ago = world.desk.clock.now() - 3_600
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url, auth_time=long_ago)))
    departure = await world.leave(anew=True)
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url, auth_time=None)))
    departure = await world.leave(anew=True)
    assert (await world.back(departure, world.theirs.sign_in(departure.url))).user.name == "alice"
    assert (await world.there_and_back(auth_time=long_ago)).user.name == "alice"


async def test_who_turned_back_is_told_so_and_nothing_is_counted() -> None:
    world = elsewhere(a_desk(burst=1))
    await world.add()
    for _ in range(3):
        departure = await world.leave()
        answer = world.theirs.sign_in(departure.url)
        del answer["code"]
        failed = await refused(world, world.back(departure, answer | {"error": "access_denied"}), "declined")
        assert (failed.label, failed.onward) == ("Example Inc.", ONWARD)


async def test_row_52_answers_that_do_not_hold_are_slowed_down_and_a_provider_that_is_away_is_nobodys_fault() -> None:
    """Nor does a page that somebody opens, and that sends them here without having sent them there, shut them out."""
    world = elsewhere(a_desk(burst=2))
    await world.add()
    await world.person("alice")
    await world.upstreams.link(NAME, "alice", SUBJECT, "cli:test")
    world.theirs.away = {"token"}
    for _ in range(3):
        await refused(world, world.there_and_back())
        await refused(world, world.signing.finish(NAME, {}, sealed=None, key=KEY, here=None, address=ADDRESS))
    world.theirs.away = set()
    for _ in range(2):
        departure = await world.leave()
        await refused(world, world.back(departure, world.theirs.sign_in(departure.url) | {"code": "guessed"}))
    with pytest.raises(TooMany):
        await world.there_and_back()
    assert ("user:unknown", "user.refused", "unknown") in await world.desk.acts()


async def test_row_53_an_unknown_subject_is_nobody_though_the_address_is_known() -> None:
    world = elsewhere()
    await world.add()
    await world.person("alice", "alice@example.com")
    failed = await refused(world, world.there_and_back(email="alice@example.com", email_verified=True), "nobody")
    assert failed.label == "Example Inc."


async def linking() -> Elsewhere:
    world = elsewhere()
    await world.add(link_by_email=True)
    return world


async def test_row_53_a_verified_address_links_where_the_operator_lets_it_and_from_then_on_it_is_the_subject() -> None:
    world = await linking()
    alice = await world.person("alice", "Alice@example.com")
    arrived = await world.there_and_back(email="alice@example.com", email_verified=True)
    assert arrived.user == alice
    assert world.told.changes == [("alice", "identity.add")]
    act = next(act for act in await world.desk.store.acts() if act.action == "identity.add")
    assert (act.actor, act.target, act.details["by"]) == ("user:alice", "alice", "email")
    # By now the address is somebody else's: that means nothing for who is known.
    await world.desk.accounts.edit("alice", email="other@example.com", actor="cli:test")
    assert (await world.there_and_back(email="third@example.com", email_verified=True)).user.name == "alice"


@pytest.mark.parametrize(
    ("claims", "ours"),
    [
        ({"email_verified": False}, {}),
        ({"email_verified": "true"}, {}),
        ({"email_verified": 1}, {}),
        ({"email_verified": None}, {}),
        ({"email": None}, {}),
        ({"email": "alice@example.co"}, {}),
        ({"email": "lice@example.com"}, {}),
        ({"email": "al\u0131ce@example.com"}, {}),
        ({}, {"verified": False}),
        ({}, {"admin": True}),
        ({}, {"email": "alice@example.com.au"}),
    ],
)
async def test_row_53_an_address_that_nobody_vouches_for_or_that_is_not_theirs_links_nobody(
    claims: dict[str, Any], ours: dict[str, Any]
) -> None:
    world = await linking()
    await world.person("alice", **{"email": "alice@example.com"} | ours)
    told = {"email": "alice@example.com", "email_verified": True} | claims
    await refused(world, world.there_and_back(**told), "nobody")
    assert world.told.changes == []


async def test_row_53_an_address_of_two_accounts_links_neither() -> None:
    world = await linking()
    await world.person("alice", "alice@example.com")
    await world.person("alison", "ALICE@example.com", verified=False)
    await refused(world, world.there_and_back(email="alice@example.com", email_verified=True), "nobody")


async def test_row_53_an_address_that_was_given_to_somebody_else_links_nobody() -> None:
    """Alice left, and the provider gave her address to the next Alice, whom it knows by another subject."""
    world = await linking()
    await world.person("alice", "alice@example.com")
    told = {"email": "alice@example.com", "email_verified": True}
    assert (await world.there_and_back(**told)).user.name == "alice"
    departure = await world.leave()
    answer = world.theirs.sign_in(departure.url, "another", **told)
    await refused(world, world.back(departure, answer), "nobody")


async def test_row_53_what_userinfo_tells_counts_of_nobody_else() -> None:
    world = await linking()
    await world.person("alice", "alice@example.com")
    told = {"email": "alice@example.com", "email_verified": True}
    world.theirs.userinfo = told | {"sub": "another"}
    await refused(world, world.there_and_back(), "nobody")
    world.theirs.userinfo = told | {"sub": SUBJECT}
    assert (await world.there_and_back()).user.name == "alice"


async def test_a_disabled_account_is_not_signed_in_and_hears_the_one_word() -> None:
    world, name = await known()
    await world.desk.accounts.enable(name, False, "cli:test")
    await refused(world, world.there_and_back())


async def test_a_disabled_provider_lets_nobody_in_who_was_on_the_way_either() -> None:
    world, _ = await known()
    departure = await world.leave()
    await world.upstreams.enable(NAME, False, "cli:test")
    await refused(world, world.back(departure, world.theirs.sign_in(departure.url)))
    with pytest.raises(Gone):
        await world.leave()
    assert list(await world.upstreams.open()) == []
    await world.upstreams.enable(NAME, True, "cli:test")
    assert (await world.there_and_back()).user.name == "alice"


async def test_the_one_who_is_signed_in_is_known_there_from_then_on() -> None:
    world = elsewhere()
    await world.add()
    alice = await world.desk.add()
    session, cookie = await world.desk.sign_in()
    departure = await world.signing.begin_connecting(NAME, key=cookie, user=alice, onward="/account/security")
    answer = world.theirs.sign_in(departure.url, email="a@example.com")
    arrived = await world.back(departure, answer, here=(session, alice, cookie))
    assert arrived == Arrived(alice, "/account/security", connecting=True)
    assert world.told.changes == [("alice", "identity.add")]
    [(upstream, identity)] = await world.linked.of(alice)
    assert (upstream.name, identity.subject, identity.email) == (NAME, SUBJECT, "a@example.com")
    assert (await world.there_and_back()).user == alice


async def test_row_53_connecting_cannot_be_forced_on_anybody() -> None:
    """It ends in the session in which it began, and with the account that began it: an attacker's answer is nothing."""
    world = elsewhere()
    await world.add()
    alice, mallory = await world.desk.add(), await world.desk.add("mallory")
    at_alices, hers = await world.desk.sign_in()
    at_mallorys, theirs = await world.desk.sign_in("mallory")
    # Mallory begins, signs in there as themselves, and has alice's browser come back with it.
    departure = await world.signing.begin_connecting(NAME, key=theirs, user=mallory, onward="/account/security")
    answer = world.theirs.sign_in(departure.url, "mallory's")
    await refused(world, world.back(departure, answer, here=(at_alices, alice, hers)))
    await refused(world, world.back(departure, answer, here=None))
    # The same where alice's browser was made to keep what a sign-in began with.
    signing_in = await world.leave()
    forged = world.theirs.sign_in(signing_in.url, "mallory's")
    await refused(world, world.back(signing_in, forged, here=(at_alices, alice, hers)), "nobody")
    # What is bound to her own session, or browser, in somebody else's name, were there a way to make it, would be none.
    opened = world.desk.passages.open(Leg.UPSTREAM, theirs, departure.sealed, Away)
    assert opened is not None
    for key in (hers, KEY):
        sealed = world.desk.passages.seal(Leg.UPSTREAM, key, opened.facts, LIFETIME)
        await refused(world, world.back(replace(departure, sealed=sealed), answer, here=(at_alices, alice, hers)))
    assert list(world.theirs.codes) == ["code-0"], "mallory's code went nowhere"
    assert await world.linked.of(alice) == []
    assert at_mallorys.user_id == mallory.id


async def test_a_subject_is_one_persons_whoever_comes_second_hears_so() -> None:
    world, _ = await known()
    bob = await world.desk.add("bob")
    session, cookie = await world.desk.sign_in("bob")
    departure = await world.signing.begin_connecting(NAME, key=cookie, user=bob, onward="")
    answer = world.theirs.sign_in(departure.url)
    failed = await refused(world, world.back(departure, answer, here=(session, bob, cookie)), "taken")
    assert failed.connecting
    assert await world.linked.of(bob) == []


async def test_row_39_a_provider_that_is_away_or_no_longer_what_it_said_is_one_word_and_not_asked_each_time() -> None:
    world, _ = await known()
    world.desk.clock.advance(METADATA_AGE)
    world.theirs.away = {"openid-configuration"}
    world.theirs.asked.clear()
    for _ in range(3):
        await refused(world, world.leave())
    assert len(world.theirs.asked) == 1
    world.theirs.away = set()
    world.theirs.metadata["issuer"] = "https://evil.example.com"
    world.desk.clock.advance(AGAIN)
    await refused(world, world.leave())
    world.theirs.metadata.clear()
    world.desk.clock.advance(AGAIN)
    assert (await world.there_and_back()).user.name == "alice"


async def test_keys_that_cannot_be_had_are_not_asked_for_by_each_who_waits_for_them() -> None:
    world, _ = await known()
    departures = [await world.leave() for _ in range(5)]
    answers = [world.theirs.sign_in(each.url) for each in departures]
    world.theirs.away = {"jwks"}
    world.theirs.asked.clear()
    coming = (world.back(*each) for each in zip(departures, answers, strict=True))
    assert all(isinstance(each, NotArrived) for each in await asyncio.gather(*coming, return_exceptions=True))
    assert sum("/jwks" in url for url in world.theirs.asked) == 1


async def test_what_a_provider_says_of_itself_is_remembered_for_a_while() -> None:
    world, _ = await known()
    world.theirs.asked.clear()
    await world.there_and_back()
    await world.there_and_back()
    assert sum("/jwks" in url for url in world.theirs.asked) == 1
    assert not any("/.well-known/" in url for url in world.theirs.asked)
    world.desk.clock.advance(KEYS_AGE)
    await world.there_and_back()
    assert sum("/jwks" in url for url in world.theirs.asked) == 2


async def test_a_key_that_is_new_is_asked_for_at_once_and_one_that_is_made_up_not_each_time() -> None:
    world, _ = await known()
    await world.there_and_back()
    whole = world.theirs.published
    world.theirs.published = (KEYS["RS256"],)
    world.desk.clock.advance(KEYS_AGE)
    await world.there_and_back()
    world.theirs.published, world.theirs.alg = whole, "ES256"
    world.desk.clock.advance(KEYS_AGAIN)
    assert (await world.there_and_back()).user.name == "alice"
    world.theirs.asked.clear()
    world.theirs.header = {"kid": "made up"}
    for _ in range(3):
        await refused(world, world.there_and_back())
    assert sum("/jwks" in url for url in world.theirs.asked) == 0
    world.desk.clock.advance(KEYS_AGAIN)
    await refused(world, world.there_and_back())
    await refused(world, world.there_and_back())
    assert sum("/jwks" in url for url in world.theirs.asked) == 1


async def test_an_address_that_fits_no_cookie_is_not_gone_on_to() -> None:
    world, _ = await known()
    departure = await world.signing.begin(NAME, key=KEY, onward="/account?" + "x" * LONGEST_ONWARD)
    assert (await world.back(departure, world.theirs.sign_in(departure.url))).onward == ""


async def test_a_secret_is_kept_sealed_and_its_key_shows_nothing_of_it() -> None:
    world, _ = await known()
    upstream = await world.upstreams.get(NAME)
    assert upstream.sealed is not None
    assert b"s3cret" not in upstream.sealed
    assert "s3cret" not in repr(upstream) + repr([act.details for act in await world.desk.store.acts()])


async def test_a_provider_that_cannot_be_asked_is_not_registered() -> None:
    world = elsewhere()
    world.theirs.metadata["issuer"] = ISSUER + "/"
    with pytest.raises(Unfit) as unfit:
        await world.add()
    assert unfit.value.field == "issuer"
    assert await world.upstreams.all() == ()
