"""A person's own data across the modules: every list that they may read, read as they would, and no further."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from scopekeeper.api.guard import Admitted
from scopekeeper.api.operator import OPERATOR
from scopekeeper.api.perform import Performer
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Token
from scopekeeper.sdk import Operation, Page, Paging, Table

_STEP: Final = 200


def as_person(user: User) -> Admitted:
    """As if by a token of this person's, which exists nowhere: it reaches their own data alone, whoever they are."""
    token = Token(0, b"", "operator", ("rest",), 0, 0, 0, user=user.name, user_id=user.id)
    return replace(OPERATOR, token=token, person=replace(user, admin=False))


class OwnData:
    """Reads what is a person's: rows that name them as an owner, or hang on such a row."""

    def __init__(self, operations: Iterable[Operation], performer: Performer) -> None:
        self._lists = [each for each in operations if _lists_what_is_owned(each)]
        self._performer = performer

    def of(self, user: User) -> Mapping[str, AsyncIterator[Any]]:
        """The records of each list, by its GraphQL field, as the API shows them. They are read as they are taken.

        Taking one raises `sdk.Problem`, Unavailable.
        """
        person = as_person(user)
        return {each.field: self._every(each, person) for each in self._lists}

    async def _every(self, operation: Operation, person: Admitted) -> AsyncIterator[Any]:
        after: str | None = None
        while True:
            done = await self._performer.perform(operation, person, "rest", {"paging": Paging(_STEP, after)})
            page: Page[Any] = done.result
            for record in page.items:
                yield record
            after = page.next
            if after is None:
                return


def _lists_what_is_owned(operation: Operation) -> bool:
    """Does it list the rows of a table that have owners, as they are or in part?

    What counts them, or shows them in another way, shows nothing besides.
    """
    table = operation.of
    if not isinstance(table, Table) or table.owner is None or operation.system:
        return False
    if operation.access != "read" or not operation.paged or any(each.required for each in operation.query_arguments):
        return False
    return _names_of(operation.returns) <= _names_of(table.record)


def _names_of(record: Any) -> set[str]:
    return {each.name for each in fields(record)}
