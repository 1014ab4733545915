"""What whoever runs the server has decided: one frozen record, read once (flag > environment > file > default)."""

from scopekeeper.settings.load import load
from scopekeeper.settings.read import SettingsError
from scopekeeper.settings.record import SETTINGS, Setting, Settings, variable_of
from scopekeeper.settings.values import (
    BadValue,
    Database,
    MailServer,
    PostgresDatabase,
    Sender,
    SqliteFile,
    is_loopback,
    seconds_of,
)
from scopekeeper.settings.values import database as database_at

__all__ = [
    "SETTINGS",
    "BadValue",
    "Database",
    "MailServer",
    "PostgresDatabase",
    "Sender",
    "Setting",
    "Settings",
    "SettingsError",
    "SqliteFile",
    "database_at",
    "is_loopback",
    "load",
    "seconds_of",
    "variable_of",
]
