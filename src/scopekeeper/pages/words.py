"""The pages' languages. English is what the code says; every other language is a catalogue of gettext beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final

from scopekeeper.oauth.people import UnfitPerson

SOURCE: Final = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `gettext` and `ngettext` say in it what the code says in English."""

    language: str
    catalogue: NullTranslations

    def gettext(self, message: str) -> str:
        return self.catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.catalogue.ngettext(singular, plural, number)

    def sentence(self, message: str) -> str:
        """A rule's refusal ("a name has …"), translated, as a sentence of its own."""
        said = self.catalogue.gettext(message)
        return f"{said[:1].upper()}{said[1:]}."

    def refusal(self, unfit: UnfitPerson) -> str:
        """All that is said of what cannot stand, translated, in whole sentences."""
        return " ".join([self.sentence(unfit.message), *map(self.catalogue.gettext, unfit.why)])


def _languages() -> dict[str, Words]:
    found = {SOURCE: Words(SOURCE, NullTranslations())}
    for file in files("scopekeeper.pages").joinpath("locale").iterdir():
        language, _, kind = file.name.partition(".")
        if kind == "mo":
            with file.open("rb") as catalogue:
                found[language] = Words(language, GNUTranslations(catalogue))
    return found


LANGUAGES: Final = _languages()

_LONGEST: Final = 512
"""Characters of Accept-Language that are looked at."""


def words_for(accept_language: bytes | None) -> Words:
    """The language that the browser likes best of those there are, English if none (RFC 9110 §12.5.4)."""
    best, liking = LANGUAGES[SOURCE], 0.0
    for wish in (accept_language or b"")[:_LONGEST].decode("latin-1").split(","):
        tag, _, weight = wish.partition(";")
        words = LANGUAGES.get(tag.strip().partition("-")[0].lower())
        quality = _quality(weight)
        if words is not None and quality > liking:
            best, liking = words, quality
    return best


def words_among(tags: Iterable[str]) -> Words | None:
    """The first of these languages that there is (`ui_locales`, OpenID Connect Core §3.1.2.1), or None."""
    spoken = (LANGUAGES.get(tag.partition("-")[0].lower()) for tag in tags)
    return next((words for words in spoken if words is not None), None)


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
