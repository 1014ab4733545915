"""What people sign in by besides a password: seen, and taken away from who lost it."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import Person, moment, moment_or_none
from scopekeeper.api.admin.users import found
from scopekeeper.oauth.factors import Factors, Passkey, Totp
from scopekeeper.oauth.giving import require_reset
from scopekeeper.oauth.people import User
from scopekeeper.sdk import Caller, Meta, record


@record
class AccountPasskey:
    """A passkey (Web Authentication): a key on somebody's device, which never leaves it."""

    name: Annotated[str, Meta(description="What its person calls it.", examples=["Alice's phone"])]
    created_at: datetime
    last_used_at: datetime | None
    synced: Annotated[bool, Meta(description="Is it backed up, so that it is on their other devices, too?")]


@record
class OneTimeCodes:
    """One-time codes by an app (RFC 6238)."""

    created_at: datetime
    last_used_at: datetime | None


@record
class SecondFactors:
    """What somebody signs in by besides a password. Nothing of it opens anything."""

    name: Person
    second_factor: Annotated[bool, Meta(description="Is there one? Recovery codes alone are none.")]
    passkeys: Annotated[list[AccountPasskey], Meta(description="In the order in which they were made.")]
    one_time_codes: OneTimeCodes | None
    recovery_codes_left: Annotated[int, Meta(description="How many have not been used.", examples=[10])]


@api.read("GET /users/{name}/factors", field="secondFactors", system=True, resource="users")
async def get_second_factors(caller: Caller, name: str) -> SecondFactors:
    """What somebody signs in by besides a password."""
    user = await found(caller, name)
    return _shown(user, await caller.provided(Office).factors.of(user))


@api.write("DELETE /users/{name}/factors", field="resetSecondFactors", system=True, resource="users")
async def reset_second_factors(caller: Caller, name: str) -> SecondFactors:
    """Take all second factors of somebody away who lost them, and end their sessions.

    Be sure who asks for it: the password alone opens the account afterwards. Those of an administrator are taken away
    only by who holds everything.
    """
    office, acting = caller.provided(Office), caller.provided(Acting)
    user = await found(caller, name)
    with told():
        require_reset(acting.holding, user)
        had = await office.factors.of(user)
        await office.factors.reset(user.name, acting.actor, acting.address)
    return _shown(user, had)


def _shown(user: User, factors: Factors) -> SecondFactors:
    return SecondFactors(
        name=user.name,
        second_factor=factors.second,
        passkeys=[_passkey(each) for each in factors.passkeys],
        one_time_codes=None if factors.totp is None else _codes(factors.totp),
        recovery_codes_left=factors.left,
    )


def _passkey(passkey: Passkey) -> AccountPasskey:
    return AccountPasskey(
        name=passkey.name,
        created_at=moment(passkey.created_at),
        last_used_at=moment_or_none(passkey.last_used_at),
        synced=passkey.synced,
    )


def _codes(totp: Totp) -> OneTimeCodes:
    return OneTimeCodes(created_at=moment(totp.created_at), last_used_at=moment_or_none(totp.last_used_at))
