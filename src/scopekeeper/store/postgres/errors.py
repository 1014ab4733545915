"""What PostgreSQL and its driver raise, told in our words. Values never get into them: those may be secrets."""

from typing import Final

from asyncpg import exceptions as pg

from scopekeeper.services.ports import Unavailable

DRIVER: Final = (pg.PostgresError, pg.InterfaceError, pg.InternalClientError, OSError, TimeoutError)
"""All that asking the database may raise."""

_BUGS: Final = (
    pg.DataError,  # the server's
    pg.FeatureNotSupportedError,
    pg.IntegrityConstraintViolationError,
    pg.InvalidTransactionStateError,
    pg.PostgresSyntaxError,
    pg.DatatypeMismatchError,
    pg.IndeterminateDatatypeError,
    pg.AmbiguousColumnError,
    pg.GroupingError,
    pg.UndefinedFunctionError,
    pg.UndefinedParameterError,
)
"""What no state of the database brings about, but a mistake of ours. The driver's own DataError is a ValueError."""

_LOST: Final = (
    pg.PostgresConnectionError,
    pg.AdminShutdownError,
    pg.CrashShutdownError,
    pg.CannotConnectNowError,
    pg.IdleSessionTimeoutError,
    pg.ReadOnlySQLTransactionError,  # it has come back as a standby, or takes no writes any more: another may
    pg.InternalClientError,  # what is left of a connection whose server said that it goes, and has not gone yet
    OSError,
)

BETWEEN: Final = (pg.SerializationError, pg.DeadlockDetectedError, pg.InvalidCachedStatementError)
"""Somebody else's transaction, or migration, came between: who begins again gets through."""

WAITED: Final = (pg.LockNotAvailableError, TimeoutError)
"""It took too long, and would again: nobody waits any longer."""


def told(error: Exception) -> Exception:
    """What the services hear of an error: Unavailable where the database cannot be asked or written, else a bug.

    What is no error of the database is told as it is.
    """
    if isinstance(error, pg.QueryCanceledError):
        return Unavailable("this search takes too long: ask for less")
    if isinstance(error, pg.ReadOnlySQLTransactionError):
        return Unavailable(f"the database says: {reason_of(error)}")
    if isinstance(error, _BUGS) or (isinstance(error, pg.InterfaceError) and isinstance(error, ValueError)):
        return AssertionError(f"the database refused a statement: {reason_of(error)}")
    if isinstance(error, DRIVER):
        return Unavailable(f"the database says: {reason_of(error)}")
    return error


def lost(error: BaseException) -> bool:
    """Is the connection of no use any more, so that whatever was under way on it and not committed is undone?"""
    if isinstance(error, pg.InterfaceError):
        return not isinstance(error, ValueError)
    return isinstance(error, _LOST) and not isinstance(error, TimeoutError)


def reason_of(error: BaseException) -> str:
    """Why, in one line, without the details in which PostgreSQL repeats values."""
    told = str(error.args[0]) if isinstance(error, pg.PostgresError) and error.args else str(error)
    return " ".join(told.split()) or type(error).__name__
