"""Nobody can read a PIN: not by any operation, in no error, in no log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.sdk import Operation
from scopekeeper.services.lists import ActsAsked
from scopekeeper.surface.openapi import path_to
from tests.api.faces import document_of
from tests.api.world import World, arguments_of, body_of, world
from tests.asking import Answer, ask, bearer

PIN: Final = "8350946127"
JSON: Final = ("content-type", "application/json")


async def over_rest(there: World, token: str, method: str, path: str, body: object = None) -> Answer:
    text = b"" if body is None else json.dumps(body).encode()
    headers = [bearer(token), *([JSON] if body is not None else [])]
    return await ask(there.h.front, method, f"/api/rest{path}", headers=headers, body=text)


async def over_graphql(there: World, token: str, document: object) -> Answer:
    text = json.dumps(document).encode()
    return await ask(there.h.front, "POST", "/api/graphql", headers=[bearer(token), JSON], body=text)


async def set_pin(there: World, token: str, extension: str) -> str:
    """Set the PIN of this mailbox, and give the digest that is kept."""
    path = f"/voicemail/mailboxes/{extension}"
    answer = await over_rest(there, token, "PATCH", path, {"pin": PIN})
    assert (answer.status, answer.json()["has_pin"]) == (200, True), answer.body
    return await digest_of(there, extension)


async def digest_of(there: World, extension: str) -> str:
    table = next(each for each in there.modules.tables if each.name == "voicemail.pins")
    found = await there.data.get(table, extension, None)
    assert found is not None
    digest: str = found.record.digest
    assert digest.startswith("$argon2id$")
    return digest


def told(answer: Answer) -> str:
    return f"{answer.headers}\n{answer.body.decode()}"


def in_turn(there: World) -> Iterator[Operation]:
    """Every operation of every module: first what reads, last what removes."""
    rank = {"GET": 0, "PATCH": 1, "PUT": 2, "POST": 3, "DELETE": 4}
    yield from sorted(there.modules.operations, key=lambda each: rank[each.method])


async def test_no_operation_of_any_module_shows_it_or_its_digest_to_who_may_do_everything(
    tmp_path: Path, logbook: pytest.CaptureFixture[str]
) -> None:
    async with world(tmp_path) as there:
        token = await there.h.token(await there.h.register("rest gql"))
        digests = {await set_pin(there, token, extension) for extension in ("1001", "1002", "1003")}
        keys, shown = there.keys("alice"), []
        for operation in in_turn(there):
            arguments, body = arguments_of(operation, there, keys), body_of(operation, there, "alice", keys)
            path = path_to(operation).format_map(arguments)
            for answer in (
                await over_rest(there, token, operation.method, path, body),
                await over_graphql(there, token, document_of(there, operation, arguments, body)),
            ):
                assert answer.status < 500, answer.body
                if operation.access == "read":
                    assert answer.status == 200, (operation.field, answer.body)
                shown.append(told(answer))
        written = logbook.readouterr()
        kept = [str(act) for act in await there.h.house.store.acts(ActsAsked())]
        assert any('"has_pin":true' in each for each in shown), "the PINs are there while all this is asked"
        for secret in (PIN, *digests, "$argon2"):
            assert not any(secret in each for each in (*shown, *kept, written.err, written.out)), secret


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"pin": PIN, "extention": "1001"}, "INVALID"),
        ({"pin": int(PIN)}, "INVALID"),
        ({"pin": [PIN]}, "INVALID"),
        ({"pin": {"is": PIN}}, "INVALID"),
        ({"pin": f"{PIN}x"}, "INVALID"),
        ({"pin": PIN * 2}, "INVALID"),
        ({"pin": PIN, "sayCaller": PIN}, "INVALID"),
        (PIN, "INVALID"),
        ([PIN], "INVALID"),
    ],
)
async def test_no_error_repeats_what_was_sent(
    tmp_path: Path, logbook: pytest.CaptureFixture[str], body: Any, code: str
) -> None:
    query = (
        'mutation ($body: VoicemailBoxChangePatch!) { updateVoicemailBox(extension: "1001", body: $body) { hasPin } }'
    )
    check = 'mutation ($body: PinTriedInput!) { checkVoicemailPin(extension: "1001", body: $body) { matches } }'
    async with world(tmp_path) as there:
        token = await there.h.token(await there.h.register("rest gql"))
        for text in (query, check):
            answer = await over_graphql(there, token, {"query": text, "variables": {"body": body}})
            if text is query or "errors" in answer.json():
                assert answer.json()["errors"][0]["extensions"]["code"] == code, answer.body
            assert PIN not in told(answer)
        for method, path in (("PATCH", "/voicemail/mailboxes/1001"), ("POST", "/voicemail/mailboxes/1001/pin-check")):
            assert PIN not in told(await over_rest(there, token, method, path, body))
        written = logbook.readouterr()
        assert PIN not in written.err + written.out


async def test_no_error_repeats_what_stands_in_a_document(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        token = await there.h.token(await there.h.register("rest gql"))
        for body in (f"{{pin: {PIN}}}", f'{{pin: "{PIN}", extention: 1}}', f"{{pin: [{PIN}]}}", PIN):
            text = f'mutation {{ updateVoicemailBox(extension: "1001", body: {body}) {{ hasPin }} }}'
            answer = await over_graphql(there, token, {"query": text})
            assert answer.status == 400
            assert PIN not in told(answer)


async def test_the_descriptions_say_that_it_is_written_and_never_read(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        token = await there.h.token(await there.h.register("rest gql"))
        schemas = (await over_rest(there, token, "GET", "/openapi.json")).json()["components"]["schemas"]
        pin = schemas["UpdateVoicemailBoxBody"]["properties"]["pin"]
        assert next(each for each in pin["anyOf"] if each.get("type") == "string")["writeOnly"] is True
        assert "pin" not in schemas["VoicemailBox"]["properties"]
        assert "KeptPin" not in schemas
        introspected = await over_graphql(there, token, {"query": "{ __schema { types { name fields { name } } } }"})
        fields = {
            f"{each['name']}.{field['name']}"
            for each in introspected.json()["data"]["__schema"]["types"]
            for field in each["fields"] or ()
        }
        assert "VoicemailBox.hasPin" in fields
        assert not any("digest" in each.lower() or each.endswith(".pin") for each in fields)
