"""Where mail goes and whom it comes from: what may be written, and that no message repeats a password."""

import pytest

from scopekeeper.settings import BadValue, MailServer, Sender
from scopekeeper.settings.values import mail_server, sender
from tests.settings.test_refusals import line_of, settings_of

SERVER = "smtp://us:s3cret@mail.example.com"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com:25", MailServer("mail.example.com", 25, "starttls")),
        ("smtp://10.0.0.7", MailServer("10.0.0.7", 587, "starttls")),
        ("smtps://mail.example.com/", MailServer("mail.example.com", 465, "tls")),
        ("SMTPS://Mail.Example.com:2465", MailServer("mail.example.com", 2465, "tls")),
        ("smtp://localhost", MailServer("localhost", 25, "none")),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "none")),
        ("smtp://[::1]", MailServer("::1", 25, "none")),
        ("smtps://localhost", MailServer("localhost", 465, "tls")),
        (
            "smtps://us%40example.com:p%2Fw%3F%23%25@mail.example.com",
            MailServer("mail.example.com", 465, "tls", "us@example.com", "p/w?#%"),
        ),
        ("", None),
    ],
)
def test_a_mail_server_is_a_url_and_anywhere_but_here_it_has_to_speak_tls(text: str, server: MailServer | None) -> None:
    assert mail_server(text) == server


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.com", "http://us:s3cret@mail.example.com", "smtp://", "smtp://us:s3cret@", "smtp://us@mail.example",
        "smtp://:s3cret@mail.example", "smtp://us:s3cret@mail.example:0", "smtp://us:s3cret@mail.example:99999",
        "smtp://us:s3cret@mail.example:smtp", "smtp://us:s3cret@mail.example/inbox", "smtp://us:s3cret?@mail.example",
        "smtp://us:s3cret#@mail.example", "smtp://us:s3cret@a b", "smtp://us:s3cret@[::1", "smtp://us:s3cret@[::g]",
        "smtp://us:s3/cret@mail.example",
    ],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused_without_its_password(text: str) -> None:
    line = line_of({}, {"SCOPEKEEPER_MAIL_SERVER": text, "SCOPEKEEPER_MAIL_FROM": "id@example.com"})
    assert line.startswith("SCOPEKEEPER_MAIL_SERVER: ")
    assert "s3" not in line


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id@example.com", Sender("id@example.com")),
        (" Scopekeeper <id@example.com> ", Sender("id@example.com", "Scopekeeper")),
        ("Zugänge, kurz: <no-reply+id@mail.example>", Sender("no-reply+id@mail.example", "Zugänge, kurz:")),
        ("", None),
    ],
)
def test_a_sender_is_an_address_with_a_name_or_without(text: str, found: Sender | None) -> None:
    assert sender(text) == found
    if found is not None:
        assert sender(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "id", "@example.com", "id@", "id@@example.com", "a..b@example.com", "jürgen@example.com", "<id@example.com>",
        "id@example.com, other@example.com", 'A "b" <id@example.com>', "A <id@example.com> B", "A\u202eB <a@b.example>",
        "a" * 65 + "@example.com", "id@exa mple.com",
    ],
)  # fmt: skip
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        sender(text)


def test_without_a_sender_there_is_no_mail_server_and_a_server_can_be_taken_away_again() -> None:
    line = line_of({}, {"SCOPEKEEPER_MAIL_SERVER": SERVER})
    assert line == "SCOPEKEEPER_MAIL_SERVER: needs mail_from with it: the address that mail comes from"
    assert "mail_server: needs mail_from" in line_of({}, {}, f'mail_server = "{SERVER}"')
    file = f'mail_server = "{SERVER}"\nmail_from = "id@example.com"'
    assert settings_of({}, {}, file).mail_server is not None
    assert settings_of({}, {"SCOPEKEEPER_MAIL_SERVER": ""}, file).mail_server is None
    assert settings_of({}, {}).mail_server is None
    assert settings_of({}, {}).mail_from is None


def test_row_31_nothing_that_shows_the_settings_shows_the_password() -> None:
    found = settings_of({}, {"SCOPEKEEPER_MAIL_SERVER": SERVER, "SCOPEKEEPER_MAIL_FROM": "id@example.com"})
    assert "s3cret" not in repr(found)
    assert str(found.mail_server) == "smtp://us@mail.example.com:587"
