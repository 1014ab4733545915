"""What people grant to applications: consents, and the codes, families and refresh tokens that come of them. Pure.

A *family* is one grant of one person to one application, and all that came of it: access tokens, and refresh tokens of
which one follows the other. Whoever revokes it revokes them all.
"""

from msgspec import Struct

from scopekeeper.oauth.authentication import PASSWORD
from scopekeeper.oauth.people import Session, User, person_holds
from scopekeeper.oauth.records import Client, GrantType, Token


class Grantor(Struct, frozen=True, gc=False):
    """The person who grants, and when and where they proved who they are."""

    user_id: int
    user: str
    auth_time: int
    """When their password was last proven (OpenID Connect Core §2)."""
    session_id: int | None = None
    """In which stay; None where there was none (the password grant)."""
    amr: tuple[str, ...] = (PASSWORD,)
    """How (RFC 8176)."""


class Consent(Struct, frozen=True, gc=False):
    """What one person allows one application, remembered."""

    user_id: int
    client_id: str
    generation: int
    """The application's when it was given: `compromised` raises that, and all consents are void."""
    scope: tuple[str, ...]
    granted_at: int
    updated_at: int
    claims: tuple[str, ...] = ()
    """The claims that were allowed one by one, by name (OpenID Connect Core §5.5)."""

    def holds(self, client: Client) -> bool:
        """Is it this application's as it is now?"""
        return self.client_id == client.client_id and self.generation == client.generation


class Code(Struct, frozen=True, gc=False):
    """An authorization code as remembered: its digest, never itself (RFC 6749 §4.1.2)."""

    id: int
    digest: bytes
    client_id: str
    generation: int
    user_id: int
    user: str
    auth_time: int
    session_id: int | None
    redirect_uri: str
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    code_challenge: str | None = None
    """Of S256; None only for an application that may do without (RFC 7636 §4.3)."""
    nonce: str | None = None
    family_id: int | None = None
    """What it bought. None: it has not been redeemed."""
    claims: tuple[str, ...] = ()
    """Asked for one by one, each with its place: `userinfo:email` (OpenID Connect Core §5.5)."""
    amr: tuple[str, ...] = (PASSWORD,)

    @property
    def grantor(self) -> Grantor:
        return Grantor(self.user_id, self.user, self.auth_time, self.session_id, self.amr)

    def __repr__(self) -> str:
        return f"Code(id={self.id}, client_id={self.client_id!r}, user={self.user!r})"


class Family(Struct, frozen=True, gc=False):
    """One grant of one person to one application, and all that came of it."""

    id: int
    client_id: str
    generation: int
    grant_type: GrantType | None
    """By which it began. None: by none, but in a session of the console (`oauth/explorer.py`)."""
    user_id: int
    user: str
    auth_time: int
    session_id: int | None
    offline: bool
    """May it outlive the session (`sessions.outlives`)? Else it ends when somebody ends the session."""
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    """Its absolute end: no refresh token of it works from then on, however often it was used."""
    last_used_at: int | None = None
    """When a refresh token of it was last used."""
    revoked_at: int | None = None
    claims: tuple[str, ...] = ()
    """As those of its code."""
    amr: tuple[str, ...] = (PASSWORD,)

    @property
    def grantor(self) -> Grantor:
        return Grantor(self.user_id, self.user, self.auth_time, self.session_id, self.amr)

    @property
    def began_by(self) -> GrantType:
        """The grant by which it began, where it has refresh tokens: those come of grants alone."""
        assert self.grant_type is not None, "what has refresh tokens began by a grant"
        return self.grant_type


class RefreshToken(Struct, frozen=True, gc=False):
    """A refresh token as remembered: its digest, never itself (RFC 6749 §1.5)."""

    id: int
    digest: bytes
    family_id: int
    issued_at: int
    expires_at: int
    """When it has been idle for too long, or its family ends."""
    spent_at: int | None = None
    successor: int | None = None
    """The row id of the one that took its place."""
    sealed: bytes | None = None
    """The answer that it came in, for whoever presents its predecessor again within the grace; only that opens it."""

    def __repr__(self) -> str:
        return f"RefreshToken(id={self.id}, family_id={self.family_id})"


class DeviceCode(Struct, frozen=True, gc=False):
    """A device that waits for a person to let it in (RFC 8628 §3.2)."""

    id: int
    digest: bytes
    user_code: str
    """Eight consonants, without the dash."""
    client_id: str
    generation: int
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    interval: int
    """Seconds that the device must leave between two polls; every poll that comes too early adds five."""
    polled_at: int | None = None
    user_id: int | None = None
    """Who claimed it by entering its code: nobody else decides."""
    user: str | None = None
    auth_time: int | None = None
    session_id: int | None = None
    approved: bool | None = None
    """None: not decided yet."""
    family_id: int | None = None
    """What it bought. None: it has not been redeemed."""
    amr: tuple[str, ...] = (PASSWORD,)

    @property
    def grantor(self) -> Grantor | None:
        """Who approved it, or is about to."""
        if self.user_id is None or self.user is None or self.auth_time is None:
            return None
        return Grantor(self.user_id, self.user, self.auth_time, self.session_id, self.amr)

    def __repr__(self) -> str:
        return f"DeviceCode(id={self.id}, client_id={self.client_id!r}, approved={self.approved})"


def grantor_of(user: User, session: Session) -> Grantor:
    """Whoever is signed in, as one who grants."""
    return Grantor(user.id, user.name, session.signed_in_at, session.id, session.amr)


def allowed_by(consent: Consent | None, client: Client, user_id: int) -> tuple[str, ...]:
    """What this person allows this application already, as it is now."""
    if consent is None or consent.user_id != user_id or not consent.holds(client):
        return ()
    return consent.scope


def claims_allowed_by(consent: Consent | None, client: Client, user_id: int) -> tuple[str, ...]:
    """The claims that this person lets this application know one by one already."""
    return consent.claims if consent is not None and allowed_by(consent, client, user_id) else ()


def consent_to(
    client: Client,
    user_id: int,
    scope: tuple[str, ...],
    before: Consent | None,
    now: int,
    claims: tuple[str, ...] = (),
) -> Consent:
    """What to remember of a yes: what was allowed before, and this besides. `claims`: names, one by one."""
    allowed = allowed_by(before, client, user_id)
    began = before.granted_at if before is not None and allowed else now
    everything = tuple(dict.fromkeys((*allowed, *scope)))
    named = tuple(dict.fromkeys((*claims_allowed_by(before, client, user_id), *claims)))
    return Consent(user_id, client.client_id, client.generation, everything, began, now, named)


def acts_for(token: Token, client: Client, person: User | None) -> bool:
    """Does the person in whose name the token of this application acts stand behind it at this moment?

    What the console issued (`oauth/explorer.py`) is for administrators, and nobody's who is none any more.
    """
    return person is not None and person_holds(person, token.user_id) and (person.admin or not client.built_in)


def family_holds(family: Family, client: Client, user: User | None, now: int) -> bool:
    """Is the grant good at this moment: not ended, not revoked, its application and its person as they were?"""
    return (
        now < family.expires_at
        and family.revoked_at is None
        and client.enabled
        and family.client_id == client.client_id
        and family.generation == client.generation
        and person_holds(user, family.user_id)
    )
