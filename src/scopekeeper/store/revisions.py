"""The steps from schema to schema, and which program may open which database (docs/adr/0032).

A step that *expands* (a new table, a column that may be empty or has a default, an index) leaves every older program at
work. A step that *contracts* (a column that goes, or that must be filled from now on) names the oldest program that
works on what it leaves behind. Each database says which that is, to programs that know nothing of its newest steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

FIRST: Final = "0009"
"""The first revision whose databases say which programs they let work. Earlier programs open none but their own."""


class SchemaError(Exception):
    """The database cannot be used as it is. The message is one line that says why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a database says of its schema."""

    version: str
    works_from: str | None = None
    """The oldest program that works on it, by the newest revision that it knows; None where nothing is said: none but
    the one of that version."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The steps from schema to schema, as one program knows them."""

    revisions: tuple[str, ...]
    """Their names, the oldest first."""
    locations: tuple[str, ...]
    """Where Alembic finds them."""
    contracting: Mapping[str, str] = field(default_factory=dict)
    """Those that contract: to each the oldest program that works on what it leaves behind.

    No program needs them itself: it works before and after those at the end.
    """

    @property
    def head(self) -> str:
        """The last step."""
        return self.revisions[-1]

    @property
    def needs(self) -> str:
        """The last step that expands: without it this program does not work."""
        return next(each for each in reversed(self.revisions) if each not in self.contracting)

    def goal(self, version: str, *, contract: bool) -> str:
        """The step to which a database of this version is brought, all that contract at the end only if told so."""
        return self.head if contract else max(version, self.needs, key=self.revisions.index)

    def works_from(self, version: str) -> str | None:
        """The oldest program that works on a database of this version, which is one of ours."""
        steps = self.revisions[: self.revisions.index(version) + 1]
        told = [self.contracting[each] for each in steps if each in self.contracting]
        return told[-1] if told else FIRST if FIRST in steps else None

    def is_newer(self, standing: Standing) -> bool:
        """Is the database newer than this program, and lets it work?"""
        return standing.version not in self.revisions and standing.works_from in self.revisions

    def opens(self, standing: Standing) -> bool:
        """May this program use the database?"""
        if standing.version in self.revisions:
            return self.revisions.index(standing.version) >= self.revisions.index(self.needs)
        return self.is_newer(standing)

    def require(self, standing: Standing, database: object) -> None:
        """See that this program may use the database. Raises SchemaError."""
        if not self.opens(standing):
            raise SchemaError(self.mismatch(standing.version, database, self.needs))

    def require_head(self, version: str, database: object) -> None:
        """See that the database has this program's own schema, no older and no newer one. Raises SchemaError."""
        if version != self.head:
            raise SchemaError(self.mismatch(version, database, self.head))

    def mismatch(self, version: str, database: object, needed: str) -> str:
        """Why a database of this version cannot be used, and what to do."""
        if version not in self.revisions:
            return f"{database} has schema {version}, which is newer than this program: install the newer program"
        contract = self.revisions.index(version) >= self.revisions.index(self.needs)
        command = f"scopekeeper migrate{' --contract' if contract else ''}"
        return f"{database} has schema {version}, this program needs {needed}: run `{command}`"

    def is_too_old(self, knows: str | None, version: str) -> bool:
        """Does a program whose newest revision is this one not work on a database of this version?"""
        oldest = self.works_from(version)
        if oldest is None or (knows is not None and knows not in self.revisions):
            return False
        return knows is None or self.revisions.index(knows) < self.revisions.index(oldest)


MIGRATIONS: Final = Migrations(
    ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"),
    ("scopekeeper.store:migrations/versions",),
)
"""Those of this program."""

HEAD: Final = MIGRATIONS.head
