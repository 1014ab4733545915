"""The REST API as a Bruno collection: a folder of text files, one for each request, as is kept under version control.

It signs in by client credentials. The secret is a secret variable of the environment: Bruno keeps its value out of
these files.
"""

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlencode

from scopekeeper.docs.collections.requests import Folder, Parameter, Request, asked_scope, folders_of
from scopekeeper.surface.openapi import Document

ENVIRONMENT: Final = "Scopekeeper"


def bruno(document: Document, *, issuer: str, cut: bool = False) -> dict[str, str]:
    """The collection's files, by their paths within it. `cut`, it asks for the scopes of its own requests, else for
    all that the application may have."""
    about = {"version": "1", "name": document["info"]["title"], "type": "collection"}
    files = {
        "bruno.json": json.dumps(about, indent=2) + "\n",
        "collection.bru": _collection(document, asked_scope(document) if cut else ""),
        f"environments/{ENVIRONMENT}.bru": _environment(issuer),
    }
    for place, folder in enumerate(folders_of(document), 1):
        files[f"{folder.name}/folder.bru"] = _folder(folder, place)
        for seq, request in enumerate(folder.requests, 1):
            files[f"{folder.name}/{request.id}.bru"] = _request(request, seq)
    return files


def _collection(document: Document, scope: str) -> str:
    oauth2 = {
        "grant_type": "client_credentials",
        "access_token_url": "{{baseUrl}}/oauth/token",
        "refresh_token_url": "",
        "client_id": "{{clientId}}",
        "client_secret": "{{clientSecret}}",
        "scope": scope,
        "credentials_placement": "basic_auth_header",
        "credentials_id": "credentials",
        "token_source": "access_token",
        "token_placement": "header",
        "token_header_prefix": "Bearer",
        "auto_fetch_token": "true",
        "auto_refresh_token": "false",
    }
    return _file(
        _block("meta", [f"name: {_line(document['info']['title'])}"]),
        _block("auth", ["mode: oauth2"]),
        _block("auth:oauth2", _pairs(oauth2.items())),
        _block("docs", document["info"]["description"].splitlines()),
    )


def _environment(issuer: str) -> str:
    return f"vars {{\n  baseUrl: {issuer}\n  clientId: \n}}\nvars:secret [\n  clientSecret\n]\n"


def _folder(folder: Folder, seq: int) -> str:
    return _file(
        _block("meta", [f"name: {_line(folder.title)}", f"seq: {seq}"]),
        _block("auth", ["mode: inherit"]),
    )


def _request(request: Request, seq: int) -> str:
    path = "/".join(f":{part[1:-1]}" if part.startswith("{") else part for part in request.path.split("/"))
    query = urlencode([(each.name, each.value) for each in request.in_query if each.required], quote_via=quote)
    url = f"{{{{baseUrl}}}}/api/rest{path}{f'?{query}' if query else ''}"
    body = "none" if request.body is None else "json"
    return _file(
        _block("meta", [f"name: {_line(request.title)}", "type: http", f"seq: {seq}"]),
        _block(request.method.lower(), [f"url: {url}", f"body: {body}", "auth: inherit"]),
        _block("params:query", _switched(request.in_query)),
        _block("params:path", _pairs((each.name, each.value) for each in request.in_path)),
        _block("headers", _switched(request.in_header)),
        "" if request.body is None else _block("body:json", _json(request.body)),
        _block("docs", request.words.splitlines()),
    )


def _switched(parameters: Iterable[Parameter]) -> list[str]:
    """Parameters that may be left out are switched off."""
    return _pairs((each.name if each.required else f"~{each.name}", each.value) for each in parameters)


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {_line(value)}" for name, value in pairs]


def _json(body: object) -> list[str]:
    return json.dumps(body, indent=2, ensure_ascii=False).split("\n")  # other ends of lines are within its texts


def _line(text: str) -> str:
    return " ".join(text.split())


def _block(name: str, lines: list[str]) -> str:
    """A block of the file; none where nothing stands in it."""
    inside = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return f"{name} {{\n{inside}}}\n" if lines else ""


def _file(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)
