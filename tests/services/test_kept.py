"""What is kept for whoever asks again: in bounds, by number and by size."""

import pytest

from scopekeeper.services.kept import Kept


def lengths_of(kept: Kept[str, int], *keys: str) -> list[str]:
    """Ask for these; those that had to be made."""
    made: list[str] = []

    def make(key: str) -> int:
        made.append(key)
        return len(key)

    assert [kept.of(key, make) for key in keys] == list(map(len, keys))
    return made


def test_what_was_made_is_kept_for_whoever_asks_again() -> None:
    kept: Kept[str, int] = Kept(3)
    assert lengths_of(kept, "a", "bb", "a", "bb") == ["a", "bb"]
    assert (kept.get("a"), kept.get("ccc")) == (1, None)


def test_the_least_recently_used_goes_where_there_are_too_many() -> None:
    kept: Kept[str, int] = Kept(2)
    assert lengths_of(kept, "a", "b", "a", "c", "a", "b") == ["a", "b", "c", "b"]
    assert len(kept) == 2


def test_together_they_never_weigh_more_than_there_is_room_for() -> None:
    kept: Kept[str, int] = Kept(100, room=1_000, weigh=lambda key, value: 300 + value)
    for number in range(9):
        lengths_of(kept, f"{number}" * 100)
        assert kept.weight <= 1_000
    assert (len(kept), kept.weight) == (2, 800)
    kept.drop("8" * 100)
    assert (len(kept), kept.weight) == (1, 400)
    kept.clear()
    assert (len(kept), kept.weight) == (0, 0)


def test_what_takes_the_place_of_another_is_weighed_in_its_stead() -> None:
    kept: Kept[str, int] = Kept(100, room=1_000, weigh=lambda key, value: value)
    kept.keep("a", 600)
    kept.keep("a", 500)
    assert (kept.get("a"), kept.weight) == (500, 500)


def test_what_is_heavier_than_all_the_room_is_made_and_not_kept() -> None:
    kept: Kept[str, int] = Kept(100, room=50, weigh=lambda key, value: 100)
    assert lengths_of(kept, "a", "a") == ["a", "a"]
    assert (len(kept), kept.weight) == (0, 0)


def test_nothing_is_kept_of_what_could_not_be_made() -> None:
    kept: Kept[str, int] = Kept(3)
    with pytest.raises(ValueError, match="invalid literal"):
        kept.of("a", int)
    assert kept.of("a", len) == 1
