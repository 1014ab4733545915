"""Device authorization (RFC 8628): a device that has no browser waits, and a person lets it in elsewhere. Pure."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from scopekeeper import scopes
from scopekeeper.oauth.granted import Consent, DeviceCode, Grantor, consent_to
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.secrets import ALPHABET, Kind, digest_of, secret_of
from scopekeeper.oauth.token import Mint, require_grant, scope_of

LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Of user codes: no vowels, of which words could come, and no digits, for which they could be taken (RFC 8628 §6.1)."""

LENGTH: Final = 8
"""Letters of a user code: 20⁸ are 34 bits, which nobody guesses in ten minutes at the pace that is allowed (§5.1)."""

INTERVAL: Final = 5
"""Seconds between two polls, to begin with (RFC 8628 §3.2)."""

_LONGEST_TYPED: Final = 100
_LETTERS: Final = frozenset(LETTERS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The decision to let a device wait: what to remember, and the code that only the device itself is told."""

    device: DeviceCode
    device_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: shall a device of this application have these scopes in their name?"""

    device: DeviceCode
    client: Client
    scope: tuple[str, ...]

    @property
    def user_code(self) -> str:
        """As it stands on the device."""
        return shown(self.device.user_code)


def waiting(client: Client, asked: str | None, mint: Mint, entropy: str) -> Waiting:
    """A device of this client begins to wait (RFC 8628 §3.1). `entropy` makes its user code. Raises OAuthError."""
    require_grant(client, GrantType.DEVICE_CODE)
    device_code = secret_of(Kind.DEVICE_CODE, mint.row_id, mint.entropy)
    device = DeviceCode(
        id=mint.row_id,
        digest=digest_of(device_code),
        user_code=user_code_from(entropy),
        client_id=client.client_id,
        generation=client.generation,
        scope=scope_of(asked, client, mint.known, person=True),
        issued_at=mint.now,
        expires_at=mint.now + mint.lifetimes.device_code,
        interval=INTERVAL,
    )
    return Waiting(device, device_code)


def user_code_from(entropy: str) -> str:
    """The user code that 32 base62 characters make.

    They are read as one number of 190 bits, of which the code is the last eight digits to the base of 20: no code comes
    up more often than another by more than one part in 10⁴⁶.
    """
    number = 0
    for character in entropy:
        number = number * len(ALPHABET) + ALPHABET.index(character)
    letters = ""
    for _ in range(LENGTH):
        number, digit = divmod(number, len(LETTERS))
        letters += LETTERS[digit]
    return letters


def user_code_of(typed: str) -> str | None:
    """The user code that somebody typed, in whatever case and grouping; None if it can be none.

    Whatever is no letter of user codes was not meant, and is overlooked (RFC 8628 §6.1).
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    letters = [each.upper() for each in unicodedata.normalize("NFKC", typed)]
    found = "".join(each for each in letters if each in _LETTERS)
    return found if len(found) == LENGTH else None


def shown(user_code: str) -> str:
    """The user code in two groups, which are read and compared more easily: BCDF-GHJK."""
    half = LENGTH // 2
    return f"{user_code[:half]}-{user_code[half:]}"


def question_of(
    device: DeviceCode | None, client: Client | None, user_id: int, now: int, known: Callable[[str], bool]
) -> Question | None:
    """What this person is asked about this device, decided or not.

    None if it waits for nobody, or for somebody else, or its application may not do this any more. The scope is what is
    left of it: the application may have been narrowed since it asked.
    """
    if device is None or client is None or now >= device.expires_at or device.user_id not in (None, user_id):
        return None
    if not client.enabled or (device.client_id, device.generation) != (client.client_id, client.generation):
        return None
    if GrantType.DEVICE_CODE not in client.grant_types:
        return None
    scope = tuple(filter(known, scopes.cut(device.scope, client.scope)))
    return Question(device, client, scope) if scope else None


def claimed_by(device: DeviceCode, grantor: Grantor) -> bool:
    """Has this person entered its user code, in this very session?"""
    return (device.user_id, device.session_id) == (grantor.user_id, grantor.session_id)


def decision_on(
    question: Question, grantor: Grantor, approved: bool, before: Consent | None, now: int
) -> tuple[DeviceCode, Consent | None]:
    """The device with what was decided, and the consent to remember: what was allowed `before`, and this besides."""
    device = replace(
        question.device,
        user_id=grantor.user_id,
        user=grantor.user,
        auth_time=grantor.auth_time,
        session_id=grantor.session_id,
        amr=grantor.amr,
        scope=question.scope,
        approved=approved,
    )
    return device, consent_to(question.client, grantor.user_id, question.scope, before, now) if approved else None
