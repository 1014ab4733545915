"""An application's secrets after a rotation: is the old one still in use, or can it go? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scopekeeper.oauth.records import Client, Secret

A_DAY: Final = 86_400


class Light(StrEnum):
    """What the light beside a secret says."""

    NEWEST = "newest"
    """It is the one to use."""
    IN_USE = "in use"
    """An older one that somebody has used since the rotation, within the last day: to end it would cut them off."""
    WAITING = "waiting"
    """An older one that nobody has used since the rotation; but nobody has used a newer one either."""
    QUIET = "quiet"
    """An older one that nobody uses any more: safe to end."""
    ENDED = "ended"
    """It opens nothing any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One secret, and its light."""

    secret: Secret
    light: Light


def light_of(secret: Secret, newer: Sequence[Secret], now: int) -> Light:
    """The light of a secret beside those that are newer. Where none of these works any more, it is the one to use.

    It is safe to end when it was not used for a day, or when its users have changed over: not used since the first
    newer one was made, while one of those was.
    """
    if not secret.lives(now):
        return Light.ENDED
    if not any(each.lives(now) for each in newer):
        return Light.NEWEST
    rotated_at = min(each.created_at for each in newer)
    used_at = secret.last_used_at
    if now - max(rotated_at, used_at or 0) >= A_DAY:
        return Light.QUIET
    if used_at is not None and used_at >= rotated_at:
        return Light.IN_USE
    changed_over = any(each.last_used_at is not None for each in newer)
    return Light.QUIET if changed_over else Light.WAITING


def standings(client: Client, now: int) -> tuple[Standing, ...]:
    """Every secret of the application with its light, the newest first."""
    newest_first = sorted(client.secrets, key=lambda each: -each.id)
    return tuple(Standing(each, light_of(each, newest_first[:place], now)) for place, each in enumerate(newest_first))


def last_living(client: Client, secret: Secret, now: int) -> bool:
    """Is it the only one that still opens the door? To end it is to shut the application out."""
    return secret.lives(now) and not any(each.lives(now) for each in client.secrets if each.id != secret.id)
