"""`/console/users`: the accounts, and each person's page with all that is done to it."""

from collections.abc import Sequence

from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.users.accounts import AccountPages
from scopekeeper.console.users.acts import PersonActs
from scopekeeper.console.users.person import PersonPage
from scopekeeper.console.users.places import NEW, PATH

__all__ = ["rooms"]


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/users`. No account can be called as anything here that is not its page."""
    accounts, page = AccountPages(desk), PersonPage(desk)
    acts, person = PersonActs(desk, page), f"{PATH}/{{name}}"
    return (
        Room("GET", PATH, accounts.list),
        Room("GET", f"{PATH}.csv", accounts.csv),
        Room("GET", f"{PATH}.json", accounts.json),
        Room("GET", NEW, accounts.new),
        Room("POST", NEW, accounts.add),
        Room("GET", person, page.shown),
        Room("GET", f"{person}/link", acts.link_made),
        Room("POST", f"{person}/link", acts.make_link),
        Room("POST", f"{person}/mail", acts.mail_link),
        Room("POST", f"{person}/email", acts.change_email),
        Room("POST", f"{person}/profile", acts.change_profile),
        Room("POST", f"{person}/enable", acts.enable),
        Room("POST", f"{person}/session", acts.end_session),
        Room("GET", f"{person}/{{act}}", acts.ask),
        Room("POST", f"{person}/{{act}}", acts.act),
    )
