"""The REST API: one ASGI application for everything below `/api/rest`, built at start from the operations."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.types import Receive, Scope, Send

from scopekeeper.api.body import MERGE_PATCH
from scopekeeper.api.guard import Guard
from scopekeeper.api.modules import Modules
from scopekeeper.api.perform import Performer
from scopekeeper.api.problems import PROBLEMS, reply_of
from scopekeeper.api.routes import routes_of
from scopekeeper.surface.binding import Binding
from scopekeeper.wire import Reply, problem
from scopekeeper.wire.bearer import Refused
from scopekeeper.wire.paths import PREFIX, Routes, segments_of
from scopekeeper.wire.streamed import Streamed

_ROOT: Final = PREFIX.encode() + b"/"
_NOWHERE: Final = problem(404, "Not found", "There is nothing at this path.")


Answering = Callable[[Scope, Receive, Sequence[str]], Awaitable[Reply | Streamed]]
"""What stands at the end of a path: given the request and the path's parameters, it answers."""


class RestApp:
    """Finds the route of a request, and tells what went wrong as `application/problem+json` (RFC 9457)."""

    def __init__(self, modules: Modules, guard: Guard, performer: Performer, description: Answering) -> None:
        self._routes: Routes[Answering] = Routes()
        self._routes.add("GET", "/openapi.json", description)
        bindings = [Binding.of(operation) for operation in modules.operations]
        for method, path, route in routes_of(bindings, guard, performer):
            self._routes.add(method, path, route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope, receive)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply | Streamed:
        raw_path: bytes = scope["raw_path"]
        segments = segments_of(raw_path[len(_ROOT) :]) if raw_path.startswith(_ROOT) else None
        if segments is None:
            return _NOWHERE
        method = scope["method"]
        found = self._routes.find("GET" if method == "HEAD" else method, segments)
        if found is None:
            return self._elsewhere(method, segments)
        route, values = found
        try:
            return await route(scope, receive, values)
        except Refused as refused:
            return refused.reply()
        except PROBLEMS as wrong:
            return reply_of(wrong)

    def _elsewhere(self, method: str, segments: Sequence[str]) -> Reply:
        """Where nothing answers this method: what else could be asked here, or that nothing is here."""
        methods = self._routes.methods(segments)
        if not methods:
            return _NOWHERE
        allowed = sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])})
        headers = [(b"allow", ", ".join(allowed).encode())]
        if "PATCH" in methods:
            headers.append((b"accept-patch", b"%b, application/json" % MERGE_PATCH))
        if method == "OPTIONS":
            return Reply(204, headers=tuple(headers))
        return problem(405, "Method not allowed", f"This path answers {', '.join(allowed)}.", headers=tuple(headers))
