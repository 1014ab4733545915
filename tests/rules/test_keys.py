"""The life of signing keys: rotation never breaks a verifier that caches the key set."""

from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.keys import JWKS_MAX_AGE, KeyState, SigningKey, active, published, rotated, safe_from
from tests.altered import replace

LIFETIME = 3_600


def _key(kid: str, state: KeyState, alg: str = "ES256", at: int = 0) -> SigningKey:
    return SigningKey(kid, alg, state, "{}", b"", at)


FIRST: tuple[SigningKey, ...] = (_key("a", KeyState.ACTIVE), _key("b", KeyState.NEXT))


def test_a_rotation_moves_every_key_one_step() -> None:
    moved = rotated(FIRST, _key("c", KeyState.NEXT, at=1_000), 1_000, LIFETIME)
    assert [(key.kid, key.state.value) for key in moved] == [("a", "retiring"), ("b", "active"), ("c", "next")]


def test_other_algorithms_are_left_alone() -> None:
    keys = (*FIRST, _key("r", KeyState.ACTIVE, "RS256"))
    assert active(rotated(keys, _key("c", KeyState.NEXT), 1_000, LIFETIME), "RS256") == keys[2]


def test_a_retiring_key_is_published_until_its_last_token_and_every_cache_are_gone() -> None:
    moved = rotated(FIRST, _key("c", KeyState.NEXT), 1_000, LIFETIME)
    end = 1_000 + LIFETIME + JWKS_MAX_AGE
    assert {key.kid for key in published(moved, end - 1)} == {"a", "b", "c"}
    assert {key.kid for key in published(moved, end)} == {"b", "c"}


def test_a_compromised_key_leaves_the_key_set_at_once_and_what_follows_is_held_to_the_safe_time() -> None:
    moved = rotated(FIRST, _key("c", KeyState.NEXT, at=1_000), 1_000, LIFETIME, compromised=True)
    assert {key.kid for key in published(moved, 1_000)} == {"b", "c"}
    assert safe_from(moved, "ES256") == 1_000 + JWKS_MAX_AGE


def test_keys_made_together_may_be_rotated_at_once_and_later_ones_after_the_cache_time() -> None:
    assert safe_from(FIRST, "ES256") == 0
    moved = rotated(FIRST, _key("c", KeyState.NEXT, at=1_000), 1_000, LIFETIME)
    assert safe_from(moved, "ES256") == 1_000 + JWKS_MAX_AGE


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=8))
def test_whoever_keeps_to_the_safe_times_never_signs_with_what_a_cache_may_not_know(waits: list[int]) -> None:
    """A verifier asked for the key set at most JWKS_MAX_AGE ago: the key that signs was in it."""
    keys, now, sets = FIRST, 0, [(0, frozenset({"a", "b"}))]
    for number, wait in enumerate(waits):
        now = max(now + wait, safe_from(keys, "ES256"))
        keys = rotated(keys, replace(_key(f"k{number}", KeyState.NEXT), created_at=now), now, LIFETIME)
        oldest_cache = [known for at, known in sets if at <= now - JWKS_MAX_AGE] or [sets[0][1]]
        signing = active(keys, "ES256")
        assert signing is not None
        assert signing.kid in oldest_cache[-1]
        sets.append((now, frozenset(key.kid for key in published(keys, now))))


def test_row_37_a_key_that_is_printed_shows_no_key() -> None:
    assert "wrapped" not in repr(FIRST[0])
