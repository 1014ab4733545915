"""Extensions: the telephones of the house, and whose they are. Other modules hang their data on them."""

from enum import StrEnum
from typing import Annotated, Final

from scopekeeper.sdk import (
    PRINTABLE,
    ApiModule,
    Begins,
    Caller,
    Conflict,
    Forbidden,
    Invalid,
    Meta,
    Order,
    Page,
    Paging,
    Patch,
    record,
)
from scopekeeper.sdk.telephone import DIGITS, MAIL, ExtensionNumber

api = ApiModule(
    "extensions",
    title="Extensions",
    read="See the extensions and whose they are",
    write="Add, change and remove extensions",
)

LONGEST_NAME: Final = 100
LARGEST_RANGE: Final = 1000
FEW: Final = 5

Name = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=LONGEST_NAME,
        description="What the telephone displays: 1 to 100 printable characters.",
        examples=["Reception"],
    ),
]
User = Annotated[str, Meta(pattern="^[!-~]{1,64}$", description="Whose it is: the name of a user.", examples=["alice"])]
Email = Annotated[
    str,
    Meta(
        pattern=MAIL,
        description="Where its owner is written to.",
        examples=["alice@example.com"],
    ),
]
Names = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=LONGEST_NAME,
        description="What the telephones display; {extension} stands for the number of each.",
        examples=["Phone {extension}"],
    ),
]
Count = Annotated[int, Meta(ge=1, le=LARGEST_RANGE, description="How many: 1 to 1000.", examples=[10])]
First = Annotated[
    str,
    Meta(
        pattern=DIGITS,
        description="The first number: 1 to 32 digits. All numbers have as many.",
        examples=["2001"],
    ),
]


class ExtensionSort(StrEnum):
    """What extensions are in the order of."""

    EXTENSION = "extension"
    NAME = "name"


@record
class Extension:
    """One extension. Without an owner it is nobody's: only applications that act for the whole system reach it."""

    extension: ExtensionNumber
    name: Name
    owner: User | None = None
    email: Email | None = None


@record
class ExtensionRange:
    """Extensions to be added whose numbers follow one another. All have the same owner, or none."""

    first: First
    count: Count
    name: Names = "{extension}"
    owner: User | None = None


@record
class AddedRange:
    """The extensions that were added: from the first to the last."""

    first: ExtensionNumber
    last: ExtensionNumber
    count: int


extensions = api.table(Extension, key="extension", owner="owner", indexes=(("name",),))


@api.read("GET /", field="extensions", of=extensions)
async def list_extensions(
    caller: Caller,
    paging: Paging,
    owner: User | None = None,
    begins: ExtensionNumber | None = None,
    sort: ExtensionSort = ExtensionSort.EXTENSION,
    order: Order = Order.ASC,
) -> Page[Extension]:
    """All extensions, those of one owner, or those whose numbers begin so. A person sees their own."""
    asked = [] if begins is None else [Begins("extension", begins)]
    whose = {} if owner is None else {"owner": owner}
    rows, descending = caller.rows(extensions), order is Order.DESC
    return await rows.page(paging, *asked, sort=sort.value, descending=descending, **whose)


@api.read("GET /{extension}", field="extension", of=extensions)
async def get_extension(caller: Caller, extension: str) -> Extension:
    """One extension."""
    return await caller.rows(extensions).get(extension)


@api.write("POST /", field="addExtension", system=True)
async def add_extension(caller: Caller, body: Extension) -> Extension:
    """Add an extension."""
    return await caller.rows(extensions).add(body)


@api.write("POST /ranges", field="addExtensionRange", system=True, gives=("first", "last", "count"))
async def add_range(caller: Caller, body: ExtensionRange) -> AddedRange:
    """Add extensions whose numbers follow one another: all of them, or none where one is there already."""
    added = [Extension(number, body.name.replace("{extension}", number), body.owner) for number in _numbers(body)]
    if any(len(each.name) > LONGEST_NAME for each in added):
        raise Invalid("name", f"With the numbers in it, a name would be longer than {LONGEST_NAME} characters.")
    rows = caller.rows(extensions)
    taken = [each.extension for each in added if await rows.find(each.extension) is not None]
    if taken:
        raise Conflict(f"{_told(taken)} already: none was added.")
    for each in added:
        rows.put(each)
    return AddedRange(added[0].extension, added[-1].extension, len(added))


@api.write("PATCH /{extension}", field="updateExtension", of=extensions)
async def update_extension(caller: Caller, extension: str, body: Patch[Extension]) -> Extension:
    """Change an extension.

    Only the fields given are changed; null clears. What other modules keep for it stays as it is. Whose an extension
    is can be changed only by an application that acts for the whole system.
    """
    rows = caller.rows(extensions)
    old = await rows.get(extension)
    new = body.onto(old)
    if new.owner != old.owner and not caller.system:
        raise Forbidden("Only applications that act for the whole system can change whose an extension is.")
    return rows.put(new)


@api.write("DELETE /{extension}", field="removeExtension", system=True)
async def remove_extension(caller: Caller, extension: str) -> Extension:
    """Remove an extension, and with it all that other modules keep for it."""
    rows = caller.rows(extensions)
    gone = await rows.get(extension)
    rows.remove(extension)
    return gone


def _numbers(range_: ExtensionRange) -> list[str]:
    """Its numbers, all with as many digits as the first. Raises Invalid where there are not so many."""
    digits, first = len(range_.first), int(range_.first)
    if first + range_.count > 10**digits:
        raise Invalid(
            "count", f"Of {digits} digits, there are only {10**digits - first} numbers from {range_.first} on."
        )
    return [str(first + place).zfill(digits) for place in range(range_.count)]


def _told(taken: list[str]) -> str:
    """Which numbers are taken: the first few of them, and how many more."""
    first, more = ", ".join(taken[:FEW]), len(taken) - FEW
    if more > 0:
        return f"{first} and {more} more exist"
    return f"{first} {'exists' if len(taken) == 1 else 'exist'}"
