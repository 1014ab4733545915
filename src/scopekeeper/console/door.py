"""The console's door: it lets administrators in, and nobody else; and no form that we did not make for them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from scopekeeper.console.call import Call, Fields
from scopekeeper.pages.csrf import FIELD, foreign, proves
from scopekeeper.pages.endpoint import answered, is_post, target_of
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Reception, Visit, inside
from scopekeeper.pages.words import LANGUAGES, SOURCE
from scopekeeper.services.ports import Gone
from scopekeeper.wire import Reply, header, media_type, parse_all, query_of, read_body
from scopekeeper.wire.paths import Routes, segments_of
from scopekeeper.wire.streamed import Streamed

HOME: Final = "/console/"
FORM: Final = "console"
"""The name of every form of the console: they are bound to the session, and end with it."""

LIMIT: Final = 512 * 1024
"""Bytes of a form: one that names every scope of a large catalogue has fewer."""
MOST_FIELDS: Final = 6_000
"""Fields of a form, or of a query."""

Answer = Callable[[Call], Awaitable[Reply | Streamed]]


@dataclass(frozen=True, slots=True)
class Room:
    """What answers one method (`GET`, `POST`) at one path, such as `/console/applications/{client_id}`."""

    method: str
    path: str
    answer: Answer


class Console:
    """Everything below `/console/`."""

    def __init__(self, reception: Reception, pages: Pages, rooms: Sequence[Room]) -> None:
        self._reception = reception
        self._pages = pages
        self._routes: Routes[Room] = Routes()
        for room in rooms:
            self._routes.add(room.method, room.path, room)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The console speaks English only: what it says is also what is typed and read in programs.
        visit = replace(self._reception.visit(scope), words=LANGUAGES[SOURCE])
        reply = await answered(self._pages, visit, self._reply(visit, receive), HOME)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply | Streamed:
        scope, posting = visit.scope, is_post(visit)
        stay = await self._reception.stay(scope)
        if posting and foreign(scope, self._reception.issuer):
            raise Refused("forged", "foreign origin")
        if stay is None:
            return sent_on("/login?note=ended" if posting else f"/login?next={quote(target_of(visit), safe='')}")
        visit = inside(visit, stay)
        if not stay.user.admin:
            raise Refused("steward", f"{stay.user.name} is no administrator")
        segments = segments_of(scope["raw_path"].lstrip(b"/"))
        found = None if segments is None else self._routes.find("POST" if posting else "GET", segments)
        if found is None:
            if segments is not None and self._routes.methods(segments):
                raise Refused("method", scope["method"])
            raise Refused("nowhere", "no such page")
        room, values = found
        form = await self._posted(visit, receive) if posting else Fields({})
        call = Call(
            visit=visit,
            stay=stay,
            path=dict(zip(_names_in(room.path), values, strict=True)),
            query=Fields(parse_all(query_of(scope), MOST_FIELDS)),
            form=form,
            part=_part_of(scope),
        )
        try:
            return await room.answer(call)
        except Gone as gone:
            raise Refused("nowhere", str(gone)) from gone

    async def _posted(self, visit: Visit, receive: Receive) -> Fields:
        """The form that was sent, once it is certain that we made it, for this session. Raises Refused."""
        if media_type(visit.scope) != b"application/x-www-form-urlencoded":
            raise Refused("unreadable", "not a form")
        fields = Fields(parse_all(await read_body(visit.scope, receive, LIMIT), MOST_FIELDS))
        if not proves(fields.one(FIELD), visit.key, FORM):
            raise Refused("forged", "wrong token")
        return fields


def _names_in(path: str) -> Sequence[str]:
    return [segment.strip("{}") for segment in path.split("/") if segment.startswith("{")]


def _part_of(scope: Scope) -> str | None:
    """Which block a script of ours wants, to put it in place of the one that is shown."""
    target = header(scope, b"hx-target") if header(scope, b"hx-request") == b"true" else None
    return None if target is None else target.decode("latin-1")
