"""Whoever reads the stream of all lines, chunk by chunk, and may do something meanwhile."""

import asyncio

from starlette.types import Message

from tests.api.house import House, scope_of


class Reader:
    """Whoever reads a stream, and does something after its first chunks."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.sent: list[Message] = []
        self.headers = [("authorization", f"Bearer {token}"), ("accept", "application/x-ndjson")]
        self.gone = asyncio.Event()

    async def read(self) -> None:
        asking: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if asking:
                return asking.pop()
            await self.gone.wait()
            return {"type": "http.disconnect"}

        scope = scope_of("GET", b"/api/rest/lines/lines", headers=self.headers)
        await self.house.app(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body":
            await self.after_some()

    async def after_some(self) -> None:
        """What happens meanwhile."""

    @property
    def whole(self) -> bool:
        """Is the body told to be at its end?"""
        return any(each["type"] == "http.response.body" and not each.get("more_body") for each in self.sent)


class Forgetful(Reader):
    """Whoever keeps nothing of what they read but how much it was."""

    bytes = 0

    async def send(self, message: Message) -> None:
        self.bytes += len(message.get("body", b""))
