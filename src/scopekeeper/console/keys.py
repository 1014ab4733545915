"""`/console/keys`: the keys that sign, and their rotation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.oauth.keys import ALGORITHMS, KeyState, SigningKey, active, published, safe_from
from scopekeeper.pages.page import sent_on
from scopekeeper.services.keys import TooSoon
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.wire import Reply

PATH: Final = "/console/keys"

_ORDER: Final = (KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRING)

USES: Final = {
    "ES256": "JWT access tokens, unless their application says otherwise; id_tokens of those that ask for it",
    "RS256": "id_tokens, unless their application says otherwise; JWT access tokens of those that need it",
    "Ed25519": "id_tokens of those that ask for it",
}
"""What is signed with which algorithm."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one algorithm: the one that signs first, then the next one, then those that only verify."""

    alg: str
    use: str
    keys: Sequence[SigningKey]
    signing: SigningKey | None
    safe_from: int
    """From when on a rotation breaks nobody who keeps the key set for a while."""


@dataclass(frozen=True, slots=True)
class KeyPages:
    """The pages of signing keys."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """Those that are in the key set, by algorithm."""
        facts = {
            "rings": [await self._ring(alg, call.now) for alg in ALGORITHMS],
            "done": call.query.one("done"),
            "jwks": f"{self.desk.issuer}{self.desk.endpoints['jwks_uri']}",
            "cli": cli("keys", "list"),
            "curl": curl(self.desk.issuer, "/keys"),
        }
        return self.desk.sheets(call, "keys.html", facts)

    async def rotate(self, call: Call) -> Reply:
        """The next key signs from now on. Sent again by mistake, the form rotates nothing."""
        try:
            await self.desk.signer.rotate(_alg(call), call.actor, call.address, signing=call.form.one("signing"))
        except TooSoon:
            return sent_on(f"{PATH}?done=soon")
        except Stale:
            return sent_on(f"{PATH}?done=stale")
        return sent_on(f"{PATH}?done=rotated")

    async def ask(self, call: Call, *, wrong: bool = False) -> Reply:
        """What breaks when the key that signs is taken out of the key set now?"""
        ring = await self._ring(_alg(call), call.now)
        if ring.signing is None:
            raise Gone("there is no key of this algorithm yet")
        facts = {"ring": ring, "wrong": wrong}
        return self.desk.sheets(call, "keys_compromised.html", facts, 422 if wrong else 200)

    async def compromised(self, call: Call) -> Reply:
        """It has leaked: nobody who asks for the key set believes it any more."""
        if call.form.one("typed").strip() != _alg(call):
            return await self.ask(call, wrong=True)
        signing = call.form.one("signing")
        try:
            await self.desk.signer.rotate(_alg(call), call.actor, call.address, compromised=True, signing=signing)
        except Stale:
            return sent_on(f"{PATH}?done=stale")
        return sent_on(f"{PATH}?done=compromised")

    async def _ring(self, alg: str, now: int) -> Ring:
        keys = await self.desk.signer.keys()
        known = [key for key in published(keys, now) if key.alg == alg]
        known.sort(key=lambda key: (_ORDER.index(key.state), -key.created_at))
        return Ring(alg, USES[alg], known, active(keys, alg), safe_from(keys, alg))


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/keys`."""
    page = KeyPages(desk)
    return (
        Room("GET", PATH, page.list),
        Room("POST", f"{PATH}/{{alg}}/rotate", page.rotate),
        Room("GET", f"{PATH}/{{alg}}/compromised", page.ask),
        Room("POST", f"{PATH}/{{alg}}/compromised", page.compromised),
    )


def _alg(call: Call) -> str:
    """The algorithm that the address names. Raises Gone."""
    alg = call.path["alg"]
    if alg not in ALGORITHMS:
        raise Gone("there is no such algorithm")
    return alg
