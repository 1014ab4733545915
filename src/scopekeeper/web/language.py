"""The language of a page that an application sent somebody to."""

from collections.abc import Iterable
from dataclasses import replace

from scopekeeper.pages.visit import Visit
from scopekeeper.pages.words import words_among


def spoken(visit: Visit, ui_locales: Iterable[str]) -> Visit:
    """The visit in the first of these languages that there is; else in the browser's (OpenID Connect Core §3.1.2.1)."""
    words = words_among(ui_locales)
    return visit if words is None else replace(visit, words=words)
