"""After a rotation: the light that says when nobody uses the old secret any more."""

import pytest

from scopekeeper.oauth.credentials import A_DAY, Light, last_living, light_of, standings
from scopekeeper.oauth.records import Secret
from tests.altered import replace
from tests.rules.makers import NOW, client, secret

AN_HOUR = 3_600
ROTATED = NOW - 2 * AN_HOUR
OLD = secret(id=1, created_at=NOW - 90 * A_DAY)
NEW = secret(id=2, created_at=ROTATED)


def light(old: Secret, new: Secret = NEW, now: int = NOW) -> Light:
    return light_of(old, [new], now)


def test_the_newest_is_the_one_to_use() -> None:
    assert light_of(OLD, [], NOW) is Light.NEWEST


def test_an_old_one_that_somebody_used_since_the_rotation_is_in_use() -> None:
    assert light(replace(OLD, last_used_at=ROTATED)) is Light.IN_USE
    assert light(replace(OLD, last_used_at=NOW), replace(NEW, last_used_at=NOW)) is Light.IN_USE


def test_an_old_one_is_quiet_once_its_users_have_changed_over() -> None:
    assert light(replace(OLD, last_used_at=ROTATED - 1), replace(NEW, last_used_at=NOW)) is Light.QUIET
    assert light(OLD, replace(NEW, last_used_at=NOW)) is Light.QUIET


def test_as_long_as_nobody_came_with_either_nobody_knows() -> None:
    assert light(replace(OLD, last_used_at=ROTATED - 1)) is Light.WAITING


@pytest.mark.parametrize("used_at", [ROTATED - 1, ROTATED + 60, None])
def test_after_a_day_without_use_it_is_quiet_whoever_has_changed_over(used_at: int | None) -> None:
    later = ROTATED + 60 + A_DAY
    assert light(replace(OLD, last_used_at=used_at), now=later) is Light.QUIET


def test_one_that_has_ended_opens_nothing() -> None:
    assert light(replace(OLD, expires_at=NOW, last_used_at=NOW - 1)) is Light.ENDED
    assert light(replace(OLD, expires_at=NOW + 1, last_used_at=NOW - 1)) is Light.IN_USE


def test_where_the_newer_one_was_ended_the_older_one_is_the_one_to_use() -> None:
    """Whoever ends the new secret by mistake is not told that the old one, the last, is safe to end."""
    ended = replace(NEW, last_used_at=ROTATED + 60, expires_at=NOW)
    for used_at in (NOW - 1, ROTATED - 1, None):
        assert light(replace(OLD, last_used_at=used_at), ended, NOW + 2 * A_DAY) is Light.NEWEST


def test_of_several_each_has_its_light_the_newest_first() -> None:
    oldest = secret(id=0, created_at=NOW - 100 * A_DAY, expires_at=NOW - A_DAY)
    told = standings(client(secrets=(oldest, OLD, replace(NEW, last_used_at=NOW))), NOW)
    assert [(each.secret.id, each.light) for each in told] == [
        (2, Light.NEWEST),
        (1, Light.QUIET),
        (0, Light.ENDED),
    ]


def test_the_only_one_that_still_opens_the_door_is_the_last_living() -> None:
    ended = replace(OLD, expires_at=NOW)
    assert last_living(client(secrets=(ended, NEW)), NEW, NOW)
    assert not last_living(client(secrets=(ended, NEW)), ended, NOW)
    assert not last_living(client(secrets=(OLD, NEW)), NEW, NOW)
