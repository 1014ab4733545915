"""The REST API as a Postman Collection (format v2.1): a folder for each module, a request for each operation.

It signs in by client credentials. The secret is a variable, and has no value here.
"""

import json
import uuid
from typing import Any, Final

from scopekeeper.docs.collections.requests import Parameter, Request, asked_scope, folders_of
from scopekeeper.surface.openapi import Document

Part = dict[str, Any]

FORMAT: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

_WORDS: Final = """\
Fill in the variables `clientId` and `clientSecret`, then fetch a token under *Authorization* (*Get New Access Token*).
Every request says which scope it needs.
"""


def postman(document: Document, *, issuer: str, cut: bool = False) -> Part:
    """The collection, as JSON has it. `cut`, it asks for the scopes of its own requests, else for all that the
    application may have."""
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(uuid.NAMESPACE_URL, issuer)),  # imported again, it takes its own place
            "name": document["info"]["title"],
            "description": f"{document['info']['description']}\n{_WORDS}",
            "schema": FORMAT,
        },
        "auth": {"type": "oauth2", "oauth2": _auth(asked_scope(document) if cut else "")},
        "variable": [
            {"key": "baseUrl", "value": issuer, "type": "string"},
            {"key": "clientId", "value": "", "type": "string"},
            {"key": "clientSecret", "value": "", "type": "string"},
            {"key": "accessToken", "value": "", "type": "string"},
        ],
        "item": [
            {"name": folder.title, "item": [_item(request) for request in folder.requests]}
            for folder in folders_of(document)
        ],
    }


def _auth(scope: str) -> list[Part]:
    values = {
        "grant_type": "client_credentials",
        "accessTokenUrl": "{{baseUrl}}/oauth/token",
        "clientId": "{{clientId}}",
        "clientSecret": "{{clientSecret}}",
        "scope": scope,
        "client_authentication": "header",
        "accessToken": "{{accessToken}}",
        "addTokenTo": "header",
        "headerPrefix": "Bearer",
        "tokenName": "Scopekeeper",
    }
    return [{"key": key, "value": value, "type": "string"} for key, value in values.items()]


def _item(request: Request) -> Part:
    part: Part = {
        "name": request.title,
        "request": {
            "method": request.method,
            "header": [_named(each) for each in request.in_header],
            "url": _url(request),
            "description": request.words,
        },
        "response": [],
    }
    if request.body is not None:
        part["request"]["header"].insert(0, {"key": "Content-Type", "value": "application/json"})
        text = json.dumps(request.body, indent=2, ensure_ascii=False)
        part["request"]["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
    return part


def _url(request: Request) -> Part:
    segments = [f":{part[1:-1]}" if part.startswith("{") else part for part in request.path.split("/")[1:]]
    path = ["api", "rest", *segments]
    url: Part = {"raw": "{{baseUrl}}/" + "/".join(path), "host": ["{{baseUrl}}"], "path": path}
    if request.in_query:
        url["query"] = [_named(each) for each in request.in_query]
    if request.in_path:
        url["variable"] = [
            {"key": each.name, "value": each.value, "description": each.words} for each in request.in_path
        ]
    return url


def _named(parameter: Parameter) -> Part:
    """A parameter of the query or the head: switched off, unless nothing is answered without it."""
    part: Part = {"key": parameter.name, "value": parameter.value, "description": parameter.words}
    return part if parameter.required else {**part, "disabled": True}
