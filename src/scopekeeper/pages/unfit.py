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

WEAK: Final = (
    N_("Names and addresses of you or of this server are what is tried first."),
    N_("Use a few words, avoid common phrases."),
    N_("No need for symbols, digits, or uppercase letters."),
    N_("Add another word or two. Uncommon words are better."),
    N_("Straight rows of keys are easy to guess."),
    N_("Short keyboard patterns are easy to guess."),
    N_("Use a longer keyboard pattern with more turns."),
    N_('Repeats like "aaa" are easy to guess.'),
    N_('Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
    N_("Avoid repeated words and characters."),
    N_('Sequences like "abc" or "6543" are easy to guess.'),
    N_("Avoid sequences."),
    N_("Recent years are easy to guess."),
    N_("Avoid recent years."),
    N_("Avoid years that are associated with you."),
    N_("Dates are often easy to guess."),
    N_("Avoid dates and years that are associated with you."),
    N_("This is a top-10 common password."),
    N_("This is a top-100 common password."),
    N_("This is a very common password."),
    N_("This is similar to a commonly used password."),
    N_("A word by itself is easy to guess."),
    N_("Names and surnames by themselves are easy to guess."),
    N_("Common names and surnames are easy to guess."),
    N_("Capitalization doesn't help very much."),
    N_("All-uppercase is almost as easy to guess as all-lowercase."),
    N_("Reversed words aren't much harder to guess."),
    N_("Predictable substitutions like '@' instead of 'a' don't help very much."),
)
"""What is said of passwords that are easy to guess (`services/strength.py`), most of it by zxcvbn."""
