"""The signing keys at work: made at first start, published, used to sign and verify, rotated (RFC 7515, RFC 7517)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from scopekeeper.oauth.applications import LONGEST_LIFETIME
from scopekeeper.oauth.identity import ID_TOKEN_ALGS, ID_TOKEN_TYPE
from scopekeeper.oauth.keys import JWKS_MAX_AGE, KeyState, SigningKey, active, published, rotated, safe_from
from scopekeeper.services.jws import Seal, SigningPen, pen_of, seal_of
from scopekeeper.services.ports import Act, Clock, Entropy, KeyRing, Stale
from scopekeeper.services.vault import Vault

DEFAULT_ALG: Final = "ES256"

LONGEST_HINT: Final = 32_768
"""Characters of an id_token that is looked at: ours have a tenth of that, unless a nonce is out of all measure."""

_RSA_BITS: Final = 2048
_TRIES: Final = 5


class TooSoon(Exception):
    """A rotation now could break verifiers that cache the key set. The message says when it will not."""


class Signer:
    """Signs, publishes and rotates. Private keys are unwrapped once for each set of keys, never for each signature."""

    def __init__(self, ring: KeyRing, vault: Vault, clock: Clock, entropy: Entropy, issuer: str) -> None:
        self._ring = ring
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._issuer = issuer
        self._pens: dict[tuple[str, str], SigningPen] = {}
        """By kid and `typ`."""
        self._seals: dict[str, Seal] = {}
        """Of id_tokens, by kid."""
        self._beginning = asyncio.Lock()

    async def prepare(self, alg: str = DEFAULT_ALG) -> None:
        """See that there is a key to sign with and a next one, and that the master key opens them."""
        signing = await self._active(alg)
        self._vault.unwrap(signing.kid, signing.wrapped)

    async def sign(self, claims: Mapping[str, object], alg: str, typ: str) -> str:
        """The claims as a signed JWT (RFC 7515 §7.1), with `kid` and `typ` in its header."""
        signing = await self._active(alg)
        pen = self._pens.get((signing.kid, typ))
        if pen is None:
            pem = self._vault.unwrap(signing.kid, signing.wrapped)
            pen = self._pens[signing.kid, typ] = pen_of(pem, alg=alg, kid=signing.kid, typ=typ)
        return pen.sign(claims)

    async def verified(self, id_token: str) -> dict[str, object] | None:
        """The claims of an id_token that was issued here, however long ago: an id_token_hint.

        None for whatever else it may be: not signed by a published key of ours, not an id_token, another issuer's
        (OpenID Connect Core §3.1.2.1).
        """
        if len(id_token) > LONGEST_HINT:
            return None
        for key in published(await self._ring.keys(), self._clock.now()):
            seal = self._seals.get(key.kid)
            if seal is None:
                seal = self._seals[key.kid] = seal_of(key.public, typ=ID_TOKEN_TYPE)
            claims = seal.claims_in(id_token)
            if claims is not None:
                return claims if claims.get("iss") == self._issuer else None
        return None

    async def jwks(self) -> dict[str, object]:
        """The public key set (RFC 7517 §5).

        Never without the keys of id_tokens: whoever kept such a set could not verify the first of them.
        """
        for alg in ID_TOKEN_ALGS:
            await self._active(alg)
        return {"keys": [json.loads(key.public) for key in published(await self._ring.keys(), self._clock.now())]}

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys, the oldest first."""
        return await self._ring.keys()

    async def rotate(
        self,
        alg: str,
        actor: str,
        address: str | None = None,
        *,
        compromised: bool = False,
        signing: str | None = None,
    ) -> SigningKey:
        """Let the next key sign from now on; returns it. Raises TooSoon, Stale.

        With `compromised` never too soon, and the key that signed until now leaves the key set. `signing`: the kid of
        the key that was seen to sign; where another one does by now, nothing is done.
        """
        await self._active(alg)
        for _ in range(_TRIES):
            keys, now = await self._ring.keys(), self._clock.now()
            signs = active(keys, alg)
            if signing is not None and (signs is None or signs.kid != signing):
                raise Stale("the keys were rotated meanwhile")
            safe = safe_from(keys, alg)
            if now < safe and not compromised:
                raise TooSoon(
                    f"the next key was published {JWKS_MAX_AGE - (safe - now)} s ago; wait {safe - now} s more"
                )
            fresh = await asyncio.to_thread(self._made, alg, KeyState.NEXT)
            moved = rotated(keys, fresh, now, LONGEST_LIFETIME, compromised=compromised)
            following = active(moved, alg)
            assert following is not None, "a rotation always leaves a key that signs"
            act = Act(
                self._entropy.row_id(),
                now,
                actor,
                "keys.rotate",
                following.kid,
                address,
                {"alg": alg, "compromised": compromised},
            )
            try:
                await self._ring.save_keys(keys, moved, act)
            except Stale:
                continue
            return following
        raise Stale("the keys are being changed by others all the time")

    async def _active(self, alg: str) -> SigningKey:
        return active(await self._ring.keys(), alg) or await self._begin(alg)

    async def _begin(self, alg: str) -> SigningKey:
        """The first two keys of an algorithm: one that signs, one that is published for the next rotation."""
        async with self._beginning:  # whoever else comes now waits for the same keys
            for _ in range(_TRIES):
                keys = await self._ring.keys()
                there = active(keys, alg)
                if there is not None:
                    return there
                first, following = await asyncio.to_thread(self._first_two, alg)
                act = Act(
                    self._entropy.row_id(), first.created_at, "system", "keys.make", first.kid, None, {"alg": alg}
                )
                try:
                    await self._ring.save_keys(keys, (*keys, first, following), act)
                except Stale:
                    continue
                return first
            raise Stale("the keys are being changed by others all the time")

    def _first_two(self, alg: str) -> tuple[SigningKey, SigningKey]:
        """Made in a thread: two RSA keys take half a second."""
        first, following = self._made(alg, KeyState.ACTIVE), self._made(alg, KeyState.NEXT)
        return first, replace(following, created_at=first.created_at)

    def _made(self, alg: str, state: KeyState) -> SigningKey:
        from joserfc.jwk import ECKey, OKPKey, RSAKey  # 30 ms and 3 MB that no start should cost that makes no key

        key: ECKey | OKPKey | RSAKey
        match alg:
            case "ES256":
                key = ECKey.generate_key("P-256")
            case "Ed25519":
                key = OKPKey.generate_key("Ed25519")
            case "RS256":
                key = RSAKey.generate_key(_RSA_BITS)
            case _:
                raise ValueError(f"no key signs by {alg}")
        kid = key.thumbprint()
        public = {**key.as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"}
        wrapped = self._vault.wrap(kid, key.as_pem(private=True))
        return SigningKey(kid, alg, state, json.dumps(public), wrapped, self._clock.now())
