"""The memory: what implements the ports of the services and of the SDK."""

from scopekeeper.store.cached import CachedStore
from scopekeeper.store.copies import BackupError, backup
from scopekeeper.store.databases import brought_up_to_date, open_store, require_fit
from scopekeeper.store.examine import Examined, examine
from scopekeeper.store.memory import MemoryStore
from scopekeeper.store.restoration import restore
from scopekeeper.store.revisions import HEAD, MIGRATIONS, SchemaError, Standing
from scopekeeper.store.schema import Migrated, migrate, version_of
from scopekeeper.store.sql import SqlStore
from scopekeeper.store.sqlite import open_sqlite

__all__ = [
    "HEAD",
    "MIGRATIONS",
    "BackupError",
    "CachedStore",
    "Examined",
    "MemoryStore",
    "Migrated",
    "SchemaError",
    "SqlStore",
    "Standing",
    "backup",
    "brought_up_to_date",
    "examine",
    "migrate",
    "open_sqlite",
    "open_store",
    "require_fit",
    "restore",
    "version_of",
]
