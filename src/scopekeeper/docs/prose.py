"""Descriptions as pages show them: docstrings are plain text with paragraphs, and with code between backticks."""

import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

_CODE: Final = re.compile(r"`([^`\n]+)`")
_PARAGRAPHS: Final = re.compile(r"\n\s*\n")


@lru_cache(4096)
def prose(text: str) -> Markup:
    """The text as paragraphs. Everything in it is escaped; the only markup is `<p>` and `<code>`."""
    return Markup("").join(
        Markup("<p>{}</p>").format(inline(paragraph)) for paragraph in _PARAGRAPHS.split(text.strip()) if paragraph
    )


def inline(text: str) -> Markup:
    """One paragraph's text."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
