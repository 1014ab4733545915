"""What commands need to send somebody a link: they let it wait in the database, and the server sends it."""

from typing import TYPE_CHECKING

from scopekeeper.cli.output import Refused, say

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.people import User
    from scopekeeper.services.invitations import LinksByMail


def require_mail(house: "House") -> "LinksByMail":
    """What sends links. Raises Refused where there is no mail."""
    if house.links is None:
        raise Refused(
            "no mail is sent here: set SCOPEKEEPER_MAIL_SERVER and SCOPEKEEPER_MAIL_FROM (docs/guides/mail.md)"
        )
    return house.links


def say_written(user: "User", what: str) -> None:
    """It waits, and who sends it."""
    say(f"{what} waits to be mailed to {user.email}: the server sends it as soon as it runs.")
