"""What is given on a command line, without Pydantic where it is what it should be.

typer makes every value by a TypeAdapter. Pydantic takes a tenth of a second to import, and 8 MB, in a server for as
long as it runs; and almost all that our commands take is text, one word of several, or not given at all.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal, Protocol, get_args, get_origin

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class _Made(Protocol):
    """What typer makes the values of a parameter by."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value that the command gets. Raises typer's BadParameter."""
        ...


class _AsGiven:
    """Gives the command what was given, where it is of this type; for anything else typer is asked."""

    def __init__(self, type: Any, made: Callable[[], _Made]) -> None:
        self._type = type
        self._made = made

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if several and self._type == list[str]:
            return list(value)
        return value if self._fits(value) else self._made().coerce(value, param, ctx)

    def _fits(self, value: object) -> bool:
        if get_origin(self._type) is Literal:
            return value in get_args(self._type)
        return isinstance(self._type, type) and isinstance(value, self._type)


def as_given(commands: Iterable[TyperCommand | TyperGroup]) -> None:
    """Let these commands take what was given as it is, wherever it is what it should be."""
    for command in commands:
        vars(command)["get_params"] = partial(_kept, command.get_params)


def _kept(parameters: Callable[[Any], Sequence[object]], ctx: Any) -> list[object]:
    """The parameters, that of `--help` among them, which typer makes when it reads a command line."""
    found = list(parameters(ctx))
    for each in found:
        if isinstance(each, TyperOption | TyperArgument) and "get_runtime_param" not in vars(each):
            as_given = _AsGiven(each.type_descriptor.annotation, each.get_runtime_param)
            vars(each)["get_runtime_param"] = lambda made=as_given: made
    return found
