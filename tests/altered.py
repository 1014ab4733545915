"""A record that is like another but for a few facts, of whichever kind of record it is."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

R = TypeVar("R")


def replace(record: R, **facts: Any) -> R:
    """The same record with these facts."""
    if isinstance(record, Struct):
        return structs.replace(record, **facts)
    return dataclasses.replace(record, **facts)  # type: ignore[type-var] # whatever is no Struct is a dataclass
