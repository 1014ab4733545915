"""What the server says of its SCIM: what it can, which resources there are, and of what they are made (RFC 7644 §4).

All of it is the same for everybody, and public: a client finds out here how it has to authenticate (RFC 7643 §5).
"""

from typing import Any, Final

from scopekeeper.api.scim.attributes import KEPT, USER
from scopekeeper.api.scim.resources import PREFIX

SERVICE_PROVIDER_CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"
LIST_RESPONSE: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

MOST_RESULTS: Final = 200
"""Users in one answer."""


def service_provider_config(issuer: str) -> dict[str, Any]:
    """What can be done here, and what not (RFC 7643 §5)."""
    return {
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": True},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "An access token of this server, with a scope of rest:admin for users.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{issuer}{PREFIX}/ServiceProviderConfig"},
    }


def resource_types(issuer: str) -> list[dict[str, Any]]:
    """Users, and nothing else (RFC 7643 §6)."""
    return [
        {
            "schemas": [RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "Somebody who may sign in.",
            "schema": USER,
            "meta": {"resourceType": "ResourceType", "location": f"{issuer}{PREFIX}/ResourceTypes/User"},
        }
    ]


def schemas(issuer: str) -> list[dict[str, Any]]:
    """Of what a user is made (RFC 7643 §7)."""
    return [
        {
            "schemas": [SCHEMA],
            "id": USER,
            "name": "User",
            "description": "Somebody who may sign in. Nobody is made an administrator here.",
            "attributes": [each.described() for each in KEPT],
            "meta": {"resourceType": "Schema", "location": f"{issuer}{PREFIX}/Schemas/{USER}"},
        }
    ]


def list_response(resources: list[dict[str, Any]], total: int, first: int = 1) -> dict[str, Any]:
    """A page of what was found (RFC 7644 §3.4.2)."""
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": first,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }
