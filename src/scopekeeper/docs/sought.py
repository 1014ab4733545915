"""Searching the documentation: words, each somewhere in what is said of an operation or a type.

The same is done in the browser as one types (frontend/src/docs/search.js), on the same text.
"""

from collections.abc import Iterable


def sought_of(*parts: str) -> str:
    """What is searched of one entry: each word of it once, in lower case."""
    return " ".join(dict.fromkeys(" ".join(parts).lower().split()))


def words_of(text: str) -> tuple[str, ...]:
    """The words that somebody looks for."""
    return tuple(dict.fromkeys(text.lower().split()))


def found(words: Iterable[str], sought: str) -> bool:
    """Is each of these words somewhere in there?"""
    return all(word in sought for word in words)
