"""What can be said of a person: the options that `add` and `edit` share."""

from typing import Annotated

import typer

Verified = Annotated[
    bool | None,
    typer.Option(
        "--email-verified/--no-email-verified", help="You vouch for it that the address is theirs. Else nobody does."
    ),
]
FullName = Annotated[str | None, typer.Option(metavar="TEXT", help="The whole name, as applications show it.")]
GivenName = Annotated[str | None, typer.Option(metavar="TEXT", help="Their given names.")]
FamilyName = Annotated[str | None, typer.Option(metavar="TEXT", help="Their family names.")]
Phone = Annotated[str | None, typer.Option(metavar="NUMBER", help="Their telephone number, such as +16045551234.")]
Address = Annotated[str | None, typer.Option(metavar="TEXT", help="Their postal address; it may have several lines.")]
Locale = Annotated[str | None, typer.Option(metavar="TAG", help="Their language, such as de-AT.")]
Zone = Annotated[str | None, typer.Option("--zoneinfo", metavar="ZONE", help="Their time zone, such as Europe/Vienna.")]


def given(**options: str | None) -> dict[str, str | None]:
    """Those that were given."""
    return {name: text for name, text in options.items() if text is not None}
