"""What is looked at inside: the database, the keys in it, the applications in it."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from scopekeeper.cli.doctor.finding import Finding
from scopekeeper.cli.doctor.moment import believe, moment
from scopekeeper.settings import Settings, SqliteFile

if TYPE_CHECKING:
    from scopekeeper.oauth.keys import SigningKey
    from scopekeeper.oauth.records import Client
    from scopekeeper.store import Standing

_RESTORE: Final = "put the last backup back: scopekeeper restore FILE (docs/guides/mend-a-database.md)"
_MEND_URL: Final = "mend --database, or the server behind it (docs/guides/operate.md, PostgreSQL)"
_BRING_BACK: Final = "bring back the master.key (or the SCOPEKEEPER_MASTER_KEY) that belongs to this database"


def database(settings: Settings, *, clock_is_right: bool = False) -> Iterator[Finding]:
    """Everything in the database; nothing of it where it cannot be opened, for that is the finding."""
    from scopekeeper.store import SchemaError, databases

    at = settings.database
    path = at.path if isinstance(at, SqliteFile) else None
    if path is not None and not path.parent.is_dir():
        return
    if path is not None and not path.exists():
        yield Finding("database", "bad", f"there is no {path}", "every command that needs it makes it, or mend --data")
        return
    try:
        standing = databases.standing_of(at)
    except (SchemaError, OSError) as wrong:
        yield Finding("database", "bad", str(wrong), _RESTORE if path is not None else _MEND_URL)
        return
    if standing is None:
        yield Finding("database", "bad", f"{path or at} is empty", "`scopekeeper migrate` makes a database of it")
        return
    looks = databases.looked_at(at)
    yield from (Finding("database", "good" if each.sound else "bad", each.what, each.mend) for each in looks)
    if not all(each.sound for each in looks):
        return
    if clock_is_right:
        yield believe(settings)
    try:
        keys, clients, latest_lease = asyncio.run(_held(settings))
    except SchemaError as mismatch:
        what, _, mend = str(mismatch).rpartition(": ")
        yield Finding("database", "bad", what, mend)
        return
    yield from _schema(standing)
    yield from moment(latest_lease)
    yield _keys(settings, keys)
    yield _applications(settings, clients)


def _schema(standing: "Standing") -> Iterator[Finding]:
    """Is its schema another than this program's, and yet one on which it works?"""
    from scopekeeper.store import MIGRATIONS

    if MIGRATIONS.is_newer(standing):
        head = MIGRATIONS.head
        yield Finding("schema", "good", f"{standing.version}, newer than this program ({head}), and lets it work")
    elif standing.version != MIGRATIONS.head:
        rest = "what only older programs need is still there, until `scopekeeper migrate --contract`"
        yield Finding("schema", "good", f"{standing.version}: {rest}")


async def _held(settings: Settings) -> "tuple[Sequence[SigningKey], Sequence[Client], int]":
    from scopekeeper.store import open_store

    store = open_store(settings.database)
    try:
        clients: list[Client] = []
        while page := await store.clients(after=clients[-1].client_id if clients else None):
            clients += page
        return await store.keys(), clients, await store.latest_lease()
    finally:
        await store.close()


def _keys(settings: Settings, keys: "Sequence[SigningKey]") -> Finding:
    """Is there a key that signs, and does the master key open it?"""
    from scopekeeper.oauth.keys import active
    from scopekeeper.services.vault import Vault, WrongMasterKey, key_of

    if not keys:
        return Finding("keys", "warning", "there are no signing keys yet", "the server makes them when it starts")
    file = settings.data / "master.key"
    try:
        vault = Vault(key_of(settings.master_key or file.read_text("ascii")))
        for key in keys:
            vault.unwrap(key.kid, key.wrapped)
    except FileNotFoundError:
        return Finding("keys", "bad", f"there is no {file}, so the signing keys cannot be opened", _BRING_BACK)
    except (WrongMasterKey, OSError, UnicodeDecodeError):
        return Finding("keys", "bad", "the master key does not open the signing keys", _BRING_BACK)
    signing = active(tuple(keys), "ES256")
    if signing is None:
        return Finding("keys", "warning", "no key signs", "the server makes one when it starts")
    return Finding("keys", "good", f"{signing.kid} signs ({signing.alg}), and the master key opens all {len(keys)}")


def _applications(settings: Settings, clients: "Sequence[Client]") -> Finding:
    """Is every scope of every application still offered by a module?"""
    from scopekeeper.api.modules import installed
    from scopekeeper.sdk import DeclarationError

    try:
        catalogue = installed(switched_off=settings.modules_off).catalogue
    except DeclarationError:
        return Finding("applications", "good", f"{len(clients)} registered")
    gone = sorted({scope for client in clients for scope in client.scope if scope not in catalogue})
    if gone:
        return Finding(
            "applications",
            "warning",
            f"some have scopes that no module offers any more: {' '.join(gone[:5])}",
            "switch the module on again, or take the scope away: scopekeeper app update CLIENT_ID --scope …",
        )
    return Finding("applications", "good", f"{len(clients)} registered")
