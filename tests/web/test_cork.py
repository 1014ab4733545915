"""Head and body leave together, and nothing that was written is lost or overtaken."""

import asyncio
from asyncio import Transport
from typing import cast

from scopekeeper.web.cork import Cork


class Wire(Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("close")

    def is_closing(self) -> bool:
        return "close" in self.done

    def pause_reading(self) -> None:
        self.done.append("pause")


async def test_what_is_written_in_one_turn_leaves_in_one_write_before_the_next() -> None:
    wire = Wire()
    cork = Cork(wire)
    cork.write(b"head ")
    cork.write(b"body")
    assert wire.done == []
    await asyncio.sleep(0)
    assert wire.done == [b"head body"]
    cork.write(b"next")
    await asyncio.sleep(0)
    assert wire.done == [b"head body", b"next"]


async def test_closing_lets_out_first_what_was_written() -> None:
    wire = Wire()
    cork = Cork(wire)
    cork.write(b"the last")
    cork.close()
    await asyncio.sleep(0)
    assert wire.done == [b"the last", "close"]


async def test_whoever_has_gone_is_told_nothing() -> None:
    wire = Wire()
    cork = Cork(wire)
    cork.write(b"too late")
    wire.close()
    await asyncio.sleep(0)
    assert wire.done == ["close"]


async def test_everything_else_is_asked_of_the_transport_itself() -> None:
    wire = Wire()
    cast(Transport, Cork(wire)).pause_reading()
    assert wire.done == ["pause"]
