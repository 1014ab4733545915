"""Gathers the words of the pages and compiles the catalogues. `make words` runs it, a test sees that it was run.

A new language is an empty file `src/scopekeeper/pages/locale/XX.po`: run this, then translate what it has put there.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from scopekeeper.api.modules import installed

PACKAGE: Final = Path(__file__).parents[1] / "src" / "scopekeeper"
LOCALE: Final = PACKAGE / "pages" / "locale"

_METHODS: Final = [("pages/**.py", "python"), ("web/**.py", "python"), ("pages/templates/**.html", "jinja2")]
_OPTIONS: Final = {"pages/templates/**.html": {"trimmed": "false", "newstyle_gettext": "true", "silent": "false"}}
_EPOCH: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""What catalogues have for a date: they change when their words do, and at no other time."""


def main() -> None:
    """Bring every catalogue up to date with the code, then compile it."""
    for path in catalogues():
        path.write_bytes(written(updated(path)))
        path.with_suffix(".mo").write_bytes(compiled(path))


def catalogues() -> Iterator[Path]:
    """The catalogue of every language but English."""
    return iter(sorted(LOCALE.glob("*.po")))


def gathered() -> Catalog:
    """Every message that the pages can say, in English: their own, and what the modules say of their scopes."""
    words = Catalog(project="Scopekeeper", charset="utf-8", creation_date=_EPOCH, revision_date=_EPOCH)
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    for path, line, message, comments, _ in extract_from_dir(PACKAGE, _METHODS, _OPTIONS, keywords):
        words.add(message, locations=[(path, line)], auto_comments=comments)
    for entry in installed().catalogue:
        if entry.module is not None:
            words.add(entry.title, locations=[(f"modules/{entry.module}", 0)])
            words.add(entry.description, locations=[(f"modules/{entry.module}", 0)])
    return words


def updated(path: Path) -> Catalog:
    """The catalogue with exactly the messages that there are now; no guessing at what an altered one might mean."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(gathered(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = _EPOCH
    catalogue.header_comment = (
        f"# The pages for people, in {catalogue.locale_identifier}. `make words` keeps it up to date."
    )
    catalogue.project, catalogue.version, catalogue.fuzzy = "Scopekeeper", "0", False
    catalogue.msgid_bugs_address, catalogue.last_translator, catalogue.language_team = "none", "none", "none"
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a file."""
    text = BytesIO()
    write_po(text, catalogue, width=116, sort_output=True, include_lineno=False)
    return text.getvalue()


def compiled(path: Path) -> bytes:
    """The catalogue as gettext reads it."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    code = BytesIO()
    write_mo(code, catalogue)
    return code.getvalue()


if __name__ == "__main__":
    main()
