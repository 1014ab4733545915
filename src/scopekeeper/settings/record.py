"""The settings, each described once: from here come its value, its errors and its line in the reference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from scopekeeper.settings import values
from scopekeeper.settings.values import Database, MailServer, Network, Sender

PREFIX: Final = "SCOPEKEEPER_"


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is given: its names, what its text means, and what holds where nothing is given."""

    parse: Callable[[str], object]
    meaning: str
    default: str | None = None
    """The text that is read where none is given; None where it follows from other facts."""
    otherwise: str = ""
    """What that is then, in words."""
    flag: str | None = None
    """With what it takes: `--port P`. Whoever has none is set by environment or file alone."""
    several: bool = False
    """May the file give a list?"""
    secret: bool = False
    """Is it kept out of every message?"""


def _described(
    parse: Callable[[str], object],
    meaning: str,
    *,
    default: str | None = None,
    otherwise: str = "",
    flag: str | None = None,
    several: bool = False,
    secret: bool = False,
) -> Mapping[str, Setting]:
    return {"setting": Setting(parse, meaning, default, otherwise, flag, several, secret)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What whoever runs the server has decided. Read once, at the start, and handed to whoever needs it."""

    data: Path = field(
        metadata=_described(
            values.folder,
            "Where database and keys are kept. Made with mode 0700.",
            otherwise="the platform's data directory",
            flag="--data DIR",
        )
    )
    database: Database = field(
        metadata=_described(
            values.database,
            "The database: `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME` with the options that "
            "libpq knows (`?sslmode=verify-full`, `?host=/run/postgresql`). Behind a PgBouncer in transaction mode "
            "`?statement_cache_size=0` does without prepared statements; without it, that is found out.",
            otherwise="`scopekeeper.db` in the data directory",
            flag="--database URL",
        )
    )
    master_key: str | None = field(
        repr=False,
        metadata=_described(
            values.master_key,
            "Wraps signing keys and other secrets: 32 random characters or more, such as `openssl rand -base64 32` "
            "makes. Nodes on one database share it.",
            otherwise="`master.key` in the data directory, made at the first start",
            secret=True,
        ),
    )
    issuer: str = field(
        metadata=_described(
            values.issuer,
            "The address that clients know the server by: scheme, host and port only; http on loopback alone. "
            "It is never taken from a request.",
            otherwise="`http://HOST:PORT` where HOST is loopback; elsewhere it must be given",
            flag="--issuer URL",
        )
    )
    host: str = field(
        metadata=_described(values.host, "The address to listen on.", default="127.0.0.1", flag="--host H")
    )
    port: int = field(metadata=_described(values.port, "The port to listen on.", default="8000", flag="--port P"))
    workers: int = field(
        metadata=_described(
            values.count(1, 64),
            "How many processes serve, from 1 to 64: about as many as the machine has cores.",
            default="1",
            flag="--workers N",
        )
    )
    trusted_proxies: tuple[Network, ...] = field(
        metadata=_described(
            values.networks,
            "Networks whose forwarding headers are believed: `10.0.0.0/8,192.168.1.7`.",
            default="",
            otherwise="none",
            several=True,
        )
    )
    fetch_allow: frozenset[tuple[str, int | None]] = field(
        metadata=_described(
            values.places,
            "Hosts that the server may fetch from although they are private, or by plain http: "
            "`127.0.0.1,app.internal,app.internal:8443`. Looked at when something is fetched.",
            default="",
            otherwise="none",
            several=True,
        )
    )
    mail_server: MailServer | None = field(
        metadata=_described(
            values.mail_server,
            "The server that takes this one's mail: `smtp://USER:PASSWORD@HOST:PORT` (port 587, with STARTTLS, without "
            "which nothing is sent; on loopback port 25 and no TLS), or `smtps://…` (port 465). Without it there is no "
            "mail, and everything else is as it was.",
            default="",
            otherwise="none",
            secret=True,
        )
    )
    mail_from: Sender | None = field(
        metadata=_described(
            values.sender,
            "From whom mail comes: `id@example.com`, or `Scopekeeper <id@example.com>`. `mail_server` needs it.",
            default="",
            otherwise="nobody",
        )
    )
    access_token_lifetime: int = field(
        metadata=_described(
            values.lasting("1s", "30d"),
            "How long an access token lives, unless its application says otherwise. From 1s to 30d.",
            default="1h",
        )
    )
    code_lifetime: int = field(
        metadata=_described(
            values.lasting("1s", "10m"),
            "How long an authorization code can be redeemed, unless its application says otherwise. From 1s to 10m.",
            default="60s",
        )
    )
    refresh_token_lifetime: int = field(
        metadata=_described(
            values.lasting("1s", "365d"),
            "How long what a person granted goes on, from its first refresh token to the end of the last. "
            "From 1s to 365d.",
            default="30d",
        )
    )
    refresh_token_idle: int = field(
        metadata=_described(
            values.lasting("1s", "365d"),
            "How long a refresh token waits to be used. From 1s to 365d; `refresh_token_lifetime` cuts it short.",
            default="14d",
        )
    )
    refresh_grace: int = field(
        metadata=_described(
            values.lasting("0s", "60s"),
            "How long a client whose answer got lost can repeat a refresh and get the same answer. Up to 60s; `0` "
            "switches it off.",
            default="10s",
        )
    )
    rate_limits: bool = field(
        metadata=_described(
            values.switch,
            "Failed sign-ins, refused credentials and wrong codes are slowed down for each address, by all processes "
            "on one database together. `off` switches every rate limit and lock-out off, for tests and benchmarks.",
            default="on",
        )
    )
    failures_a_minute: int = field(
        metadata=_described(
            values.count(1, 6_000),
            "How many failures a minute are let pass, once `failures_burst` of them came at once. From 1 to 6000.",
            default="10",
        )
    )
    failures_burst: int = field(
        metadata=_described(
            values.count(1, 10_000),
            "How many failures are let pass at once. From 1 to 10000.",
            default="30",
        )
    )
    password_strength: int = field(
        metadata=_described(
            values.count(0, 4),
            "How hard to guess a password has to be that somebody chooses, as zxcvbn counts: `3` holds a thief of the "
            "database off for a while, `4` for long; `0` asks for nothing but its length. What was chosen before goes "
            "on.",
            default="3",
        )
    )
    second_factor: str = field(
        metadata=_described(
            values.one_of("off", "administrators", "everyone"),
            "Of whom a second factor is demanded when they sign in: of nobody (`off`), of `administrators` or of "
            "`everyone`. Who has none sets one up after the password. Whoever has one is asked for it either way, and "
            "applications can demand one by themselves (`app update --require-acr`).",
            default="off",
        )
    )
    scim_vouches: bool = field(
        metadata=_described(
            values.switch,
            "Is an e-mail address that a directory writes down by SCIM verified by that? Only of an application that "
            "holds everything (`rest gql`): a link to choose a password by may be sent there.",
            default="false",
        )
    )
    modules_off: frozenset[str] = field(
        metadata=_described(
            values.modules,
            "API modules that are switched off, by name: `callforward,…`.",
            default="",
            otherwise="none",
            several=True,
        )
    )
    public_descriptions: bool = field(
        metadata=_described(
            values.switch,
            "May anybody read the OpenAPI document, the GraphQL schema and the documentation at `/docs/`? "
            "If not, they demand a token and are cut to what it holds.",
            default="true",
        )
    )
    log_level: str = field(
        metadata=_described(
            values.one_of("debug", "info", "warning", "error"),
            "What is logged: `debug`, `info`, `warning` or `error`, and all that weighs more.",
            default="info",
        )
    )
    log_format: str = field(
        metadata=_described(
            values.one_of("text", "json"),
            "How it is logged: `text` for people, `json` for machines, one object a line.",
            default="text",
        )
    )
    file: Path | None = None
    """The file that was read, if there was one."""
    warnings: tuple[str, ...] = ()
    """What is no error but looks like one: a line each."""


SETTINGS: Final[Mapping[str, Setting]] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if "setting" in each.metadata
}
"""Every setting by name, in the order of the reference."""


def variable_of(name: str) -> str:
    """The environment variable of the setting: `SCOPEKEEPER_PORT` for `port`."""
    return PREFIX + name.upper()
