"""CSV or JSON: what was said, or what a file is by its name or its beginning."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scopekeeper.cli.output import Misconfigured, Refused

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.surface.bulk.plan import Plan

Format = Literal["csv", "json"]

Chosen = Annotated[Format | None, typer.Option("--format", help="CSV or JSON; else what the file is.")]


def of_name(file: Path | None) -> Format:
    """What a file of this name is to be."""
    return "json" if file is not None and file.suffix.lower() == ".json" else "csv"


def of_text(text: bytes) -> Format:
    """What this is: a JSON array begins with a bracket, and no column is called so."""
    return "json" if text.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{") else "csv"


def plan_of(house: "House") -> "Plan":
    """What is moved, by the modules of this house. Raises Refused."""
    from scopekeeper.sdk import DeclarationError
    from scopekeeper.surface.bulk.plan import Plan

    try:
        return Plan.of(house.modules.operations)
    except LookupError as missing:
        raise Refused(str(missing.args[0])) from missing
    except DeclarationError as wrong:
        raise Misconfigured(str(wrong)) from wrong
