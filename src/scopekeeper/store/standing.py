"""What an act takes for granted of an application, held against what is so; the same in every store."""

from scopekeeper.services.ports import Gone, Stale, Supposed


def require_standing(
    supposed: Supposed, client_id: str, generation: int, revision: int, newest: int, owner: int | None
) -> None:
    """See that the application stands as supposed. `owner` is the row id of its owner's account, if that is enabled.

    Raises Gone, Stale.
    """
    if supposed.owner is not None and supposed.owner != owner:
        raise Gone(f"there is no application {client_id!r}")
    if supposed.newest is not None and supposed.newest != newest:
        raise Stale("the secret was rotated meanwhile")
    if supposed.generation is not None and supposed.generation != generation:
        raise Stale("the application was declared compromised meanwhile")
    if supposed.revision is not None and supposed.revision != revision:
        raise Stale("the application was edited meanwhile")


def owner_gone() -> Stale:
    """The account to which an application was to be given was removed in the same moment."""
    return Stale("the account that is to own it was removed meanwhile")


def last_gone() -> Stale:
    """Of two administrators who were made less in the same moment, the second stays."""
    return Stale("no other administrator is left any more")
