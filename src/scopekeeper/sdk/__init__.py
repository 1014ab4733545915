"""The seam: all that the author of an API module may import.

    from scopekeeper.sdk import ApiModule, Caller, NotFound, record

One declaration of an operation gives the REST route, the GraphQL field, its scope, its place in the OpenAPI document
and its tests. The guide is in `docs/guides/write-a-module.md`.
"""

from scopekeeper.sdk.caller import Caller, Rows
from scopekeeper.sdk.declaring import DeclarationError
from scopekeeper.sdk.errors import Conflict, Forbidden, InUse, Invalid, NotFound, Problem
from scopekeeper.sdk.module import ApiModule, Words
from scopekeeper.sdk.operation import Operation
from scopekeeper.sdk.paging import Page, Paging
from scopekeeper.sdk.record import Meta, Patch, record
from scopekeeper.sdk.table import Table

__all__ = [
    "ApiModule",
    "Caller",
    "Conflict",
    "DeclarationError",
    "Forbidden",
    "InUse",
    "Invalid",
    "Meta",
    "NotFound",
    "Operation",
    "Page",
    "Paging",
    "Patch",
    "Problem",
    "Rows",
    "Table",
    "Words",
    "record",
]
