"""What the shell is told when somebody presses the tab key. It makes nothing, and where it cannot tell it is silent."""

from collections.abc import Iterator


def scopes(incomplete: str) -> Iterator[str]:
    """The scopes that begin so; behind a space, those of the last word."""
    from scopekeeper.api.modules import installed
    from scopekeeper.cli.place import settings_of
    from scopekeeper.sdk import DeclarationError
    from scopekeeper.settings import SettingsError

    try:
        catalogue = installed(switched_off=settings_of().modules_off).catalogue
    except (DeclarationError, SettingsError):
        return
    before, space, last = incomplete.rpartition(" ")
    for entry in catalogue:
        if entry.scope.startswith(last):
            yield before + space + entry.scope


def client_ids(incomplete: str) -> Iterator[tuple[str, str]]:
    """The applications whose client_id begins so, with their names."""
    from scopekeeper.cli.house import in_house
    from scopekeeper.cli.output import Refused
    from scopekeeper.cli.place import settings_of
    from scopekeeper.settings import SettingsError, SqliteFile

    try:
        database = settings_of().database
        if isinstance(database, SqliteFile) and not database.path.exists():
            return
        clients = in_house(lambda house: house.applications.all())
    except (SettingsError, Refused):
        return
    for client in clients:
        if client.client_id.startswith(incomplete):
            yield client.client_id, client.name
