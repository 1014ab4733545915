"""What all records of this module have in common: moments, scopes, the ids of rows, and lists of them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.secrets import id_of
from scopekeeper.sdk import Invalid, Meta, NotFound, Page, Paging
from scopekeeper.services.lists import MOST_COUNTED

T = TypeVar("T")
R = TypeVar("R")

_LATEST: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())

Ident = Annotated[str, Meta(description="Its id: eleven characters. It opens nothing.", examples=["0KJ3mVq1zGf"])]
ClientId = Annotated[str, Meta(description="The application's client_id.", examples=["7fGx0pQ2mVbN4sKdL1aZ9c"])]
Person = Annotated[str, Meta(description="The name of an account.", examples=["alice"])]
ScopeText = Annotated[
    str, Meta(description="Scopes, separated by spaces.", examples=["rest:callforward:read rest:callforward:write"])
]


def moment(seconds: int) -> datetime:
    """The moment so many seconds after the epoch, in UTC."""
    return datetime.fromtimestamp(min(seconds, _LATEST), UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    """The same, where there is one."""
    return None if seconds is None else moment(seconds)


def jti_of_or_none(row_id: int | None) -> str | None:
    """The id of a row, where there is one."""
    return None if row_id is None else jti_of(row_id)


def seconds_of(asked: datetime | None, name: str) -> int | None:
    """The moment that is asked for, in whole seconds. Raises Invalid for one without a time zone."""
    if asked is None:
        return None
    if asked.tzinfo is None:
        raise Invalid(name, "A moment has a time zone: 2026-03-01T12:00:00Z.")
    return int(asked.timestamp())


def row_of(text: str, what: str) -> int:
    """The row that this id names. Raises NotFound; what was sent may be a secret, and is not repeated."""
    row_id = id_of(text)
    if row_id is None:
        raise NotFound(f"There is no such {what}.")
    return row_id


def row_behind(paging: Paging) -> int | None:
    """The row behind which a page begins whose cursors are made of ids. Raises Invalid for any other cursor."""
    if paging.after is None:
        return None
    row_id = id_of(paging.after)
    if row_id is None:
        raise Invalid("after", "This is no cursor that was given here.")
    return row_id


def page_of(
    rows: Sequence[T],
    paging: Paging,
    key_of: Callable[[T], str],
    shown: Callable[[T], R],
    count: Callable[[], Awaitable[int]],
) -> Page[R]:
    """One page of what was found: `rows` has one more than the page has, where more follow.

    What there is in all is counted up to ten thousand.
    """
    found, more = rows[: paging.limit], len(rows) > paging.limit
    keys = tuple(key_of(row) for row in found)

    async def counted() -> int:
        return min(await count(), MOST_COUNTED)

    return Page(tuple(shown(row) for row in found), keys[-1] if more else None, counted, keys)
