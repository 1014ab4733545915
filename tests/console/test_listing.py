"""A list in an address: its filters, its next page, and how many there are."""

import pytest

from scopekeeper.console.listing import Listing, Place, grouped, total_of
from scopekeeper.console.narrowing import DAY, Wrong, is_secret, moment_of
from scopekeeper.oauth.secrets import Kind, secret_of
from scopekeeper.services.lists import MOST_COUNTED

NARROW = "\N{NARROW NO-BREAK SPACE}"


def test_an_address_has_the_filters_that_narrow_and_no_others() -> None:
    place = Place("/console/tokens", {"app": "a b&c", "user": "", "scope": "rest:x"})
    assert place.at() == "/console/tokens?app=a+b%26c&scope=rest%3Ax"
    assert place.at("/revoke", all="1") == "/console/tokens/revoke?app=a+b%26c&scope=rest%3Ax&all=1"
    assert (place.filtered, Place("/x", {"app": ""}).filtered) == (True, False)
    assert Place("/x", {}).at() == "/x"


def test_a_list_leads_on_only_where_there_is_more() -> None:
    last = Listing(Place("/x", {"app": "a"}), [], 0)
    assert (last.next, last.csv, last.json) == ("", "/x.csv?app=a", "/x.json?app=a")
    assert Listing(Place("/x", {"app": "a"}), [], 60, "cursor").next == "/x?app=a&page=cursor"


def test_beyond_what_is_counted_it_is_said_that_there_are_more() -> None:
    assert [total_of(count) for count in (0, 999, MOST_COUNTED)] == ["0", "999", f"10{NARROW}000"]
    assert total_of(MOST_COUNTED + 1) == f"10{NARROW}000 and more"
    assert grouped(1_234_567) == f"1{NARROW}234{NARROW}567"


def test_a_day_begins_at_midnight_utc_and_ends_with_the_next_one() -> None:
    assert moment_of("") is None
    assert moment_of("2027-01-15") == 1_799_971_200
    assert moment_of("2027-01-15", end=True) == 1_799_971_200 + DAY


@pytest.mark.parametrize("text", ["soon", "2027-1-5", "2027-02-30", "9999999999-01-01", "20270115", "2027-01-15T00:00"])
def test_what_is_no_day_is_told_how_a_day_is_written(text: str) -> None:
    with pytest.raises(Wrong, match="2026-11-25"):
        moment_of(text)


def test_row_31_a_secret_is_known_wherever_it_stands_and_other_words_are_none() -> None:
    for kind in Kind:
        assert is_secret(f"Bearer {secret_of(kind, 1, '0' * 32)} ")
    assert is_secret("eyJhbGciOiJFUzI1NiJ9.e30.x")
    for text in ("", "night shift", "skpr_at_", "0IYVRxwqbpp", "eyJ", "rest:callforward:read"):
        assert not is_secret(text)
