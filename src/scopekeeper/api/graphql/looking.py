"""Looking through others' eyes: a document is run with what an application or a person could read, without a token.

`/api/graphql` answers a token; this answers a `View` (`oauth/viewing.py`), which the console makes for an
administrator. The answers are the same, body and status, and come about by the same plans, needs, performer and caller.
Besides:

* it only reads. A mutation is refused before anything runs (403, `VIEW_IS_READ_ONLY`), and could not write if it were
  not: the schema has no Mutation, the call performs nothing but reads, and the data that it reaches takes no writes;
* what no token would reach is refused (403, `VIEW_READS_NOTHING`); where only the schema can be read, so are fields
  with data (403, `VIEW_READS_NO_DATA`). Either says why;
* what demands a sign-in of a person demands it of whoever looks (401): else one would see through others' eyes what
  one's own would not be shown;
* whoever looks is noted, before they see an answer with data; where that cannot be committed there is no answer (503).
  Nothing is noted of the application: neither calls nor refusals nor uses are its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLSchema, OperationType

from scopekeeper.api.graphql.answers import NOT_RUN, answer, not_run, rejection
from scopekeeper.api.graphql.request import variables_of
from scopekeeper.api.graphql.running import run
from scopekeeper.api.guard import Admitted
from scopekeeper.api.perform import Performer
from scopekeeper.api.unwritten import READ_ONLY
from scopekeeper.oauth.authentication import Demand
from scopekeeper.oauth.records import ApplicationType, Client, Token
from scopekeeper.oauth.viewing import View
from scopekeeper.scopes import APIS
from scopekeeper.sdk import Forbidden, Operation
from scopekeeper.services.looks import Looks
from scopekeeper.services.ports import Unavailable
from scopekeeper.surface.document import selected
from scopekeeper.surface.graphql.schema import rooted
from scopekeeper.surface.plans import Plans
from scopekeeper.surface.projection import Projections
from scopekeeper.wire import Reply
from scopekeeper.wire.bearer import Refused

_NOBODYS: Final = Client("", ApplicationType.NATIVE, "", APIS, (), 0)
"""The application of a person who is looked at alone: none that is registered."""


class LookingCall:
    """One look's context: performs root fields that read, and remembers which."""

    def __init__(self, performer: Performer, admitted: Admitted) -> None:
        self._performer = performer
        self._admitted = admitted
        self._read: dict[str, None] = {}

    async def perform(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """Run the operation as the one who is looked at. Raises Problem; Forbidden for a write."""
        if operation.access != "read":
            raise Forbidden(READ_ONLY)
        self._read[operation.field] = None
        return (await self._performer.perform(operation, self._admitted, "gql", arguments)).result

    @property
    def read(self) -> tuple[str, ...]:
        """The root fields that were performed, whatever came of it, each once."""
        return tuple(self._read)


class Looking:
    """Runs documents through others' eyes.

    `performer` is to have data that is `Unwritten`, and to provide nothing by which anybody acts.
    """

    def __init__(self, schema: GraphQLSchema, performer: Performer, looks: Looks) -> None:
        query = schema.query_type
        self._performer = performer
        self._looks = looks
        self._plans = Plans(schema, most=100, characters=40_000)
        self._projections = Projections(rooted(query.fields if query is not None else {}, {}, checked=True), most=64)

    async def __call__(
        self,
        view: View,
        query: str,
        variables: str,
        operation_name: str | None,
        *,
        actor: str,
        address: str | None,
        meets: Callable[[Demand], bool],
        request_id: str | None = None,
    ) -> Reply:
        """What `/api/graphql` would answer. `variables` is JSON text, or empty; `actor` is whoever looks.

        `meets`: is their own sign-in such as this demands?
        """
        try:
            return await self._look(view, query, variables, operation_name, actor, address, meets, request_id)
        except Unavailable:
            return not_run(Refused.unavailable())
        except NOT_RUN as error:
            return not_run(error)

    async def _look(
        self,
        view: View,
        query: str,
        variables: str,
        operation_name: str | None,
        actor: str,
        address: str | None,
        meets: Callable[[Demand], bool],
        request_id: str | None,
    ) -> Reply:
        if view.nothing:
            return rejection(403, "VIEW_READS_NOTHING", view.nothing)
        given = variables_of(variables.encode()) if variables.strip() else None
        plan = self._plans.of(query)
        if selected(plan.document, operation_name).operation is not OperationType.QUERY:
            return rejection(403, "VIEW_IS_READ_ONLY", READ_ONLY)
        admitted = _as_admitted(view)
        needs = plan.needs(operation_name)
        lacking = needs.missing(admitted.scopes)
        if lacking:
            raise Refused.insufficient_scope(lacking)
        if needs.demand is not None and not meets(needs.demand):
            raise Refused.insufficient_user_authentication(needs.demand.acr, needs.demand.max_age)
        if view.barred and needs.scopes:
            return rejection(403, "VIEW_READS_NO_DATA", view.barred)
        call = LookingCall(self._performer, admitted)
        result = await run(self._projections.of(admitted.scopes).schema, plan.document, call, given, operation_name)
        if call.read:
            await self._looks.note(view, call.read, actor, address)
        return answer(result, (), request_id)


def _as_admitted(view: View) -> Admitted:
    """Whoever would have been let in by a token of theirs. This one is never issued, and nothing finds it."""
    client, person = view.client or _NOBODYS, view.person
    token = Token(
        0,
        b"",
        client.client_id,
        view.scopes,
        0,
        0,
        client.generation,
        user=None if person is None else person.name,
        user_id=None if person is None else person.id,
    )
    return Admitted(token, client, frozenset(view.scopes), person)
