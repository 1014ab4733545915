"""Languages: every word can be translated, German is complete, and the browser's wish is heeded."""

import re
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from docs import translate
from scopekeeper.oauth.people import Purpose, UnfitPerson, email_of, name_of, password_of
from scopekeeper.pages.unfit import UNFIT
from scopekeeper.pages.words import LANGUAGES, Words, words_for
from tests.pages.browsing import Browser, text_of
from tests.pages.people import PASSWORD, place

CATALOGUES = list(translate.catalogues())


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_is_up_to_date_and_complete(path: Path) -> None:
    assert path.read_bytes() == translate.written(translate.updated(path)), "run `make words`"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    for message in catalogue:
        if message.id:
            said = message.string if isinstance(message.string, tuple | list) else (message.string,)
            assert all(said), message.id
            assert not list(message.check(catalogue)), message.id


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_what_is_read_at_run_time_is_the_catalogue_compiled(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == translate.compiled(path), "run `make words`"


def test_german_is_there() -> None:
    assert set(LANGUAGES) == {"en", "de"}
    assert LANGUAGES["de"].gettext("Sign in") == "Anmelden"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("DE", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr, de;q=0.4, en;q=0.3", "de"),
        ("fr, es", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=nonsense", "en"),
        ("*", "en"),
        (",;=,;;q=1", "en"),
        ("x," * 100_000 + "de", "en"),
    ],
)
def test_the_browsers_wish_chooses_among_the_languages_there_are(wish: str | None, language: str) -> None:
    """RFC 9110 §12.5.4."""
    assert words_for(None if wish is None else wish.encode()).language == language


@pytest.mark.parametrize(
    ("judge", "text"),
    [
        (name_of, "two words"),
        (email_of, "nobody"),
        (lambda text: password_of(text, "alice"), "short"),
        (lambda text: password_of(text, "alice"), "x" * 1_025),
        (lambda text: password_of(text, "alice"), "aaaaaaaaaaaa"),
        (lambda text: password_of(text, "alice"), "\udcff" * 8),
    ],
)
def test_whatever_a_rule_says_of_people_can_be_translated(judge: object, text: str) -> None:
    assert callable(judge)
    with pytest.raises(UnfitPerson) as unfit:
        judge(text)
    assert str(unfit.value) in UNFIT
    assert LANGUAGES["de"].sentence(str(unfit.value)) != LANGUAGES["en"].sentence(str(unfit.value))


class Marked(NullTranslations):
    """A language in which everything that is translated is in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid2}⟧"


async def test_no_page_says_a_word_that_cannot_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANGUAGES, "xx", Words("xx", Marked()))
    here = place()
    here.memory.add("alice", admin=True, email="alice@example.com")
    browser = Browser(here.front)
    browser.headers["accept-language"] = "xx"
    seen = [await browser.post("/login", {}), await browser.get("/nowhere"), await browser.get("/link?key=1")]
    seen += [await browser.get(f"/login?note={note}") for note in ("out", "ended", "ready", "chosen")]
    seen += [await browser.fill("/login", "/login"), await browser.sign_in("alice", "wrong")]
    for link in (here.memory.link(Purpose.SETUP), here.memory.link(Purpose.PASSWORD, here.memory.users["alice"])):
        await browser.get(f"/link?key={link}")
        seen += [await browser.get("/link"), await browser.fill("/link", "/link")]
        seen.append(await browser.fill("/link", "/link", username="a b", email="x", password="short"))
    await browser.sign_in("alice", PASSWORD)
    seen += [await browser.get("/account?note=changed"), await browser.get("/account?note=ended")]
    seen.append(await browser.fill("/account", "/account/password"))
    seen.append(await browser.fill("/account", "/account/password", current="wrong", password="a"))
    here.memory.wait = 90
    seen.append(await browser.fill("/account", "/account/password", current="wrong", password="a"))
    here.memory.away = True
    seen.append(await browser.get("/account"))
    for answer in seen:
        assert answer.headers["content-type"].startswith("text/html"), answer
        text = text_of(answer)
        assert "⟦" in text
        names = r"Scopekeeper|http://127\.0\.0\.1:8000|alice(@example\.com)?|scopekeeper user reset NAME"
        bare = re.sub(names, "", outside(text))
        assert re.findall(r"[A-Za-z]+", bare) in ([], ["A"]), text  # A: the account's initial


def outside(text: str) -> str:
    """What is in no brackets."""
    found, depth = "", 0
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        found += "" if depth or character == "⟧" else character
    return found
