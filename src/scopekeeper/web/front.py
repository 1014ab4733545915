"""The door itself: it finds the endpoint, gives the request its id, and sees that every request ends in an answer."""

import os
from collections.abc import Mapping, Sequence
from itertools import count
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scopekeeper.services.ports import Unavailable
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.slow import SLOW, tell_slow
from scopekeeper.wire import problem
from scopekeeper.wire.body import Disconnected
from scopekeeper.wire.streamed import BrokenOff

log = structlog.get_logger(__name__)

_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")


class Front:
    """Every request comes in here.

    Its marks stand on every answer, whoever gives it; who answers may add to them (`scope["state"]["marks"]`).

    `fixed` maps whole paths to endpoints; `under` lists (prefix, name, application) for what has paths of its own;
    `life` is given what is no request (the server's start and stop). With `log_all`, what went well is logged too.
    """

    def __init__(
        self,
        fixed: Mapping[str, ASGIApp],
        under: Sequence[tuple[str, str, ASGIApp]],
        life: ASGIApp,
        metrics: Metrics,
        *,
        log_all: bool = False,
    ) -> None:
        self._fixed = {path: (path, endpoint) for path, endpoint in fixed.items()}
        self._under = tuple(under)
        self._life = life
        self._metrics = metrics
        self._log_all = log_all
        self._boot = os.urandom(4).hex()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._life(scope, receive, send)
            return
        began = perf_counter()
        name, endpoint = self._fixed.get(scope["path"]) or self._below(scope["path"])
        request_id = f"{self._boot}-{next(self._numbers):x}"
        scope.setdefault("state", {})["request_id"] = request_id
        marks = [_NOSNIFF, (b"x-request-id", request_id.encode())]
        scope["state"]["marks"] = marks
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *marks]
            await send(message)

        try:
            await endpoint(scope, receive, marked)
        except Disconnected:
            status = 499
        except BrokenOff as broken:
            log.warning("broken off", endpoint=name, reason=str(broken), request_id=request_id)
        except Unavailable as away:
            log.warning("store away", endpoint=name, reason=str(away), request_id=request_id)
            if not status:
                await _UNAVAILABLE(scope, receive, marked)
        except Exception:
            log.exception("bug", endpoint=name, request_id=request_id)
            if not status:
                await _bug(request_id)(scope, receive, marked)
        self._note(name, scope, status, perf_counter() - began, request_id)

    def _below(self, path: str) -> tuple[str, ASGIApp]:
        for prefix, name, application in self._under:
            if path.startswith(prefix):
                return name, application
        return "none", _NOWHERE

    def _note(self, name: str, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        self._metrics.note(name, status, seconds)
        if seconds > SLOW:
            tell_slow(name, seconds, request_id)
        if status < 400 and not self._log_all:
            return
        note = log.error if status >= 500 else log.info
        note(
            "request",
            method=scope["method"],
            endpoint=name,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            request_id=request_id,
        )


_NOWHERE: Final = problem(404, "Not found", "There is nothing at this address.")
_UNAVAILABLE: Final = problem(
    503, "Unavailable", "The server cannot answer just now. Try again.", headers=((b"retry-after", b"1"),)
)


def _bug(request_id: str) -> ASGIApp:
    return problem(
        500, "Internal error", "Something went wrong on our side. The operator finds it under this id.", id=request_id
    )
