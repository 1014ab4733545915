"""The plans that have the same modules: each test is run by each, under a name of its own."""

import pytest

from tests.spec.openid.suite import BASIC, FORM_POST, Plan


@pytest.fixture(params=[BASIC, FORM_POST], ids=lambda plan: plan.name)
def plan(request: pytest.FixtureRequest) -> Plan:
    """How the client of this plan is answered."""
    found: Plan = request.param
    return found
