"""The whole document: who serves it, how to be let in, and every operation."""

from collections.abc import Sequence
from typing import Any, Final

from scopekeeper import __version__
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk import ApiModule
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi.paths import described, path_to
from scopekeeper.surface.openapi.schemas import Schemas
from scopekeeper.surface.openapi.shared import SCHEME, headers, parameters, problem_schema, responses

Document = dict[str, Any]

_ABOUT: Final = """\
Every operation needs one scope, which its `security` names. A scope covers itself and all below it:
`rest:callforward` covers `rest:callforward:read`. `write` does not cover `read`: whoever may write but not read is
answered without the record.
"""


def openapi(
    modules: Sequence[ApiModule], bindings: Sequence[Binding], catalogue: Catalogue, *, issuer: str
) -> Document:
    """The OpenAPI document of these operations, as served by `issuer`."""
    schemas = Schemas(bindings)
    paths: dict[str, dict[str, Any]] = {}
    for binding in bindings:
        operation = binding.operation
        paths.setdefault(path_to(operation), {})[operation.method.lower()] = described(binding, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Scopekeeper", "version": __version__, "description": _ABOUT},
        "servers": [{"url": f"{issuer}/api/rest"}],
        "tags": [{"name": module.name, "description": module.title} for module in modules],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": problem_schema()},
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses(),
            "securitySchemes": {SCHEME: _security(catalogue, issuer)},
        },
    }


def _security(catalogue: Catalogue, issuer: str) -> dict[str, Any]:
    scopes = {entry.scope: entry.description for entry in catalogue if entry.api == "rest"}
    return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": f"{issuer}/oauth/token", "scopes": scopes}}}
