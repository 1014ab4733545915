"""The boxes in which it is written what applications may be told of somebody."""

from collections.abc import Mapping

from scopekeeper.console.call import Fields
from scopekeeper.oauth.people import UnfitPerson, User
from scopekeeper.oauth.profile import PROFILE


def profile_in(form: Fields) -> dict[str, str | None]:
    """As it was typed."""
    return {name: form.one(name) for name in PROFILE}


def profile_of_user(user: User) -> Mapping[str, str]:
    """As the account is."""
    return {name: getattr(user, name) or "" for name in PROFILE}


def sentence_of(unfit: UnfitPerson) -> str:
    """What is wrong with a box, as a sentence beside it."""
    return f"{str(unfit)[:1].upper()}{str(unfit)[1:]}."
