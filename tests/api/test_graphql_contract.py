"""The GraphQL names that clients rely on, over the modules in the box."""

import pytest

from scopekeeper.api.modules import installed
from scopekeeper.modules.callforward import Forward
from scopekeeper.modules.extensions import Extension
from scopekeeper.surface.graphql import schema_of
from tests.api.office import Office

MODULES = installed()
SCHEMA = schema_of(MODULES.operations)

FIELDS = {
    "Query": {
        "extensions": ["owner", "begins", "sort", "order", "first", "after"],
        "extension": ["extension: String!"],
        "callForwards": ["to", "first", "after"],
        "callForward": ["extension: String!"],
        "callForwardRingTimer": ["extension: String!"],
        "callWaitings": ["first", "after"],
        "callWaiting": ["extension: String!"],
        "doNotDisturbs": ["first", "after"],
        "doNotDisturb": ["extension: String!"],
        "blacklistedNumbers": ["begins", "first", "after"],
        "blacklistedNumber": ["number: String!"],
        "blacklistSettings": [],
        "applications": ["text", "type", "owner", "enabled", "scope", "order", "first", "after"],
        "application": ["clientId: String!"],
        "applicationLint": ["clientId: String!"],
        "applicationActivity": ["clientId: String!", "since"],
        "credentials": ["clientId: String!", "first", "after"],
        "credential": ["clientId: String!", "id: String!"],
        "accessTokens": ["clientId", "user", "scope", "since", "until", "first", "after"],
        "accessToken": ["id: String!"],
        "refreshTokens": ["clientId", "user", "scope", "since", "until", "first", "after"],
        "refreshToken": ["id: String!"],
        "consents": ["clientId", "user", "first", "after"],
        "consent": ["user: String!", "clientId: String!"],
        "users": ["text", "admin", "enabled", "first", "after"],
        "user": ["name: String!"],
        "secondFactors": ["name: String!"],
        "auditLog": ["text", "actor", "action", "target", "since", "until", "first", "after"],
        "auditRecord": ["id: String!"],
        "signingKeys": ["first", "after"],
    },
    "Mutation": {
        "addExtension": ["body"],
        "addExtensionRange": ["body"],
        "updateExtension": ["extension: String!", "body"],
        "removeExtension": ["extension: String!"],
        "setCallForward": ["extension: String!", "body"],
        "updateCallForward": ["extension: String!", "body"],
        "clearCallForward": ["extension: String!"],
        "setCallForwardRingTimer": ["extension: String!", "body"],
        "setCallWaiting": ["extension: String!", "body"],
        "updateCallWaiting": ["extension: String!", "body"],
        "clearCallWaiting": ["extension: String!"],
        "setDoNotDisturb": ["extension: String!", "body"],
        "updateDoNotDisturb": ["extension: String!", "body"],
        "clearDoNotDisturb": ["extension: String!"],
        "blacklistNumber": ["body"],
        "updateBlacklistedNumber": ["number: String!", "body"],
        "removeBlacklistedNumber": ["number: String!"],
        "updateBlacklistSettings": ["body"],
        "addApplication": ["body"],
        "updateApplication": ["clientId: String!", "body"],
        "removeApplication": ["clientId: String!"],
        "rotateCredential": ["clientId: String!", "body"],
        "endCredential": ["clientId: String!", "id: String!"],
        "declareCompromised": ["clientId: String!", "body"],
        "revokeAccessToken": ["id: String!"],
        "revokeAccessTokens": ["body"],
        "revokeRefreshToken": ["id: String!"],
        "revokeRefreshTokens": ["body"],
        "withdrawConsent": ["user: String!", "clientId: String!"],
        "addUser": ["body"],
        "updateUser": ["name: String!", "body"],
        "removeUser": ["name: String!"],
        "addPasswordLink": ["name: String!"],
        "resetSecondFactors": ["name: String!"],
        "rotateSigningKey": ["body"],
    },
}


def office() -> Office:
    made = Office(MODULES)
    made.data.keep(Extension("1001", "Reception"), Extension("1002", "Kitchen"), Forward("1002", busy="5551234"))
    return made


@pytest.mark.parametrize(
    ("root", "field", "arguments"), [(root, *each) for root, fields in FIELDS.items() for each in fields.items()]
)
def test_a_field_of_the_contract_takes_its_arguments(root: str, field: str, arguments: list[str]) -> None:
    type_ = SCHEMA.query_type if root == "Query" else SCHEMA.mutation_type
    assert type_ is not None
    taken = [f"{name}: {each.type}" for name, each in type_.fields[field].args.items()]
    assert len(taken) == len(arguments)
    assert all(each.startswith(expected) for each, expected in zip(taken, arguments, strict=True))


async def test_an_extension_without_forwards_reads_as_nulls_and_zero() -> None:
    query = '{ callForward(extension: "1001") { extension unconditional busy unavailable ringTimer } }'
    answer = await office().ask(query, "gql:callforward:read")
    assert answer.data["callForward"] == {
        "extension": "1001",
        "unconditional": None,
        "busy": None,
        "unavailable": None,
        "ringTimer": 0,
    }


async def test_a_forward_is_set_changed_and_cleared() -> None:
    made, shown = office(), "{ extension unconditional ringTimer }"
    for text, expected in (
        (
            f'setCallForward(extension: "1001", body: {{unconditional: "5551234", ringTimer: 20}}) {shown}',
            ("5551234", 20),
        ),
        (f'updateCallForward(extension: "1001", body: {{unconditional: null}}) {shown}', (None, 20)),
        (f'clearCallForward(extension: "1001") {shown}', (None, 0)),
    ):
        [answered] = (await made.ask(f"mutation {{ {text} }}")).data.values()
        assert answered == {"extension": "1001", "unconditional": expected[0], "ringTimer": expected[1]}


@pytest.mark.parametrize(
    ("body", "field"), [('unconditional: "abc"', "unconditional"), ("ringTimer: 121", "ringTimer")]
)
async def test_a_bad_value_is_named(body: str, field: str) -> None:
    query = f'mutation {{ setCallForward(extension: "1001", body: {{{body}}}) {{ extension }} }}'
    answer = await office().ask(query, "gql:callforward:write")
    assert (answer.code, answer.error["extensions"]["field"]) == ("INVALID", field)


async def test_an_unknown_extension_is_not_found() -> None:
    assert (await office().ask('{ callForward(extension: "9") { extension } }')).code == "NOT_FOUND"


async def test_removing_an_extension_reports_its_forwards() -> None:
    answer = await office().ask('mutation { removeExtension(extension: "1002") { extension } }', "gql:extensions:write")
    assert answer.json["extensions"] == {"removed": [{"module": "callforward", "count": 1}]}
