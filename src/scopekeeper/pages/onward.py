"""Where a person goes after signing in: back to where they came from, if that is a page of ours (RFC 9700 §4.11.2)."""

import re
from typing import Final
from urllib.parse import quote

HOME: Final = "/account"

_OURS: Final = re.compile(
    r"/(?:account|account/(?:data|remove|security)|console/[A-Za-z0-9/_\-]*|device|oauth/authorize)(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?"
)
"""Whole paths that exist. What is not among them is not gone to: no host, no scheme, no dot segment can be written."""


def anew(path: str) -> str:
    """Where whoever is signed in does so once more, and comes back from to this page of ours."""
    return f"/login?anew=1&next={quote(path, safe='')}"


def onward(wanted: str | None) -> str:
    """The path that was wanted if it is one of ours, else the account."""
    return wanted if wanted is not None and _OURS.fullmatch(wanted) else HOME
