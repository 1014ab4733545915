"""A person's page in the console tells what they sign in by besides a password, and takes it away from who lost it."""

from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.oauth.authentication import MFA, OTP, PASSWORD
from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.oauth.people import User
from scopekeeper.services.factors import FRESH
from scopekeeper.services.ports import Act
from tests.building import Built
from tests.console.steward import Steward, place, read, stewarding
from tests.persons import a_person, a_session

ALICE = "/console/users/alice"
RESET = f"{ALICE}/reset-factors"
SURE: Final = (PASSWORD, OTP, MFA)
SECRETS = (b"the public key", b"sealed secret", b"d" * 32)


async def equipped(h: Built, user: User, credential: bytes = b"id") -> None:
    """This person has one of each."""
    store, now, row = h.house.store, h.clock.now(), h.house.entropy.row_id
    public_key, sealed, digest = SECRETS

    def act(action: str) -> Act:
        return Act(row(), now, f"user:{user.name}", action, user.name)

    await store.add_passkey(
        Passkey(row(), user.id, credential, public_key, 0, "<b>phone</b>", now), 20, act("passkey.add")
    )
    await store.save_totp(Totp(user.id, sealed, now), act("totp.add"))
    codes = [RecoveryCode(row(), user.id, digest, now), RecoveryCode(row(), user.id, b"e" * 32, now, used_at=now)]
    await store.replace_recovery_codes(user.id, codes, act("recovery.replace"))


async def alice_at(s: Steward) -> User:
    alice = await a_person(s.h, "alice")
    await a_session(s.h, alice)
    await equipped(s.h, alice)
    return alice


async def again(s: Steward, **how: Any) -> None:
    """The administrator, in another session that began so."""
    _, s.browser.cookies["scopekeeper"] = await a_session(s.h, await s.h.house.accounts.get("root"), **how)


async def test_what_somebody_has_is_shown_and_nothing_that_opens_anything(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_at(s)
        answer = await s.browser.get(ALICE)
        said = read(answer)
        for words in ("<b>phone</b> passkey", "One-time codes", "Recovery codes 1 of 2 left", "Reset second factors"):
            assert words in said
        assert b"<b>phone" not in answer.body
        assert not any(secret in answer.body or secret.hex().encode() in answer.body for secret in SECRETS)


async def test_who_has_none_is_told_so_and_there_is_nothing_to_reset(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await a_person(s.h, "bob")
        page = await s.page("/console/users/bob")
        assert "None. bob sets them up" in page.text
        assert "Reset second factors" not in page.text


async def test_it_is_asked_first_with_all_that_goes(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await alice_at(s)
        said = read(await s.browser.get(RESET))
        for words in (
            "Be sure who asks",
            "The passkey “<b>phone</b>”",
            "One-time codes",
            "1 recovery code",
            "1 session",
        ):
            assert words in said
        assert (await s.h.house.factors.of(alice)).second


async def test_all_of_them_go_with_the_sessions_and_the_log_says_who_did_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await alice_at(s)
        assert place(await s.send(RESET, RESET)) == f"{ALICE}?done=reset-factors"
        factors = await s.h.house.factors.of(alice)
        assert (factors.second, factors.recovery_codes) == (False, ())
        assert not await s.h.house.store.sessions(alice.id)
        act = await s.noted()
        assert (act.actor, act.action, act.target) == ("user:root", "factors.remove", "alice")
        said = read(await s.browser.get(f"{ALICE}?done=reset-factors"))
        assert "All second factors are gone" in said
        assert "took all second factors away" in said


@pytest.mark.parametrize("stolen", [{"ago": FRESH}, {"amr": (PASSWORD,)}], ids=["old", "by a password alone"])
@pytest.mark.parametrize("whose", ["root", "alice"])
@pytest.mark.parametrize("act", ["reset-factors", "remove"])
async def test_row_52_a_stolen_session_of_an_administrator_takes_nothing_away_for_good(
    tmp_path: Path, whose: str, act: str, stolen: dict[str, Any]
) -> None:
    """Else it would be the way around `/account/security` and `/account/remove`, which take a fresh sign-in."""
    async with stewarding(tmp_path) as s:
        await alice_at(s)
        await equipped(s.h, s.person, b"another")
        await again(s, **{"amr": SURE} | stolen)
        path = f"/console/users/{whose}/{act}"
        page = await s.page(path)
        assert not [each for each in page.all("form") if each["action"] == path]
        anew = f"/login?anew=1&next={path.replace('/', '%2F')}"
        assert anew in [each.get("href") for each in page.all("a")]
        assert (await s.post(path, await s.proof() | {"typed": whose})).status == 403
        for name in ("root", "alice"):
            user = await s.h.house.store.user(name)
            assert user is not None
            assert (await s.h.house.factors.of(user)).second


async def test_ones_own_session_ends_with_the_others(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await equipped(s.h, s.person)
        await again(s, amr=SURE)
        mine = "/console/users/root/reset-factors"
        assert "this session ends with the others" in read(await s.browser.get(mine))
        await s.send(mine, mine)
        assert (await s.browser.get("/console/users/root")).status == 303
