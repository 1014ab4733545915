"""Who is calling, and the data that this caller may reach."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from scopekeeper.scopes import covers
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.sdk.digests import Digests
from scopekeeper.sdk.errors import Conflict, Forbidden, NotFound
from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.sdk.paging import Page, Paging
from scopekeeper.sdk.table import Table

R = TypeVar("R")
T = TypeVar("T")

Provided = Callable[[type[Any]], Any]
"""What the house provides of a kind, for one call."""


def _nothing(kind: type[Any]) -> Any:
    raise LookupError(f"the house provides no {kind.__name__}")


class Caller:
    """Whoever holds the token of this call. Made by the guard; an operation gets it as its first argument."""

    __slots__ = ("_api", "_data", "_provided", "_work", "client_id", "scopes", "system", "user")

    def __init__(
        self,
        *,
        client_id: str,
        scopes: Collection[str],
        api: str,
        data: Data,
        work: Work,
        user: str | None = None,
        system: bool = True,
        provided: Provided = _nothing,
    ) -> None:
        self.client_id = client_id
        self.scopes = scopes
        """What the token may do just now: its scopes, cut to the application's ceiling."""
        self.user = user
        """In whose name it acts; None where an application acts for itself."""
        self.system = system
        """Does it act for the whole system (an application by itself, or an administrator)?"""
        self._api = api
        self._data = data
        self._work = work
        self._provided = provided

    def may(self, access: str, module: str, resource: str | None = None) -> bool:
        """Does it hold the scope for this access to this module, over the API by which it came?"""
        below = f":{resource}" if resource else ""
        return covers(self.scopes, f"{self._api}:{module}:{access}{below}")

    def rows(self, table: Table[R]) -> "Rows[R]":
        """The rows of a table that this caller may reach: all, or a person's own.

        Raises Forbidden for a person where the rows are nobody's.
        """
        if self.system:
            return Rows(table, None, self._data, self._work)
        if table.owner is None:
            raise Forbidden("This is not a person's data: only applications that act for the whole system reach it.")
        return Rows(table, self.user, self._data, self._work)

    def beyond(self, table: Table[R]) -> "Rows[R]":
        """All rows of a table, to read, for rules that must look further than the caller may (loops, clashes).

        Never put into an answer what only this shows.
        """
        return Rows(table, None, self._data, self._work, readable_only=True)

    def provided(self, kind: type[T]) -> T:
        """What the house provides to the modules that keep it, by its type: its services, and on whose behalf.

        Modules of others are given nothing. Raises LookupError for what is not provided.
        """
        found: T = self._provided(kind)
        return found

    def saw(self, kind: str, key: str, version: int) -> None:
        """Rely on this version of what the house keeps: a precondition that was judged by it, and the write.

        Whoever writes hands the version on, and raises `sdk.data.Changed` where it is another by then. This raises it
        where an earlier look in the same run found another. Either way the operation runs again, precondition and all.
        """
        self._work.saw_elsewhere(kind, key, version)

    async def require(self, table: str, key: str) -> None:
        """See that the row exists and is the caller's to reach. Raises NotFound."""
        version = await self._data.exists(table, key, None if self.system else self.user)
        if version is None:
            raise NotFound(f"There is no {key!r} here.")
        self._work.saw(table, key, version)

    async def owner_of(self, table: str, key: str) -> str | None:
        """Whose a row of the table named so is, of whichever module: a user's name, the first where there are several.

        None: nobody's, or there is no such row, or no such table because its module is switched off. It is relied on
        as what was read. Raises Forbidden for a person.
        """
        if not self.system:
            raise Forbidden("Only applications that act for the whole system can ask whose something is.")
        try:
            found = await self._data.owner(table, key)
        except LookupError:
            return None
        self._work.saw(table, key, None if found is None else found.version)
        return None if found is None else found.owner

    async def digested(self, secret: str) -> str:
        """What to keep of a secret that a person chose, such as a PIN: never the secret itself.

        It is made anew each time, with argon2id, and costs tens of milliseconds: once in an operation is enough.
        """
        digests: Digests = self._provided(Digests)
        return await digests.made(secret)

    async def is_digest_of(self, digest: str | None, secret: str, *, opening: str | None = None) -> bool:
        """Is this what `digested` made of this secret? It costs as much, and without a digest to say no costs the same.

        `opening` names what the secret opens, such as `voicemail 1001`: wrong ones are counted for it, ten at once and
        then two a minute, over all processes. Raises TooManyTries beyond that, right or wrong.
        """
        digests: Digests = self._provided(Digests)
        return await digests.matches(digest, secret, opening)


class Rows(Generic[R]):
    """The rows of one table that one caller reaches. What is put or removed is committed when the operation returns."""

    __slots__ = ("_data", "_readable_only", "_table", "_whose", "_work")

    def __init__(
        self, table: Table[R], whose: str | None, data: Data, work: Work, *, readable_only: bool = False
    ) -> None:
        self._table = table
        self._whose = whose
        self._data = data
        self._work = work
        self._readable_only = readable_only

    async def find(self, key: str) -> R | None:
        """The record with this key, or None."""
        found = await self._data.get(self._table, key, self._whose)
        if found is not None:
            self._work.saw(self._table.name, key, found.version)
            record: R = found.record
            return record
        if self._whose is None:
            self._work.saw(self._table.name, key, None)
        else:
            self._work.unseen.add((self._table.name, key, self._whose))
        return None

    async def get(self, key: str) -> R:
        """The record with this key. Raises NotFound."""
        found = await self.find(key)
        if found is None:
            raise NotFound(f"There is no {key!r} here.")
        return found

    async def page(
        self,
        paging: Paging,
        *conditions: Condition,
        sort: str | None = None,
        descending: bool = False,
        **where: object,
    ) -> Page[R]:
        """One page of the records that meet all conditions, and whose fields equal the values in `where`.

        In the order of their keys, or of the field `sort`, which is the key or stands in an index of the table. What
        is empty comes first, or last where it is `descending`. Raises Invalid, at `after`, for the cursor of another
        order. The count of the page counts to 100 000.
        """
        table, whose, data = self._table, self._whose, self._data
        rows = await data.page(table, whose, where, paging.after, paging.limit + 1, conditions, sort, descending)
        shown = rows[: paging.limit]
        more = len(rows) > paging.limit

        async def count() -> int:
            return await data.count(table, whose, where, conditions)

        return Page(
            items=tuple(found.record for _, found in shown),
            next=shown[-1][0] if more else None,
            count=count,
            keys=tuple(place for place, _ in shown),
        )

    async def counts(
        self,
        *conditions: Condition,
        prefix: int = 0,
        by: Sequence[str] = (),
        sums: Sequence[str] = (),
        **where: object,
    ) -> tuple[Counted, ...]:
        """How many of these records are alike, in the first `prefix` characters of their keys and in the fields `by`.

        In the order of these; `sums` are fields to add up. All that are meant are read: keep that in bounds, by
        `Between` or `Begins` on the key.
        """
        return tuple(await self._data.counts(self._table, self._whose, where, conditions, prefix, by, sums))

    async def add(self, record: R) -> R:
        """A new record. Raises Conflict if its key is taken (by a record that the caller may not see, too)."""
        key = self._table.key_of(record)
        version = await self._data.exists(self._table.name, key, None)
        self._work.saw(self._table.name, key, version)
        if version is not None:
            raise Conflict(f"{key!r} exists already.")
        return self.put(record)

    def put(self, record: R) -> R:
        """The record as it shall be, new or not."""
        self._write(self._table.key_of(record), record)
        return record

    def remove(self, key: str) -> None:
        """No record with this key shall be left."""
        self._write(key, None)

    def _write(self, key: str, record: Any | None) -> None:
        if self._readable_only:
            raise TypeError("rows beyond the caller's reach are there to read only")
        self._work.writes.append(Write(self._table, key, record, self._whose))
