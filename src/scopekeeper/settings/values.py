"""What the text of a setting means: one function for each kind of value, from text to a value that proves it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

Network = IPv4Network | IPv6Network

_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd]?)")
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_MODULE: Final = re.compile(r"[a-z][a-z0-9]{0,62}")
_KEY: Final = re.compile(r"[\x21-\x7E]{32,1024}")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN: Final = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([0-9]{1,5}))?")
_PLACE: Final = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*|[a-z0-9.-]+)(?::([0-9]{1,5}))?")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SENDER: Final = re.compile(r"(?:(?P<name>[^<>\"]{1,100})<(?P<named>[^<>]{3,254})>|(?P<bare>[^<>\s]{3,254}))")
_STATEMENTS_KEPT: Final = "statement_cache_size"
_SHOWN: Final = ("host", "port", "user", "database", "dbname", "sslmode", "target_session_attrs")
"""The options of a PostgreSQL URL that are shown."""
_SWITCH: Final = {
    "true": True,
    "on": True,
    "yes": True,
    "1": True,
    "false": False,
    "off": False,
    "no": False,
    "0": False,
}


class BadValue(ValueError):
    """The text is no value of its kind. The message says what it must be, and never repeats the text."""


class BadSecret(BadValue):
    """The same of a text that may hold a password: nobody repeats it."""


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A database that is one file. Written `sqlite:///PATH`."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database of PostgreSQL. Written `postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTION=VALUE`, as libpq reads it."""

    url: str = field(repr=False)
    """With the password, if one was given, and without what is meant for us."""
    statements_kept: int | None = None
    """How many prepared statements a connection keeps; 0 behind a PgBouncer that knows none. None: see for yourself."""

    def __str__(self) -> str:
        """The same without the password, and without options that may hold one."""
        split = urlsplit(self.url)
        user, _, _ = split.netloc.rpartition("@")[0].partition(":")
        host = split.netloc.rpartition("@")[2]
        shown = [(name, value) for name, value in parse_qsl(split.query) if name in _SHOWN]
        return _url(f"{user}@{host}" if user else host, split.path, shown)


Database = SqliteFile | PostgresDatabase


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail. Written `smtp://…` or `smtps://USER:PASSWORD@HOST:PORT`."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    """TLS from the beginning (RFC 8314 §3.3), STARTTLS, which is demanded then (RFC 3207), or nothing: on loopback."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """The same without the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        by = "" if self.user is None else f"{self.user}@"
        return f"{'smtps' if self.security == 'tls' else 'smtp'}://{by}{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom mail comes. Written `ADDRESS`, or `NAME <ADDRESS>`."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def folder(text: str) -> Path:
    """A folder, which need not be there yet."""
    if not text:
        raise BadValue("must be a folder")
    return Path(text)


def database(text: str) -> Database:
    """Where the database is: `sqlite:///PATH`, or `postgresql://…`."""
    if text.startswith("sqlite:"):
        path = text.removeprefix("sqlite:///")
        if path == text or path.strip("/") in ("", ":memory:"):
            raise BadValue("must be sqlite:///PATH, where PATH is a file")
        return SqliteFile(Path(path))
    if not text.startswith(("postgresql://", "postgres://")):
        raise BadSecret("must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return _postgres(text)


def master_key(text: str) -> str:
    """The random text from which the key that wraps the signing keys is drawn."""
    if _KEY.fullmatch(text) is None:
        raise BadValue("must be 32 random characters or more, such as `openssl rand -base64 32` makes")
    return text


def issuer(text: str) -> str:
    """The server's own name (RFC 8414 §2): scheme, host and port, as a browser would write the origin (RFC 6454 §6.2).

    http is for loopback alone: whoever could listen on the way would read every secret.
    """
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        raise BadValue("must be scheme, host and port only, such as https://auth.example.com")
    scheme, written_host, written_port = match.groups()
    named = host(written_host)
    if scheme == "http" and not is_loopback(named):
        raise BadValue("must be https, for http is allowed on loopback only")
    return origin_of(scheme, named, port(written_port) if written_port else None)


def host(text: str) -> str:
    """A host name or an address; the brackets around an IPv6 address are taken off."""
    bare = text.lower()
    bracketed = bare.startswith("[") and bare.endswith("]")
    bare = bare[1:-1] if bracketed else bare
    if ":" in bare or bracketed:
        return _ipv6(bare)
    if _HOST.fullmatch(bare) is None or len(bare) > 253:
        raise BadValue("must be a host name or an address")
    return bare


def port(text: str) -> int:
    """A port that can be listened on."""
    if _NUMBER.fullmatch(text) is None or not 0 < int(text) < 65_536:
        raise BadValue("must be a port, from 1 to 65535")
    return int(text)


def mail_server(text: str) -> MailServer | None:
    """A server that takes mail: `smtp://…`, `smtps://…`; nothing for none. Whoever signs in there gives a password."""
    if not text:
        return None
    scheme = text.partition(":")[0].lower()
    if scheme not in ("smtp", "smtps"):
        raise BadSecret("must be smtp://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")
    try:
        split = urlsplit(text)
        given, named = split.port, host(split.hostname or "")
    except BadValue as bad:
        raise BadSecret(f"{bad} after the @") from None
    except ValueError:
        raise BadSecret("is no URL that can be read: smtp://USER:PASSWORD@HOST:PORT") from None
    if split.path not in ("", "/") or split.query or split.fragment or given == 0:
        raise BadSecret("must end with host and port; in a password / is written %2F, ? is %3F, # is %23, @ is %40")
    if bool(split.username) is not bool(split.password):
        raise BadSecret("must have both a user and a password before the @, or neither")
    user, password = unquote(split.username or "") or None, unquote(split.password or "") or None
    if scheme == "smtps":
        return MailServer(named, given or 465, "tls", user, password)
    if is_loopback(named):
        return MailServer(named, given or 25, "none", user, password)
    return MailServer(named, given or 587, "starttls", user, password)


def sender(text: str) -> Sender | None:
    """From whom mail comes: `ADDRESS`, or `NAME <ADDRESS>`; nothing for nobody."""
    if not text.strip():
        return None
    match = _SENDER.fullmatch(text.strip())
    if match is None:
        raise BadValue("must be an e-mail address, or a name and an address as in Scopekeeper <id@example.com>")
    address, name = (match["named"] or match["bare"]).strip(), (match["name"] or "").strip()
    box, _, domain = address.rpartition("@")
    if _MAILBOX.fullmatch(box) is None or len(box) > 64 or _HOST.fullmatch(domain.lower()) is None:
        raise BadValue("must have an e-mail address such as id@example.com")
    if not name.isprintable():
        raise BadValue("must have a name that can be printed")
    return Sender(address, name)


def networks(text: str) -> tuple[Network, ...]:
    """Networks or single addresses, separated by commas."""
    try:
        return tuple(ip_network(each) for each in listed(text))
    except ValueError:
        raise BadValue("must be networks such as 10.0.0.0/8, separated by commas") from None


def places(text: str) -> frozenset[tuple[str, int | None]]:
    """Hosts, each with its port or for every one, separated by commas."""
    return frozenset(map(_place, listed(text)))


def modules(text: str) -> frozenset[str]:
    """Names of modules, separated by commas."""
    names = listed(text)
    if not all(map(_MODULE.fullmatch, names)):
        raise BadValue("must be names of modules, separated by commas")
    return frozenset(names)


def lasting(shortest: str, longest: str) -> Callable[[str], int]:
    """How long something lasts, in seconds: at least and at most so long, both written as durations."""
    least, most = seconds_of(shortest), seconds_of(longest)

    def lasts(text: str) -> int:
        seconds = seconds_of(text)
        if not least <= seconds <= most:
            raise BadValue(f"must be a duration from {shortest} to {longest}")
        return seconds

    return lasts


def seconds_of(text: str) -> int:
    """The seconds in a duration: `90`, `60s`, `15m`, `24h`, `30d`. Raises BadValue."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise BadValue("must be a duration such as 60s, 15m, 1h or 30d")
    return int(match[1]) * _UNITS[match[2]]


def switch(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in _SWITCH:
        raise BadValue("must be true or false")
    return _SWITCH[text.lower()]


def count(least: int, most: int) -> Callable[[str], int]:
    """How many, from `least` to `most`."""

    def counted(text: str) -> int:
        if _NUMBER.fullmatch(text) is None or not least <= int(text) <= most:
            raise BadValue(f"must be a number from {least} to {most}")
        return int(text)

    return counted


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def chosen(text: str) -> str:
        if text.lower() not in words:
            raise BadValue(f"must be one of {', '.join(words)}")
        return text.lower()

    return chosen


def listed(text: str) -> tuple[str, ...]:
    """The items of a list that is separated by commas. Spaces around them do not count."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def is_loopback(host: str) -> bool:
    """Can this host be reached from the machine itself alone? (RFC 8252 §7.3, and `localhost`.)"""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """The origin as it is written (RFC 6454 §6.2): brackets around IPv6, no port where it is the scheme's own."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port in (None, {"http": 80, "https": 443}[scheme]) else f"{scheme}://{shown}:{port}"


def _postgres(text: str) -> PostgresDatabase:
    try:
        split = urlsplit(text)
        options = parse_qsl(split.query, keep_blank_values=True, strict_parsing=bool(split.query))
        if "," not in split.netloc:  # of several hosts each has its own port
            _ = split.port
    except ValueError:
        raise BadSecret("is no URL that can be read: postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTION=VALUE") from None
    if split.fragment:
        raise BadSecret("has a # in it: in a password it is written %23")
    kept = dict(options).get(_STATEMENTS_KEPT)
    if kept is not None and _NUMBER.fullmatch(kept) is None:
        raise BadSecret(f"{_STATEMENTS_KEPT} must be a number")
    theirs = [(name, value) for name, value in options if name != _STATEMENTS_KEPT]
    return PostgresDatabase(_url(split.netloc, split.path, theirs), None if kept is None else int(kept))


def _url(place: str, path: str, options: list[tuple[str, str]]) -> str:
    return f"postgresql://{place}{path}{'?' if options else ''}{urlencode(options, safe='/:,')}"


def _place(text: str) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(text.lower())
    if match is None:
        raise BadValue("must be hosts such as app.internal or 127.0.0.1:8080, separated by commas")
    named = host(match[1])
    if named.rpartition(".")[2].isdecimal():
        try:
            named = str(IPv4Address(named))
        except ValueError:
            raise BadValue("must be host names or addresses, separated by commas") from None
    return named, port(match[2]) if match[2] else None


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise BadValue("must be a host name or an address") from None
