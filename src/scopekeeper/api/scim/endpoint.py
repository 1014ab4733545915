"""SCIM 2.0 over HTTP (RFC 7644): one ASGI application for everything below `/scim/v2`.

The scopes are those of the module `admin` for accounts, read off its operations: it is the same act, over another
protocol. Whoever may write and not read is told which account it was, and nothing of it; and sets no condition on it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope, Send

from scopekeeper.api.admin.office import Acting
from scopekeeper.api.body import UnsupportedMediaType, read_json
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.perform import require_system
from scopekeeper.api.preconditions import Condition, MalformedCondition
from scopekeeper.api.scim.bodies import state_of
from scopekeeper.api.scim.described import list_response, resource_types, schemas, service_provider_config
from scopekeeper.api.scim.directory import Directory, Require
from scopekeeper.api.scim.faults import MEDIA_TYPE, Fault, fault_reply
from scopekeeper.api.scim.patching import asks, changes_of
from scopekeeper.api.scim.projection import Projection
from scopekeeper.api.scim.resources import PREFIX, least_of, location_of, resource_of, version_of
from scopekeeper.api.scim.searching import Search, projection_of
from scopekeeper.oauth.people import User
from scopekeeper.scopes import missing
from scopekeeper.sdk import Forbidden, Operation
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.ports import Unavailable
from scopekeeper.surface.demands import demand_of
from scopekeeper.wire import NO_STORE, MalformedForm, Reply, TooLarge, address_of, parse_form, query_of
from scopekeeper.wire.bearer import Refused
from scopekeeper.wire.paths import Routes, segments_of
from scopekeeper.wire.reply import Headers

_ROOT: Final = f"{PREFIX}/".encode()
_ASKED_ABOUT: Final[Headers] = ((b"cache-control", b"private, no-cache"),)
_encode: Final = msgspec.json.Encoder().encode

_Answering = Callable[[Scope, Receive, Sequence[str]], Awaitable[Reply]]


class ScimApp:
    """Users, and what the server says of its SCIM."""

    def __init__(
        self, operations: Iterable[Operation], guard: Guard, accounts: Accounts, issuer: str, *, vouches: bool = False
    ) -> None:
        """`operations`: those of the module `admin`, whose acts these are. Raises KeyError where it is not there.

        `vouches`: is an address verified that is written down by who holds everything?
        """
        acts = {operation.field: operation for operation in operations}
        self._list, self._get = acts["users"], acts["user"]
        self._add, self._update, self._remove = acts["addUser"], acts["updateUser"], acts["removeUser"]
        self._guard = guard
        self._directory = Directory(accounts, issuer, vouches)
        self._issuer = issuer
        self._routes: Routes[_Answering] = Routes()
        for method, path, answering in (
            ("GET", "/Users", self._listed),
            ("POST", "/Users", self._added),
            ("POST", "/Users/.search", self._sought),
            ("POST", "/.search", self._sought),
            ("GET", "/Users/{id}", self._got),
            ("PUT", "/Users/{id}", self._replaced),
            ("PATCH", "/Users/{id}", self._patched),
            ("DELETE", "/Users/{id}", self._removed),
            ("GET", "/ServiceProviderConfig", _told(service_provider_config(issuer))),
            *_all_told("/ResourceTypes", resource_types(issuer)),
            *_all_told("/Schemas", schemas(issuer)),
            *((method, path, _not_here) for path in ("/Me", "/Bulk") for method in ("GET", "POST", "PUT", "PATCH")),
        ):
            self._routes.add(method, path, answering)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope, receive)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        raw_path: bytes = scope["raw_path"]
        segments = segments_of(raw_path[len(_ROOT) :]) if raw_path.startswith(_ROOT) else None
        if segments is None:
            return Fault.not_found().reply()
        method = scope["method"]
        found = self._routes.find("GET" if method == "HEAD" else method, segments)
        if found is None:
            return self._elsewhere(method, segments)
        answering, values = found
        try:
            return await answering(scope, receive, values)
        except Fault as fault:
            return fault.reply()
        except Forbidden as forbidden:
            return fault_reply(403, str(forbidden.detail))
        except Refused as refused:
            return _refusal(refused)
        except Unavailable:
            return _refusal(Refused.unavailable())
        except (MalformedForm, MalformedCondition) as malformed:
            return Fault.invalid_value(str(malformed)).reply()
        except TooLarge as large:
            return fault_reply(413, str(large))
        except UnsupportedMediaType as unsupported:
            return fault_reply(415, str(unsupported), headers=((b"accept", b"%b, application/json" % MEDIA_TYPE),))

    def _elsewhere(self, method: str, segments: Sequence[str]) -> Reply:
        methods = self._routes.methods(segments)
        if not methods:
            return Fault.not_found().reply()
        allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))
        headers = ((b"allow", allowed.encode()),)
        if method == "OPTIONS":
            return Reply(204, headers=headers)
        return fault_reply(405, f"This path answers {allowed}.", headers=headers)

    async def _listed(self, scope: Scope, _: Receive, values: Sequence[str]) -> Reply:
        await self._admitted(scope, self._list)
        return await self._page(Search.of_query(parse_form(query_of(scope))))

    async def _sought(self, scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        await self._admitted(scope, self._list)
        return await self._page(Search.of_body(await _body(scope, receive)))

    async def _page(self, search: Search) -> Reply:
        found = await self._directory.find(search.filter, search.first, search.count)
        shown = [search.projection.of_resource(resource_of(user, self._issuer)) for user in found.users]
        return _reply(200, list_response(shown, found.total, search.first), _ASKED_ABOUT)

    async def _got(self, scope: Scope, _: Receive, values: Sequence[str]) -> Reply:
        await self._admitted(scope, self._get)
        projection = projection_of(parse_form(query_of(scope)))
        match, unless = Condition.of(scope, b"if-match"), Condition.of(scope, b"if-none-match")
        user = await self._directory.get(values[0])
        if match is not None and not match.matches_weakly(_tag_of(user)):
            raise Fault.precondition_failed()
        if unless is not None and unless.matches_weakly(_tag_of(user)):
            return Reply(304, headers=((b"etag", version_of(user).encode()), *_ASKED_ABOUT))
        return self._shown(200, user, projection, _ASKED_ABOUT)

    async def _added(self, scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        admitted = await self._admitted(scope, self._add)
        projection = projection_of(parse_form(query_of(scope)))
        state = state_of(await _body(scope, receive))
        shown = await self._may_see(admitted)
        user = await self._directory.add(state, Acting.of(admitted, address_of(scope)))
        self._guard.wrote(admitted, self._add, {}, user)
        located = (*NO_STORE, (b"location", location_of(user, self._issuer).encode()))
        return self._shown(201, user, projection if shown else None, located)

    async def _replaced(self, scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        admitted = await self._admitted(scope, self._update)
        projection = projection_of(parse_form(query_of(scope)))
        require = await self._required(scope, admitted)
        state = state_of(await _body(scope, receive))
        shown = await self._may_see(admitted)
        acting = Acting.of(admitted, address_of(scope))
        user = await self._directory.replace(values[0], state, acting, require)
        self._guard.wrote(admitted, self._update, {"name": user.name}, user)
        return self._shown(200, user, projection if shown else None, NO_STORE)

    async def _patched(self, scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        admitted = await self._admitted(scope, self._update)
        projection = projection_of(parse_form(query_of(scope)))
        require = await self._required(scope, admitted)
        changes = changes_of(await _body(scope, receive))
        if asks(changes):
            await self._require_sight(admitted)
        shown = await self._may_see(admitted)
        acting = Acting.of(admitted, address_of(scope))
        user = await self._directory.patch(values[0], changes, acting, require)
        self._guard.wrote(admitted, self._update, {"name": user.name}, user)
        return self._shown(200, user, projection if shown else None, NO_STORE)

    async def _removed(self, scope: Scope, _: Receive, values: Sequence[str]) -> Reply:
        admitted = await self._admitted(scope, self._remove)
        require = await self._required(scope, admitted)
        user = await self._directory.remove(values[0], Acting.of(admitted, address_of(scope)), require)
        self._guard.wrote(admitted, self._remove, {"name": user.name}, user)
        return Reply(204)

    async def _admitted(self, scope: Scope, operation: Operation) -> Admitted:
        """Whoever may do what the operation does. Raises Refused, Forbidden."""
        admitted = await self._guard.admit(scope, operation.scope("rest"), demand=demand_of(operation))
        require_system(operation, admitted)
        return admitted

    async def _may_see(self, admitted: Admitted) -> bool:
        """May they read the account besides? Raises Refused: 401 where its sign-in is gone, or 503."""
        if missing(admitted.scopes, [self._get.scope("rest")]):
            return False
        demand = demand_of(self._get)
        return demand is None or await self._guard.meets(admitted, demand)

    async def _require_sight(self, admitted: Admitted) -> None:
        """See that they may read the account: what they ask for tells of it. Raises Refused."""
        lacking = missing(admitted.scopes, [self._get.scope("rest")])
        if lacking:
            raise self._guard.refused(admitted, lacking)
        demand = demand_of(self._get)
        if demand is not None:
            await self._guard.require_sign_in(admitted, demand)

    async def _required(self, scope: Scope, admitted: Admitted) -> Require:
        """What the request supposes of the account (RFC 7644 §3.14). Tags are of accounts, and compared weakly."""
        match, unless = Condition.of(scope, b"if-match"), Condition.of(scope, b"if-none-match")
        if any(not each.any for each in (match, unless) if each is not None):
            await self._require_sight(admitted)

        def require(user: User) -> None:
            if match is not None and not match.matches_weakly(_tag_of(user)):
                raise Fault.precondition_failed()
            if unless is not None and unless.matches_weakly(_tag_of(user)):
                raise Fault.precondition_failed()

        return require

    def _shown(self, status: int, user: User, projection: Projection | None, headers: Headers) -> Reply:
        """The account, or what of it is asked for; for whoever may not read it (None), which one it is."""
        if projection is None:
            return _reply(status, least_of(user, self._issuer), headers)
        tagged = (*headers, (b"etag", version_of(user).encode()))
        return _reply(status, projection.of_resource(resource_of(user, self._issuer)), tagged)


NO_SCIM: Final = fault_reply(404, "There is no SCIM here: the module admin is switched off.")
"""In its place."""


async def _body(scope: Scope, receive: Receive) -> dict[str, Any]:
    """The JSON object that was sent. Raises Fault: invalidSyntax; UnsupportedMediaType, TooLarge."""
    text = await read_json(scope, receive, patch=False)
    try:
        body = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Fault.invalid_syntax("The body is no JSON, or nested too deep.") from None
    if not isinstance(body, dict):
        raise Fault.invalid_syntax("The body is a JSON object.")
    return body


def _tag_of(user: User) -> bytes:
    """Its entity tag, as weak ones are compared."""
    return version_of(user).removeprefix("W/").encode()


def _reply(status: int, body: object, headers: Headers) -> Reply:
    return Reply(status, _encode(body), ((b"content-type", MEDIA_TYPE), *headers))


def _refusal(refused: Refused) -> Reply:
    """Who was not let in, with the challenge (RFC 6750 §3) and in the words of SCIM."""
    if refused.status == 503:
        return fault_reply(503, refused.detail, headers=((b"retry-after", b"1"),))
    return fault_reply(refused.status, refused.detail, headers=((b"www-authenticate", refused.challenge),))


def _told(document: Mapping[str, Any]) -> _Answering:
    """A document that is the same for everybody. It is not filtered (RFC 7644 §4)."""
    reply = _reply(200, document, ((b"cache-control", b"no-cache"),))

    async def told(scope: Scope, _: Receive, values: Sequence[str]) -> Reply:
        if "filter" in parse_form(query_of(scope)):
            raise Fault.forbidden("This is not filtered.")
        return reply

    return told


def _all_told(path: str, documents: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, _Answering]]:
    """A list of such documents, and each by its id."""
    listed = _told(list_response([dict(each) for each in documents], len(documents)))
    return [("GET", path, listed), *(("GET", f"{path}/{each['id']}", _told(each)) for each in documents)]


async def _not_here(scope: Scope, _: Receive, values: Sequence[str]) -> Reply:
    return fault_reply(501, "This is not supported here: /ServiceProviderConfig says what is.")
