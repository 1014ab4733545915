"""`scopekeeper scopes`: every scope that exists."""

from typing import Final

from scopekeeper.cli.output import AsJson, Refused, print_json, table
from scopekeeper.cli.place import settings_of

EXAMPLES: Final = """\
A scope covers itself and all below it: rest:callforward is rest:callforward:read and
rest:callforward:write. Write does not cover read, and rest does not cover gql.
"""


def scopes(json: AsJson = False) -> None:
    """Show every scope: all that an application can be given."""
    from scopekeeper.api.modules import installed
    from scopekeeper.sdk import DeclarationError

    try:
        catalogue = installed(switched_off=settings_of().modules_off).catalogue
    except DeclarationError as wrong:
        raise Refused(str(wrong)) from wrong
    if json:
        print_json(
            [
                {
                    "scope": entry.scope,
                    "api": entry.api,
                    "module": entry.module,
                    "access": entry.access,
                    "resource": entry.resource,
                    "description": entry.description,
                }
                for entry in catalogue
            ]
        )
        return
    table(
        ("Scope", "API", "Module", "Description"),
        [(entry.scope, entry.api, entry.module or "", entry.description) for entry in catalogue],
        "No module is installed.",
    )
