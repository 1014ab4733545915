"""Whoever has the command line: they have the database, and may do everything."""

from typing import Final

from scopekeeper.api.guard import Admitted
from scopekeeper.oauth.records import ApplicationType, Client, Token

OPERATOR: Final = Admitted(
    Token(0, b"", "operator", ("rest", "gql"), 0, 0, 0),
    Client("operator", ApplicationType.M2M, "Operator", ("rest", "gql"), (), 0),
    frozenset({"rest", "gql"}),
)
"""As if by a token, which exists nowhere but here."""
