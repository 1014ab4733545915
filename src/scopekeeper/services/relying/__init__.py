"""Signing in with another provider's word: there, back, and whom of our people it means.

What is remembered on the way lies with the browser, sealed, bound to its key and good for ten minutes: so nobody comes
back who was not sent there by this very browser, and what came back once does not come back again (row 53).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn

import msgspec
import structlog

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.answer import Declined, code_in, require_state
from scopekeeper.oauth.relying.id_token import Expected, Told, told_in
from scopekeeper.oauth.relying.linking import linked_by_email, same_address
from scopekeeper.oauth.relying.request import authorization_url, redirect_uri_of
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.lists import UsersAsked
from scopekeeper.services.notices import Notices
from scopekeeper.services.outbound import NotFetched
from scopekeeper.services.passages import Leg, Opened, Passages
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Store, Taken, Users
from scopekeeper.services.relying.providers import Providers
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault

__all__ = ["Arrived", "Departure", "NotArrived", "UpstreamSignIn", "Why"]

LIFETIME: Final = 600
"""Seconds that somebody may spend at a provider."""

LONGEST_ONWARD: Final = 1_500
"""Characters of where they want to go on to: with all the rest it has to fit a cookie."""

_PAGE: Final = 50

Why = Literal["failed", "declined", "nobody", "taken"]

log = structlog.get_logger(__name__)


class NotArrived(Exception):
    """Nobody is signed in, and nothing is connected.

    `failed` is the one word for whatever did not hold, of which the reason is in the log; `declined`: they turned back;
    `nobody`: the provider knows them, and we do not know whom it means; `taken`: it means somebody else here already.
    """

    def __init__(
        self, why: Why, upstream: Upstream | None = None, onward: str = "", *, connecting: bool = False
    ) -> None:
        super().__init__(why)
        self.why: Final[Why] = why
        self.label: Final = "" if upstream is None else upstream.label
        self.onward: Final = onward
        """Where they wanted to go on to; empty where nobody knows."""
        self.connecting: Final = connecting


class Away(msgspec.Struct):
    """What is remembered of somebody who is at a provider."""

    upstream_id: int
    state: str
    nonce: str
    verifier: str
    begun_at: int
    onward: str
    anew: bool = False
    user_id: int | None = None
    """Whose account is to be connected, where that is what they went for."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and what it keeps meanwhile (`jar.away`)."""

    url: str = field(repr=False)
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who has come back."""

    user: User
    onward: str
    connecting: bool
    """They were signed in, and it is from now on that the provider means them."""


@dataclass(frozen=True, slots=True)
class UpstreamSignIn:
    """Sends people to a provider, and takes in who comes back."""

    store: Store
    records: Users
    """Where accounts are read: never a cache, which may not know yet that one was disabled."""
    providers: Providers
    passages: Passages
    attempts: Attempts
    vault: Vault
    clock: Clock
    entropy: Entropy
    uses: Uses
    notices: Notices
    issuer: str

    async def begin(self, name: str, *, key: str, onward: str, anew: bool = False) -> Departure:
        """To the provider with this name, to sign in. `key`: the browser's secret; `onward`: where they want to go.

        `anew`: it is not enough that they are signed in there. Raises Gone where there is no such provider, or it is
        disabled; NotArrived.
        """
        return await self._sent(await self._open(name), key, onward, anew=anew, user_id=None)

    async def begin_connecting(self, name: str, *, key: str, user: User, onward: str) -> Departure:
        """To the provider with this name, so that it means this person from then on. `key`: their session's secret.

        Whoever calls this has seen to it that they signed in lately. Raises as `begin`.
        """
        return await self._sent(await self._open(name), key, onward, anew=False, user_id=user.id)

    async def finish(
        self,
        name: str,
        answer: Mapping[str, str],
        *,
        sealed: str | None,
        key: str,
        here: tuple[Session, User, str] | None,
        address: str | None,
    ) -> Arrived:
        """Who comes back with this answer. `here`: who is signed in in this browser, with their session's secret.

        Raises NotArrived, TooMany, Unavailable. What did not hold counts as a failed attempt of this address; a
        provider that is away does not, nor does who comes without what this browser was given: whatever page somebody
        opens could send them here.
        """
        opened, connecting = self._opened(sealed, key, here)
        if opened is None:
            log.info("sign-in elsewhere refused", reason="this browser was not sent there, or too long ago")
            raise NotArrived("failed", connecting=connecting)
        away = opened.facts
        upstream = await self.store.upstream(name)
        if upstream is None or upstream.id != away.upstream_id or not upstream.enabled:
            self._refuse(name, address, "it comes back from another provider, or from none")
        try:
            async with self.attempts.attempt(address, Mistrusted):
                require_state(answer, away.state)
                if not await self.passages.spend(opened):
                    raise Mistrusted("it came back before")
                told, access_token = await self._told(upstream, away, answer)
        except Declined as declined:
            log.info("sign-in elsewhere declined", upstream=name, reason=str(declined))
            raise NotArrived("declined", upstream, away.onward, connecting=connecting) from None
        except NotFetched:
            raise NotArrived("failed", upstream, away.onward, connecting=connecting) from None
        except Mistrusted as mistrusted:
            self._refuse(name, address, str(mistrusted), upstream=upstream, onward=away.onward, connecting=connecting)
        if connecting:
            assert here is not None, "only who is signed in connects"
            return await self._connected(upstream, away, here[1], told, access_token, address)
        return await self._known(upstream, away, told, access_token, address)

    async def _open(self, name: str) -> Upstream:
        upstream = await self.store.upstream(name)
        if upstream is None or not upstream.enabled:
            raise Gone(f"there is no provider {name!r}")
        return upstream

    async def _sent(self, upstream: Upstream, key: str, onward: str, *, anew: bool, user_id: int | None) -> Departure:
        try:
            provider = await self.providers.of(upstream.issuer)
        except NotFetched:
            raise NotArrived("failed", upstream, onward, connecting=user_id is not None) from None
        state, nonce, verifier = (self.entropy.entropy() for _ in range(3))
        verifier += self.entropy.entropy()  # 43 characters are the least (RFC 7636 §4.1)
        kept = onward if len(onward.encode()) <= LONGEST_ONWARD else ""
        away = Away(upstream.id, state, nonce, verifier, self.clock.now(), kept, anew, user_id)
        url = authorization_url(
            provider,
            upstream,
            redirect_uri_of(self.issuer, upstream.name),
            state=state,
            nonce=nonce,
            verifier=verifier,
            anew=anew,
        )
        return Departure(url, self.passages.seal(Leg.UPSTREAM, key, away, LIFETIME))

    def _opened(
        self, sealed: str | None, key: str, here: tuple[Session, User, str] | None
    ) -> tuple[Opened[Away] | None, bool]:
        """What this browser was given to keep, and whether it was to connect an account: then its session was, too."""
        opened = self.passages.open(Leg.UPSTREAM, key, sealed, Away)
        if opened is not None:
            return (opened, False) if opened.facts.user_id is None else (None, False)
        if here is None:
            return None, False
        _, user, cookie = here
        opened = self.passages.open(Leg.UPSTREAM, cookie, sealed, Away)
        return (opened, True) if opened is not None and opened.facts.user_id == user.id else (None, True)

    async def _told(self, upstream: Upstream, away: Away, answer: Mapping[str, str]) -> tuple[Told, str]:
        """Whom the provider means, and a token by which more is told. Raises Mistrusted, Declined, NotFetched."""
        provider = await self.providers.of(upstream.issuer)
        code = code_in(answer, provider)
        tokens = await self.providers.redeemed(
            provider,
            upstream,
            None if upstream.sealed is None else self.vault.unwrap(sealed_name(upstream.id), upstream.sealed).decode(),
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri_of(self.issuer, upstream.name),
                "code_verifier": away.verifier,
            },
        )
        claims, alg = await self.providers.claims_in(provider, tokens.id_token)
        expected = Expected(
            upstream.issuer, upstream.client_id, away.nonce, alg, tokens.access_token, away.begun_at, away.anew
        )
        return told_in(claims, expected, self.clock.now()), tokens.access_token

    async def _with_email(self, upstream: Upstream, told: Told, access_token: str) -> Told:
        """The same, with the address that the provider tells elsewhere, where its id_token does not."""
        if told.email is not None or "email" not in upstream.scope:
            return told
        try:
            return await self.providers.userinfo(await self.providers.of(upstream.issuer), told, access_token)
        except (NotFetched, Mistrusted) as failed:
            log.info("no userinfo", upstream=upstream.name, reason=str(failed))
            return told

    async def _known(
        self, upstream: Upstream, away: Away, told: Told, access_token: str, address: str | None
    ) -> Arrived:
        identity = await self.store.identity(upstream.id, told.subject)
        if identity is None:
            told = await self._with_email(upstream, told, access_token)
            user = await self._by_email(upstream, told)
            if user is None:
                log.info(
                    "sign-in elsewhere refused",
                    upstream=upstream.name,
                    reason="nobody here is known by that",
                    subject=told.subject,
                )
                raise NotArrived("nobody", upstream, away.onward)
            identity = await self._add(upstream, told, user, "email", address)
        user = await self.records.user_with(identity.user_id)
        if user is None or not user.enabled:
            self._refuse(upstream.name, address, "the account is disabled", upstream=upstream, onward=away.onward)
        await self.store.use_identity(identity, told.email or identity.email, self.clock.now())
        return Arrived(user, away.onward, connecting=False)

    async def _connected(
        self, upstream: Upstream, away: Away, user: User, told: Told, access_token: str, address: str | None
    ) -> Arrived:
        told = await self._with_email(upstream, told, access_token)
        identity = await self.store.identity(upstream.id, told.subject)
        if identity is None:
            identity = await self._add(upstream, told, user, "person", address)
        if identity.user_id != user.id:
            log.info("sign-in elsewhere refused", upstream=upstream.name, reason="it is somebody else's already")
            raise NotArrived("taken", upstream, away.onward, connecting=True)
        return Arrived(user, away.onward, connecting=True)

    async def _by_email(self, upstream: Upstream, told: Told) -> User | None:
        """Whose account the address stands for, where the operator lets it stand for one."""
        if not upstream.link_by_email or told.email is None:
            return None
        having: list[User] = []
        after: str | None = None
        while page := await self.store.find_users(UsersAsked(told.email), after=after, limit=_PAGE):
            having += [each for each in page if same_address(each.email, told.email)]
            after = page[-1].name
        known = await self.store.identities(having[0].id) if len(having) == 1 else ()
        return linked_by_email(upstream, told, having, known)

    async def _add(self, upstream: Upstream, told: Told, user: User, by: str, address: str | None) -> Identity:
        """That this subject is theirs; whoever came first has it. Raises NotArrived where one of both is gone."""
        now = self.clock.now()
        identity = Identity(upstream.id, told.subject, user.id, now, told.email)
        details = {"upstream": upstream.name, "subject": told.subject, "by": by}
        act = Act(self.entropy.row_id(), now, f"user:{user.name}", "identity.add", user.name, address, details)
        try:
            await self.store.add_identity(identity, act)
        except Taken:
            found = await self.store.identity(upstream.id, told.subject)
            if found is not None:
                return found
            raise NotArrived("failed", upstream) from None
        except Gone:
            raise NotArrived("failed", upstream) from None
        await self.notices.changed(user, "identity.add", address)
        return identity

    def _refuse(
        self,
        name: str,
        address: str | None,
        reason: str,
        *,
        upstream: Upstream | None = None,
        onward: str = "",
        connecting: bool = False,
    ) -> NoReturn:
        """The one word for whatever did not hold. Raises NotArrived."""
        log.info("sign-in elsewhere refused", upstream=name if upstream is not None else None, reason=reason)
        self.uses.refused("unknown", address, "another provider's word did not hold", whose="user")
        raise NotArrived("failed", upstream, onward, connecting=connecting)


def sealed_name(upstream_id: int) -> str:
    """Under which name the secret of this provider is wrapped."""
    return f"upstream:{upstream_id}"
