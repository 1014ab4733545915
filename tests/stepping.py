"""A module some of whose operations demand a sign-in (RFC 9470), beside those that are installed."""

from typing import Annotated, Final

from scopekeeper.api.modules import Modules, installed
from scopekeeper.sdk import ApiModule, Caller, Meta, record

RUNG: Final = "urn:scopekeeper:acr:password"
CONTENTS: Final = "/api/rest/safe/contents/1001"
LABEL: Final = "/api/rest/safe/labels/1001"
MAX_AGE: Final = 300

Number = Annotated[str, Meta(description="The extension whose safe it is.", examples=["1001"])]


@record
class Contents:
    """What lies in the safe of one extension."""

    extension: Number
    inside: str = "gold"


def safe() -> ApiModule:
    """Whoever looks inside has signed in lately; whoever puts something in, did so by a password, whenever."""
    api = ApiModule("safe", title="Safe", read="Look into safes", write="Fill safes")
    api.table(Contents, key="extension", refers={"extension": ("extensions", "cascade")})

    @api.read("GET /contents/{extension}", field="contents", of="extension", max_age=MAX_AGE)
    async def contents(caller: Caller, extension: Number) -> Contents:
        """What is inside."""
        return Contents(extension)

    @api.write("PUT /contents/{extension}", field="fill", of="extension", acr=(RUNG,))
    async def fill(caller: Caller, extension: Number, body: Contents) -> Contents:
        """Put something in."""
        return body

    @api.read("GET /codes/{extension}", field="code", of="extension", max_age=60, acr=(RUNG,))
    async def code(caller: Caller, extension: Number) -> Contents:
        """What opens it."""
        return Contents(extension, "36-24-36")

    @api.read("GET /labels/{extension}", field="label", of="extension")
    async def label(caller: Caller, extension: Number) -> Contents:
        """What is written on it."""
        return Contents(extension, "a label")

    return api


def with_a_safe() -> Modules:
    """The modules that are installed, and the safe."""
    return Modules([*installed().modules, safe()])
