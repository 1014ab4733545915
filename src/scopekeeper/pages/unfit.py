"""What the rules of `oauth.people` say of names, addresses and passwords, marked to be translated."""

from typing import Final


def N_(message: str) -> str:  # noqa: N802 - the mark that gettext's tools look for
    """The message itself: the mark says that it is to be translated, later."""
    return message


UNFIT: Final = (
    N_("a name has 1 to 64 of a-z, 0-9 and . _ @ + -, and begins and ends with a letter or digit"),
    N_("that is no e-mail address"),
    N_("a password has at least 8 characters"),
    N_("a password has at most 1024 bytes"),
    N_("a password is text: some of its bytes are none"),
    N_("that password is too easy to guess"),
    N_("that name is taken"),
)
