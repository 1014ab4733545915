"""The memory: what implements the ports of the services and of the SDK."""

from scopekeeper.store.cached import CachedStore
from scopekeeper.store.copies import BackupError, backup
from scopekeeper.store.examine import Examined, examine
from scopekeeper.store.memory import MemoryStore
from scopekeeper.store.restoration import restore
from scopekeeper.store.schema import HEAD, Migrated, SchemaError, migrate, version_of
from scopekeeper.store.sqlite import SqliteStore, open_sqlite

__all__ = [
    "HEAD",
    "BackupError",
    "CachedStore",
    "Examined",
    "MemoryStore",
    "Migrated",
    "SchemaError",
    "SqliteStore",
    "backup",
    "examine",
    "migrate",
    "open_sqlite",
    "restore",
    "version_of",
]
