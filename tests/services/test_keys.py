"""The signing keys at work: made once, used, rotated, and never shown."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from scopekeeper.oauth.identity import ID_TOKEN_ALGS
from scopekeeper.oauth.keys import JWKS_MAX_AGE, KeyState, SigningKey
from scopekeeper.services.keys import Signer, TooSoon
from scopekeeper.services.ports import Act, KeyRing, Stale
from scopekeeper.services.vault import Vault, WrongMasterKey
from scopekeeper.store import CachedStore, MemoryStore
from scopekeeper.store.cached import LOOK_EVERY
from tests.fixtures import FixedClock, FixedEntropy

KEY = bytes(range(32))
ISSUER = "https://id.example.com"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


class Crossroads(MemoryStore):
    """Where two meet: whoever reads the keys lets the others go first."""

    async def keys(self) -> tuple[SigningKey, ...]:
        found = await super().keys()
        await asyncio.sleep(0)
        return found


class Stubborn(MemoryStore):
    """Somebody else was always there first."""

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        raise Stale("somebody else")


def signer(store: KeyRing, clock: FixedClock | None = None, *, key: bytes = KEY, first: int = 1) -> Signer:
    return Signer(store, Vault(key), clock or FixedClock(), FixedEntropy(first), ISSUER)


async def states(store: MemoryStore, alg: str = "ES256") -> list[str]:
    return [key.state.value for key in await store.keys() if key.alg == alg]


async def kid_of(signing: Signer, alg: str = "ES256") -> str:
    """Which key signs now."""
    token = await signing.sign({"sub": "x"}, alg, "at+jwt")
    keys = KeySet.import_key_set(await signing.jwks())  # type: ignore[arg-type]  # it is a key set: that is tested here
    kid: str = jwt.decode(token, keys, algorithms=[alg]).header["kid"]
    return kid


async def test_the_first_start_makes_a_key_that_signs_and_the_one_after_it() -> None:
    store = MemoryStore()
    await signer(store).prepare()
    assert sorted(await states(store)) == ["active", "next"]
    (act,) = await store.acts()
    assert (act.actor, act.action) == ("system", "keys.make")


async def test_the_second_start_makes_none() -> None:
    store = MemoryStore()
    await signer(store).prepare()
    before = await store.keys()
    await signer(store, first=100).prepare()
    assert await store.keys() == before


async def test_two_processes_that_start_at_once_make_one_set_of_keys() -> None:
    store = Crossroads()
    both = [signer(store), signer(store, first=100)]
    await asyncio.gather(*(each.prepare() for each in both))
    assert sorted(await states(store)) == ["active", "next"]
    assert len({await kid_of(each) for each in both}) == 1


async def test_rs256_is_made_when_it_is_first_asked_for() -> None:
    store = MemoryStore()
    signing = signer(store)
    await signing.prepare()
    assert await states(store, "RS256") == []
    kid = await kid_of(signing, "RS256")
    assert sorted(await states(store, "RS256")) == ["active", "next"]
    assert kid != await kid_of(signing)
    assert await kid_of(signing, "RS256") == kid


async def test_rs256_can_be_made_before_it_is_asked_for() -> None:
    store = MemoryStore()
    signing = signer(store)
    await asyncio.gather(signing.prepare("RS256"), signing.prepare("RS256"))
    assert sorted(await states(store, "RS256")) == ["active", "next"]


async def test_the_key_set_is_never_without_the_keys_of_id_tokens() -> None:
    """OpenID Connect Core §10.1: who keeps the set for a while can verify the first id_token there is."""
    signing = signer(MemoryStore())
    published = json.loads(json.dumps(await signing.jwks()))["keys"]
    for alg in ID_TOKEN_ALGS:
        assert await kid_of(signing, alg) in [key["kid"] for key in published]


async def test_no_key_is_made_for_an_algorithm_that_there_is_not() -> None:
    store = MemoryStore()
    for alg in ("EdDSA", "none", "HS256"):
        with pytest.raises(ValueError, match="no key signs by"):
            await signer(store).sign({"sub": "x"}, alg, "JWT")
    assert await store.keys() == ()


@pytest.mark.parametrize("alg", ["ES256", "RS256", "Ed25519"])
async def test_each_algorithm_rotates_by_itself(alg: str) -> None:
    store = MemoryStore()
    signing = signer(store)
    await signing.prepare()
    await signing.rotate(alg, "cli:test")
    other = "RS256" if alg == "ES256" else "ES256"
    await signing.prepare(other)
    assert await states(store, alg) == ["retiring", "active", "next"]
    assert await states(store, other) == ["active", "next"]


async def test_a_rotation_lets_the_next_key_sign_and_keeps_the_old_one_published() -> None:
    store = MemoryStore()
    signing = signer(store)
    old = await kid_of(signing)
    following = next(key for key in await store.keys() if key.state is KeyState.NEXT)
    assert (await signing.rotate("ES256", "cli:test")).kid == following.kid
    assert await kid_of(signing) == following.kid
    assert await states(store) == ["retiring", "active", "next"]
    assert old in json.dumps(await signing.jwks())
    (act, *_) = await store.acts()
    assert (act.actor, act.action, act.target) == ("cli:test", "keys.rotate", following.kid)


async def test_a_rotation_in_another_process_is_followed() -> None:
    store = MemoryStore()
    here, there = signer(store), signer(store, first=100)
    before = await kid_of(here)
    await there.rotate("ES256", "cli:test")
    assert await kid_of(here) == await kid_of(there) != before


async def test_through_a_cache_it_is_followed_with_the_next_look() -> None:
    store, clock = MemoryStore(), FixedClock()
    here = signer(CachedStore(store, clock), clock)
    before = await kid_of(here)
    await signer(store, clock, first=100).rotate("ES256", "cli:test")
    clock.advance(LOOK_EVERY / 1000)
    assert await kid_of(here) != before


async def test_through_a_cache_two_processes_still_make_one_set_of_keys() -> None:
    store, clock = Crossroads(), FixedClock()
    both = [signer(CachedStore(store, clock), clock, first=first) for first in (1, 100)]
    await asyncio.gather(*(each.prepare() for each in both))
    assert sorted(await states(store)) == ["active", "next"]
    assert len({await kid_of(each) for each in both}) == 1


async def test_a_second_rotation_waits_until_every_verifier_knows_the_key() -> None:
    store, clock = MemoryStore(), FixedClock()
    signing = signer(store, clock)
    clock.advance(60)
    await signing.rotate("ES256", "cli:test")
    clock.advance(JWKS_MAX_AGE - 1)
    with pytest.raises(TooSoon, match="wait 1 s more"):
        await signing.rotate("ES256", "cli:test")
    assert await states(store) == ["retiring", "active", "next"]
    clock.advance(1)
    await signing.rotate("ES256", "cli:test")
    assert await states(store) == ["retiring", "retiring", "active", "next"]


async def test_a_leak_does_not_wait() -> None:
    store, clock = MemoryStore(), FixedClock()
    signing = signer(store, clock)
    clock.advance(60)
    before = await kid_of(signing)
    for _ in range(2):
        await signing.rotate("ES256", "cli:test", compromised=True)
    assert await kid_of(signing) != before


async def test_two_rotations_at_once_are_two_rotations_or_one_that_came_too_soon() -> None:
    store, clock = Crossroads(), FixedClock()
    both = [signer(store, clock), signer(store, clock, first=100)]
    await both[0].prepare()
    clock.advance(60)
    outcomes = await asyncio.gather(*(each.rotate("ES256", "cli:test") for each in both), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["SigningKey", "TooSoon"]
    assert await states(store) == ["retiring", "active", "next"]


async def test_whoever_never_gets_a_turn_says_so() -> None:
    with pytest.raises(Stale):
        await signer(Stubborn()).prepare()


async def test_another_master_key_opens_no_key_and_changes_nothing() -> None:
    store = MemoryStore()
    await signer(store).prepare()
    before = await store.keys()
    with pytest.raises(WrongMasterKey):
        await signer(store, key=bytes(32)).prepare()
    assert await store.keys() == before


@pytest.mark.parametrize("alg", ["ES256", "RS256", "Ed25519"])
async def test_the_private_half_is_nowhere_to_be_seen(alg: str) -> None:
    """RFC 7517 §9.2: not in the key set, not in what is printed, not in the audit log, and at rest only sealed."""
    store = MemoryStore()
    signing = signer(store)
    await kid_of(signing, alg)
    for key in await store.keys():
        assert PRIVATE.isdisjoint(json.loads(key.public))
        assert "wrapped" not in repr(key)
        assert b"PRIVATE KEY" not in key.wrapped
    shown = json.dumps(await signing.jwks())
    assert not any(f'"{member}"' in shown for member in PRIVATE)
    assert "PRIVATE" not in repr(await store.acts()) + repr(signing)


async def test_a_retired_key_leaves_the_set_when_its_time_is_over() -> None:
    store, clock = MemoryStore(), FixedClock()
    signing = signer(store, clock)
    old = await kid_of(signing)
    await signing.rotate("ES256", "cli:test")
    (retiring,) = [key for key in await store.keys() if key.state is KeyState.RETIRING]
    assert retiring.retires_at is not None
    clock.advance(retiring.retires_at - clock.now() - 1)
    assert old in json.dumps(await signing.jwks())
    clock.advance(1)
    assert old not in json.dumps(await signing.jwks())


async def test_a_rotation_of_keys_that_were_rotated_meanwhile_is_refused_and_the_address_is_noted() -> None:
    store, clock = MemoryStore(), FixedClock()
    signing = signer(store, clock)
    await signing.prepare()
    seen = await kid_of(signing)
    await signing.rotate("ES256", "user:root", "203.0.113.7", signing=seen)
    [act, *_] = await store.acts()
    assert (act.actor, act.action, act.address) == ("user:root", "keys.rotate", "203.0.113.7")
    clock.advance(JWKS_MAX_AGE)
    for compromised in (False, True):
        with pytest.raises(Stale):
            await signing.rotate("ES256", "user:root", compromised=compromised, signing=seen)
    assert await kid_of(signing) == act.target
