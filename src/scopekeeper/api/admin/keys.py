"""The signing keys: listed, and rotated."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import moment, moment_or_none, page_of
from scopekeeper.oauth.keys import KeyState
from scopekeeper.oauth.keys import SigningKey as Row
from scopekeeper.sdk import Caller, Meta, Page, Paging, record


class Algorithm(StrEnum):
    """How tokens are signed."""

    ES256 = "ES256"
    RS256 = "RS256"
    ED25519 = "Ed25519"


@record
class SigningKey:
    """A signing key. Next ones are published, the active one signs, retiring ones verify what they have signed."""

    kid: Annotated[str, Meta(description="Its name in the key set, and in what it signed.", examples=["2026-03-es256"])]
    alg: Algorithm
    state: KeyState
    created_at: datetime
    retires_at: Annotated[datetime | None, Meta(description="When it leaves the key set.")]


@record
class KeyRotation:
    """A rotation: the next key signs from now on."""

    alg: Algorithm = Algorithm.ES256
    compromised: Annotated[
        bool, Meta(description="Has the key that signs leaked? Then it leaves the key set now, ready or not.")
    ] = False


@api.read("GET /keys", field="signingKeys", system=True, resource="keys")
async def list_keys(caller: Caller, paging: Paging) -> Page[SigningKey]:
    """The signing keys, by their names."""
    keys = sorted(await caller.provided(Office).signer.keys(), key=lambda each: each.kid)
    rows = [each for each in keys if paging.after is None or each.kid > paging.after][: paging.limit + 1]

    async def count() -> int:
        return len(keys)

    return page_of(rows, paging, lambda each: each.kid, _shown, count)


@api.write("POST /keys/rotations", field="rotateSigningKey", system=True, resource="keys", gives=("kid",))
async def rotate_key(caller: Caller, body: KeyRotation) -> SigningKey:
    """Let the next key sign from now on, and answer it.

    Too soon after the last rotation it is refused, because verifiers may not know that key yet.
    """
    acting = caller.provided(Acting)
    with told():
        signing = await caller.provided(Office).signer.rotate(
            body.alg.value, acting.actor, acting.address, compromised=body.compromised
        )
    return _shown(signing)


def _shown(key: Row) -> SigningKey:
    return SigningKey(
        kid=key.kid,
        alg=Algorithm(key.alg),
        state=key.state,
        created_at=moment(key.created_at),
        retires_at=moment_or_none(key.retires_at),
    )
