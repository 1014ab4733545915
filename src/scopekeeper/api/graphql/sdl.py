"""`GET /api/graphql/schema.graphql`: the schema as text, whole or cut to scopes."""

from typing import Final

from graphql import GraphQLSchema
from starlette.types import Receive, Scope, Send

from scopekeeper.api.extent import Extent
from scopekeeper.api.preconditions import Condition, etag_of
from scopekeeper.api.problems import PROBLEMS, reply_of
from scopekeeper.surface.projection import Projection, Projections
from scopekeeper.wire import Reply, problem
from scopekeeper.wire.bearer import Refused

_ALLOW: Final = ((b"allow", b"GET, HEAD"),)
_CACHING: Final = (b"cache-control", b"private, no-cache")
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")


class SchemaEndpoint:
    """The schema as SDL, to the extent that whoever asks may see and wants to."""

    def __init__(self, schema: GraphQLSchema, extent: Extent) -> None:
        self._whole = Projection(schema)
        self._projections = Projections(schema)
        self._extent = extent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope) -> Reply:
        if scope["method"] not in ("GET", "HEAD"):
            return problem(405, "Method not allowed", "The schema is fetched by GET.", headers=_ALLOW)
        try:
            shown = await self._extent.of(scope)
            projection = self._whole if shown is None else self._projections.of(shown)
            text = projection.sdl.encode()
            unless = Condition.of(scope, b"if-none-match")
        except Refused as refused:
            return refused.reply()
        except PROBLEMS as wrong:
            return reply_of(wrong)
        etag = etag_of(text)
        if unless is not None and unless.matches_weakly(etag):
            return Reply(304, headers=((b"etag", etag), _CACHING))
        return Reply(200, text, (_TEXT, (b"etag", etag), _CACHING))
