"""Where everything is: the options `--config`, `--data` and `--database`, which may stand behind any command."""

from collections.abc import Sequence
from typing import TypedDict

from scopekeeper.settings import Settings, load


class Place(TypedDict):
    """What was said of the place on this command line."""

    config: str | None
    data: str | None
    database: str | None


PLACE: Place = {"config": None, "data": None, "database": None}

_OPTIONS = tuple(f"--{name}" for name in PLACE)


def place_first(arguments: Sequence[str]) -> list[str]:
    """The same command line with the options of the place at its beginning, where the parser wants them."""
    first: list[str] = []
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            rest += [argument, *pending]
        elif argument in _OPTIONS:
            first += [argument, *([value] if (value := next(pending, None)) is not None else [])]
        elif argument.startswith(tuple(f"{option}=" for option in _OPTIONS)):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def settings_of(**flags: str | None) -> Settings:
    """The settings for this command line. Raises SettingsError. Warnings go to standard error."""
    from scopekeeper.cli.output import warn

    settings = load({"data": PLACE["data"], "database": PLACE["database"], **flags}, config=PLACE["config"])
    for line in settings.warnings:
        warn(line)
    return settings
