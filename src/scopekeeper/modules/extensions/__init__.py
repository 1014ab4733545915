"""Extensions: the telephones of the house, and whose they are. Other modules hang their data on them."""

from typing import Annotated

from scopekeeper.sdk import ApiModule, Caller, Forbidden, Meta, Page, Paging, Patch, record

api = ApiModule(
    "extensions",
    title="Extensions",
    read="See the extensions and whose they are",
    write="Add, change and remove extensions",
)

Number = Annotated[
    str, Meta(pattern="^[0-9]{1,32}$", description="The number dialled: 1 to 32 digits.", examples=["1001"])
]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$",
        min_length=1,
        max_length=100,
        description="What the telephone displays: 1 to 100 printable characters.",
        examples=["Reception"],
    ),
]
User = Annotated[str, Meta(pattern="^[!-~]{1,64}$", description="Whose it is: the name of a user.", examples=["alice"])]
Email = Annotated[
    str,
    Meta(
        pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.\-]{1,189}$",
        description="Where its owner is written to.",
        examples=["alice@example.com"],
    ),
]


@record
class Extension:
    """One extension. Without an owner it is nobody's: only applications that act for the whole system reach it."""

    extension: Number
    name: Name
    owner: User | None = None
    email: Email | None = None


extensions = api.table(Extension, key="extension", owner="owner")


@api.read("GET /", field="extensions", of=extensions)
async def list_extensions(caller: Caller, paging: Paging) -> Page[Extension]:
    """All extensions, in the order of their numbers. A person sees their own."""
    return await caller.rows(extensions).page(paging)


@api.read("GET /{extension}", field="extension", of=extensions)
async def get_extension(caller: Caller, extension: str) -> Extension:
    """One extension."""
    return await caller.rows(extensions).get(extension)


@api.write("POST /", field="addExtension", system=True)
async def add_extension(caller: Caller, body: Extension) -> Extension:
    """Add an extension."""
    return await caller.rows(extensions).add(body)


@api.write("PATCH /{extension}", field="updateExtension", of=extensions)
async def update_extension(caller: Caller, extension: str, body: Patch[Extension]) -> Extension:
    """Change an extension.

    Only the fields given are changed; null clears. Whose an extension is can be changed only by an application that
    acts for the whole system.
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
