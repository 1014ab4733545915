"""`user invite`: somebody chooses the first password of their account by a link that is mailed to them."""

from typing import TYPE_CHECKING

from scopekeeper.cli.house import actor
from scopekeeper.cli.output import AsJson, print_json
from scopekeeper.cli.users.accounts import Name, done
from scopekeeper.cli.users.mailed import require_mail, say_written

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.people import User


def invite(name: Name, json: AsJson = False) -> None:
    """Mail somebody a link to choose a password, once.

    It goes to the address on record and works for three days. A link that was made before works no more.
    """

    async def act(house: "House") -> "User":
        return await require_mail(house).invite(name, actor())

    user = done(act)
    if json:
        print_json({"name": user.name, "email": user.email})
    else:
        say_written(user, "An invitation")
