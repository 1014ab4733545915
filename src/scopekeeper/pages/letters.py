"""What people are written, in their own language: the words of each mail, as plain text and as the same in HTML.

A letter is made of paragraphs, of lists of what is known, and of addresses to open. What somebody else has chosen, the
name of an application, stands between quotes in one line, and no mail program makes a link of it. Every address that
does lead somewhere begins with the issuer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from textwrap import fill
from typing import Final

from scopekeeper.oauth.people import User
from scopekeeper.pages.agents import browser_of, system_of
from scopekeeper.pages.moments import lasting, utc
from scopekeeper.pages.unfit import N_
from scopekeeper.pages.words import LANGUAGES, SOURCE, Words, words_among
from scopekeeper.services.mail import Changed, Connected, Invitation, Letter, News, Reset, SignedIn, one_line

LONGEST_NAME: Final = 80
"""Characters of an application's name, or of whatever else was not written here."""

_WIDTH: Final = 76

CHANGED: Final[Mapping[str, tuple[str, str]]] = {
    "password": (N_("Your password was changed"), N_("The password of your account was changed.")),
    "passkey.add": (N_("A passkey was added"), N_("A passkey was added to your account. Whoever has it can sign in.")),
    "passkey.remove": (N_("A passkey was removed"), N_("A passkey was removed from your account.")),
    "totp.add": (
        N_("One-time codes were set up"),
        N_("One-time codes were set up for your account. Whoever signs in is asked for one."),
    ),
    "totp.remove": (N_("One-time codes were removed"), N_("One-time codes are no longer asked for at your account.")),
    "recovery.replace": (
        N_("New recovery codes were made"),
        N_("New recovery codes were made for your account. Those that you had before do not work any more."),
    ),
    "recovery.used": (
        N_("A recovery code was used"),
        N_("One of your recovery codes was used. It does not work any more."),
    ),
    "factors.remove": (
        N_("Your second factors were removed"),
        N_(
            "All passkeys, one-time codes and recovery codes of your account were removed, and every session has ended."
        ),
    ),
    "identity.add": (
        N_("An account elsewhere was connected"),
        N_("From now on an account at another provider signs in to your account here."),
    ),
    "identity.remove": (
        N_("An account elsewhere was disconnected"),
        N_("An account at another provider no longer signs in to your account here."),
    ),
    "email": (
        N_("Your e-mail address was changed"),
        N_("Your account has another e-mail address from now on. This is the last mail to this one."),
    ),
}
"""What is said of each change (`services/notices.py`): the subject, and what happened."""

_OTHERWISE: Final = (
    N_("Your account was changed"),
    N_("How you prove who you are was changed at your account."),
)


@dataclass(frozen=True, slots=True)
class _Link:
    """An address to open."""

    url: str


Block = str | _Link | Sequence[tuple[str, str]]
"""A paragraph, an address, or what is known: each with its name."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes for one installation."""

    issuer: str

    def __call__(self, user: User, news: News) -> Letter:
        """The letter that tells this person, in the language of their account, else in English."""
        words = words_among([user.locale or ""]) or LANGUAGES[SOURCE]
        subject, blocks = self._said(words, user, news)
        blocks = [*blocks, words.gettext("This mail was sent by a machine. Nobody reads what is answered to it.")]
        return Letter(words.language, subject, _text(blocks), _html(words.language, subject, blocks))

    def _said(self, words: Words, user: User, news: News) -> tuple[str, Sequence[Block]]:
        match news:
            case Invitation():
                return self._invited(words, user, news)
            case Reset():
                return self._reset(words, user, news)
            case SignedIn():
                return self._signed_in(words, user, news)
            case Connected():
                return self._connected(words, user, news)
            case Changed():
                return self._changed(words, user, news)

    def _invited(self, words: Words, user: User, news: Invitation) -> tuple[str, Sequence[Block]]:
        known = {"issuer": self.issuer, "name": user.name, "time": lasting(words, news.lasts)}
        return words.gettext("An account was made for you"), [
            words.gettext('An account was made for you at %(issuer)s. You sign in there as "%(name)s".') % known,
            words.gettext("Here you choose its password. The address works once, for %(time)s:") % known,
            _Link(news.link),
            words.gettext(
                "If you know nothing of this you need not do anything: nobody can sign in without a password."
            ),
        ]

    def _reset(self, words: Words, user: User, news: Reset) -> tuple[str, Sequence[Block]]:
        known = {"issuer": self.issuer, "name": user.name, "time": lasting(words, news.lasts)}
        return words.gettext("Choose a new password"), [
            words.gettext('Somebody asked for a new password for your account "%(name)s" at %(issuer)s.') % known,
            words.gettext("Here you choose one. The address works once, for %(time)s:") % known,
            _Link(news.link),
            words.gettext(
                "If it was not you, do nothing: your password stays as it is, and nobody else got this mail."
            ),
        ]

    def _signed_in(self, words: Words, user: User, news: SignedIn) -> tuple[str, Sequence[Block]]:
        browser, system = browser_of(news.agent), system_of(news.agent)
        device = ", ".join(each for each in (browser, system) if each) or words.gettext("unknown")
        return words.gettext("A sign-in from a new device"), [
            words.gettext("Somebody signed in to your account with a device, or from a place, that is new to us:"),
            [*self._where(words, user, news.at, news.address), (words.gettext("Device"), device)],
            *self._advice(words),
        ]

    def _connected(self, words: Words, user: User, news: Connected) -> tuple[str, Sequence[Block]]:
        known = {"application": unlinked(news.application)}
        return words.gettext("An application was connected to your account"), [
            words.gettext('From now on the application "%(application)s" may act in your name.') % known,
            self._where(words, user, news.at, news.address),
            words.gettext("What it may do, and how to take that back, is shown in your account:"),
            _Link(f"{self.issuer}/account"),
            words.gettext("If that was not you: take it back, choose another password, and end all sessions."),
        ]

    def _changed(self, words: Words, user: User, news: Changed) -> tuple[str, Sequence[Block]]:
        subject, sentence = CHANGED.get(news.what, _OTHERWISE)
        return words.gettext(subject), [
            words.gettext(sentence),
            self._where(words, user, news.at, news.address),
            *self._advice(words),
        ]

    def _where(self, words: Words, user: User, at: int, address: str | None) -> Sequence[tuple[str, str]]:
        found = [
            (words.gettext("Account"), f"{user.name}, {self.issuer}"),
            (words.gettext("When"), utc(at)),
        ]
        return found if address is None else [*found, (words.gettext("From"), _address(address))]

    def _advice(self, words: Words) -> Sequence[Block]:
        return [
            words.gettext(
                "If that was you, all is well. If not, end all sessions in your account, choose another password, "
                "and tell whoever runs this server:"
            ),
            _Link(f"{self.issuer}/account"),
        ]


def unlinked(text: str) -> str:
    """What somebody else wrote, in one short line of which no mail program makes a link.

    Behind whatever an address is recognized by stands a joiner that no eye sees (U+2060).
    """
    line = one_line(text)
    short = line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"
    return "".join(f"{each}\u2060" if each in ".:/@" else each for each in short)


def _address(text: str) -> str:
    """An address as it is; whatever else a proxy has passed on for one, unlinked."""
    try:
        return str(ip_address(text))
    except ValueError:
        return unlinked(text)


def _text(blocks: Sequence[Block]) -> str:
    return "\n\n".join(map(_as_text, blocks)) + "\n"


def _as_text(block: Block) -> str:
    match block:
        case str():
            return fill(block, _WIDTH, break_long_words=False, break_on_hyphens=False)
        case _Link(url):
            return f"  {url}"
        case facts:
            return "\n".join(f"  {name}: {value}" for name, value in facts)


def _html(language: str, subject: str, blocks: Sequence[Block]) -> str:
    inside = "\n".join(map(_as_html, blocks))
    head = f'<head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
    return f'<!doctype html>\n<html lang="{escape(language)}">\n{head}\n<body>\n{inside}\n</body>\n</html>\n'


def _as_html(block: Block) -> str:
    match block:
        case str():
            return f"<p>{escape(block)}</p>"
        case _Link(url):
            return f'<p><a href="{escape(url)}">{escape(url)}</a></p>'
        case facts:
            lines = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in facts)
            return f"<ul>{lines}</ul>"
