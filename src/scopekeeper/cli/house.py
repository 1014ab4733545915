"""Opening the house for one command, and closing it again."""

import getpass
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from scopekeeper.cli.imports import importing
from scopekeeper.cli.output import Misconfigured, Refused
from scopekeeper.cli.place import settings_of

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.applications import Unfit

T = TypeVar("T")


def in_house(act: "Callable[[House], Awaitable[T]]") -> T:
    """Open the house, do the act, close the house. Raises Refused with one line for every expected refusal."""
    with importing():
        import asyncio

        from scopekeeper.app import CannotOpen, WrongDatabase, open_house
        from scopekeeper.oauth.applications import Unfit
        from scopekeeper.sdk import Problem
        from scopekeeper.services.ports import Gone, Stale, Unavailable
        from scopekeeper.web.logbook import open_logbook

    open_logbook("warning", "text")  # to standard error: standard output is for what was asked
    settings = settings_of()

    async def opened() -> T:
        async with open_house(settings) as house:
            return await act(house)

    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a database that goes away does not take us with it
    try:
        return asyncio.run(opened())
    except WrongDatabase as wrong:
        raise Misconfigured(str(wrong)) from wrong
    except (CannotOpen, Gone, Stale, Problem) as refused:
        raise Refused(str(refused)) from refused
    except Unfit as unfit:
        raise Refused(_told(unfit)) from unfit
    except Unavailable as away:
        raise Refused(f"the database cannot be used just now: {away}; `scopekeeper doctor` looks at it") from away
    except UnicodeEncodeError as bytes_of_no_text:
        raise Refused("an argument holds bytes that are no text") from bytes_of_no_text
    finally:
        signal.signal(signal.SIGPIPE, before)


def actor() -> str:
    """Who types, for the audit log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def _told(unfit: "Unfit") -> str:
    """The refusal, with the option that is to be mended before it."""
    return str(unfit) if unfit.field == "name" else f"--{unfit.field.replace('_', '-')}: {unfit}"
