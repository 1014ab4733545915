"""`scopekeeper scopes`: every scope that exists."""

from scopekeeper.cli.output import AsJson, Refused, print_json, table
from scopekeeper.cli.place import settings_of


def scopes(json: AsJson = False) -> None:
    """Show every scope: what an application can be given. Needs no database."""
    from scopekeeper.app import CannotOpen, modules_of

    try:
        catalogue = modules_of(settings_of()).catalogue
    except CannotOpen as refused:
        raise Refused(str(refused)) from refused
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
