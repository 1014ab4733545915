"""The seam: all that the author of an API module may import.

    from scopekeeper.sdk import ApiModule, Caller, NotFound, record

One declaration of an operation gives the REST route, the GraphQL field, its scope, its place in the OpenAPI document
and its tests. The guide is in `docs/guides/write-a-module.md`.
"""

from scopekeeper.sdk.caller import Caller, Rows
from scopekeeper.sdk.declaring import DeclarationError
from scopekeeper.sdk.digests import TooManyTries
from scopekeeper.sdk.errors import Conflict, Forbidden, InUse, Invalid, NotFound, Problem
from scopekeeper.sdk.listing import AnyOf, Begins, Between, Counted, Either, Order
from scopekeeper.sdk.module import ApiModule, Words
from scopekeeper.sdk.oneof import one_of
from scopekeeper.sdk.operation import Operation
from scopekeeper.sdk.paging import Page, Paging
from scopekeeper.sdk.record import PRINTABLE, Meta, Patch, record
from scopekeeper.sdk.reference import Ref
from scopekeeper.sdk.settings import Settings
from scopekeeper.sdk.table import Table

__all__ = [
    "PRINTABLE",
    "AnyOf",
    "ApiModule",
    "Begins",
    "Between",
    "Caller",
    "Conflict",
    "Counted",
    "DeclarationError",
    "Either",
    "Forbidden",
    "InUse",
    "Invalid",
    "Meta",
    "NotFound",
    "Operation",
    "Order",
    "Page",
    "Paging",
    "Patch",
    "Problem",
    "Ref",
    "Rows",
    "Settings",
    "Table",
    "TooManyTries",
    "Words",
    "one_of",
    "record",
]
