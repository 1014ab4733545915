"""`user add`, `list`, `passwd`, `reset`, `edit`, `disable`, `enable` and `remove`: the people who may sign in."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, Yes, agreed, moment, print_json, say, table
from scopekeeper.cli.users import profile
from scopekeeper.cli.users.mailed import require_mail, say_written

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.people import User

T = TypeVar("T")

EDIT_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper user edit alice --email alice@example.com
  scopekeeper user edit alice --no-admin
"""

ADD_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper user add alice --email alice@example.com
  scopekeeper user add bob --email bob@example.com --invite
  scopekeeper user add root --admin --password-stdin < password.txt

Where there is no terminal to ask at, and no --password-stdin, a link is printed by which a password is chosen, once.
"""

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="Whose account.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password, one line, from standard input; ask nothing.")
]
Invite = Annotated[
    bool, typer.Option("--invite", help="Mail them a link to choose a password, good for three days; ask nothing.")
]
Email = Annotated[str | None, typer.Option(metavar="E", help="Where they are written to.")]


def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="They administer this server.")] = False,
    password_stdin: Stdin = False,
    invite: Invite = False,
    email: Email = None,
    email_verified: profile.Verified = None,
    full_name: profile.FullName = None,
    given_name: profile.GivenName = None,
    family_name: profile.FamilyName = None,
    phone_number: profile.Phone = None,
    address: profile.Address = None,
    locale: profile.Locale = None,
    zoneinfo: profile.Zone = None,
    json: AsJson = False,
) -> None:
    """Add an account. The password is asked for twice, and not shown."""
    told = profile.given(
        full_name=full_name,
        given_name=given_name,
        family_name=family_name,
        phone_number=phone_number,
        address=address,
        locale=locale,
        zoneinfo=zoneinfo,
    )
    if invite and (email is None or password_stdin):
        raise typer.BadParameter("needs --email, and no password: they choose it", param_hint="--invite")
    password = None if invite else _password(password_stdin)

    async def act(house: "House") -> "tuple[User, str | None]":
        links = require_mail(house) if invite else None
        user = await house.accounts.add(
            name,
            password=password,
            email=email,
            email_verified=bool(email_verified),
            profile=told,
            admin=admin,
            actor=actor(),
        )
        if links is not None:
            await links.invite(user.name, actor())
            return user, None
        return user, await _link(house, user.name) if password is None else None

    user, link = done(act)
    if json:
        print_json(_record_of(user) | ({} if link is None else {"link": link}) | ({"invited": True} if invite else {}))
        return
    say(f"Added {user.name}{', an administrator' if user.admin else ''}.")
    if invite:
        say_written(user, "An invitation")
    elif link is not None:
        _say_link(user.name, link)


def list_(
    text: Annotated[str, typer.Option(metavar="TEXT", help="Only those with this in name or e-mail address.")] = "",
    admin: Annotated[
        bool | None, typer.Option("--admin/--no-admin", help="Only administrators; or only those who are none.")
    ] = None,
    state: Annotated[Literal["enabled", "disabled"] | None, typer.Option(help="Only those in this state.")] = None,
    json: AsJson = False,
) -> None:
    """Show accounts, by name."""

    async def act(house: "House") -> "list[User]":
        from scopekeeper.services.lists import UsersAsked

        asked = UsersAsked(text, admin, None if state is None else state == "enabled")
        return [each async for each in house.accounts.every(asked)]

    users = done(act)
    if json:
        print_json([_record_of(user) for user in users])
        return
    table(
        ("Name", "E-mail", "State", "Added"),
        [(user.name, user.email or "", _state(user), moment(user.created_at) or "") for user in users],
        "There are no such accounts. Add an administrator: scopekeeper user add NAME --admin",
    )


def edit(
    name: Name,
    email: Annotated[
        str | None, typer.Option(metavar="E", help="Where they are written to; empty for nowhere.")
    ] = None,
    email_verified: profile.Verified = None,
    full_name: profile.FullName = None,
    given_name: profile.GivenName = None,
    family_name: profile.FamilyName = None,
    phone_number: profile.Phone = None,
    address: profile.Address = None,
    locale: profile.Locale = None,
    zoneinfo: profile.Zone = None,
    admin: Annotated[
        bool | None, typer.Option("--admin/--no-admin", help="They administer this server, or no more.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Change what an account tells, or whether it administers.

    Only what is given changes; an empty text clears. A name is for ever.
    """
    told = profile.given(
        full_name=full_name,
        given_name=given_name,
        family_name=family_name,
        phone_number=phone_number,
        address=address,
        locale=locale,
        zoneinfo=zoneinfo,
    )
    if email is None and email_verified is None and admin is None and not told:
        raise typer.BadParameter("nothing to change: see `scopekeeper user edit --help`", param_hint="NAME")

    async def act(house: "House") -> "User":
        from scopekeeper.oauth.applications import UNSET

        return await house.accounts.edit(
            name,
            email=UNSET if email is None else email,
            email_verified=UNSET if email_verified is None else email_verified,
            profile=told,
            admin=UNSET if admin is None else admin,
            actor=actor(),
        )

    user = done(act)
    if json:
        print_json(_record_of(user))
    else:
        say(f"{user.name}: {user.email or 'no e-mail address'}, {_state(user)}.")


def passwd(name: Name, password_stdin: Stdin = False) -> None:
    """Set a password. All sessions and links of that account end."""
    password = _password(password_stdin)
    if password is None:
        raise typer.BadParameter("there is no terminal to ask at: --password-stdin reads it, `user reset` makes a link")

    async def act(house: "House") -> None:
        await house.accounts.set_password(name, password, actor())

    done(act)
    say(f"Set the password of {name}. All their sessions have ended.")


def reset(
    name: Name,
    mail: Annotated[bool, typer.Option("--mail", help="Mail it to them, good for an hour; print nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Make a link by which a new password is chosen, once.

    It works for a day; until then the old password does, too.
    """

    async def act(house: "House") -> "User | str":
        if mail:
            return await require_mail(house).reset(name, actor())
        return await _link(house, name)

    link = done(act)
    if not isinstance(link, str):
        if json:
            print_json({"name": link.name, "email": link.email})
        else:
            say_written(link, "The link")
    elif json:
        print_json({"name": name, "link": link})
    else:
        _say_link(name, link)


def disable(name: Name) -> None:
    """Shut somebody out: sessions end, and what they granted.

    No password lets them in until the account is enabled, and what they granted to applications does not come back.
    """
    _enable(name, enabled=False)
    say(f"Disabled {name}. All their sessions have ended.")


def enable(name: Name) -> None:
    """Let somebody in again."""
    _enable(name, enabled=True)
    say(f"Enabled {name}.")


def remove(name: Name, yes: Yes = False) -> None:
    """Forget an account: its sessions and tokens end.

    What it owned is nobody's. This cannot be undone.
    """
    agreed(f"Remove the account {name}, and end all sessions and tokens in that name?", yes=yes)

    async def act(house: "House") -> None:
        await house.accounts.remove(name, actor())

    done(act)
    say(f"Removed {name}.")


def done(act: "Callable[[House], Awaitable[T]]") -> T:
    """Do the act in the house. Raises Refused, also for what only accounts are refused for."""
    from scopekeeper.oauth.people import UnfitPerson
    from scopekeeper.services.mail import NoAddress, TooMuchMail
    from scopekeeper.services.ports import Taken

    try:
        return in_house(act)
    except (NoAddress, TooMuchMail) as unsent:
        raise Refused(str(unsent)) from unsent
    except UnfitPerson as unfit:
        option = unfit.field not in ("name", "password")
        raise Refused(f"--{unfit.field.replace('_', '-')}: {unfit}" if option else str(unfit)) from unfit
    except Taken as taken:
        raise Refused(str(taken)) from taken


def _enable(name: str, *, enabled: bool) -> None:
    async def act(house: "House") -> None:
        await house.accounts.enable(name, enabled, actor())

    done(act)


async def _link(house: "House", name: str) -> str:
    from scopekeeper.pages.links import link_of

    return link_of(house.settings.issuer, await house.accounts.password_link(name, actor()))


def _password(from_stdin: bool) -> str | None:
    """The password: the line on standard input, or what is typed at the terminal, or None where there is neither."""
    if from_stdin:
        return _line()
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return typed


def _line() -> str:
    line = sys.stdin.buffer.readline()
    try:
        return line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise Refused("the password on standard input is no UTF-8") from None


def _say_link(name: str, link: str) -> None:
    say(f"With this link {name} chooses a password, once, within a day:\n  {link}")


def _state(user: "User") -> str:
    words = ["enabled" if user.enabled else "disabled"]
    words += ["administrator"] if user.admin else []
    words += ["no password yet"] if user.password is None else []
    return ", ".join(words)


def _record_of(user: "User") -> dict[str, object]:
    """What `--json` tells of an account. Never the hash."""
    from scopekeeper.oauth.profile import PROFILE

    return {
        "name": user.name,
        "email": user.email,
        "email_verified": user.email_verified,
        **{name: getattr(user, name) for name in PROFILE},
        "admin": user.admin,
        "enabled": user.enabled,
        "has_password": user.password is not None,
        "created_at": moment(user.created_at),
        "updated_at": moment(user.updated_at),
    }
