"""A store around a store that writes down what it was asked: how trips are counted, and that there was none."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from scopekeeper.services.ports import Store

READS: Final = frozenset(
    {"client", "clients", "token", "tokens", "activity", "keys", "acts", "changes", "get", "page", "count", "exists"}
    | {"user", "user_with", "users", "has_admin", "link", "session", "sessions"}
    | {"consent", "consents", "code", "family", "families", "refresh_token", "device", "device_with", "knows_origin"}
    | {f"{does}_{what}" for does in ("find", "count") for what in ("clients", "tokens", "refresh_tokens")}
    | {f"{does}_{what}" for does in ("find", "count") for what in ("consents", "users")}
    | {"act", "count_acts", "counts"}
)
"""What asks; all else commits. (`count` is asked of modules' data; what is counted by the hour bears the same name.)"""


class Asked:
    """Passes every call on, and writes its name down in `log`; so does the modules' data that it gives."""

    def __init__(self, inner: object, log: list[str] | None = None) -> None:
        self._inner = inner
        self.log: Final[list[str]] = [] if log is None else log

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        passed_on: Callable[..., Awaitable[Any]] = getattr(self._inner, name)

        async def noted(*given: Any, **named: Any) -> Any:
            self.log.append(name)
            return await passed_on(*given, **named)

        return noted

    def data(self, *given: Any) -> Any:
        """Modules' data, whose calls are written down among the others."""
        return Asked(cast(Any, self._inner).data(*given), self.log)

    def hear(self, heard: Callable[[], None]) -> None:
        """Nobody is asked anything by it."""
        cast(Any, self._inner).hear(heard)

    @property
    def reads(self) -> list[str]:
        """What was asked."""
        return [each for each in self.log if each in READS]

    @property
    def commits(self) -> list[str]:
        """What was written."""
        return [each for each in self.log if each not in READS]


def as_store(asked: Asked) -> Store:
    """It has whatever its inner store has."""
    return cast(Store, asked)
