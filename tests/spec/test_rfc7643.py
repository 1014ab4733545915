"""RFC 7643: of what a user is made, and what the server says of that."""

import json
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.api.scim.attributes import ATTRIBUTES, KEPT
from tests.provisioning import BARBARA, FULL, LIST_RESPONSE, USER, WORK, a_provisioner, fault_in, provisioned


async def test_names_of_attributes_are_in_any_case(tmp_path: Path) -> None:
    """RFC 7643 §2.1."""
    async with provisioned(tmp_path) as directory:
        body = {"SCHEMAS": [USER], "USERNAME": "bjensen", "Name": {"FAMILYNAME": "Jensen"}, "eMails": []}
        made = (await directory.ask("POST", "/Users", body)).json()
        assert (made["userName"], made["name"]) == ("bjensen", {"familyName": "Jensen"})
        twice = {"schemas": [USER], "userName": "a", "username": "b"}
        assert fault_in(await directory.ask("POST", "/Users", twice)) == (400, "invalidSyntax")


async def test_every_attribute_has_its_characteristics(tmp_path: Path) -> None:
    """RFC 7643 §2.2, §2.3 and §7: as /Schemas tells of them."""
    async with provisioned(tmp_path) as directory:
        schema = (await directory.ask("GET", f"/Schemas/{USER}")).json()
        told = {each["name"]: each for each in schema["attributes"]}
        assert list(told) == [each.name for each in KEPT]
        common = {"name", "type", "multiValued", "description", "required", "mutability", "returned"}
        for each in told.values():
            assert common <= set(each)
            for sub in each.get("subAttributes", []):
                assert common <= set(sub)
                assert sub["type"] in {"string", "boolean"}
        assert (told["userName"]["mutability"], told["userName"]["caseExact"]) == ("immutable", False)
        assert (told["userName"]["uniqueness"], told["userName"]["required"]) == ("server", True)
        assert (told["password"]["mutability"], told["password"]["returned"]) == ("writeOnly", "never")
        assert told["emails"]["multiValued"] is True
        assert {"schemas", "id", "externalid", "meta"} == set(ATTRIBUTES) - {each.lower() for each in told}


@pytest.mark.parametrize("nothing", [None, []])
async def test_null_and_an_empty_list_are_nothing(tmp_path: Path, nothing: object) -> None:
    """RFC 7643 §2.5."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL, emails=nothing, locale=None, name={"formatted": None})
        assert {"emails", "locale", "name", "displayName"}.isdisjoint(made)


async def test_a_resource_says_of_which_schema_it_is(tmp_path: Path) -> None:
    """RFC 7643 §3: `schemas` is required, and has the URI of the user's."""
    async with provisioned(tmp_path) as directory:
        for schemas in (None, [], USER, ["urn:ietf:params:scim:schemas:core:2.0:Group"], [7]):
            body = {**BARBARA, "schemas": schemas}
            assert fault_in(await directory.ask("POST", "/Users", body)) == (400, "invalidSyntax")
        extended = ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", USER]
        made = await directory.add(schemas=extended)
        assert made["schemas"] == [USER]


async def test_every_resource_has_the_common_attributes(tmp_path: Path) -> None:
    """RFC 7643 §3.1: an id that nobody chooses, what the client calls it, and meta."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(id="mine", meta={"resourceType": "Group", "created": "1970-01-01T00:00:00Z"})
        assert made["externalId"] == "bjensen"
        assert made["id"] != "mine"
        assert made["meta"] == {
            "resourceType": "User",
            "created": "2027-01-15T08:00:00Z",
            "lastModified": "2027-01-15T08:00:00Z",
            "location": f"http://127.0.0.1:8000/scim/v2/Users/{made['id']}",
            "version": 'W/"0"',
        }
        directory.h.clock.advance(60)
        changed = await directory.patched(made["id"], {"op": "add", "path": "locale", "value": "de-AT"})
        assert changed["meta"] == {**made["meta"], "lastModified": "2027-01-15T08:01:00Z", "version": 'W/"1"'}


async def test_an_id_is_never_given_again(tmp_path: Path) -> None:
    """RFC 7643 §3.1: also not to another account of the same name."""
    async with provisioned(tmp_path) as directory:
        first = await directory.add()
        assert (await directory.ask("DELETE", f"/Users/{first['id']}")).status == 204
        second = await directory.add()
        assert second["id"] != first["id"]
        assert fault_in(await directory.ask("GET", f"/Users/{first['id']}")) == (404, None)


async def test_a_user_is_kept_and_told_with_all_that_there_is(tmp_path: Path) -> None:
    """RFC 7643 §4.1."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL, title="Tour Guide", nickName="Babs", userType="Employee")
        assert made == {**FULL, "id": made["id"], "meta": made["meta"], "displayName": FULL["name"]["formatted"]}
        user = await directory.h.house.accounts.get("bjensen@example.com")
        assert (user.full_name, user.given_name, user.family_name) == (
            "Ms. Barbara J Jensen, III",
            "Barbara",
            "Jensen",
        )
        assert (user.phone_number, user.zoneinfo, user.locale) == (WORK, "America/Los_Angeles", "en-US")
        assert user.address == "100 Universal City Plaza\nHollywood, CA 91608 USA"


async def test_the_full_user_of_the_document_is_taken(tmp_path: Path) -> None:
    """RFC 7643 §8.2, with a number that can be dialled."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(json.loads(_FULL_USER))
        assert made["userName"] == "bjensen@example.com"
        assert [each["value"] for each in made["emails"]] == ["bjensen@example.com"]
        assert [each["value"] for each in made["phoneNumbers"]] == ["555-555-5555"]
        assert [each["formatted"] for each in made["addresses"]] == [
            "100 Universal City Plaza\nHollywood, CA 91608 USA"
        ]
        assert (made["displayName"], made["active"]) == ("Ms. Barbara J Jensen, III", True)
        assert "t1meMa$heen" not in json.dumps(made)


async def test_a_telephone_number_may_be_a_uri(tmp_path: Path) -> None:
    """RFC 7643 §4.1.2, RFC 3966 §3."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(phoneNumbers=[{"value": "tel:+1-201-555-0123;ext=42"}])
        assert made["phoneNumbers"][0]["value"] == "+1-201-555-0123;ext=42"


async def test_what_the_server_can_is_told_without_a_token(tmp_path: Path) -> None:
    """RFC 7643 §5: and first of all how to authenticate."""
    async with provisioned(tmp_path) as directory:
        stranger = type(directory)(directory.h, None)
        told = (await stranger.ask("GET", "/ServiceProviderConfig")).json()
        can = {name: told[name]["supported"] for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag")}
        assert can == {
            "patch": True,
            "bulk": False,
            "filter": True,
            "changePassword": True,
            "sort": False,
            "etag": True,
        }
        assert told["filter"]["maxResults"] == 200
        assert [each["type"] for each in told["authenticationSchemes"]] == ["oauthbearertoken"]


async def test_there_are_users_and_nothing_else(tmp_path: Path) -> None:
    """RFC 7643 §6."""
    async with provisioned(tmp_path) as directory:
        told = (await directory.ask("GET", "/ResourceTypes")).json()
        assert (told["schemas"], told["totalResults"]) == ([LIST_RESPONSE], 1)
        [users] = told["Resources"]
        assert (users["id"], users["endpoint"], users["schema"]) == ("User", "/Users", USER)
        assert (await directory.ask("GET", "/ResourceTypes/User")).json() == users
        assert fault_in(await directory.ask("GET", "/ResourceTypes/Group")) == (404, None)


async def test_what_an_attribute_may_be_is_told_where_it_is_not(tmp_path: Path) -> None:
    """RFC 7643 §2.3, RFC 7644 §3.12."""
    wrong: list[dict[str, Any]] = [
        {"userName": 7},
        {"userName": "two words"},
        {"userName": ""},
        {"active": "yes"},
        {"active": 1},
        {"name": "Barbara"},
        {"name": {"givenName": 7}},
        {"name": {"givenName": "a\nb"}},
        {"emails": "bjensen@example.com"},
        {"emails": [{"value": "no address"}]},
        {"emails": [7]},
        {"phoneNumbers": [{"value": "none"}]},
        {"locale": "?"},
        {"timezone": "?"},
        {"externalId": "x" * 201},
        {"externalId": "a\u0000b"},
        {"password": "short"},
        {"addresses": [{"formatted": "x" * 501}]},
    ]
    async with provisioned(tmp_path) as directory:
        for each in wrong:
            assert fault_in(await directory.ask("POST", "/Users", {**BARBARA, **each})) == (400, "invalidValue"), each
        nameless = {name: value for name, value in BARBARA.items() if name != "userName"}
        assert fault_in(await directory.ask("POST", "/Users", nameless)) == (400, "invalidValue")
        assert (await (await a_provisioner(directory.h, "rest:admin")).find("userName pr"))["totalResults"] == 0


_FULL_USER = """
{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id": "2819c223-7f76-453a-919d-413861904646",
  "externalId": "701984",
  "userName": "bjensen@example.com",
  "name": {
    "formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
    "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"
  },
  "displayName": "Babs Jensen",
  "nickName": "Babs",
  "profileUrl": "https://login.example.com/bjensen",
  "emails": [
    {"value": "bjensen@example.com", "type": "work", "primary": true},
    {"value": "babs@jensen.org", "type": "home"}
  ],
  "addresses": [
    {
      "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA",
      "postalCode": "91608", "country": "USA",
      "formatted": "100 Universal City Plaza\\nHollywood, CA 91608 USA", "primary": true
    },
    {"type": "home", "formatted": "456 Hollywood Blvd\\nHollywood, CA 91608 USA"}
  ],
  "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
  "ims": [{"value": "someaimhandle", "type": "aim"}],
  "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"}],
  "userType": "Employee",
  "title": "Tour Guide",
  "preferredLanguage": "en-US",
  "locale": "en-US",
  "timezone": "America/Los_Angeles",
  "active": true,
  "password": "t1meMa$heen",
  "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides"}],
  "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
  "meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z", "version": "W/\\"a330bc54f0671c9\\""}
}
"""
