"""`GET /api/graphql/schema.graphql`: the schema as text, whole or cut to scopes."""

from typing import Final

from graphql import GraphQLSchema
from starlette.types import Receive, Scope, Send

from scopekeeper.api.guard import Guard, Refused
from scopekeeper.api.preconditions import Condition, etag_of
from scopekeeper.api.problems import PROBLEMS, reply_of
from scopekeeper.scopes import Catalogue, MalformedScope, cut, words
from scopekeeper.sdk import Invalid
from scopekeeper.surface.projection import Projection, Projections
from scopekeeper.wire import Reply, parse_form, problem, query_of

_ALLOW: Final = ((b"allow", b"GET, HEAD"),)
_CACHING: Final = (b"cache-control", b"private, no-cache")
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")


class SchemaEndpoint:
    """The schema as SDL. Where descriptions are not public, a token is demanded, and only what it holds is shown."""

    def __init__(self, schema: GraphQLSchema, catalogue: Catalogue, guard: Guard, *, public: bool) -> None:
        self._whole = Projection(schema)
        self._projections = Projections(schema)
        self._catalogue = catalogue
        self._guard = guard
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope) -> Reply:
        if scope["method"] not in ("GET", "HEAD"):
            return problem(405, "Method not allowed", "The schema is fetched by GET.", headers=_ALLOW)
        try:
            held = None if self._public else (await self._guard.identify(scope)).scopes
            text = self._projection(held, self._asked(scope)).sdl.encode()
            unless = Condition.of(scope, b"if-none-match")
        except Refused as refused:
            return refused.reply()
        except PROBLEMS as wrong:
            return reply_of(wrong)
        etag = etag_of(text)
        if unless is not None and unless.matches_weakly(etag):
            return Reply(304, headers=((b"etag", etag), _CACHING))
        return Reply(200, text, (_TEXT, (b"etag", etag), _CACHING))

    def _asked(self, scope: Scope) -> tuple[str, ...] | None:
        """The scopes of `?scope=…`; None for the whole. Raises MalformedForm, MalformedScope, Invalid."""
        query = parse_form(query_of(scope))
        text = query.pop("scope", None)
        for unknown in query:
            raise Invalid(unknown[:100], "There is no such parameter.")
        asked = None if text is None else words(text)
        for each in asked or ():
            if each not in self._catalogue:
                raise MalformedScope(f"There is no scope {each[:100]!r}.")
        return asked

    def _projection(self, held: frozenset[str] | None, asked: tuple[str, ...] | None) -> Projection:
        if held is None and asked is None:
            return self._whole
        if held is None or asked is None:
            return self._projections.of(frozenset(held or asked or ()))
        return self._projections.of(frozenset(cut(asked, held)))
