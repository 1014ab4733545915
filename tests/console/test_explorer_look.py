"""The errand by which an administrator looks through others' eyes, in a whole house, and who hears of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import EXPLORER, ApplicationType
from scopekeeper.scopes import IDENTITY
from scopekeeper.services.lists import EVERY_ACT, Kind
from scopekeeper.services.ports import Act, Unavailable
from tests.asking import Answer, ask, bearer, post_form
from tests.building import built
from tests.console.steward import Steward, read, signed_in, stewarding
from tests.persons import a_person, an_application, granted

PATH = "/console/explorer/look"
ALL = "{ extensions { nodes { extension owner } } }"
FORWARD = '{ callForward(extension: "1001") { busy } }'
SCHEMA = "{ __schema { queryType { fields { name } } mutationType { name } } }"
BEGUN = ("session.begin", "user.add", "application.add")


async def looked(s: Steward, query: str = ALL, **fields: str) -> Answer:
    return await s.post(PATH, {**await s.proof(), "query": query, **fields})


async def alice_with_a_phone(s: Steward) -> User:
    """A person who owns 1001; 1002 is bob's, who is nobody here, and 1003 is nobody's."""
    alice = await a_person(s.h, "alice")
    await s.h.house.run("updateExtension", body={"owner": "alice"}, extension="1001")
    await s.h.house.run("updateExtension", body={"owner": "bob"}, extension="1002")
    return alice


async def acts(s: Steward) -> list[Act]:
    """What was noted of looks, newest first."""
    return [each for each in await s.h.house.store.acts(EVERY_ACT) if each.action.startswith("view.")]


def shown(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [each["extension"] for each in answer.json()["data"]["extensions"]["nodes"]]


def code(answer: Answer) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status, error["extensions"]["code"]


async def test_an_application_is_seen_with_its_ceiling_and_exactly_as_its_own_token_would(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        application = await s.h.register("gql:extensions:read")
        token = await s.h.token(application)
        for query in (ALL, FORWARD, SCHEMA, "{ nonsense }", "{"):
            answer = await looked(s, query, client=application.client_id)
            head = [bearer(token), ("content-type", "application/json")]
            theirs = await ask(
                s.h.front, "POST", "/api/graphql", headers=head, body=json.dumps({"query": query}).encode()
            )
            assert (answer.status, answer.body) == (theirs.status, theirs.body), query
            assert answer.headers["content-type"] == theirs.headers["content-type"]
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("ceiling", "box", "missing"),
    [
        ("gql:extensions", "", None),
        ("gql:extensions", "gql:extensions:read", None),
        ("gql:extensions:read", "gql", None),
        ("openid rest gql", "gql:extensions:read gql:callforward:read", None),
        ("gql", "gql:callforward:read", "gql:extensions:read"),
        ("gql:callforward", "gql:extensions:read", "gql:extensions:read"),
        ("gql", "not-a-scope", "gql:extensions:read"),
        ("gql", "openid", "gql:extensions:read"),
        ("rest", "gql", "gql:extensions:read"),
    ],
)
async def test_the_box_narrows_the_ceiling_and_never_widens_it(
    tmp_path: Path, ceiling: str, box: str, missing: str | None
) -> None:
    async with stewarding(tmp_path) as s:
        draft: dict[str, Any] = {"name": "Night shift", "type": ApplicationType.M2M, "scope": ceiling}
        if "openid" in ceiling:  # one that also asks people
            draft |= {
                "type": ApplicationType.WEB,
                "redirect_uris": ("https://app.example/callback",),
                "grants": ("authorization_code", "client_credentials"),
            }
        client = (await s.h.house.applications.add(Draft(**draft), "cli:test")).client
        answer = await looked(s, client=client.client_id, scope=box)
        if missing is None:
            assert shown(answer) == ["1001", "1002", "1003"]
            [act] = await acts(s)
            assert not set(str(act.details["scope"]).split()) & set(IDENTITY)
        else:
            assert code(answer) == (403, "INSUFFICIENT_SCOPE")
            assert answer.json()["errors"][0]["extensions"]["missing"] == [missing]
            assert await acts(s) == []


async def test_a_person_is_seen_with_their_own_data_and_the_scopes_of_the_box(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        assert shown(await looked(s, user="alice", scope="gql:extensions:read")) == ["1001"]
        assert shown(await looked(s, user=" Alice ", scope="gql:extensions:read rest")) == ["1001"]
        assert shown(await looked(s, user="root", scope="gql")) == ["1001", "1002", "1003"]
        assert code(await looked(s, user="alice", scope="gql:callforward")) == (403, "INSUFFICIENT_SCOPE")
        assert code(await looked(s, user="alice")) == (403, "INSUFFICIENT_SCOPE")
        answer = await looked(s, '{ extension(extension: "1002") { owner } }', user="alice", scope="gql")
        assert (answer.status, answer.json()["errors"][0]["extensions"]["code"]) == (200, "NOT_FOUND")
        assert "bob" not in answer.body.decode()


async def test_a_person_through_an_application_has_the_less_of_both(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await alice_with_a_phone(s)
        client = await an_application(s.h, "openid gql:extensions:read")
        assert shown(await looked(s, client=client.client_id, user="alice")) == ["1001"]
        assert shown(await looked(s, client=client.client_id, user="root")) == ["1001", "1002", "1003"]
        assert code(await looked(s, FORWARD, client=client.client_id, user="alice", scope="gql")) == (
            403,
            "INSUFFICIENT_SCOPE",
        )
        issue = await granted(s.h, alice, client)
        head = [bearer(issue.access_token), ("content-type", "application/json")]
        theirs = await ask(s.h.front, "POST", "/api/graphql", headers=head, body=json.dumps({"query": ALL}).encode())
        assert (await looked(s, client=client.client_id, user="alice")).body == theirs.body


async def test_who_acts_in_a_persons_name_shows_a_schema_and_says_to_choose_a_person(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "gql:extensions:read")
        answer = await looked(s, SCHEMA, client=client.client_id)
        fields = {each["name"] for each in answer.json()["data"]["__schema"]["queryType"]["fields"]}
        assert fields == {"extensions", "extension"}
        answer = await looked(s, client=client.client_id)
        assert code(answer) == (403, "VIEW_READS_NO_DATA")
        assert "Phone book acts only in a person's name. Choose a person" in answer.body.decode()
        robot = await s.h.register("gql")
        answer = await looked(s, client=robot.client_id, user="root")
        assert code(answer) == (403, "VIEW_READS_NO_DATA")
        assert "acts only for itself" in answer.body.decode()
        assert await acts(s) == []


async def test_what_is_disabled_reads_nothing_and_that_is_said(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        application, client = await s.h.register("gql"), await an_application(s.h, "gql")
        await s.h.house.accounts.edit("alice", enabled=False, actor="cli:test")
        for client_id in (application.client_id, client.client_id):
            await s.h.house.applications.change(client_id, Changes(enabled=False), "cli:test")
        for fields, who in (
            ({"user": "alice", "scope": "gql"}, "The account alice is disabled"),
            ({"client": application.client_id}, "Night shift is disabled"),
            ({"client": client.client_id, "user": "root"}, "Phone book is disabled"),
        ):
            for query in (ALL, SCHEMA, "{ __typename }"):
                answer = await looked(s, query, **fields)
                assert code(answer) == (403, "VIEW_READS_NOTHING")
                assert who in answer.body.decode()
        assert await acts(s) == []


async def test_whoever_is_not_there_is_404_and_nobody_named_is_400(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for fields, told in (
            ({"client": "nothing"}, (404, "NOT_FOUND")),
            ({"user": "nobody"}, (404, "NOT_FOUND")),
            ({"user": "<script>"}, (404, "NOT_FOUND")),
            ({"user": "root", "client": "nothing"}, (404, "NOT_FOUND")),
            ({}, (400, "BAD_REQUEST")),
            ({"scope": "gql"}, (400, "BAD_REQUEST")),
        ):
            answer = await looked(s, **fields)
            assert code(answer) == told, fields
            assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "operation_name"),
    [
        ('mutation { removeExtension(extension: "1001") { extension } }', ""),
        ('query Q { __typename } mutation M { removeExtension(extension: "1001") { extension } }', "M"),
        ('mutation M { ...F } fragment F on Mutation { removeExtension(extension: "1001") { extension } }', "M"),
        ('mutation { setCallForward(extension: "1001", body: {busy: "1002"}) { busy } }', ""),
        ('mutation { addUser(body: {name: "mallory", admin: true}) { name } }', ""),
        ("mutation { rotateSigningKey(body: {}) { kid } }", ""),
    ],
)
async def test_nothing_is_changed_through_others_eyes(tmp_path: Path, query: str, operation_name: str) -> None:
    async with stewarding(tmp_path) as s:
        robot = await s.h.register("gql")
        client = await an_application(s.h, "gql")
        before = [each.id for each in await s.h.house.store.acts(EVERY_ACT)]
        for fields in (
            {"client": robot.client_id},
            {"user": "root", "scope": "gql"},
            {"client": client.client_id, "user": "root"},
        ):
            answer = await looked(s, query, operationName=operation_name, **fields)
            assert code(answer) == (403, "VIEW_IS_READ_ONLY"), answer.body
        assert [each.id for each in await s.h.house.store.acts(EVERY_ACT)] == before
        assert shown(await looked(s, client=robot.client_id)) == ["1001", "1002", "1003"]


async def test_administration_is_read_as_the_one_who_is_looked_at_and_never_as_who_looks(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        less = await s.h.register("gql:admin:read:users")
        answer = await looked(s, "{ users { nodes { name } } }", client=less.client_id)
        assert [each["name"] for each in answer.json()["data"]["users"]["nodes"]] == ["alice", "root"]
        answer = await looked(s, "{ applications { nodes { name } } }", client=less.client_id)
        assert code(answer) == (403, "INSUFFICIENT_SCOPE")
        answer = await looked(s, "{ users { nodes { name } } }", user="alice", scope="gql")
        assert (answer.status, answer.json()["errors"][0]["extensions"]["code"]) == (200, "FORBIDDEN")
        assert answer.json()["data"] == {"users": None}


async def test_who_looked_is_in_the_audit_log_and_the_console_tells_it_in_words(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        robot = await s.h.register("rest gql:extensions:read", name="Night shift")
        await looked(s, client=robot.client_id)
        await looked(s, "query Q($e: String!) { extension(extension: $e) { owner } }", user="alice", scope="gql",
                     variables='{"e": "1001"}', operationName="Q")  # fmt: skip
        person, application = await acts(s)
        assert (application.actor, application.action, application.target, application.address) == (
            "user:root",
            "view.application",
            robot.client_id,
            "203.0.113.7",
        )
        assert application.details == {
            "name": "Night shift",
            "fields": ["extensions"],
            "scope": "rest gql:extensions:read",
        }
        assert (person.actor, person.action, person.target) == ("user:root", "view.user", "alice")
        assert person.details["fields"] == ["extension"]
        assert "1001" not in json.dumps(dict(person.details))
        log = read(await s.browser.get("/console/audit"))
        assert "root looked at what the application can read view.application Night shift" in log
        assert "root looked at what the person can read view.user alice" in log
        narrowed = read(await s.browser.get("/console/audit?action=view"))
        assert "Looks through others' eyes" in narrowed
        assert "added an account" not in narrowed
        [row, _] = (await s.browser.get("/console/audit.json?action=view")).json()
        one = read(await s.browser.get(f"/console/audit/{row['id']}"))
        for word in ("alice", "extension", "gql", "Subject"):
            assert word in one


async def test_nothing_counts_as_a_use_of_the_application(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        robot = await s.h.register("gql:extensions:read")
        await looked(s, client=robot.client_id)
        await looked(s, FORWARD, client=robot.client_id)
        await looked(s, 'mutation { removeExtension(extension: "1001") { extension } }', client=robot.client_id)
        house, now = s.h.house, s.h.clock.now()
        await house.uses.write(house.store, s.h.clock, house.entropy)
        assert await house.store.counts(robot.client_id, 0, now + 3_600, tuple(Kind)) == ()
        assert (await house.applications.get(robot.client_id)).last_used_at is None
        assert (await s.browser.get("/console/tokens.json")).json() == []


async def test_where_the_look_cannot_be_noted_nothing_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stewarding(tmp_path) as s:
        robot = await s.h.register("gql")

        async def away(*args: object, **more: object) -> None:
            raise Unavailable("disk full")

        monkeypatch.setattr(s.h.house.store, "used", away)
        answer = await looked(s, client=robot.client_id)
        assert code(answer) == (503, "UNAVAILABLE")
        assert b"1001" not in answer.body


@pytest.mark.parametrize("variables", ["[]", "{", "nothing"])
async def test_variables_that_cannot_be_read_are_told_in_graphqls_form(tmp_path: Path, variables: str) -> None:
    async with stewarding(tmp_path) as s:
        answer = await looked(s, user="root", scope="gql", variables=variables)
        assert code(answer) == (400, "BAD_REQUEST")
        assert answer.json()["errors"][0]["message"] == "The variables are no JSON object."


async def test_row_47_it_takes_the_proof_of_the_form_and_comes_from_here(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        fields = {"query": ALL, "user": "root", "scope": "gql"}
        assert (await s.post(PATH, fields)).status == 403
        assert (await s.post(PATH, {**fields, "csrf": "x" * 43})).status == 403
        form = {**await s.proof(), **fields}
        assert (await s.browser.post(PATH, form, origin="https://evil.example")).status == 403
        assert (await s.browser.get(f"{PATH}?user=root&scope=gql&query={ALL}".replace(" ", "+"))).status == 405
        assert await acts(s) == []
        assert (await s.browser.post(PATH, form)).status == 200


async def test_row_55_it_is_for_administrators_and_ends_with_the_session(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await signed_in(s.h, await alice_with_a_phone(s))
        fields = {**await s.proof(), "query": ALL, "user": "root", "scope": "gql"}
        answer = await alice.post(PATH, fields)
        assert answer.status == 403
        assert b"1002" not in answer.body
        nobody = await post_form(s.h.front, PATH, {"query": ALL, "user": "root", "scope": "gql"})
        assert (nobody.status, nobody.headers["location"]) == (303, "/login?note=ended")
        form = (await s.page("/account")).form("/account/sign-out")
        await s.post("/account/sign-out", form)
        assert (await s.post(PATH, fields)).status == 303
        assert await acts(s) == []


async def test_the_built_in_application_is_seen_as_it_is(tmp_path: Path) -> None:
    """What its token would do: for administrators only, with the ceiling that was left to it."""
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        await s.h.house.explorer.application()
        assert shown(await looked(s, client=EXPLORER, user="root")) == ["1001", "1002", "1003"]
        assert code(await looked(s, client=EXPLORER, user="alice")) == (403, "VIEW_READS_NOTHING")
        assert code(await looked(s, client=EXPLORER)) == (403, "VIEW_READS_NO_DATA")


async def test_the_person_is_told_on_their_account_page_who_looked_at_what(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await signed_in(s.h, await alice_with_a_phone(s))
        client = await an_application(s.h, "gql")
        assert "Who looked at your data" not in read(await alice.browser.get("/account"))
        await looked(s, user="alice", scope="gql")
        s.h.clock.advance(300)
        await looked(s, FORWARD, user="alice", client=client.client_id)
        await looked(s, user="root", scope="gql")
        said = read(await alice.browser.get("/account"))
        section = said.partition("Who looked at your data")[2].partition("Change your password")[0]
        assert section.index("as Phone book would") < section.index("as you would")
        for word in ("root", "read: callForward", "read: extensions", "just now", "5 minutes ago"):
            assert word in section, (word, section)
        assert section.count("root") == 2
        assert "1001" not in section


async def test_the_account_page_tells_it_in_german(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await signed_in(s.h, await alice_with_a_phone(s))
        client = await an_application(s.h, "gql")
        await looked(s, user="alice", scope="gql")
        await looked(s, user="alice", client=client.client_id)
        said = read(await alice.browser.get("/account", accept_language="de"))
        for word in (
            "Wer Ihre Daten angesehen hat",
            "Administratoren können ohne Ihr Passwort lesen",
            "so, wie Sie es dürfen",
            "so, wie Phone book es dürfte",
            "gelesen: extensions",
        ):
            assert word in said, word


async def test_row_48_an_applications_name_is_text_on_the_account_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await signed_in(s.h, await alice_with_a_phone(s))
        client = await an_application(s.h, "gql", name="<b>Bold & Co</b>")
        await looked(s, user="alice", client=client.client_id)
        answer = await alice.browser.get("/account")
        assert b"<b>Bold" not in answer.body
        assert "as <b>Bold & Co</b> would" in read(answer)


async def test_row_26_a_later_account_of_the_same_name_is_not_told_of_the_earlier_ones_looks(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await alice_with_a_phone(s)
        await looked(s, user="alice", scope="gql")
        await s.h.house.accounts.remove("alice", "cli:test", None)
        later = await signed_in(s.h, await a_person(s.h, "alice"))
        assert "Who looked at your data" not in read(await later.browser.get("/account"))


async def test_row_31_what_is_asked_is_in_no_log(tmp_path: Path, logbook: pytest.CaptureFixture[str]) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_LOG_LEVEL": "debug"}) as h:
        s = await signed_in(h, await a_person(h, "root", admin=True))
        document = "query($e: String!) { extension(extension: $e) { owner } }"
        await looked(s, document, user="root", scope="gql", variables='{"e": "1002-of-theirs"}')
        logged = logbook.readouterr().err
        assert "endpoint=/console" in logged
        assert "1002-of-theirs" not in logged
        assert "1002-of-theirs" not in repr(await acts(s))
