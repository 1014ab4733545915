"""The people who sign in: what a name and a password may be, when a session holds, what a link is good for. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scopekeeper.oauth.authentication import PASSWORD

SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 1_024
"""Bytes of UTF-8: what is longer is refused before it is hashed, because hashing costs."""

LONGEST_EMAIL: Final = 254

LONGEST_EXTERNAL_ID: Final = 200
"""Characters of what an account is called where it is kept from."""

IDLE: Final = 2 * 3_600
"""Seconds without a request after which a session has ended."""

ABSOLUTE: Final = 12 * 3_600
"""Seconds after its beginning at which a session has ended, whatever happens in it."""

LINK_LIFETIME: Final = 24 * 3_600
"""Seconds that a link to set a password works."""

RESET_LIFETIME: Final = 3_600
"""The same of one that is mailed to somebody who has an account: whoever asked for it is waiting for it."""

INVITATION_LIFETIME: Final = 72 * 3_600
"""The same of one that is mailed to somebody who may not expect it: over a weekend."""

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@+\-]{0,62}[a-z0-9])?")
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\"(),:;<>\[\\\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,250}[A-Za-z0-9])?")


class UnfitPerson(ValueError):
    """A name, an e-mail address or a password that cannot stand. `field` names it; the message is safe to show."""

    def __init__(self, field: str, message: str, *why: str) -> None:
        super().__init__(". ".join([message, *(each.removesuffix(".") for each in why)]))
        self.field = field
        self.message = message
        self.why = why
        """What more there is to say of it, in sentences of their own."""


class WeakPassword(UnfitPerson):
    """A password that is too easy to guess, and why. Nothing of the password is in the words."""

    def __init__(self, *why: str) -> None:
        super().__init__("password", "that password is too easy to guess", *why)


class Purpose(StrEnum):
    """What a single-use link lets its bearer do."""

    SETUP = "setup"
    """Make the first administrator."""
    PASSWORD = "password"
    """Choose a new password for one account."""


@dataclass(frozen=True, slots=True)
class User:
    """An account. `id` is its subject: a row id that no later account ever bears, whatever it is called."""

    id: int
    name: str
    password: str | None
    """The argon2id hash in its own notation; None until one is chosen."""
    created_at: int
    email: str | None = None
    admin: bool = False
    enabled: bool = True
    updated_at: int = 0
    revision: int = 0
    """Rises with every edit, so that two edits at once cannot overwrite one another."""
    email_verified: bool = False
    """Does whoever keeps the accounts vouch for it that the address is theirs? Another address is vouched for anew."""
    full_name: str | None = None
    """What else the account tells of its person: each as `oauth/profile.py` has it."""
    given_name: str | None = None
    family_name: str | None = None
    phone_number: str | None = None
    address: str | None = None
    """The postal address, in lines."""
    locale: str | None = None
    zoneinfo: str | None = None
    external_id: str | None = None
    """What those call it who keep it from elsewhere (SCIM, RFC 7643 §3.1). No two accounts have the same."""

    def __repr__(self) -> str:
        return f"User(id={self.id}, name={self.name!r}, admin={self.admin}, enabled={self.enabled})"


@dataclass(frozen=True, slots=True)
class Session:
    """Someone's stay, from signing in to signing out. The cookie's value is not here: its digest is."""

    id: int
    digest: bytes
    user_id: int
    user: str
    signed_in_at: int
    """When they last proved who they are, by all of it (OpenID Connect `auth_time`)."""
    last_seen_at: int
    address: str | None = None
    agent: str = ""
    """The browser, in its own words, cut to 200 characters."""
    amr: tuple[str, ...] = (PASSWORD,)
    """How they proved who they are (RFC 8176)."""

    def __repr__(self) -> str:
        return f"Session(id={self.id}, user={self.user!r})"


@dataclass(frozen=True, slots=True)
class Link:
    """A single-use link: its digest, what for, for whom (None: nobody yet), and until when."""

    id: int
    digest: bytes
    purpose: Purpose
    user_id: int | None
    created_at: int
    expires_at: int

    def __repr__(self) -> str:
        return f"Link(id={self.id}, purpose={self.purpose.value!r})"


def name_of(text: str) -> str:
    """The account name that the text spells: folded to lower case, so that nobody can pass for another.

    Raises UnfitPerson.
    """
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if _NAME.fullmatch(folded) is None:
        raise UnfitPerson(
            "name", "a name has 1 to 64 of a-z, 0-9 and . _ @ + -, and begins and ends with a letter or digit"
        )
    return folded


def email_of(text: str) -> str:
    """The e-mail address, as written. Raises UnfitPerson."""
    if len(text) > LONGEST_EMAIL or _EMAIL.fullmatch(text) is None:
        raise UnfitPerson("email", "that is no e-mail address")
    return text


def external_id_of(text: str) -> str:
    """What somebody calls an account who keeps it from elsewhere, as written. Raises UnfitPerson."""
    if not 0 < len(text) <= LONGEST_EXTERNAL_ID or not text.isprintable():
        raise UnfitPerson("external_id", f"an external id has 1 to {LONGEST_EXTERNAL_ID} printable characters")
    return text


def password_of(text: str, name: str) -> str:
    """The password, fit to be chosen: long enough, not the name; no rules of composition (NIST SP 800-63B §3.1.1.2).

    As `normalized`. Raises UnfitPerson.
    """
    if len(text) > LONGEST_PASSWORD:
        raise UnfitPerson("password", f"a password has at most {LONGEST_PASSWORD} bytes")
    password = normalized(text)
    if len(password) < SHORTEST_PASSWORD:
        raise UnfitPerson("password", f"a password has at least {SHORTEST_PASSWORD} characters")
    try:
        length = len(password.encode())
    except UnicodeEncodeError:
        raise UnfitPerson("password", "a password is text: some of its bytes are none") from None
    if length > LONGEST_PASSWORD:
        raise UnfitPerson("password", f"a password has at most {LONGEST_PASSWORD} bytes")
    if password.lower() == name or len(set(password)) < 4:
        raise WeakPassword
    return password


def normalized(password: str) -> str:
    """The password as it is hashed (NFC), whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password)


def person_holds(user: User | None, user_id: int | None) -> bool:
    """Is the account with this id still there, and enabled?

    Names are given again, subjects never: a later account of the same name is somebody else.
    """
    return user is not None and user.enabled and user.id == user_id


def session_holds(session: Session, user: User, now: int) -> bool:
    """Is this stay still on: neither too long idle nor too long in all, and its account as it was and enabled?"""
    return (
        person_holds(user, session.user_id)
        and now - session.last_seen_at < IDLE
        and now - session.signed_in_at < ABSOLUTE
    )


def link_holds(link: Link, now: int) -> bool:
    """Does the link still work?"""
    return now < link.expires_at
