"""What the pages for second factors share: how one is set up, while signing in or on the account's own page."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.oauth.factors import Factors, Passkey
from scopekeeper.oauth.people import User
from scopekeeper.pages.agents import browser_of, system_of
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import Form
from scopekeeper.pages.qr import qr_of
from scopekeeper.pages.visit import Visit
from scopekeeper.services.factors import Fresh, TotpOffer, WrongCode, passkey_name_of
from scopekeeper.services.passkeys import Asking, WrongPasskey
from scopekeeper.services.ports import Taken
from scopekeeper.wire.reply import Headers

_GROUP: Final = 4
"""Characters of a key that are typed at a time."""
_NOTHING: Final[Headers] = ()


class Adding(Protocol):
    """What becomes of a factor that is set up. Both say recovery codes, where they made the first ones."""

    def offer_totp(self, user: User, key: str) -> TotpOffer:
        """A fresh shared secret, which nothing holds but this offer."""
        ...

    def offered_totp(self, user: User, key: str, sealed: str | None) -> TotpOffer | None:
        """The one that was offered before to this person in this browser, while it is good."""
        ...

    def confirm_totp(
        self, user: User, fresh: Fresh, key: str, sealed: str, code: str, address: str | None
    ) -> Awaitable[tuple[str, ...]]:
        """It holds, since its code was right. Raises NotFresh, WrongCode, TooMany, Gone."""
        ...

    def add_passkey(
        self, user: User, fresh: Fresh, passkey: Passkey, address: str | None
    ) -> Awaitable[tuple[str, ...]]:
        """It holds. Raises NotFresh, Taken, Gone."""
        ...


class Making(Protocol):
    """How a passkey is made."""

    @property
    def available(self) -> bool:
        """Can browsers make any for the name of this server?"""
        ...

    def make(self, key: str, user: User, factors: Factors) -> Asking:
        """What the browser is asked, and the seal that comes back with its answer."""
        ...

    def made(self, key: str, sealed: str, answer: str, name: str, user: User) -> Awaitable[Passkey]:
        """The one that its answer tells of, verified. Raises WrongPasskey."""
        ...


class NotSetUp(Exception):
    """Nothing was set up; `why` is said beside the field. `field`: `code` or `passkey`."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field: Final = field
        self.why: Final = why


@dataclass(frozen=True, slots=True)
class SetUp:
    """Offers one-time codes and passkeys, and takes what comes back. An offer stays the same when it is reloaded."""

    jar: Jar
    adding: Adding
    making: Making

    def totp(self, visit: Visit, user: User) -> tuple[Mapping[str, object], Headers]:
        """What the page shows of one-time codes, and the headers that keep the offer with the browser."""
        offer, headers = self.adding.offered_totp(user, visit.key, self.jar.factor.of(visit.scope)), _NOTHING
        if offer is None:
            offer = self.adding.offer_totp(user, visit.key)
            headers = (self.jar.factor.set(offer.sealed),)
        secret = offer.secret
        groups = [secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)]
        return {"groups": groups, "uri": offer.uri, "qr": qr_of(offer.uri)}, headers

    async def confirmed(self, visit: Visit, user: User, fresh: Fresh, form: Form) -> tuple[str, ...]:
        """One-time codes are on; recovery codes, if they were made with that. Raises NotSetUp, NotFresh, TooMany."""
        sealed, code = self.jar.factor.of(visit.scope), form.get("code", "").strip()
        if sealed is None or self.adding.offered_totp(user, visit.key, sealed) is None:
            raise NotSetUp("code", "late")
        if not code:
            raise NotSetUp("code", "missing")
        try:
            return await self.adding.confirm_totp(user, fresh, visit.key, sealed, code, visit.address)
        except WrongCode:
            raise NotSetUp("code", "wrong") from None

    def passkey(self, visit: Visit, user: User, factors: Factors) -> Mapping[str, object] | None:
        """What the page needs to have one made; None where there can be none."""
        if not self.making.available:
            return None
        asking = self.making.make(visit.key, user, factors)
        return {"options": asking.options, "sealed": asking.sealed, "name": name_by(visit)}

    async def made(self, visit: Visit, user: User, fresh: Fresh, form: Form) -> tuple[str, ...]:
        """The passkey is added; recovery codes, as above. Raises NotSetUp, NotFresh."""
        answer, name = form.get("answer", ""), passkey_name_of(form.get("name", "").strip() or name_by(visit))
        if not answer or not self.making.available:
            raise NotSetUp("passkey", "missing")
        try:
            passkey = await self.making.made(visit.key, form.get("sealed", ""), answer, name, user)
            return await self.adding.add_passkey(user, fresh, passkey, visit.address)
        except WrongPasskey:
            raise NotSetUp("passkey", "wrong") from None
        except Taken:
            raise NotSetUp("passkey", "taken") from None


def name_by(visit: Visit) -> str:
    """What a new passkey is called unless its person says otherwise: where it was made."""
    where = [each for each in (browser_of(visit.agent), system_of(visit.agent)) if each]
    return ", ".join(where) or visit.words.gettext("Passkey")
