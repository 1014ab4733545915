"""Call waiting: may a second call knock while an extension is in one?

Every extension has its call waiting; a row is stored only where it is on.
"""

from typing import Annotated

from scopekeeper.sdk import ApiModule, Caller, Meta, Page, Paging, Patch, Settings, record
from scopekeeper.sdk.telephone import Whose

api = ApiModule(
    "callwaiting",
    title="Call Waiting",
    read="See whether second calls may knock",
    write="Change whether second calls may knock",
)

Enabled = Annotated[bool, Meta(description="May a second call knock? Else it is busy.", examples=[True])]


@record
class CallWaiting:
    """Whether a second call may knock while one extension is in a call."""

    extension: Whose
    enabled: Enabled = False


waiting = api.table(CallWaiting, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
settings = Settings(waiting)


@api.read("GET /users", field="callWaitings", of=waiting)
async def list_call_waiting(caller: Caller, paging: Paging) -> Page[CallWaiting]:
    """All extensions that have call waiting."""
    return await caller.rows(waiting).page(paging)


@api.read("GET /users/{extension}", field="callWaiting", of="extension")
async def get_call_waiting(caller: Caller, extension: str) -> CallWaiting:
    """Whether a second call may knock at one extension."""
    return await settings.get(caller, extension)


@api.write("PUT /users/{extension}", field="setCallWaiting", of="extension")
async def set_call_waiting(caller: Caller, extension: str, body: CallWaiting) -> CallWaiting:
    """Say whether a second call may knock at one extension. Where `enabled` is left out, it may not."""
    return await settings.keep(caller, body)


@api.write("PATCH /users/{extension}", field="updateCallWaiting", of="extension")
async def update_call_waiting(caller: Caller, extension: str, body: Patch[CallWaiting]) -> CallWaiting:
    """Change whether a second call may knock at one extension. Only what is given is changed; null clears."""
    return await settings.keep(caller, body.onto(await settings.get(caller, extension)))


@api.write("DELETE /users/{extension}", field="clearCallWaiting", of="extension")
async def clear_call_waiting(caller: Caller, extension: str) -> CallWaiting:
    """Let no second call knock at one extension."""
    return await settings.clear(caller, extension)
