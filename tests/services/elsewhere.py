"""Signing in with another provider's word, on a store in memory, with that provider in the same process."""

from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.relying.registration import UpstreamDraft
from scopekeeper.oauth.upstreams import Upstream
from scopekeeper.services.relying import Arrived, Departure, UpstreamSignIn
from scopekeeper.services.relying.providers import Providers
from scopekeeper.services.upstreams import Linked, Upstreams
from scopekeeper.services.vault import Vault
from tests.altered import replace
from tests.providing import CLIENT_ID, ISSUER, SECRET, TheirProvider
from tests.services.desk import ADDRESS, KEY, Desk, a_desk

OURS: Final = "https://auth.example"
NAME: Final = "work"
ONWARD: Final = "/account?from=here"


@dataclass(slots=True)
class Told:
    """Hears what people are told."""

    changes: list[tuple[str, str]]

    async def signed_in(self, user: User, session: Session) -> None:
        """Nobody hears."""

    async def connected(self, user: User, client: object, address: str | None) -> None:
        """Nobody hears."""

    async def changed(self, user: User, what: str, address: str | None) -> None:
        self.changes.append((user.name, what))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Us, and a provider."""

    desk: Desk
    theirs: TheirProvider
    providers: Providers
    upstreams: Upstreams
    linked: Linked
    signing: UpstreamSignIn
    told: Told

    async def add(self, name: str = NAME, *, secret: str | None = SECRET, **more: object) -> Upstream:
        """The provider is registered."""
        draft = replace(UpstreamDraft(name, ISSUER, CLIENT_ID, "Example Inc."), **more)
        return await self.upstreams.add(draft, secret, "cli:test")

    async def person(self, name: str, email: str | None = None, *, verified: bool = True, admin: bool = False) -> User:
        """An account without a password."""
        return await self.desk.accounts.add(
            name, password=None, email=email, email_verified=verified, admin=admin, actor="cli:test"
        )

    async def leave(self, *, key: str = KEY, anew: bool = False) -> Departure:
        """Somebody is sent there."""
        return await self.signing.begin(NAME, key=key, onward=ONWARD, anew=anew)

    async def back(
        self,
        departure: Departure,
        answer: dict[str, str],
        *,
        name: str = NAME,
        key: str = KEY,
        here: tuple[Session, User, str] | None = None,
    ) -> Arrived:
        """They come back with this answer."""
        return await self.signing.finish(name, answer, sealed=departure.sealed, key=key, here=here, address=ADDRESS)

    async def there_and_back(self, **claims: object) -> Arrived:
        """Somebody signs in there, of whom the provider says this."""
        departure = await self.leave()
        return await self.back(departure, self.theirs.sign_in(departure.url, **claims))  # type: ignore[arg-type]


def elsewhere(desk: Desk | None = None) -> Elsewhere:
    """Nobody is known, and no provider registered yet."""
    told = Told([])
    desk = desk or a_desk(notices=told)
    theirs, vault = TheirProvider(desk.clock), Vault(b"k" * 32)
    providers = Providers(theirs, desk.clock)
    upstreams = Upstreams(desk.store, desk.store, providers, vault, desk.clock, desk.entropy, told)
    signing = UpstreamSignIn(
        desk.store,
        desk.store,
        providers,
        desk.passages,
        desk.attempts,
        vault,
        desk.clock,
        desk.entropy,
        desk.uses,
        told,
        OURS,
    )
    return Elsewhere(desk, theirs, providers, upstreams, Linked(upstreams, desk.factors), signing, told)
