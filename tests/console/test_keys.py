"""Signing keys in the console: shown by what they do, rotated once, taken out when one has leaked."""

from pathlib import Path

import pytest

from scopekeeper.oauth.keys import JWKS_MAX_AGE
from tests.console.steward import Steward, place, read, stewarding

KEYS = "/console/keys"


async def kids(s: Steward) -> list[str]:
    """Those of ES256, the oldest first."""
    return [key.kid for key in await s.h.house.signer.keys() if key.alg == "ES256"]


async def test_each_key_is_shown_with_what_it_does_and_none_of_its_private_half(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        first, following = await kids(s)
        answer = await s.browser.get(KEYS)
        said = read(answer)
        assert f"{first} signs" in said
        assert f"{following} next" in said
        assert "RS256" in said
        assert "There is none yet." in said
        for key in await s.h.house.signer.keys():
            assert key.wrapped.hex() not in answer.body.decode()


async def test_a_rotation_happens_once_and_says_when_it_is_too_soon_for_another(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        first, following = await kids(s)
        form = (await s.page(KEYS)).form(f"{KEYS}/ES256/rotate")
        assert place(await s.post(f"{KEYS}/ES256/rotate", form)) == f"{KEYS}?done=rotated"
        page = await s.page(f"{KEYS}?done=rotated")
        assert f"{following} signs" in page.text
        assert f"{first} only verifies" in page.text
        assert "Too soon." in page.text
        assert "in 5 minutes" in page.text
        act = await s.noted()
        assert (act.actor, act.action, act.address) == ("user:root", "keys.rotate", "203.0.113.7")
        assert place(await s.post(f"{KEYS}/ES256/rotate", form)) == f"{KEYS}?done=stale"
        soon = {**form, "signing": following}
        assert place(await s.post(f"{KEYS}/ES256/rotate", soon)) == f"{KEYS}?done=soon"
        s.h.clock.advance(JWKS_MAX_AGE)
        assert place(await s.post(f"{KEYS}/ES256/rotate", soon)) == f"{KEYS}?done=rotated"


async def test_a_key_that_leaked_leaves_at_once_after_its_algorithm_is_typed(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        first, following = await kids(s)
        target = f"{KEYS}/ES256/compromised"
        page = await s.page(target)
        assert "do not verify any more" in page.text
        form = page.form(target)
        wrong = await s.post(target, {**form, "typed": "es256"})
        assert (wrong.status, "Nothing was done." in read(wrong)) == (422, True)
        done = {**form, "typed": "ES256"}
        assert place(await s.post(target, done)) == f"{KEYS}?done=compromised"
        assert (await s.noted()).details == {"alg": "ES256", "compromised": True}
        published = (await s.browser.get("/oauth/jwks")).json()["keys"]
        kept = {key["kid"] for key in published}
        assert first not in kept
        assert following in kept
        assert first not in (await s.page(KEYS)).text
        assert place(await s.post(target, done)) == f"{KEYS}?done=stale"


@pytest.mark.parametrize("alg", ["RS256", "none", "HS256", "a" * 10_000, "%E2%80%AE"])
async def test_of_an_algorithm_without_keys_there_is_no_such_page(tmp_path: Path, alg: str) -> None:
    async with stewarding(tmp_path) as s:
        assert (await s.browser.get(f"{KEYS}/{alg}/compromised")).status == 404
        if alg != "RS256":
            assert (await s.post(f"{KEYS}/{alg}/rotate", await s.proof())).status == 404
