"""SCIM as directories speak it: the requests that Entra ID and Okta document as theirs."""

from pathlib import Path
from typing import Any, Final

from tests.provisioning import PATCH_OP, USER, fault_in, patch_of, provisioned

ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SCOPE: Final = "rest:admin:read:users rest:admin:write:users"


async def test_entra_id_matches_makes_changes_and_shuts_out(tmp_path: Path) -> None:
    async with provisioned(tmp_path, SCOPE) as directory:
        name = "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1"
        unknown = await directory.find(f'userName eq "{name}"')
        assert (unknown["totalResults"], unknown["Resources"]) == (0, [])
        made = await directory.add(
            {
                "schemas": [USER, ENTERPRISE],
                "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
                "userName": name,
                "active": True,
                "emails": [{"primary": True, "type": "work", "value": "Test_User@testuser.com"}],
                "meta": {"resourceType": "User"},
                "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
                "roles": [],
                ENTERPRISE: {"department": "Sales", "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d"}},
            }
        )
        assert made["userName"] == name.lower()
        assert (await directory.find(f'externalId eq "{made["externalId"]}"'))["Resources"] == [made]
        assert (await directory.find('emails[type eq "work"].value eq "test_user@testuser.com"'))["totalResults"] == 1
        changed = await directory.patched(
            made["id"],
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updatedEmail@microsoft.com"},
            {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
            {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 604 555 1234"},
            {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "CA"},
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Support"},
            {"op": "Add", "path": "title", "value": "Clerk"},
        )
        assert changed["emails"][0]["value"] == "updatedEmail@microsoft.com"
        assert changed["phoneNumbers"][0]["value"] == "+1 604 555 1234"
        assert "addresses" not in changed
        renamed = {"op": "Replace", "path": "userName", "value": "5b50642d@testuser.com"}
        assert fault_in(await directory.patch(made["id"], renamed)) == (400, "mutability")
        for value in ("False", False):
            gone = await directory.patched(made["id"], {"op": "Replace", "path": "active", "value": value})
            assert gone["active"] is False
        assert (await directory.ask("DELETE", f"/Users/{made['id']}")).status == 204


async def test_okta_matches_makes_replaces_and_shuts_out(tmp_path: Path) -> None:
    async with provisioned(tmp_path, "rest gql") as directory:
        found = await directory.find('userName eq "test.user@okta.local"', startIndex=1, count=100)
        assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (0, 1, 0)
        body: dict[str, Any] = {
            "schemas": [USER],
            "userName": "test.user@okta.local",
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
            "displayName": "Test User",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [],
            "password": "1mz050nq-and-more",
            "active": True,
        }
        made = await directory.add(body)
        assert (made["displayName"], made["name"]["formatted"]) == ("Test User", "Test User")
        put = {**made, "name": {"givenName": "Another", "middleName": "Excited", "familyName": "User"}, "groups": []}
        answer = await directory.ask("PUT", f"/Users/{made['id']}", put)
        assert (answer.status, answer.json()["name"]["givenName"]) == (200, "Another")
        without_path = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"active": False}}]}
        off = await directory.ask("PATCH", f"/Users/{made['id']}", without_path, {"content-type": "application/json"})
        assert (off.status, off.json()["active"]) == (200, False)
        with_id = patch_of({"op": "replace", "value": {"id": made["id"], "active": True}})
        assert (await directory.ask("PATCH", f"/Users/{made['id']}", with_id)).json()["active"] is True
