r"""Patterns as JSON Schema reads them (ECMA-262), although Python matches them: `$` is the very end, `\d` is ASCII.

In Python `$` would also let a final line feed through, and `\d` and `\w` are any script's.
"""

from typing import Final

from msgspec import Meta

_KEPT: Final = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "min_length",
    "max_length",
    "title",
    "description",
    "examples",
    "extra_json_schema",
    "extra",
)
_ASCII: Final = "(?a)"
_END: Final = r"\Z"


def anchored(meta: object) -> object:
    """The constraint with its pattern spelled so that Python reads it as ECMA-262 does."""
    if not isinstance(meta, Meta) or meta.pattern is None:
        return meta
    pattern = meta.pattern
    if pattern.endswith("$") and not pattern.endswith(r"\$"):
        pattern = pattern[:-1] + _END
    kept = {name: value for name in _KEPT if (value := getattr(meta, name)) is not None}
    return Meta(pattern=_ASCII + pattern, **kept)


def as_written(pattern: str) -> str:
    """The pattern as its author wrote it, for whoever is told of it."""
    written = pattern.removeprefix(_ASCII)
    return f"{written.removesuffix(_END)}$" if written.endswith(_END) else written
