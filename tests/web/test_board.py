"""What several processes have on a board that they share: each its own note, and nobody reads half of one."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from scopekeeper.web.board import ROOM, Board


def in_a_process(body: Callable[[], object]) -> int:
    """A process of its own that does this; its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        body()
    finally:
        os._exit(0)


def test_a_note_is_read_by_others_and_outlives_its_writer() -> None:
    slab = Board(1).slabs[0]
    os.waitpid(in_a_process(lambda: slab.write(b"seven")), 0)
    assert (slab.read(), slab.taken) == (b"seven", True)
    slab.vacate()
    assert (slab.read(), slab.taken) == (b"seven", False)


def test_a_slab_on_which_nobody_wrote_holds_nothing() -> None:
    slab = Board(1).slabs[0]
    assert (slab.read(), slab.taken) == (b"", False)


def test_slabs_are_apart() -> None:
    slabs = Board(130).slabs
    for number, slab in enumerate(slabs):
        assert slab.write(str(number).encode() * (ROOM // 4))
    assert [slab.read()[:4] for slab in slabs] == [(str(number) * 4).encode()[:4] for number in range(130)]
    slabs[7].vacate()
    assert [number for number, slab in enumerate(slabs) if not slab.taken] == [7]


def test_the_last_of_many_notes_stands() -> None:
    slab = Board(1).slabs[0]
    for number in range(50):
        slab.write(str(number).encode())
        assert slab.read() == str(number).encode()


def test_a_note_without_room_is_not_kept_and_the_last_one_stands() -> None:
    slab = Board(1).slabs[0]
    assert slab.write(b"x" * ROOM)
    assert not slab.write(b"y" * (ROOM + 1))
    assert slab.read() == b"x" * ROOM


def test_who_is_killed_half_way_leaves_the_note_before() -> None:
    board = Board(1)
    slab = board.slabs[0]
    slab.write(b"first")
    slab.write(b"second")
    memory = slab._memory
    written = memory[:]
    slab.write(b"third!")
    third = memory[:]
    memory[:] = written
    differ = [place for place in range(len(third)) if third[place] != written[place]]
    for place in differ[:-1]:
        memory[place : place + 1] = third[place : place + 1]
        assert slab.read() == b"second", place
    memory[:] = third
    assert slab.read() == b"third!"


def test_whoever_reads_while_another_writes_reads_a_whole_note_no_older_than_the_last() -> None:
    slab = Board(1).slabs[0]

    def write_on() -> None:
        number = 0
        while True:
            number += 1
            slab.write(number.to_bytes(4, "big") * (1_000 + number % 1_000))

    pid = in_a_process(write_on)
    try:
        last, end = 0, time.monotonic() + 20
        while last < 2_000 and time.monotonic() < end:
            note = slab.read()
            number = int.from_bytes(note[:4], "big")
            assert note == number.to_bytes(4, "big") * (1_000 + number % 1_000 if note else 0)
            assert number >= last
            last = number
        assert last >= 2_000
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("slabs", [1, 2, 128])
def test_no_slab_touches_the_signs(slabs: int) -> None:
    board = Board(slabs)
    for slab in board.slabs:
        slab.write(b"\xff" * ROOM)
        slab.vacate()
    assert not any(slab.taken for slab in board.slabs)
