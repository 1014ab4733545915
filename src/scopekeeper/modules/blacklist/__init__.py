"""The blacklist: whose calls are not put through, and where they go instead.

It is nobody's: only applications that act for the whole system reach it. A telephone system asks for the number that
calls: 200 says that it is on the list, 404 that it is not.
"""

from typing import Annotated, Final

from scopekeeper.sdk import PRINTABLE, ApiModule, Begins, Caller, Meta, Page, Paging, Patch, Settings, record
from scopekeeper.sdk.telephone import Destination, Dialled

api = ApiModule(
    "blacklist",
    title="Blacklist",
    read="See which numbers are blacklisted",
    write="Change which numbers are blacklisted",
)

ONLY: Final = "settings"
"""What the one row of the settings is kept under. Nobody is shown it but in the error for what the settings name."""

Description = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        max_length=200,
        description="Why it is on the list: 1 to 200 printable characters.",
        examples=["Sells wine"],
    ),
]


@record
class BlacklistedNumber:
    """A number whose calls are not put through."""

    number: Dialled
    description: Description | None = None


@record
class BlacklistSettings:
    """What the blacklist does."""

    block_unknown: Annotated[bool, Meta(description="Also calls that show no number?", examples=[True])] = False
    destination: Annotated[
        Destination | None, Meta(description="Where the calls go that are not put through. Without it they are ended.")
    ] = None


@record
class Kept:
    """The settings as they are kept: in a table of one row."""

    name: str = ONLY
    block_unknown: bool = False
    destination: Destination | None = None


settings = Settings(api.table(Kept, key="name"))
numbers = api.table(BlacklistedNumber, key="number", name="numbers")


@api.read("GET /numbers", field="blacklistedNumbers", system=True)
async def list_numbers(caller: Caller, paging: Paging, begins: Dialled | None = None) -> Page[BlacklistedNumber]:
    """All numbers on the blacklist, or those that begin so."""
    asked = [] if begins is None else [Begins("number", begins)]
    return await caller.rows(numbers).page(paging, *asked)


@api.read("GET /numbers/{number}", field="blacklistedNumber", system=True)
async def get_number(caller: Caller, number: str) -> BlacklistedNumber:
    """One number, if it is on the blacklist."""
    return await caller.rows(numbers).get(number)


@api.write("POST /numbers", field="blacklistNumber", system=True)
async def add_number(caller: Caller, body: BlacklistedNumber) -> BlacklistedNumber:
    """Put a number on the blacklist."""
    return await caller.rows(numbers).add(body)


@api.write("PATCH /numbers/{number}", field="updateBlacklistedNumber", system=True)
async def update_number(caller: Caller, number: str, body: Patch[BlacklistedNumber]) -> BlacklistedNumber:
    """Change why a number is on the blacklist."""
    rows = caller.rows(numbers)
    return rows.put(body.onto(await rows.get(number)))


@api.write("DELETE /numbers/{number}", field="removeBlacklistedNumber", system=True)
async def remove_number(caller: Caller, number: str) -> BlacklistedNumber:
    """Take a number off the blacklist."""
    rows = caller.rows(numbers)
    gone = await rows.get(number)
    rows.remove(number)
    return gone


@api.read("GET /settings", field="blacklistSettings", system=True)
async def get_settings(caller: Caller) -> BlacklistSettings:
    """What the blacklist does."""
    return _shown(await settings.get(caller, ONLY))


@api.write("PATCH /settings", field="updateBlacklistSettings", system=True)
async def update_settings(caller: Caller, body: Patch[BlacklistSettings]) -> BlacklistSettings:
    """Change what the blacklist does. Only the fields given are changed; null clears."""
    return _shown(await settings.keep(caller, body.onto(await settings.get(caller, ONLY))))


def _shown(kept: Kept) -> BlacklistSettings:
    return BlacklistSettings(kept.block_unknown, kept.destination)
