"""What an application says of people's sessions, over REST and GraphQL: given, shown, changed, taken back."""

import json
from pathlib import Path
from typing import Any, Final

from scopekeeper.oauth.authentication import ACR_VALUES, MFA_RUNG
from scopekeeper.oauth.records import Outliving
from tests.api.house import House
from tests.asking import ask, bearer
from tests.building import Built, built

EVERYTHING: Final = ("rest", "gql")
PATH: Final = "/admin/applications"
PAGE: Final[dict[str, Any]] = {"name": "Page", "type": "spa", "redirect_uris": ["https://a.example/cb"]}
SAID: Final[dict[str, Any]] = {
    "frontchannel_logout_uri": "https://a.example/out",
    "outlives_session": "never",
    "default_max_age": 43_200,
    "default_acr_values": list(ACR_VALUES),
    "required_acr": MFA_RUNG,
}
SILENT: Final[dict[str, Any]] = {
    "frontchannel_logout_uri": None,
    "outlives_session": "offline_access",
    "default_max_age": None,
    "default_acr_values": [],
    "required_acr": None,
}


def of_sessions(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in SAID}


async def graphql(h: Built, token: str, query: str) -> Any:
    headers = [bearer(token), ("content-type", "application/json")]
    answer = await ask(h.front, "POST", "/api/graphql", headers=headers, body=json.dumps({"query": query}).encode())
    return answer.json()["data"]


async def test_what_is_said_is_kept_and_what_is_not_said_is_the_least_surprising() -> None:
    house = House.furnished()
    for more, kept in ((SAID, SAID), ({}, SILENT)):
        made = await house.ask("POST", PATH, *EVERYTHING, body=PAGE | more)
        assert made.status == 201
        shown = await house.ask("GET", f"{PATH}/{made.json['client_id']}", *EVERYTHING)
        assert of_sessions(shown.json) == of_sessions(made.json) == kept


async def test_a_change_leaves_what_it_does_not_name_and_null_clears() -> None:
    house = House.furnished()
    made = await house.ask("POST", PATH, *EVERYTHING, body=PAGE | SAID)
    path = f"{PATH}/{made.json['client_id']}"
    renamed = await house.ask("PATCH", path, *EVERYTHING, body={"name": "Other"})
    assert of_sessions(renamed.json) == SAID
    cleared = await house.ask(
        "PATCH", path, *EVERYTHING, body=SILENT | {"outlives_session": "always", "default_max_age": 0}
    )
    assert of_sessions(cleared.json) == SILENT | {"outlives_session": "always", "default_max_age": 0}
    [record] = (await house.ask("GET", "/admin/audit?action=application.change&limit=1", *EVERYTHING)).json["items"]
    assert {each["name"]: (each["before"], each["after"]) for each in record["details"]} == {
        "frontchannel_logout_uri": ("https://a.example/out", None),
        "outlives_session": ("never", "always"),
        "default_max_age": ("43200", "0"),
        "default_acr_values": (json.dumps(ACR_VALUES), "[]"),
        "required_acr": (MFA_RUNG, None),
    }


async def test_over_graphql_it_is_said_and_shown_as_its_types(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        token = await h.token(await h.register("gql:admin"))
        acrs = json.dumps(ACR_VALUES)
        body = (
            'name: "Page", type: SPA, redirectUris: ["https://a.example/cb"], outlivesSession: ALWAYS, '
            f'frontchannelLogoutUri: "https://a.example/out", defaultMaxAge: 60, defaultAcrValues: {acrs}, '
            f'requiredAcr: "{MFA_RUNG}"'
        )
        shown = "{ clientId frontchannelLogoutUri outlivesSession defaultMaxAge defaultAcrValues requiredAcr }"
        made = (await graphql(h, token, f"mutation {{ addApplication(body: {{{body}}}) {shown} }}"))["addApplication"]
        assert made["outlivesSession"] == "ALWAYS"
        assert (made["frontchannelLogoutUri"], made["defaultMaxAge"]) == ("https://a.example/out", 60)
        assert (made["defaultAcrValues"], made["requiredAcr"]) == (list(ACR_VALUES), MFA_RUNG)
        change = "outlivesSession: NEVER, defaultMaxAge: null, defaultAcrValues: [], requiredAcr: null"
        edit = f'mutation {{ updateApplication(clientId: "{made["clientId"]}", body: {{{change}}}) {shown} }}'
        edited = (await graphql(h, token, edit))["updateApplication"]
        assert (edited["outlivesSession"], edited["defaultMaxAge"], edited["defaultAcrValues"]) == ("NEVER", None, [])
        assert edited["requiredAcr"] is None
        kept = await h.house.applications.get(made["clientId"])
        assert (kept.outlives_session, kept.frontchannel_logout_uri) == (Outliving.NEVER, "https://a.example/out")
