"""The form of machine secrets: prefix, id, entropy, checksum."""

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.secrets import ALPHABET, LARGEST_ID, PATTERN, Kind, base62, digest_of, id_of, row_of, secret_of

ids = st.integers(0, LARGEST_ID)
entropies = st.text(ALPHABET, min_size=32, max_size=32)
kinds = st.sampled_from(Kind)


def _with_checksum(body: str) -> str:
    """As an outsider would compute it from the documentation."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = ALPHABET[digit] + digits
    return body + digits


@given(kinds, ids, entropies)
def test_a_secret_leads_back_to_its_row(kind: Kind, row: int, entropy: str) -> None:
    assert row_of(secret_of(kind, row, entropy), kind) == row


@given(kinds, ids, entropies)
def test_a_secret_has_the_form_that_scanners_look_for(kind: Kind, row: int, entropy: str) -> None:
    secret = secret_of(kind, row, entropy)
    assert re.fullmatch(PATTERN, secret)
    assert len(secret) == len(kind.value) + 49
    assert secret == _with_checksum(secret[:-6])


@given(ids, entropies)
def test_a_secret_of_one_kind_is_none_of_another(row: int, entropy: str) -> None:
    secret = secret_of(Kind.ACCESS_TOKEN, row, entropy)
    assert all(row_of(secret, kind) is None for kind in Kind if kind is not Kind.ACCESS_TOKEN)


@given(ids, entropies, st.integers(8, 56), st.sampled_from(ALPHABET))
def test_a_changed_character_is_noticed_without_the_store(row: int, entropy: str, place: int, other: str) -> None:
    secret = secret_of(Kind.ACCESS_TOKEN, row, entropy)
    changed = secret[:place] + other + secret[place + 1 :]
    assert changed == secret or row_of(changed, Kind.ACCESS_TOKEN) is None


@pytest.mark.parametrize("row", [LARGEST_ID + 1, 62**11 - 1])
def test_an_id_beyond_63_bits_is_garbage_even_with_a_sound_checksum(row: int) -> None:
    assert row_of(_with_checksum("skpr_at_" + base62(row, 11) + "0" * 32), Kind.ACCESS_TOKEN) is None


@given(st.text(max_size=80))
def test_garbage_is_no_secret(text: str) -> None:
    assert row_of(text, Kind.ACCESS_TOKEN) is None
    assert row_of("skpr_at_" + text, Kind.ACCESS_TOKEN) is None


@given(ids, ids)
def test_secrets_sort_as_their_ids_do(a: int, b: int) -> None:
    assert (base62(a, 11) < base62(b, 11)) == (a < b)


def test_an_id_is_eleven_base62_characters() -> None:
    assert id_of("0" * 11) == 0
    assert id_of("0" * 10) is None
    assert id_of("0000000000_") is None


def test_what_is_stored_is_a_digest_of_the_whole() -> None:
    a = secret_of(Kind.CLIENT_SECRET, 1, "a" * 32)
    assert len(digest_of(a)) == 32
    assert digest_of(a) != digest_of(secret_of(Kind.CLIENT_SECRET, 1, "b" * 32))
