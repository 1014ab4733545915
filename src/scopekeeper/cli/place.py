"""Where everything is: the options `--config`, `--data` and `--database`, which may stand in any position."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer
from typer.core import TyperGroup

from scopekeeper.settings import Settings, load

PLACE: Final[dict[str, str]] = {}
"""What was said of the place on this command line."""


def _remember(option: typer.CallbackParam, value: str | None) -> str | None:
    if value is not None and option.name is not None:
        PLACE[option.name] = value
    return value


Config = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="The settings file; else ./scopekeeper.toml.", callback=_remember, expose_value=False
    ),
]
Data = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Where database and keys are kept.", callback=_remember, expose_value=False),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The database: sqlite:///PATH or postgresql://…; else in the data directory.",
        callback=_remember,
        expose_value=False,
    ),
]

OPTIONS: Final = ("config", "data", "database")


def everywhere(root: TyperGroup) -> None:
    """Let every command below the root take the root's options of the place, too."""
    place = [each for each in root.params if each.name in OPTIONS]
    for command in below(root):
        command.params.extend(place)


def settings_of(**flags: str | None) -> Settings:
    """The settings for this command line. Raises SettingsError. Warnings go to standard error."""
    from scopekeeper.cli.output import warn

    settings = load({"data": PLACE.get("data"), "database": PLACE.get("database"), **flags}, config=PLACE.get("config"))
    for line in settings.warnings:
        warn(line)
    return settings


def below(group: TyperGroup) -> Iterator[typer.core.TyperCommand | TyperGroup]:
    """Every command of this group, and of the groups in it."""
    for command in group.commands.values():
        assert isinstance(command, typer.core.TyperCommand | TyperGroup)
        yield command
        if isinstance(command, TyperGroup):
            yield from below(command)
