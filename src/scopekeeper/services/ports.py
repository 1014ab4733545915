"""What the services need from outside, as narrow protocols. `store` implements them; tests bring their own clock.

Promises that every implementation keeps:
* nothing is answered before it is committed; what was answered survives `kill -9`;
* each commit stands alone: one that loses or fails leaves nothing behind and takes no other with it;
* `Unavailable` is raised, and nothing else, where the database cannot be asked or written;
* every change that a cache could hide raises `changes()`, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, Grantor, RefreshToken
from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.people import Link, Session, User
from scopekeeper.oauth.records import Client, Secret, Token
from scopekeeper.services.account_ports import FactorsKept, Mails, Spending, UpstreamsKept
from scopekeeper.services.lists import EVERY_ACT, ActsAsked, Lists, Usage


class Unavailable(Exception):
    """The database cannot be asked or written just now. Nothing was changed."""


class Taken(Exception):
    """What was to be added is there already."""


class Stale(Exception):
    """What was to be changed has changed meanwhile: load it again and decide anew."""


class Gone(Exception):
    """What was to be changed is not there."""


class Spent(Exception):
    """What was to be redeemed has been redeemed already. `family_id`: what it bought, and whose end it now is."""

    def __init__(self, family_id: int) -> None:
        super().__init__("it has been redeemed already")
        self.family_id = family_id


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log: who did what, to what, from where. Never a secret in it."""

    id: int
    at: int
    actor: str
    """`cli:root`, `client:…`, `user:…`, or `system`."""
    action: str
    """`application.add`, `application.rotate`, `token.revoke`, `client.refused`, …"""
    target: str
    address: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """That a token or a secret was used: when last, and from where."""

    id: int
    at: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Supposed:
    """What an act on an application takes for granted. It is looked at in the transaction that does it.

    What is None is not looked at.
    """

    owner: int | None = None
    """The row id of the account that owns it, and is enabled: else Gone."""
    newest: int | None = None
    """The row id of its newest secret, 0 where it has none: else Stale."""
    generation: int | None = None
    """Its generation: else Stale."""
    revision: int | None = None
    """Its revision: else Stale."""


NOTHING: Final = Supposed()


@dataclass(frozen=True, slots=True)
class Activity:
    """What an application's credentials did since a moment, as far as the rows tell."""

    tokens_issued: int
    tokens_live: int
    first_issued_at: int | None
    last_issued_at: int | None
    last_used_at: int | None
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]
    people: int = 0
    """In how many persons' names."""
    consents: int = 0
    """How many people allow it something just now, whenever they began to."""
    known: bool = True
    """False: it could not be read in time, and all of this says nothing."""


UNKNOWN: Final = Activity(0, 0, None, None, None, (), (), known=False)


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Whole seconds since the epoch."""
        ...

    def milliseconds(self) -> int:
        """Milliseconds since the epoch."""
        ...


class Entropy(Protocol):
    """Fresh row ids and fresh entropy."""

    def row_id(self) -> int:
        """A time-ordered 63-bit id that no other process makes: never one twice, never running back."""
        ...

    def entropy(self) -> str:
        """32 base62 characters, 190 bits, from the operating system's generator."""
        ...


class Recalling(Protocol):
    """What may answer from memory."""

    async def catch_up(self) -> bool:
        """See at once whether another process has changed anything; True if what is asked next may be answered anew.

        For whoever is about to refuse: what was granted elsewhere a moment ago is not refused here. One point read.
        """
        ...


class Clients(Recalling, Protocol):
    """Applications and their secrets."""

    async def client(self, client_id: str) -> Client | None:
        """The application with all its secrets, or None. One point read."""
        ...

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        """Applications in the order of their client_id, from behind `after`."""
        ...

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        """Remember a new application with the secrets in it.

        `owner`: the row id of the account that it is given to; raises Stale where that is there no more. Raises Taken,
        also while tokens of a removed application of the same client_id wait to be swept.
        """
        ...

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        """Remember the edited application (its secrets are not looked at). `owner`: as in `add_client`.

        Raises Stale unless the stored revision is one less than this one's; raises Gone.
        """
        ...

    async def remove_client(self, client_id: str, act: Act, supposed: Supposed = NOTHING) -> None:
        """Forget the application, its secrets, its tokens and what people granted it.

        Raises Gone, and Stale, for what is `supposed` and not so.

        Tokens and consents stop being found at once; their rows may be swept later, in small steps.
        """
        ...

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act, supposed: Supposed = NOTHING) -> None:
        """Add a secret and let others (row id to time) end, in one transaction. Raises Gone for an unknown client.

        A secret that ends earlier already keeps its earlier end. Raises Gone and Stale for what is `supposed` and not
        so.
        """
        ...

    async def end_secret(self, client_id: str, secret_id: int, at: int, act: Act) -> bool:
        """Let one secret end at this time; False, and nothing is noted, where it is not there or has ended by then.

        Raises Stale where it is the last of its application's: somebody ended the others meanwhile.
        """
        ...

    async def compromise(self, client_id: str, secret: Secret | None, act: Act, supposed: Supposed = NOTHING) -> None:
        """In one transaction: every secret is deleted, the generation rises by one, `secret` is the only one left.

        The revision rises, too, so that no edit begun before sets the generation back. Raises Gone, and Stale, for what
        is `supposed` and not so.
        """
        ...

    async def sweep_secrets(self, before: int, limit: int) -> int:
        """Delete up to `limit` secrets that ended before this time; how many. The newest of an application stays."""
        ...


class Tokens(Protocol):
    """Access tokens."""

    async def token(self, row_id: int) -> Token | None:
        """The token with this row id, dead or alive, or None. One point read.

        One of a family that was revoked has been revoked with it; so has one whose family is there no more.
        """
        ...

    async def issue(self, token: Token) -> None:
        """Remember a new token. One commit, shared by those who wait. Raises Taken for a row id that is there."""
        ...

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        """Revoke those of these tokens that are not revoked yet; how many they were. At most 500 at a time."""
        ...

    async def tokens(
        self,
        *,
        client_id: str | None = None,
        user: str | None = None,
        now: int,
        before: int | None = None,
        limit: int = 500,
    ) -> Sequence[Token]:
        """Tokens that still hold (unexpired, unrevoked like their family, of their application's generation).

        Newest first.

        From before the row id `before`, where one is given.
        """
        ...

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        """What this application's tokens tell, of those issued at or after `since`."""
        ...

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        """Write last-used times, and acts that gathered, in one commit. Does not raise `changes()`."""
        ...

    async def sweep(self, before: int, limit: int) -> int:
        """Delete up to `limit` tokens that expired before this time, and all rows of forgotten applications; how many.

        A later application of the same name inherits nothing: neither tokens nor consents, families, codes or devices.
        """
        ...


class Users(Protocol):
    """Accounts."""

    async def user(self, name: str) -> User | None:
        """The account with this (folded) name, or None. One point read."""
        ...

    async def user_with(self, user_id: int) -> User | None:
        """The account with this row id, or None. One point read."""
        ...

    async def user_with_external_id(self, external_id: str) -> User | None:
        """The account that is called so elsewhere, letter for letter, or None. One point read."""
        ...

    async def users(self, *, after: str | None = None, limit: int = 500) -> Sequence[User]:
        """Accounts in the order of their names, from behind `after`."""
        ...

    async def has_admin(self) -> bool:
        """Is there an enabled administrator with a password?"""
        ...

    async def add_user(self, user: User, act: Act) -> None:
        """Remember a new account. Raises Taken where the name is, or the external id."""
        ...

    async def save_user(
        self,
        user: User,
        act: Act,
        *,
        end_sessions: bool,
        keep: int | None = None,
        keep_admin: bool = False,
        end_links: bool = False,
    ) -> None:
        """Remember the edited account; with `end_sessions` all of its sessions but `keep` and all of its links go too,
        with `end_links` these alone.

        Raises Stale unless the stored revision is one less than this one's, and, with `keep_admin`, where after it
        nobody was left of whom `has_admin` speaks; raises Gone, and Taken where another account has its external id.
        """
        ...

    async def remove_user(self, name: str, act: Act, revision: int | None = None, *, keep_admin: bool = False) -> None:
        """Forget the account with its sessions and links; revoke its tokens; what it owned is nobody's.

        Raises Gone; Stale unless it is of this revision, where one is named, and for `keep_admin` as `save_user`.

        Its tokens are revoked in small steps before the account goes, and the last of them with it: where a step fails,
        the account is still there, and the act can be done again.
        """
        ...

    async def rehash(self, user_id: int, was: str, password: str) -> None:
        """Replace the hash by one with today's parameters, if it still is `was`. Nothing else changes.

        The revision does not rise: an edit begun before puts the old hash back, and the next sign-in replaces it again.
        """
        ...


class Links(Protocol):
    """Single-use links."""

    async def link(self, row_id: int) -> Link | None:
        """The link with this row id, or None. One point read."""
        ...

    async def add_link(self, link: Link, act: Act | None, *, alone: bool) -> None:
        """Remember a new link. With `alone`, every other link for the same purpose and account is gone with it.

        Raises Gone where the account is.
        """
        ...

    async def spend_link(self, link: Link, user: User, act: Act) -> None:
        """In one transaction: the link is used up, the account added (SETUP) or saved (PASSWORD), its sessions ended.

        Raises Gone if the link is not there any more (somebody was faster), Taken where a SETUP link comes too late
        because there is an administrator by now, or the name is taken; Stale as `save_user`. Whoever is refused has
        not used the link up.
        """
        ...

    async def sweep_links(self, before: int, limit: int) -> int:
        """Delete up to `limit` links that expired before this time; how many."""
        ...


class Sessions(Protocol):
    """Stays of signed-in people.

    When a session is ended by somebody (here, or by `save_user`, `spend_link`, `remove_user`), the families that began
    in it and may not outlive it (`offline`) are revoked in the same transaction, and who is to hear of it is written
    down (`Farewells`). What only grows old is swept: it revokes nothing, and nobody hears of it.
    """

    async def session(self, row_id: int) -> Session | None:
        """The session with this row id, or None. One point read."""
        ...

    async def sessions(self, user_id: int) -> Sequence[Session]:
        """All of one person's, newest first; at most 100."""
        ...

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        """Remember a new session, and end `ends`, in one transaction.

        Where `ends` is its own row id, this person has signed in anew in it: it has this digest and these times from
        now on, its old cookie opens nothing any more, and all that began in it goes on; so does the count of its wrong
        user codes. Of those who do so at once, the last one's stays. Raises Gone where it has been ended.

        Raises Stale unless the account is of this revision still: a password that was just changed opens nothing any
        more. Of more than 100 sessions of one person those end that began first. Raises `changes()` only where a
        session ended, or has another cookie.
        """
        ...

    async def end_session(self, row_id: int, act: Act) -> None:
        """Forget a session. No error if it is not there."""
        ...

    async def seen(self, sessions: Sequence[Use]) -> None:
        """Write last-seen times, none of them back. Does not raise `changes()`."""
        ...

    async def guess(self, row_id: int, most: int) -> bool:
        """Count one more wrong user code of this session, unless it has `most` of them already, or is not there.

        Was it counted? No cache hides the count, so it does not raise `changes()`.
        """
        ...

    async def take_back_guess(self, row_id: int) -> None:
        """It was none: one less."""
        ...

    async def sweep_sessions(self, before: int, limit: int) -> int:
        """Delete up to `limit` sessions that began before this time; how many."""
        ...


@dataclass(frozen=True, slots=True)
class Farewell:
    """That an application is to hear of the end of a session (OpenID Connect Back-Channel Logout §2.5)."""

    client_id: str
    user_id: int
    session_id: int
    ended_at: int
    tries: int
    """How often it has been taken up to be told, this time included."""


class Farewells(Protocol):
    """Who is yet to hear that a session has ended.

    A farewell comes into being in the transaction that ends the session (see `Sessions`), for each application that was
    given an id_token in it and has a `backchannel_logout_uri`. It is there until somebody says that it was told, or
    given up: it outlives the session, the account and this process. Nothing here raises `changes()`.
    """

    async def farewells(self, now: int, waits: Sequence[int], limit: int) -> Sequence[Farewell]:
        """Take up to `limit` that are due, the longest due first; of any number who ask at once, each goes to one.

        In the same transaction they are put off by as many seconds as `waits` has for this try (from the last on, by
        the last), so that one comes again whose process died before it was told. One cheap read where none is due.
        """
        ...

    async def farewell_told(self, told: Sequence[tuple[int, str]]) -> None:
        """Forget these (session_id, client_id). No error for one that is not there."""
        ...

    async def session_clients(self, session_id: int) -> Sequence[str]:
        """The client_ids of the applications that were given an id_token in this session, in order.

        Those of its grants, dead or alive, that have `openid` in their scope, as long as they are not swept.
        """
        ...


class Grants(Protocol):
    """What people grant: consents, codes, families, refresh tokens, devices.

    Of any number who redeem the same thing at the same time, in any number of processes, one wins; all others hear
    Spent, and nothing is written for them. Only what could be hidden by a cache (tokens of a family that was revoked)
    raises `changes()`.
    """

    async def consent(self, user_id: int, client_id: str) -> Consent | None:
        """What this person allows this application, or None. One point read."""
        ...

    async def consents(self, user_id: int) -> Sequence[Consent]:
        """All of one person's, in the order of the client_id."""
        ...

    async def code(self, row_id: int) -> Code | None:
        """The code with this row id, redeemed or not, or None. One point read."""
        ...

    async def add_code(self, code: Code, consent: Consent | None, act: Act | None) -> None:
        """Remember a new code, and the consent that it comes of in place of an older one. Raises Taken, Gone.

        Gone where the account with this user_id is not there any more, and a consent was to be remembered.
        """
        ...

    async def redeem_code(self, code: Code, family: Family, token: Token, refresh: RefreshToken | None) -> None:
        """In one transaction: the code is used up, and this is what it bought. Raises Spent, Gone.

        Gone, too, where the family may not outlive its session, and somebody has ended that meanwhile.
        """
        ...

    async def begin_family(
        self,
        family: Family,
        token: Token,
        refresh: RefreshToken | None,
        consent: Consent | None,
        act: Act | None,
        *,
        ends: Sequence[int] = (),
    ) -> None:
        """Remember a grant that nothing is redeemed for (implicit, password), with its token. Raises Taken, Gone.

        The families of the row ids in `ends` are dead in the same transaction: it takes their place. Gone as `add_code`
        and `redeem_code`; then nothing ends.
        """
        ...

    async def family(self, family_id: int) -> Family | None:
        """The family with this row id, dead or alive, or None. One point read."""
        ...

    async def families(self, user_id: int, now: int) -> Sequence[Family]:
        """All of one person's that are neither revoked nor at their end, newest first; at most 500."""
        ...

    async def revoke_family(self, family_id: int, now: int, act: Act | None) -> bool:
        """The family is dead, with all tokens of it. Was it alive? The act is noted only then."""
        ...

    async def withdraw(self, user_id: int, client_id: str | None, now: int, act: Act) -> int:
        """Forget the consent to this application (None: to all), and revoke the families of it; how many they were.

        Codes and devices of that person that still wait to be redeemed there are gone with the consent. In small steps,
        the consent first.
        """
        ...

    async def refresh_token(self, row_id: int) -> tuple[RefreshToken, Family] | None:
        """The refresh token with this row id, spent or not, and its family; or None. One point read."""
        ...

    async def rotate(
        self, spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token
    ) -> None:
        """In one transaction: `spent` is used up, the others take its place, and `sealed` is kept with its successor.

        The sealed answer in which `spent` came itself is erased. Raises Spent; Gone where the family is revoked or not
        there.
        """
        ...

    async def erase_sealed(self, issued_before: int, limit: int) -> int:
        """Erase up to `limit` sealed answers that were given before this time; how many."""
        ...

    async def refreshed(self, families: Sequence[Use]) -> None:
        """Write when a refresh token of each family was last used. Does not raise `changes()`."""
        ...

    async def add_device(self, device: DeviceCode) -> None:
        """Remember a device that waits. Raises Taken where the row id or the user code is."""
        ...

    async def device(self, row_id: int) -> DeviceCode | None:
        """The device code with this row id, or None. One point read."""
        ...

    async def device_with(self, user_code: str) -> DeviceCode | None:
        """The device code with this user code, or None. One point read."""
        ...

    async def claim_device(self, row_id: int, grantor: Grantor) -> None:
        """This person entered its user code: nobody else decides. Again by the same person is no error.

        Raises Gone where it is not there, decided already, or somebody else's.
        """
        ...

    async def decide_device(self, device: DeviceCode, consent: Consent | None, act: Act) -> None:
        """Whoever claimed it (`user_id`) has decided (`approved`) on the `scope` that they saw. Once.

        That scope takes the place of the one that was asked for, and the consent is remembered.

        Raises Gone where it is not there, decided already, or was not claimed by this person in this session.
        """
        ...

    async def poll_device(self, row_id: int, now: int) -> bool:
        """Note a poll. False where it came too early after the last one: then the interval is five seconds longer."""
        ...

    async def redeem_device(
        self, device: DeviceCode, family: Family, token: Token, refresh: RefreshToken | None
    ) -> None:
        """In one transaction: the approved device code is used up, and this is what it bought. Raises Spent, Gone.

        Gone as `redeem_code`.
        """
        ...

    async def sweep_unredeemed(self, before: int, limit: int) -> int:
        """Delete up to `limit` codes and device codes that expired before this time, redeemed by nobody; how many."""
        ...

    async def sweep_waiting(self, before: int, below: int, limit: int) -> int:
        """Delete up to `limit` codes and device codes that expired before `before`, of row ids below `below`; how many.

        The tables are read in the order of the row ids, which grow.
        """
        ...

    async def sweep_grants(self, before: int, below: int, limit: int) -> int:
        """Delete up to `limit` families and refresh tokens in the same way; how many."""
        ...


class Origins(Protocol):
    """From where web pages may call."""

    async def knows_origin(self, origin: str) -> bool:
        """Is it that of a redirect URI of an enabled single-page application? One point read."""
        ...


class KeyRing(Protocol):
    """Signing keys."""

    async def keys(self) -> tuple[SigningKey, ...]:
        """All of them, the oldest first."""
        ...

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        """Replace the set, in one transaction. Raises Stale unless the stored set still is `was` (kids and states)."""
        ...


class Audit(Protocol):
    """The audit log."""

    async def act(self, row_id: int) -> Act | None:
        """The act with this row id, or None. One point read."""
        ...

    async def acts(self, asked: ActsAsked = EVERY_ACT, *, before: int | None = None, limit: int = 500) -> Sequence[Act]:
        """Acts, newest first, from before this row id."""
        ...

    async def count_acts(self, asked: ActsAsked) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...


class Changes(Protocol):
    """How processes that share a database hear of one another's changes."""

    async def changes(self) -> int:
        """A number that has risen if anything that a cache could hide has changed. Cheap."""
        ...

    async def lease(self, holder: str, milliseconds: int, length: int) -> "Lease":
        """Take, or (same holder) renew, a process number for `length` milliseconds from now.

        Raises Taken if all 1024 are held. A number's next holder starts its ids behind the last moment of this lease.
        """
        ...

    async def release(self, holder: str) -> None:
        """Give the process number back."""
        ...

    async def latest_lease(self) -> int:
        """The latest end of any lease, in milliseconds; 0 where there was none. Those set aside do not count."""
        ...

    async def set_aside(self, after: int) -> int:
        """Leases that end after this moment are a wrong clock's. How many there are.

        Their numbers are nobody's until then, so that no id is made twice when that time comes.
        """
        ...


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of one more in a bucket."""

    done: bool
    """Was there room for it?"""
    empty_at: int
    """Milliseconds: when the bucket will have drained, as it is now."""


class Buckets(Protocol):
    """Failed attempts, as buckets that drain by time alone: of each all that is kept is when it will have drained.

    Of any number who fill one at the same time, in any number of processes, as many do as there is room. Nothing here
    raises `changes()`.
    """

    async def fill(self, key: str, now: int, by: int, most: int) -> Filling:
        """Fill it by what drains in `by`, unless it would then take more than `most` to drain. Milliseconds.

        One that a clock has filled which is ahead by more than `SKEW` is full, and no more than that.
        """
        ...

    async def give_back(self, key: str, by: int) -> None:
        """It drains earlier by so many milliseconds."""
        ...

    async def sweep_buckets(self, before: int, limit: int) -> int:
        """Delete up to `limit` buckets that had drained before this moment, in milliseconds; how many."""
        ...


SKEW: Final = 150_000
"""Milliseconds by which the clocks of processes may differ that share a database: a house opens though its clock is two
minutes behind what was seen last, and that is told every twenty seconds."""


class Turns(Protocol):
    """Whose turn it is to do what one process does for all."""

    async def turn(self, name: str, holder: str, now: int, length: int) -> bool:
        """Is it this holder's turn? It is taken, for `length` milliseconds from now, where it is nobody's any more.

        One point read, and a commit besides where it is taken, or less than half of it is left.
        """
        ...

    async def let_go(self, name: str, holder: str) -> None:
        """It is nobody's turn any more, if it was this holder's."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """A process number (0 to 1023) held for a while."""

    number: int
    not_before: int
    """Milliseconds: ids are made from this moment on, lest they run back behind the last holder's."""
    until: int
    """Milliseconds: no id is made after this moment unless the lease is renewed."""


class Store(
    Clients,
    Tokens,
    Users,
    Links,
    Sessions,
    Farewells,
    Grants,
    Origins,
    KeyRing,
    Audit,
    Changes,
    Buckets,
    Turns,
    FactorsKept,
    Spending,
    UpstreamsKept,
    Mails,
    Lists,
    Usage,
    Protocol,
):
    """All of it, as one database implements it."""

    async def close(self) -> None:
        """Commit what waits, then let go."""
        ...
