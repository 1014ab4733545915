"""`scopekeeper doctor`: looks at everything that has to be right, and says how to mend what is not.

It looks and makes nothing, no folder, no database, no key, no lease, unless it is told that the clock is right.
"""

from typing import Annotated, Final

import typer

from scopekeeper.cli.doctor.finding import State
from scopekeeper.cli.gently import gently
from scopekeeper.cli.imports import importing
from scopekeeper.cli.output import AsJson, Refused, print_json, say
from scopekeeper.cli.place import settings_of

_MARKS: Final[dict[State, str]] = {"good": "good  ", "warning": "warn  ", "bad": "BAD   "}


def doctor(
    json: AsJson = False,
    clock_is_right: Annotated[
        bool,
        typer.Option(
            "--clock-is-right",
            help="This machine's clock is right; another, which told the database a later time, was wrong.",
        ),
    ] = False,
) -> None:
    """Look at settings, database, keys and clock.

    Says how to mend what is not right, and changes nothing by itself. The exit code is 1 if anything is bad.
    """
    gently()
    with importing():
        from scopekeeper.cli.doctor.database import database
        from scopekeeper.cli.doctor.machine import clock, data, settings
        from scopekeeper.cli.doctor.mail import mail
        from scopekeeper.cli.doctor.modules import modules

        here = settings_of()
        # Looking is importing, for the most part.
        findings = [
            *settings(here),
            *data(here),
            clock(),
            modules(here),
            *database(here, clock_is_right=clock_is_right),
            *mail(here),
        ]
    if json:
        print_json(findings)
    else:
        for each in findings:
            mend = f"\n        → {each.mend}" if each.mend else ""
            say(f"{_MARKS[each.state]}{each.subject}: {each.what}{mend}")
    bad = sum(each.state == "bad" for each in findings)
    if bad:
        raise Refused(f"{'one thing has' if bad == 1 else f'{bad} things have'} to be mended")
