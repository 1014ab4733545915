"""The API keeps what its OpenAPI document says: examples made from the document, fit and unfit, sent to the API."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.api.house import House

pytest_plugins = ("schemathesis.pytest.plugin",)

HOUSE = House.furnished()
AUTHORIZATION = f"Bearer {HOUSE.doorman.token('rest')}"

schema = schemathesis.openapi.from_asgi("/api/rest/openapi.json", HOUSE.app)

# What fits its schema may still be refused: a cursor that nobody gave, a forward to oneself, a key that differs.
BEYOND_SCHEMAS: list[CheckFunction] = [positive_data_acceptance]


@schema.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers={"Authorization": AUTHORIZATION}, excluded_checks=beyond(case))


def beyond(case: schemathesis.Case[Any]) -> list[CheckFunction]:
    """Checks that ask too much. A parameter of the query that has no value counts as not sent, whatever its schema."""
    return [*BEYOND_SCHEMAS, *([negative_data_rejection] if "" in (case.query or {}).values() else [])]
