"""`scopekeeper docs export`: the documentation as files, to be read and published anywhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.output import AsJson, Refused, print_json, say
from scopekeeper.cli.place import settings_of

if TYPE_CHECKING:
    from scopekeeper.scopes import Catalogue

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper docs export ./api-docs
  scopekeeper docs export ./api-docs --scope "rest:callforward gql"

It needs no database and no running server: the issuer of the settings and the installed modules are all it reads. The
same of both make the same files, to the byte.
"""


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to: new, empty, or an earlier export.")],
    scope: Annotated[
        str | None,
        typer.Option(metavar='"S1 S2"', help="Only what these scopes reach; else the whole."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Take a directory that holds other things, too: they stay, but for files of the same names."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Write the documentation as a static site, with everything for other tools.

    That is `index.html`, `graphql.html` and `rest.html`, the OpenAPI
    document, the GraphQL schema, and the REST API as collections for Postman
    and Bruno. An earlier export is replaced as a whole.
    """
    from scopekeeper.api.modules import installed
    from scopekeeper.cli.docs.folder import replace
    from scopekeeper.docs import Library, Shown
    from scopekeeper.docs.site import site_of
    from scopekeeper.sdk import DeclarationError

    settings = settings_of()
    try:
        modules = installed(switched_off=settings.modules_off)
    except DeclarationError as wrong:
        raise Refused(str(wrong)) from wrong
    scopes = None if scope is None else _scopes(scope, modules.catalogue)
    library = Library.of(modules.modules, modules.operations, modules.catalogue, issuer=settings.issuer)
    files = site_of(library, Shown(scopes))
    replace(directory, files, force=force)
    if json:
        print_json({"directory": str(directory.absolute()), "issuer": settings.issuer, "files": sorted(files)})
    else:
        say(f"Wrote {len(files)} files to {directory}. Open {directory / 'index.html'} to read them.")


def _scopes(text: str, catalogue: "Catalogue") -> tuple[str, ...]:
    """The scopes that were typed. Raises Refused."""
    from scopekeeper.scopes import MalformedScope, words

    try:
        scopes = words(text)
    except MalformedScope as wrong:
        raise Refused(f"--scope: {wrong}") from wrong
    if not scopes:
        raise Refused("--scope names no scope: leave it out for the whole")
    for each in scopes:
        if each not in catalogue:
            raise Refused(f"--scope: there is no scope {each!r}; `scopekeeper scopes` lists them")
    return scopes
