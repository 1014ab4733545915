"""The page of the command line: every command with its arguments, its options and its examples."""

import inspect
from collections.abc import Iterator
from typing import Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.pages.markdown import table
from scopekeeper.cli import NAME, command
from scopekeeper.cli.place import OPTIONS


def commands() -> str:
    """The whole command line."""
    root = command()
    places = _options(option for option in _options_of(root) if option.name in OPTIONS)
    pages = "\n".join(_page(path, each) for path, each in leaves(NAME, root))
    return f"{_HEAD}{places}\n{pages}"


def leaves(path: str, group: TyperGroup) -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, with how it is called."""
    for name, each in group.commands.items():
        if isinstance(each, TyperGroup):
            yield from leaves(f"{path} {name}", each)
        elif isinstance(each, TyperCommand):
            yield f"{path} {name}", each


def _page(path: str, each: TyperCommand) -> str:
    arguments = [parameter for parameter in each.params if isinstance(parameter, TyperArgument)]
    options = [option for option in _options_of(each) if option.name not in OPTIONS]
    usage = " ".join([path, *(_name(argument) for argument in arguments), *(["[OPTIONS]"] if options else [])])
    parts = [f"## {path}\n", f"```\n{usage}\n```\n", f"{inspect.cleandoc(each.help or '')}\n"]
    if arguments:
        rows = ((f"`{_name(argument)}`", argument.help or "") for argument in arguments)
        parts.append(table(("argument", "meaning"), rows))
    if options:
        parts.append(_options(iter(options)))
    if each.epilog:
        parts.append(_epilog(each.epilog))
    return "\n".join(parts)


def _options_of(each: TyperCommand | TyperGroup) -> Iterator[TyperOption]:
    return (parameter for parameter in each.params if isinstance(parameter, TyperOption))


def _options(options: Iterator[TyperOption]) -> str:
    return table(("option", "meaning"), ((_written(option), _meaning(option)) for option in options))


def _written(option: TyperOption) -> str:
    names = (*option.opts, *option.secondary_opts)
    if option.is_flag:
        return ", ".join(f"`{name}`" for name in names)
    choices = option.type_descriptor.choices
    return f"`{', '.join(names)} {'|'.join(choices) if choices else option.metavar}`"


def _meaning(option: TyperOption) -> str:
    default = "" if option.default in (None, False, "") else f" Default: `{option.default}`."
    required = " Required." if option.required else ""
    return f"{option.help or ''}{default}{required}"


def _name(argument: TyperArgument) -> str:
    return argument.metavar or typer.main.get_command_name(argument.name or "").upper()


def _epilog(epilog: str) -> str:
    """What is set line by line is kept so; the rest is text."""
    blocks = inspect.cleandoc(epilog).split("\n\n")
    return "\n".join(
        f"```\n{block.removeprefix(chr(8)).strip()}\n```\n" if block.startswith("\b") else f"{block.strip()}\n"
        for block in blocks
    )


_HEAD: Final = """\
# Command line

It works on the database directly, with or without a running server, and a running server honours what it changed within
one second. `scopekeeper COMMAND --help` says what is said here.

- **Exit codes.** 0 done; 1 refused or not found; 2 wrong usage or configuration. What went wrong is one line on
  standard error.
- **For programs.** `--json` prints one object for one thing, an array for a listing, and nothing else on standard
  output. Nothing is asked when standard input is no terminal.
- **The first time.** A command that needs the database makes it where there is none. Only `serve` and `migrate` bring
  an older one up to date; every other command refuses it with one line.
- **Completion.** `scopekeeper --install-completion` teaches your shell the commands, the options, your applications
  and the scopes.
- **Durations** are a number and a unit: `90s`, `15m`, `24h`, `30d`.

These options may stand in any position; everything else about the place is in the [settings](settings.md).

"""
