"""The cookies that pages keep: their names, their attributes, and how they are read (RFC 6265bis §4.1.3.2)."""

import re
from typing import Final

from starlette.types import Scope

from scopekeeper.wire.headers import headers

Header = tuple[bytes, bytes]

LINK_AGE: Final = 15 * 60
"""Seconds that a browser keeps the secret of a link it has opened, until the form is sent."""

ONCE_AGE: Final = 60
"""Seconds that a browser keeps what is to be shown once, until the page that shows it is asked for."""

STAGE_AGE: Final = 10 * 60
"""Seconds that a browser keeps what is under way between two steps of a sign-in, or of adding a factor."""

_VALUE: Final = re.compile(r"[0-9A-Za-z_]{1,128}")
_SEALED: Final = re.compile(r"[0-9A-Za-z_\-]{1,3000}")


class Cookie:
    """One cookie: HttpOnly, for this host alone, sent along when another site links here but not when it posts.

    Over https it is `__Host-…` and Secure, so that no neighbouring host can set it. Over http, which is loopback,
    browsers allow neither.
    """

    def __init__(self, name: str, *, secure: bool, age: int | None = None, form: re.Pattern[str] = _VALUE) -> None:
        self.name: Final = f"__Host-{name}" if secure else name
        lasting = "" if age is None else f"; Max-Age={age}"
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
        self._lasting = lasting
        self._form = form

    def set(self, value: str) -> Header:
        """The header that has the browser keep it."""
        return b"set-cookie", f"{self.name}={value}{self._attributes}{self._lasting}".encode()

    def forget(self) -> Header:
        """The header that has the browser drop it."""
        return b"set-cookie", f"{self.name}={self._attributes}; Max-Age=0".encode()

    def of(self, scope: Scope) -> str | None:
        """Its value in this request; None if it is absent, odd, or there twice with two values."""
        found = set()
        for line in headers(scope, b"cookie"):
            for pair in line.decode("latin-1").split(";"):
                name, _, value = pair.strip().partition("=")
                if name == self.name:
                    found.add(value)
        value = found.pop() if len(found) == 1 else ""
        return value if self._form.fullmatch(value) else None


class Jar:
    """The cookies of one installation, whose scheme decides what they are called."""

    def __init__(self, issuer: str) -> None:
        secure = issuer.startswith("https:")
        self.session: Final = Cookie("scopekeeper", secure=secure)
        """Whose stay it is. Gone when the browser closes."""
        self.visitor: Final = Cookie("scopekeeper-visitor", secure=secure)
        """Nobody in particular: the secret that binds forms to this browser before anybody has signed in."""
        self.link: Final = Cookie("scopekeeper-link", secure=secure, age=LINK_AGE)
        """The secret of the single-use link that was opened, so that it does not stay in the address."""
        self.once: Final = Cookie("scopekeeper-once", secure=secure, age=ONCE_AGE, form=_SEALED)
        """What was just made and is shown once, sealed under the session, on its way to the page that shows it."""
        self.stage: Final = Cookie("scopekeeper-stage", secure=secure, age=STAGE_AGE, form=_SEALED)
        """What is under way between two steps of a sign-in, sealed (`services/passages.py`)."""
        self.away: Final = Cookie("scopekeeper-away", secure=secure, age=STAGE_AGE, form=_SEALED)
        """The same, while somebody is at another provider to sign in there."""
        self.factor: Final = Cookie("scopekeeper-factor", secure=secure, age=STAGE_AGE, form=_SEALED)
        """The same, while a passkey or one-time codes are being set up."""
