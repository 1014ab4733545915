"""What the texts of settings mean."""

import pytest

from scopekeeper.settings import BadValue, is_loopback, seconds_of
from scopekeeper.settings.values import PostgresDatabase, count, database, host, issuer, lasting, places, switch


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("0", 0), ("60s", 60), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


def test_a_duration_says_what_it_must_be() -> None:
    with pytest.raises(BadValue, match="such as 60s, 15m, 1h or 30d"):
        seconds_of("soon")


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("0s", 0), ("10", 10), ("60s", 60), ("1m", 60)])
def test_both_ends_of_what_something_may_last_belong_to_it(text: str, seconds: int) -> None:
    assert lasting("0s", "60s")(text) == seconds


def test_a_bound_is_told_as_it_is_written() -> None:
    with pytest.raises(BadValue, match="from 1s to 365d"):
        lasting("1s", "365d")("366d")
    with pytest.raises(BadValue, match="a number from 1 to 9"):
        count(1, 9)("10")


@pytest.mark.parametrize("number", [1, 9])
def test_both_ends_of_a_count_belong_to_it(number: int) -> None:
    assert count(1, 9)(str(number)) == number


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://auth.example.com", "https://auth.example.com"),
        ("HTTPS://Auth.Example.Com:443", "https://auth.example.com"),
        ("https://auth.example.com:8443", "https://auth.example.com:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("https://[2001:DB8::0:1]", "https://[2001:db8::1]"),
    ],
)
def test_an_issuer_is_written_as_a_browser_writes_the_origin(text: str, meant: str) -> None:
    """RFC 6454 §6.2."""
    assert issuer(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", set()),
        ("127.0.0.1,app.internal", {("127.0.0.1", None), ("app.internal", None)}),
        (" App.Internal:8443 , [::1]:80,0:0::1", {("app.internal", 8443), ("::1", 80), ("::1", None)}),
    ],
)
def test_places_are_hosts_with_a_port_or_for_every_one(text: str, meant: set[tuple[str, int | None]]) -> None:
    assert places(text) == meant


@pytest.mark.parametrize(("text", "meant"), [("[::1]", "::1"), ("::1", "::1"), ("LocalHost", "localhost")])
def test_a_host_is_bare_and_in_lower_case(text: str, meant: str) -> None:
    assert host(text) == meant


@pytest.mark.parametrize("text", ["true", "on", "yes", "1", "TRUE", "On"])
def test_there_are_four_ways_to_say_yes(text: str) -> None:
    assert switch(text) is True


@pytest.mark.parametrize("text", ["false", "off", "no", "0", "False"])
def test_there_are_four_ways_to_say_no(text: str) -> None:
    assert switch(text) is False


@pytest.mark.parametrize("name", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback_is_what_only_this_machine_reaches(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.1", "example.com"])
def test_nothing_else_is_loopback(name: str) -> None:
    assert not is_loopback(name)


def test_a_database_is_written_as_it_was_read() -> None:
    assert str(database("sqlite:////srv/keeper.db")) == "sqlite:////srv/keeper.db"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:s3cret@db.example:5433/it", "postgresql://me@db.example:5433/it"),
        ("postgres://me:s%40cret@[::1]/it", "postgresql://me@[::1]/it"),
        ("postgresql:///it?host=/run/postgresql&password=s3cret", "postgresql:///it?host=/run/postgresql"),
        ("postgresql://one:5432,two:5433/it?target_session_attrs=primary&sslpassword=s3cret", None),
    ],
)
def test_a_database_of_postgresql_is_shown_without_its_password(text: str, shown: str | None) -> None:
    read = database(text)
    assert "cret" not in f"{read} {read!r}"
    assert str(read) == (shown or "postgresql://one:5432,two:5433/it?target_session_attrs=primary")


def test_what_a_url_says_of_prepared_statements_is_for_us_alone() -> None:
    read = database("postgresql://me@db/it?statement_cache_size=0&sslmode=require")
    assert isinstance(read, PostgresDatabase)
    assert (read.url, read.statements_kept) == ("postgresql://me@db/it?sslmode=require", 0)
