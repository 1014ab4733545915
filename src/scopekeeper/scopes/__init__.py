"""Scopes: their grammar, what covers what, and the catalogue of those that exist. All pure."""

from scopekeeper.scopes.catalogue import Catalogue, Declared, Entry
from scopekeeper.scopes.covering import covers, cut, least_cover, lineage, missing, widens
from scopekeeper.scopes.grammar import (
    ACCESSES,
    ADDRESS,
    APIS,
    EMAIL,
    IDENTITY,
    OFFLINE_ACCESS,
    OPENID,
    PHONE,
    PROFILE,
    Access,
    Api,
    MalformedScope,
    Scope,
    parse,
    words,
)
from scopekeeper.scopes.selection import collapse, expand

__all__ = [
    "ACCESSES",
    "ADDRESS",
    "APIS",
    "EMAIL",
    "IDENTITY",
    "OFFLINE_ACCESS",
    "OPENID",
    "PHONE",
    "PROFILE",
    "Access",
    "Api",
    "Catalogue",
    "Declared",
    "Entry",
    "MalformedScope",
    "Scope",
    "collapse",
    "covers",
    "cut",
    "expand",
    "least_cover",
    "lineage",
    "missing",
    "parse",
    "widens",
    "words",
]
