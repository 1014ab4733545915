"""What stronger accounts need of the store, as `services/ports.py` has the rest. The same promises hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from scopekeeper.oauth.factors import Factors, Passkey, RecoveryCode, Totp
from scopekeeper.oauth.upstreams import Identity, Upstream

if TYPE_CHECKING:
    from scopekeeper.services.ports import Act


class FactorsKept(Protocol):
    """Passkeys, one-time codes, recovery codes. No cache remembers them.

    Whatever adds, replaces or removes one raises the account's revision, so that a sign-in that is under way, which
    went by what was there before, begins anew (Stale). Using one does not. Nothing here raises `changes()` but that.

    What is added as the `first` is nothing where there is one by now (Stale): of two who add one by a password alone,
    one does. What the password alone opened ends with it: all of the person's sessions but `keep`, and what it bought
    by its own grant.
    """

    async def factors(self, user_id: int) -> Factors:
        """All that this person has; nothing for nobody."""
        ...

    async def passkey(self, credential_id: bytes) -> Passkey | None:
        """The passkey with this credential id, whosever it is. One point read."""
        ...

    async def add_passkey(
        self, passkey: Passkey, most: int, act: "Act", *, first: bool = False, keep: int | None = None
    ) -> None:
        """Remember a new one. Raises Taken where the credential id is somebody's already, or there are `most` of this
        person's; Stale; Gone where the account is."""
        ...

    async def rename_passkey(self, user_id: int, passkey_id: int, name: str, act: "Act") -> None:
        """Another name for one of this person's own. Raises Gone."""
        ...

    async def remove_passkey(self, user_id: int, passkey_id: int, act: "Act") -> None:
        """Forget one of this person's own. Recovery codes go with the last factor. Raises Gone."""
        ...

    async def use_passkey(self, passkey: Passkey, sign_count: int, synced: bool, at: int) -> bool:
        """Note a use if its count is still the one that was seen; was it? Of two at once with a count one is let in."""
        ...

    async def save_totp(self, totp: Totp, act: "Act", *, first: bool = False, keep: int | None = None) -> None:
        """Remember it in the place of whatever was there. Raises Stale; Gone where the account is."""
        ...

    async def remove_totp(self, user_id: int, act: "Act") -> None:
        """Forget it. Recovery codes go with the last factor. Raises Gone where there is none."""
        ...

    async def use_totp(self, user_id: int, step: int, at: int) -> bool:
        """Take the code of this time step, unless one of it or of a later one was taken; was it taken?"""
        ...

    async def replace_recovery_codes(self, user_id: int, codes: Sequence[RecoveryCode], act: "Act") -> None:
        """These, and none of the older ones. Raises Gone where the account is."""
        ...

    async def use_recovery_code(self, user_id: int, digest: bytes, at: int, act: "Act") -> bool:
        """Use one up, if this person has it unused; had they? `act` is noted only then."""
        ...

    async def remove_factors(self, user_id: int, act: "Act") -> bool:
        """Forget all of them; was there any? `act` is noted only then. All of the person's sessions end with them."""
        ...


class Spending(Protocol):
    """What can be presented once, and says so itself until when: nothing of it is kept before it is presented."""

    async def spend(self, digest: bytes, until: int) -> bool:
        """Spend it; was it unspent? Of any number who come at once, in any process, one hears yes. Until this time."""
        ...

    async def sweep_spent(self, before: int, limit: int) -> int:
        """Forget up to `limit` that were to be kept until before this time; how many."""
        ...


class UpstreamsKept(Protocol):
    """Providers, and whom they know. No cache remembers them."""

    async def upstreams(self) -> Sequence[Upstream]:
        """All, by label and name."""
        ...

    async def upstream(self, name: str) -> Upstream | None:
        """The one with this name. One point read."""
        ...

    async def add_upstream(self, upstream: Upstream, act: "Act") -> None:
        """Remember a new one. Raises Taken where the name is."""
        ...

    async def save_upstream(self, upstream: Upstream, act: "Act") -> None:
        """The edited one. Raises Stale unless the stored revision is one less, Gone."""
        ...

    async def remove_upstream(self, upstream_id: int, act: "Act") -> None:
        """Forget it, and whom it knows. Raises Gone."""
        ...

    async def identity(self, upstream_id: int, subject: str) -> Identity | None:
        """Whose subject this is. One point read."""
        ...

    async def identities(self, user_id: int) -> Sequence[Identity]:
        """All of one person's, the oldest first."""
        ...

    async def add_identity(self, identity: Identity, act: "Act") -> None:
        """Remember it. Raises Taken where the subject is somebody's; Gone where account or provider is."""
        ...

    async def use_identity(self, identity: Identity, email: str | None, at: int) -> None:
        """Note a use, and the address that the provider tells now."""
        ...

    async def remove_identity(self, upstream_id: int, subject: str, user_id: int, act: "Act") -> None:
        """Forget it, if it is this person's. Raises Gone."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that waits to be sent. What it says is sealed under the master key: there may be a link in it."""

    id: int
    recipient: str
    sealed: bytes = field(repr=False)
    created_at: int
    due_at: int
    """When it is tried next."""
    expires_at: int
    """From when on it is not worth sending."""
    tries: int = 0
    user_id: int | None = None
    """Whose account it is about: it goes with it."""


class Mails(Protocol):
    """The queue of mails. No cache remembers them."""

    async def add_mail(self, mail: Mail) -> None:
        """Let it wait. One whose account is gone by now is not kept, and that is no error."""
        ...

    async def mails_due(self, now: int, limit: int) -> Sequence[Mail]:
        """Those that are due and not expired, the longest due first."""
        ...

    async def mail_sent(self, mail_id: int) -> None:
        """It is gone."""
        ...

    async def mail_failed(self, mail_id: int, tries: int, due_at: int) -> bool:
        """It is tried again then, if it waits at all; does it?"""
        ...

    async def waiting_mails(self) -> int:
        """How many wait; at most 10 001."""
        ...

    async def sweep_mails(self, before: int, limit: int) -> int:
        """Forget up to `limit` that expired before this time; how many."""
        ...
