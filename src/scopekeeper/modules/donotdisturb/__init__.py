"""Do not disturb: an extension that is on it does not ring; whoever calls it finds it busy.

Every extension can be set to it; a row is stored only where one is.
"""

from typing import Annotated

from scopekeeper.sdk import ApiModule, Caller, Meta, Page, Paging, Patch, Settings, record
from scopekeeper.sdk.telephone import Whose

api = ApiModule(
    "donotdisturb",
    title="Do Not Disturb",
    read="See who is not to be disturbed",
    write="Change who is not to be disturbed",
)

Enabled = Annotated[bool, Meta(description="Shall it not ring? Then it is busy for every caller.", examples=[True])]


@record
class DoNotDisturb:
    """Whether one extension is not to be disturbed."""

    extension: Whose
    enabled: Enabled = False


undisturbed = api.table(
    DoNotDisturb, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")}
)
settings = Settings(undisturbed)


@api.read("GET /users", field="doNotDisturbs", of=undisturbed)
async def list_do_not_disturb(caller: Caller, paging: Paging) -> Page[DoNotDisturb]:
    """All extensions that are not to be disturbed."""
    return await caller.rows(undisturbed).page(paging)


@api.read("GET /users/{extension}", field="doNotDisturb", of="extension")
async def get_do_not_disturb(caller: Caller, extension: str) -> DoNotDisturb:
    """Whether one extension is not to be disturbed."""
    return await settings.get(caller, extension)


@api.write("PUT /users/{extension}", field="setDoNotDisturb", of="extension")
async def set_do_not_disturb(caller: Caller, extension: str, body: DoNotDisturb) -> DoNotDisturb:
    """Say whether one extension is not to be disturbed. Where `enabled` is left out, it rings."""
    return await settings.keep(caller, body)


@api.write("PATCH /users/{extension}", field="updateDoNotDisturb", of="extension")
async def update_do_not_disturb(caller: Caller, extension: str, body: Patch[DoNotDisturb]) -> DoNotDisturb:
    """Change whether one extension is not to be disturbed. Only what is given is changed; null clears."""
    return await settings.keep(caller, body.onto(await settings.get(caller, extension)))


@api.write("DELETE /users/{extension}", field="clearDoNotDisturb", of="extension")
async def clear_do_not_disturb(caller: Caller, extension: str) -> DoNotDisturb:
    """Let one extension ring again."""
    return await settings.clear(caller, extension)
