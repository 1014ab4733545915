"""Providers, asked: what they say of themselves, which keys they sign with, what they give for a code.

What they say is remembered for a while, for as many as have been registered and no more. All of it is fetched by the
guarded client: a provider is named by an operator, but what it names in turn is not.
"""

import asyncio
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.answer import error_of
from scopekeeper.oauth.relying.id_token import Jwk, Told, UnknownKey, head_of, key_for, keys_in, replaced_email
from scopekeeper.oauth.relying.provider import BASIC, Provider, auth_method_of, metadata_url_of, provider_of
from scopekeeper.oauth.upstreams import Upstream
from scopekeeper.services.outbound import Fetched, Fetching, NotFetched, json_at, not_fetched
from scopekeeper.services.ports import Clock
from scopekeeper.services.relying.signature import verified

T = TypeVar("T")

METADATA_AGE: Final = 3_600
"""Seconds that a provider's metadata are remembered."""
KEYS_AGE: Final = 300
"""Seconds that its keys are: one that is withdrawn, because it leaked, is not believed for longer."""
KEYS_AGAIN: Final = 30
"""Seconds between two looks for a key that was not there: whoever makes keys up does not make us ask each time."""
AGAIN: Final = 5
"""Seconds before a provider that could not be asked is asked again."""
MOST: Final = 100
"""Providers that are remembered."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gives for a code (OpenID Connect Core §3.1.3.3), of which we need this much."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)


class _Given(msgspec.Struct):
    access_token: str
    token_type: str
    id_token: str


class _Failure(msgspec.Struct):
    error: str


@dataclass(slots=True)
class _Known:
    """What is remembered of one provider. Who asks it meanwhile waits for the one who asks."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    provider: Provider | None = None
    until: int = 0
    not_before: int = 0
    keys: tuple[Jwk, ...] = ()
    keys_at: int | None = None


class Providers:
    """Asks providers, and remembers what they said."""

    def __init__(self, fetching: Fetching, clock: Clock, *, most: int = MOST) -> None:
        self._fetching: Final = fetching
        self._now: Final = clock.now
        self._most: Final = most
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def of(self, issuer: str) -> Provider:
        """The provider with this issuer, as it describes itself. Raises NotFetched, whatever is the matter with it."""
        known = self._remembered(issuer)
        async with known.lock:
            if known.provider is None or self._now() >= known.until:
                known.provider = await self._asked(issuer, known)
                known.until = self._now() + METADATA_AGE
            return known.provider

    async def redeemed(
        self, provider: Provider, upstream: Upstream, secret: str | None, form: Mapping[str, str]
    ) -> Tokens:
        """What it gives for this code (RFC 6749 §4.1.3). Raises Mistrusted where the code is not right, NotFetched."""
        try:
            method = auth_method_of(provider, upstream)
        except Mistrusted as mistrusted:
            raise not_fetched(provider.token_endpoint, str(mistrusted)) from None
        proof, authorization = {"client_id": upstream.client_id}, None
        if secret is not None and method == BASIC:
            proof, authorization = {}, _basic(upstream.client_id, secret)
        elif secret is not None:
            proof["client_secret"] = secret
        fetched = await self._fetching.post(provider.token_endpoint, {**form, **proof}, authorization=authorization)
        if fetched.status != 200:
            raise _refusal(provider, fetched)
        try:
            given = msgspec.json.decode(fetched.body, type=_Given)
        except (msgspec.DecodeError, RecursionError):
            raise Mistrusted("its token endpoint gives no id_token") from None
        if given.token_type.lower() != "bearer":
            raise Mistrusted("its token endpoint gives a token of another type")
        return Tokens(given.access_token, given.id_token)

    async def claims_in(self, provider: Provider, id_token: str) -> tuple[Mapping[str, object], str]:
        """The claims of an id_token of this provider, and what it is signed by. Raises Mistrusted, NotFetched."""
        head = head_of(id_token, provider.algs)
        known = self._remembered(provider.issuer)
        async with known.lock:
            if known.keys_at is None or self._now() - known.keys_at >= KEYS_AGE:
                await self._ask_keys(provider, known)
            try:
                key = key_for(head, known.keys)
            except UnknownKey:
                if known.keys_at is not None and self._now() - known.keys_at < KEYS_AGAIN:
                    raise
                await self._ask_keys(provider, known)  # it may have begun to sign with another one just now
                key = key_for(head, known.keys)
        return verified(id_token, key, head.alg), head.alg

    async def userinfo(self, provider: Provider, told: Told, access_token: str) -> Told:
        """The same person with the address that userinfo tells. Raises Mistrusted, NotFetched.

        Of nobody else (OpenID Connect Core §5.3.2): else a token of somebody else's would tell us their address.
        """
        if provider.userinfo_endpoint is None:
            return told
        authorization = f"Bearer {access_token}"
        if not authorization.isascii() or not authorization.isprintable():
            raise Mistrusted("its access token is none")
        claims = await json_at(self._fetching, provider.userinfo_endpoint, authorization=authorization)
        if not isinstance(claims, dict) or claims.get("sub") != told.subject:
            raise Mistrusted("userinfo is of somebody else")
        return replaced_email(told, claims)

    async def _asked(self, issuer: str, known: _Known) -> Provider:
        return await self._read(known, metadata_url_of(issuer), lambda document: provider_of(document, issuer))

    async def _ask_keys(self, provider: Provider, known: _Known) -> None:
        known.keys = await self._read(known, provider.jwks_uri, keys_in)
        known.keys_at = self._now()

    async def _read(self, known: _Known, url: str, read: Callable[[object], T]) -> T:
        """What a document of this provider says. Where it cannot be had, nobody asks again for a moment.

        Those who wait for the one who asks would otherwise ask one after the other, each as long as a fetch may take.
        """
        if self._now() < known.not_before:
            raise NotFetched
        try:
            try:
                return read(await json_at(self._fetching, url))
            except Mistrusted as mistrusted:
                raise not_fetched(url, str(mistrusted)) from None
        except NotFetched:
            known.not_before = self._now() + AGAIN
            raise

    def _remembered(self, issuer: str) -> _Known:
        known = self._known.setdefault(issuer, _Known())
        self._known.move_to_end(issuer)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return known


def _refusal(provider: Provider, fetched: Fetched) -> Exception:
    """Why there are no tokens. A code that is not right was guessed, or is used again; all else is between us two."""
    try:
        error = msgspec.json.decode(fetched.body, type=_Failure).error
    except (msgspec.DecodeError, RecursionError):
        error = ""
    if error == "invalid_grant":
        return Mistrusted("the provider does not know the code")
    return not_fetched(provider.token_endpoint, f"status {fetched.status}: {error_of(error)}")


def _basic(client_id: str, secret: str) -> str:
    """Both encoded as in a form, and then by Basic (RFC 6749 §2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
