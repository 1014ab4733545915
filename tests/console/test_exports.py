"""Lists that are taken away: every row, as it is, and no formula among them."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.services.ports import Unavailable
from scopekeeper.wire.streamed import Streamed
from tests.asking import Answer, ask

_WIDE = [
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
]


async def rows(given: Sequence[Row]) -> AsyncIterator[Row]:
    for row in given:
        yield row


async def taken(file: Streamed, method: str = "GET") -> Answer:
    return await ask(file, method, "/")


async def test_a_table_is_written_as_programs_read_it() -> None:
    """RFC 4180 §2: a head, lines that end in CRLF, quotes around what has commas, quotes or line breaks in it."""
    given: list[dict[str, Any]] = [
        {"name": 'He said "hello, world"', "more": "two\nlines"},
        {"name": "Übersicht \u202eabc", "more": None},
    ]
    answer = await taken(csv_file("list", ("name", "more"), rows(given)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="list.csv"'
    assert answer.body.startswith(b'name,more\r\n"He said ""hello, world""","two\nlines"\r\n')
    assert list(csv.reader(io.StringIO(answer.body.decode(), newline=""))) == [
        ["name", "more"],
        ['He said "hello, world"', "two\nlines"],
        ["Übersicht \u202eabc", ""],
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", *_WIDE])
async def test_row_48_what_a_spreadsheet_takes_for_a_formula_is_defused(sign: str) -> None:
    evil = f"{sign}HYPERLINK(1)"
    answer = await taken(csv_file("list", ("a", "b"), rows([{"a": evil, "b": [evil, "x"]}])))
    [_, *cells] = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert cells == [[f"'{evil}", f"'{evil} x"]]
    listed = json.loads((await taken(json_file("list", rows([{"a": evil}])))).body)
    assert listed == [{"a": evil}]


async def test_what_is_of_many_parts_is_one_cell() -> None:
    row = {"list": ("rest", "gql"), "map": {"before": 1, "after": [2]}, "flag": True, "number": -1}
    answer = await taken(csv_file("list", tuple(row), rows([row])))
    [_, cells] = list(csv.reader(io.StringIO(answer.body.decode())))
    assert cells == ["rest gql", '{"before":1,"after":[2]}', "true", "-1"]


@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 400, 1_001])
async def test_however_many_there_are_all_of_them_are_written(number: int) -> None:
    given = [{"n": each} for each in range(number)]
    assert json.loads((await taken(json_file("list", rows(given)))).body) == given
    table = (await taken(csv_file("list", ("n",), rows(given)))).body.decode()
    assert table.split("\r\n") == ["n", *map(str, range(number)), ""]


async def test_whoever_asks_for_the_head_alone_has_nothing_read() -> None:
    async def unread() -> AsyncIterator[Row]:
        raise AssertionError("nobody asked for the rows")
        yield {}

    answer = await taken(csv_file("list", ("n",), unread()), "HEAD")
    assert (answer.status, answer.body) == (200, b"")


async def test_half_a_list_is_never_taken_for_all_of_it() -> None:
    async def breaking() -> AsyncIterator[Row]:
        for number in range(250):
            yield {"n": number}
        raise Unavailable("disk gone")

    with pytest.raises(Unavailable):
        await taken(json_file("list", breaking()))
