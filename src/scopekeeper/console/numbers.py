"""Numbers that come back in a form: row ids, revisions, generations. Nobody types them."""

from scopekeeper.pages.refusals import Refused

_MOST = 2**63


def number_of(text: str) -> int:
    """The number. Raises Refused: a form of ours has one there."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _MOST):
        raise Refused("unreadable", "a number is missing or is none")
    return int(text)
