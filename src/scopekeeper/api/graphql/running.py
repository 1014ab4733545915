"""Running a document that is known to be valid: on a schema, for a call."""

from types import CoroutineType
from typing import Any, TypeGuard

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute
from graphql.execution import Executor

from scopekeeper.surface.graphql.resolving import Call


async def run(
    schema: GraphQLSchema,
    document: DocumentNode,
    call: Call,
    variables: dict[str, Any] | None,
    operation_name: str | None,
) -> ExecutionResult:
    """What comes of it. Each root field is performed by the call."""
    result = execute(
        schema,
        document,
        context_value=call,
        variable_values=variables,
        operation_name=operation_name,
        executor_class=Executor,
        is_awaitable=_is_coroutine,
        hide_suggestions=True,
    )
    return result if isinstance(result, ExecutionResult) else await result


def _is_coroutine(value: object) -> TypeGuard["CoroutineType[Any, Any, Any]"]:
    """Nothing else is ever awaited here; the executor's own question costs twice the time."""
    return type(value) is CoroutineType
