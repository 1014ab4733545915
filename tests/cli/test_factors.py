"""`user factors` and `user reset-factors`: what somebody has besides a password, and all of it taken away."""

import json

from scopekeeper.app import House
from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.services.ports import Act
from tests.cli.conftest import Shell
from tests.cli.granting import in_house, signed_in

SECRETS = ("opaque-public-key", "opaque-sealed-secret", "d" * 32)


def equipped(shell: Shell, name: str = "alice") -> None:
    """This person has a passkey, one-time codes and two recovery codes, one of them used."""

    async def act(house: House) -> None:
        user, now, row = await house.accounts.get(name), house.clock.now(), house.entropy.row_id
        key, sealed, digest = (secret.encode() for secret in SECRETS)

        def noted(action: str) -> Act:
            return Act(row(), now, f"user:{name}", action, name)

        await house.store.add_passkey(Passkey(row(), user.id, b"id", key, 0, "My phone", now), 20, noted("passkey.add"))
        await house.store.save_totp(Totp(user.id, sealed, now), noted("totp.add"))
        codes = [RecoveryCode(row(), user.id, digest, now), RecoveryCode(row(), user.id, b"e" * 32, now, used_at=now)]
        await house.store.replace_recovery_codes(user.id, codes, noted("recovery.replace"))

    in_house(shell, act)


def test_what_somebody_has_is_shown_and_nothing_that_opens_anything(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    assert shell("user", "factors", "alice").out.startswith("alice has a password at most. A second factor is set up")
    equipped(shell)
    said = shell("user", "factors", "Alice").out
    for words in ("passkey", "My phone", "one-time codes", "recovery codes", "1 of 2 left", "never"):
        assert words in said
    told = shell.json("user", "factors", "alice")
    assert (told["second_factor"], told["recovery_codes_left"]) == (True, 1)
    assert [each["name"] for each in told["passkeys"]] == ["My phone"]
    assert told["one_time_codes"]["last_used_at"] is None
    for secret in SECRETS:
        assert secret not in said + json.dumps(told)
        assert secret.encode().hex() not in said + json.dumps(told)


def test_all_of_it_is_taken_away_and_the_sessions_end(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    equipped(shell)
    signed_in(shell, "alice")
    assert shell("user", "reset-factors", "Alice", "--yes").out == (
        "Took all second factors of Alice away. All their sessions have ended.\n"
    )
    assert shell.json("user", "factors", "alice")["second_factor"] is False
    assert shell.json("user", "sessions", "alice") == []
    [act] = shell.json("audit", "list", "--action", "factors.remove")
    assert (act["actor"].partition(":")[0], act["target"]) == ("cli", "alice")


def test_who_has_none_loses_nothing(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    session = signed_in(shell, "alice")
    assert shell("user", "reset-factors", "alice").out == "alice has no second factor. Nothing was done.\n"
    assert shell.json("user", "reset-factors", "alice") == {"name": "alice", "reset": False}
    assert [each["id"] for each in shell.json("user", "sessions", "alice")] == [session]
    assert shell.refused("user", "reset-factors", "bob") == "there is no account 'bob'"
    assert shell.refused("user", "factors", "bob") == "there is no account 'bob'"
