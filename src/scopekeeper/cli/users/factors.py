"""`user factors` and `user reset-factors`: what somebody has besides a password, and all of it taken away."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scopekeeper.cli.house import actor
from scopekeeper.cli.output import AsJson, Yes, ago, agreed, moment, print_json, say, table
from scopekeeper.cli.users.accounts import Name, done

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.factors import Factors


def factors(name: Name, json: AsJson = False) -> None:
    """Show by what somebody signs in besides a password.

    Passkeys, one-time codes, recovery codes. Nothing that is shown opens anything.
    """

    async def act(house: "House") -> "tuple[Factors, int]":
        return await house.factors.of(await house.accounts.get(name)), house.clock.now()

    found, now = done(act)
    if json:
        print_json(_record_of(found))
        return
    table(
        ("Factor", "Name", "Made", "Last used"),
        list(_rows(found, now)),
        f"{name} has a password at most. A second factor is set up by whoever it is for, under `/account/security`.",
    )


def reset_factors(name: Name, yes: Yes = False, json: AsJson = False) -> None:
    """Take all second factors away from somebody who lost them.

    All their sessions end. Be sure who asks for it: the password alone opens the account afterwards.
    """
    agreed(f"Take all second factors of {name} away, and sign them out everywhere?", yes=yes)

    async def act(house: "House") -> bool:
        user = await house.accounts.get(name)
        return await house.factors.reset(user.name, actor())

    gone = done(act)
    if json:
        print_json({"name": name, "reset": gone})
    elif gone:
        say(f"Took all second factors of {name} away. All their sessions have ended.")
    else:
        say(f"{name} has no second factor. Nothing was done.")


def _rows(found: "Factors", now: int) -> Iterator[tuple[str, str, str, str]]:
    for each in found.passkeys:
        yield "passkey", each.name, ago(each.created_at, now), ago(each.last_used_at, now)
    if found.totp is not None:
        yield "one-time codes", "", ago(found.totp.created_at, now), ago(found.totp.last_used_at, now)
    if found.recovery_codes:
        made = max(each.created_at for each in found.recovery_codes)
        used = max((each.used_at for each in found.recovery_codes if each.used_at is not None), default=None)
        left = f"{found.left} of {len(found.recovery_codes)} left"
        yield "recovery codes", left, ago(made, now), ago(used, now)


def _record_of(found: "Factors") -> dict[str, object]:
    return {
        "second_factor": found.second,
        "passkeys": [
            {
                "name": each.name,
                "created_at": moment(each.created_at),
                "last_used_at": moment(each.last_used_at),
                "synced": each.synced,
            }
            for each in found.passkeys
        ],
        "one_time_codes": None
        if found.totp is None
        else {"created_at": moment(found.totp.created_at), "last_used_at": moment(found.totp.last_used_at)},
        "recovery_codes_left": found.left,
    }
