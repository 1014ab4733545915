"""What the console shows once, such as a fresh secret: as the pages do it (`pages.once`), for a call."""

from collections.abc import Mapping

from scopekeeper.console.call import Call
from scopekeeper.pages import once
from scopekeeper.pages.cookies import Cookie, Header


def left(cookie: Cookie, call: Call, facts: Mapping[str, str]) -> Header:
    """The header that leaves these facts with the browser, sealed."""
    return once.left(cookie, call.visit, call.stay, facts)


def taken(cookie: Cookie, call: Call) -> Mapping[str, str] | None:
    """What was left, if this session left it within the minute. Answer with `cookie.forget()`."""
    return once.taken(cookie, call.visit, call.stay)
