"""`/account/security/codes`: recovery codes, shown once, to be kept on paper or among one's passwords."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from scopekeeper.pages.cookies import Cookie, Header
from scopekeeper.pages.once import left, taken
from scopekeeper.pages.onward import onward
from scopekeeper.pages.page import ON_THE_WAY, OWN, Pages, sent_on
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.web.asking import AUTHORIZE
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers

SECURITY: Final = "/account/security"
CODES: Final = f"{SECURITY}/codes"

_CODES: Final = "recovery codes"


def shown_next(once: Cookie, visit: Visit, stay: Stay, codes: Sequence[str], wanted: str, *headers: Header) -> Reply:
    """On to the page that shows these codes once, and from there to what was wanted. Without any: at once."""
    if not codes:
        return sent_on(wanted, *headers)
    kept = left(once, visit, stay, {_CODES: " ".join(codes)})
    return sent_on(f"{CODES}?next={quote(wanted, safe='')}", *headers, kept)


def unseen(once: Cookie, visit: Visit, stay: Stay) -> bool:
    """Were codes made in this session within the minute that have not been shown?"""
    made = taken(once, visit, stay)
    return made is not None and _CODES in made


def codes_page(pages: Pages, once: Cookie, visit: Visit, stay: Stay, wanted: str | None) -> Reply:
    """The codes that were just made, if this session made them within the minute; else there is nothing to be seen."""
    path, made = f"{SECURITY}?note=unseen" if wanted is None else onward(wanted), taken(once, visit, stay)
    if made is None or _CODES not in made:
        return sent_on(path)
    # An application's window may wait for what comes after this page.
    guards: Headers = ON_THE_WAY if path.startswith(AUTHORIZE) else OWN
    facts = {"user": stay.user, "codes": made[_CODES].split(), "wanted": path}
    return pages(visit, "recovery_codes.html", facts, headers=(once.forget(),), guards=guards)
