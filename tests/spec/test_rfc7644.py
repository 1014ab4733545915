"""RFC 7644: users created, read, found, changed and removed over HTTP."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.asking import ask
from tests.provisioning import (
    BARBARA,
    FULL,
    LIST_RESPONSE,
    SEARCH,
    USER,
    Provisioner,
    fault_in,
    patch_of,
    provisioned,
)

OFF = {"op": "replace", "path": "active", "value": False}


async def test_without_a_token_nobody_is_let_in(tmp_path: Path) -> None:
    """RFC 7644 §2, RFC 6750 §3."""
    async with provisioned(tmp_path) as directory:
        stranger = Provisioner(directory.h, None)
        for method, path in (("GET", "/Users"), ("POST", "/Users"), ("GET", "/Users/x"), ("POST", "/.search")):
            answer = await stranger.ask(method, path, BARBARA if method == "POST" else None)
            assert fault_in(answer) == (401, None)
            assert answer.headers["www-authenticate"] == 'Bearer realm="scopekeeper"'


@pytest.mark.parametrize(
    "media_type", ["application/scim+json", "application/json", "application/scim+json; charset=utf-8"]
)
async def test_a_body_is_scim_or_plain_json(tmp_path: Path, media_type: str) -> None:
    """RFC 7644 §3.1, §8.1: the answer is application/scim+json."""
    async with provisioned(tmp_path) as directory:
        answer = await directory.ask("POST", "/Users", BARBARA, {"content-type": media_type})
        assert answer.status == 201
        assert answer.headers["content-type"] == "application/scim+json"


async def test_row_32_a_body_of_another_kind_or_shape_is_refused(tmp_path: Path) -> None:
    """RFC 7644 §3.12: and in its words."""
    async with provisioned(tmp_path) as directory:
        for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json-patch+json", ""):
            answer = await directory.ask("POST", "/Users", BARBARA, {"content-type": media_type})
            assert fault_in(answer) == (415, None)
        for body in (b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"a":"\\ud800"}', b"[" * 100_000):
            assert fault_in(await directory.ask("POST", "/Users", body)) == (400, "invalidSyntax"), body[:20]
        large = await directory.ask("POST", "/Users", b" " * (256 * 1024 + 1))
        assert fault_in(large) == (413, None)


async def test_a_user_is_created(tmp_path: Path) -> None:
    """RFC 7644 §3.3: 201, with its address, its tag and all of it."""
    async with provisioned(tmp_path) as directory:
        answer = await directory.ask("POST", "/Users", BARBARA)
        made = answer.json()
        assert answer.status == 201
        assert answer.headers["location"] == made["meta"]["location"]
        assert answer.headers["etag"] == made["meta"]["version"]
        assert made == {
            **BARBARA,
            "id": made["id"],
            "meta": made["meta"],
            "active": True,
            "displayName": made["name"]["formatted"],
        }


@pytest.mark.parametrize("same", [{"externalId": "other"}, {"userName": "other"}, {"userName": "BJensen@EXAMPLE.com"}])
async def test_what_is_unique_is_there_once(tmp_path: Path, same: dict[str, str]) -> None:
    """RFC 7644 §3.3: 409 with `uniqueness`, for the name in any case and for externalId."""
    async with provisioned(tmp_path) as directory:
        await directory.add()
        other = {**BARBARA, **same}
        assert fault_in(await directory.ask("POST", "/Users", other)) == (409, "uniqueness")
        second = await directory.add(userName="second", externalId="2")
        for put in ({**second, "externalId": "bjensen"},):
            assert fault_in(await directory.ask("PUT", f"/Users/{second['id']}", put)) == (409, "uniqueness")
        taken = {"op": "add", "path": "externalId", "value": "bjensen"}
        assert fault_in(await directory.patch(second["id"], taken)) == (409, "uniqueness")


async def test_a_user_is_read(tmp_path: Path) -> None:
    """RFC 7644 §3.4.1; HEAD as GET (RFC 9110 §9.3.2)."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        answer = await directory.ask("GET", f"/Users/{made['id']}")
        assert (answer.status, answer.json(), answer.headers["etag"]) == (200, made, 'W/"0"')
        head = await directory.ask("HEAD", f"/Users/{made['id']}")
        assert (head.status, head.body, head.headers["etag"]) == (200, b"", 'W/"0"')


@pytest.mark.parametrize("id", ["0", "bjensen@example.com", "zzzzzzzzzzz", "0" * 11, "%2e%2e", "x%00", "-1"])
async def test_what_is_not_there_is_not_found(tmp_path: Path, id: str) -> None:
    """RFC 7644 §3.12: 404, whatever is asked of it. Nor is a user found by another name than its id."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        for method, body in (("GET", None), ("PUT", BARBARA), ("PATCH", patch_of(OFF)), ("DELETE", None)):
            assert fault_in(await directory.ask(method, f"/Users/{id}", body)) == (404, None)
        assert (await directory.ask("GET", f"/Users/{made['id']}")).status == 200


async def test_users_are_listed_a_page_at_a_time(tmp_path: Path) -> None:
    """RFC 7644 §3.4.2, §3.4.2.4: the first is 1, less is as much; less than 0 is none; 200 at most."""
    async with provisioned(tmp_path) as directory:
        names = [f"user{number:02}" for number in range(1, 13)]
        for name in reversed(names):
            await directory.add({"schemas": [USER], "userName": name})

        async def page(query: str) -> tuple[int, int, int, list[str]]:
            answer = await directory.ask("GET", f"/Users?{query}")
            assert answer.status == 200, answer.body
            told = answer.json()
            assert told["schemas"] == [LIST_RESPONSE]
            found = [each["userName"] for each in told["Resources"]]
            assert len(found) == told["itemsPerPage"]
            return told["totalResults"], told["startIndex"], told["itemsPerPage"], found

        assert await page("") == (12, 1, 12, names)
        assert await page("startIndex=1&count=5") == (12, 1, 5, names[:5])
        assert await page("startIndex=6&count=5") == (12, 6, 5, names[5:10])
        assert await page("startIndex=11&count=5") == (12, 11, 2, names[10:])
        assert await page("startIndex=99&count=5") == (12, 99, 0, [])
        assert await page("startIndex=0&count=1") == (12, 1, 1, names[:1])
        assert await page("startIndex=-7&count=-7") == (12, 1, 0, [])
        assert await page("count=0") == (12, 1, 0, [])
        assert await page("count=100000&sortBy=userName&sortOrder=descending") == (12, 1, 12, names)
        found = "filter=" + quote('userName sw "user0"')
        assert await page(f"{found}&startIndex=3&count=3") == (9, 3, 3, names[2:5])
        assert await page(f"{found}&count=0") == (9, 1, 0, [])
        for wrong in ("count=x", "startIndex=1.5", "count=1&count=2", f"startIndex={2**31}", "count=%ff"):
            assert fault_in(await directory.ask("GET", f"/Users?{wrong}")) == (400, "invalidValue")


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ('userName eq "ALICE"', ["alice"]),
        ('userName eq "nobody"', []),
        ('userName eq "no such name"', []),
        ('externalId eq "E-bob"', ["bob"]),
        ('externalId eq "e-bob"', []),
        ('externalId eq "\\u0000"', []),
        ('id eq "nothing"', []),
        ('emails.value eq "BOB@example.com"', ["bob"]),
        ('emails[type eq "work" and value co "example.org"]', ["carol"]),
        ('emails[type eq "work"].value eq "bob@example.com"', ["bob"]),
        ("active eq true", ["alice", "carol"]),
        ("active eq false", ["bob"]),
        ('name.familyName co "O\'Malley"', ["carol"]),
        ('name.familyName co "o\'malley" and active eq false', []),
        ("not (name.familyName pr)", ["alice", "bob"]),
        ('userName eq "alice" or externalId eq "E-bob"', ["alice", "bob"]),
        ('userName eq "alice" or userName eq "ALICE"', ["alice"]),
        ('meta.created ge "2027-01-15T08:00:00Z"', ["alice", "bob", "carol"]),
        ('title pr or userType eq "Intern"', []),
        ('userName co "%"', []),
        ('userName eq "\' or 1=1 --"', []),
    ],
)
async def test_users_are_found_by_a_filter(tmp_path: Path, filter: str, names: list[str]) -> None:
    """RFC 7644 §3.4.2.2."""
    async with provisioned(tmp_path) as directory:
        people = (
            ("alice", "alice@example.com", True),
            ("bob", "bob@example.com", False),
            ("carol", "c@example.org", True),
        )
        for name, email, active in people:
            family = {"familyName": "O'Malley"} if name == "carol" else {}
            await directory.add(
                {"schemas": [USER], "userName": name, "externalId": f"E-{name}", "active": active, "name": family},
                emails=[{"value": email}],
            )
        found = await directory.find(filter)
        assert [each["userName"] for each in found["Resources"]] == names
        assert found["totalResults"] == len(names)


@pytest.mark.parametrize("filter", ['userName is "x"', "(", 'nosuch eq "x"', 'password eq "x"', "x" * 2_001])
async def test_a_filter_that_cannot_be_asked_is_refused(tmp_path: Path, filter: str) -> None:
    """RFC 7644 §3.4.2.2, §3.12: `invalidFilter`."""
    async with provisioned(tmp_path) as directory:
        assert fault_in(await directory.search(filter)) == (400, "invalidFilter")


async def test_a_user_is_found_by_its_id(tmp_path: Path) -> None:
    """RFC 7644 §3.4.2.2."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        assert (await directory.find(f'id eq "{made["id"]}"'))["Resources"] == [made]
        assert (await directory.find(f'id eq "{made["id"].swapcase()}"'))["Resources"] == []


@pytest.mark.parametrize("path", ["/.search", "/Users/.search"])
async def test_a_search_may_be_posted(tmp_path: Path, path: str) -> None:
    """RFC 7644 §3.4.3."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        await directory.add({"schemas": [USER], "userName": "zoe"})
        body = {
            "schemas": [SEARCH],
            "attributes": ["userName", "name.familyName"],
            "filter": 'userName sw "b"',
            "startIndex": 1,
            "count": 10,
        }
        found = (await directory.ask("POST", path, body)).json()
        shown = {"userName": "bjensen@example.com", "name": {"familyName": "Jensen"}}
        assert (found["totalResults"], found["Resources"]) == (1, [{"schemas": [USER], "id": made["id"], **shown}])
        all_of_them = (await directory.ask("POST", path, {"schemas": [SEARCH], "excludedAttributes": ["meta"]})).json()
        assert [("meta" in each, each["userName"]) for each in all_of_them["Resources"]] == [
            (False, "bjensen@example.com"),
            (False, "zoe"),
        ]
        assert fault_in(await directory.ask("POST", path, {"filter": "userName pr"})) == (400, "invalidSyntax")
        for wrong in ({"count": "1"}, {"count": True}, {"attributes": "userName"}, {"attributes": [7]}):
            assert fault_in(await directory.ask("POST", path, {"schemas": [SEARCH], **wrong})) == (400, "invalidValue")
        assert fault_in(await directory.ask("POST", path, {"schemas": [SEARCH], "filter": 7})) == (400, "invalidFilter")


async def test_a_user_is_replaced(tmp_path: Path) -> None:
    """RFC 7644 §3.5.1: what is not named is cleared; but nobody is let in, and no password goes, by being left out."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL, password="correct horse battery", active=False)
        before = await directory.h.house.accounts.get("bjensen@example.com")
        answer = await directory.ask("PUT", f"/Users/{made['id']}", {**BARBARA, "name": {"familyName": "Smith"}})
        put = answer.json()
        assert (answer.status, answer.headers["etag"]) == (200, 'W/"1"')
        assert put == {
            "schemas": [USER],
            "id": made["id"],
            "externalId": "bjensen",
            "userName": "bjensen@example.com",
            "name": {"familyName": "Smith"},
            "active": False,
            "meta": put["meta"],
        }
        after = await directory.h.house.accounts.get("bjensen@example.com")
        assert after.password == before.password


async def test_what_was_read_can_be_put_back(tmp_path: Path) -> None:
    """RFC 7644 §3.5.1: and changes nothing."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL)
        answer = await directory.ask("PUT", f"/Users/{made['id']}", made)
        assert (answer.status, answer.json()) == (200, made)


async def test_a_name_is_for_ever(tmp_path: Path) -> None:
    """RFC 7644 §3.5.1, §3.5.2: `mutability`, unless it is the same in another case."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        other, same = ({**BARBARA, "userName": name} for name in ("other", "BJENSEN@example.com"))
        assert fault_in(await directory.ask("PUT", f"/Users/{made['id']}", other)) == (400, "mutability")
        assert (await directory.ask("PUT", f"/Users/{made['id']}", same)).status == 200
        renamed = {"op": "replace", "path": "userName", "value": "other"}
        assert fault_in(await directory.patch(made["id"], renamed)) == (400, "mutability")
        assert (await directory.patched(made["id"], {**renamed, "value": "BJensen@example.com"}))["id"] == made["id"]


async def test_a_user_is_changed_by_operations_all_of_them_or_none(tmp_path: Path) -> None:
    """RFC 7644 §3.5.2."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL)
        changed = await directory.patched(
            made["id"],
            {"op": "add", "path": 'emails[type eq "work"].value', "value": "babs@jensen.org"},
            {"op": "replace", "value": {"name": {"givenName": "Babs"}, "locale": "de-AT"}},
            {"op": "remove", "path": "addresses"},
        )
        assert changed["emails"] == [{"value": "babs@jensen.org", "type": "work", "primary": True}]
        assert changed["name"] == {**FULL["name"], "givenName": "Babs"}
        assert (changed["locale"], changed.get("addresses")) == ("de-AT", None)
        wrong = {"op": "replace", "path": 'emails[type eq "home"].value', "value": "x@y.z"}
        assert fault_in(await directory.patch(made["id"], OFF, wrong)) == (400, "noTarget")
        unfit = {"op": "replace", "path": "timezone", "value": "?"}
        assert fault_in(await directory.patch(made["id"], OFF, unfit)) == (400, "invalidValue")
        assert (await directory.ask("GET", f"/Users/{made['id']}")).json() == changed


async def test_a_user_is_removed(tmp_path: Path) -> None:
    """RFC 7644 §3.6: 204, and it is found no more."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        answer = await directory.ask("DELETE", f"/Users/{made['id']}")
        assert (answer.status, answer.body) == (204, b"")
        assert fault_in(await directory.ask("DELETE", f"/Users/{made['id']}")) == (404, None)
        assert await directory.names("userName pr") == []


async def test_attributes_are_asked_for(tmp_path: Path) -> None:
    """RFC 7644 §3.9: those, or all but some, of any answer; schemas and id always, the password never."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL, password="correct horse battery")
        least = {"schemas": [USER], "id": made["id"]}
        at = f"/Users/{made['id']}"

        async def shown(query: str) -> object:
            return (await directory.ask("GET", f"{at}?{query}")).json()

        assert await shown("attributes=userName") == {**least, "userName": made["userName"]}
        assert await shown("attributes=USERNAME,emails.value,password,nosuch") == {
            **least,
            "userName": made["userName"],
            "emails": [{"value": "bjensen@example.com"}],
        }
        assert await shown(f"attributes={USER}:name.givenName") == {**least, "name": {"givenName": "Barbara"}}
        without = await shown("excludedAttributes=id,schemas,meta,emails,name.formatted,phoneNumbers.value")
        assert without == {
            name: value
            for name, value in {
                **made,
                "name": {"familyName": "Jensen", "givenName": "Barbara"},
                "phoneNumbers": [{"type": "work", "primary": True}],
            }.items()
            if name not in ("meta", "emails")
        }
        both = await directory.ask("GET", f"{at}?attributes=userName&excludedAttributes=name")
        assert fault_in(both) == (400, "invalidValue")
        many = await directory.ask("GET", f"{at}?attributes={','.join(['x'] * 101)}")
        assert fault_in(many) == (400, "invalidValue")
        patched = await directory.ask("PATCH", f"{at}?attributes=active", patch_of(OFF))
        assert patched.json() == {**least, "active": False}
        put = await directory.ask("PUT", f"{at}?attributes=active", FULL)
        assert put.json() == {**least, "active": True}
        posted = await directory.ask("POST", "/Users?attributes=active", {"schemas": [USER], "userName": "zoe"})
        assert set(posted.json()) == {"schemas", "id", "active"}


async def test_who_i_am_and_bulk_are_not_here(tmp_path: Path) -> None:
    """RFC 7644 §3.7, §3.11: 501."""
    async with provisioned(tmp_path) as directory:
        assert fault_in(await directory.ask("GET", "/Me")) == (501, None)
        assert fault_in(await directory.ask("POST", "/Bulk", {})) == (501, None)


async def test_a_refusal_is_a_document(tmp_path: Path) -> None:
    """RFC 7644 §3.12: also where there is nothing, and where another method is meant."""
    async with provisioned(tmp_path) as directory:
        for path in ("/Groups", "/Users/x/y", "/users", "/", "/Users//x"):
            assert fault_in(await directory.ask("GET", path)) == (404, None)
        answer = await directory.ask("DELETE", "/Users")
        assert fault_in(answer) == (405, None)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        options = await directory.ask("OPTIONS", "/Users/x")
        assert (options.status, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
        elsewhere = await ask(directory.h.front, "GET", "/scim/v2x")
        assert elsewhere.status == 404


async def test_a_version_is_a_condition(tmp_path: Path) -> None:
    """RFC 7644 §3.14: weak tags, and they are compared as such; what is not as supposed is 412, and nothing is done."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        at = f"/Users/{made['id']}"
        assert (await directory.ask("GET", at, None, {"if-none-match": 'W/"0"'})).status == 304
        assert fault_in(await directory.ask("GET", at, None, {"if-match": 'W/"1"'})) == (412, None)
        put = await directory.ask("PUT", at, FULL, {"if-match": 'W/"0"'})
        assert (put.status, put.headers["etag"]) == (200, 'W/"1"')
        for method, body in (("PUT", BARBARA), ("PATCH", patch_of(OFF)), ("DELETE", None)):
            for stale in ({"if-match": 'W/"0"'}, {"if-none-match": "*"}, {"if-none-match": 'W/"1"'}):
                assert fault_in(await directory.ask(method, at, body, stale)) == (412, None)
            assert fault_in(await directory.ask(method, at, body, {"if-match": "0"})) == (400, "invalidValue")
        assert (await directory.ask("GET", at, None, {"if-none-match": 'W/"0"'})).json() == put.json()
        patched = await directory.patch(made["id"], OFF, headers={"if-match": 'W/"0", W/"1"'})
        assert (patched.status, patched.headers["etag"]) == (200, 'W/"2"')
        assert (await directory.ask("DELETE", at, None, {"if-match": "*"})).status == 204


async def test_what_the_server_says_of_itself_is_not_filtered(tmp_path: Path) -> None:
    """RFC 7644 §4: 403."""
    async with provisioned(tmp_path) as directory:
        for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Schemas/" + USER):
            assert (await directory.ask("GET", path)).status == 200
            assert fault_in(await directory.ask("GET", f"{path}?filter=id%20pr")) == (403, None)
