"""`python -m bench.documentation`: the documentation of an API with 250 types and 2 500 fields.

The projection of the schema on what is held is timed by itself, for selections that nobody had before; the pages as a
browser asks for them, once for such a selection and then again, when they are kept. Medians count.

Exit codes: 0 as it must be; 1 too slow.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import httpx2
from graphql import GraphQLObjectType, GraphQLSchema

from bench.made_up import serving
from scopekeeper.sdk import ApiModule, Caller, Meta, Page, Paging, record
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.projection import projected
from tests.live import Live

MODULES: Final = 25
RECORDS: Final = 10
"""Of each module."""
FIELDS: Final = 10
"""Of each record."""

MUST_PROJECT: Final = 0.030
"""Seconds."""
MUST_SHOW: Final = 0.500
"""Seconds."""

RESULTS: Final = Path(__file__).with_name("results")

_TIMES: Final = 7
_WORDS: Final = "abcdefghij"


def made(number: int) -> ApiModule:
    """A module with ten records, each read by key, listed and replaced."""
    name = f"ledger{number:02d}"
    api = ApiModule(name, title=f"Ledger {number}", read="See the books", write="Keep the books")
    for letter in _WORDS[:RECORDS]:
        _keep(api, name, letter)
    return api


def _keep(api: ApiModule, name: str, letter: str) -> None:
    kept, changed = _records(f"{name.capitalize()}{letter.upper()}")
    path, field = f"/{letter}", f"{name}{letter.upper()}"

    async def one(caller: Caller, column_a: str) -> Any:
        return None

    async def several(caller: Caller, paging: Paging) -> Any:
        return None

    async def replace(caller: Caller, column_a: str, body: Any) -> Any:
        return None

    one.__doc__ = f"One entry of book {letter}."
    several.__doc__ = f"All entries of book {letter}."
    replace.__doc__ = f"Write an entry of book {letter} anew. What is left out is empty from then on."
    one.__annotations__["return"] = replace.__annotations__["return"] = kept
    several.__annotations__["return"] = Page[kept]  # type: ignore[valid-type]  # made just now
    replace.__annotations__["body"] = changed
    api.read(f"GET {path}/{{column_a}}", field=field, system=True)(one)
    api.read(f"GET {path}/", field=f"{field}s", system=True)(several)
    api.write(f"PUT {path}/{{column_a}}", field=f"set{field.capitalize()}", system=True)(replace)


def _records(name: str) -> tuple[type, type]:
    """An entry, and what may be written of it."""
    columns = {
        f"column_{letter}": Annotated[str, Meta(description=f"What stands in column {letter}.", examples=[letter])]
        for letter in _WORDS[:FIELDS]
    }
    body = {column: type_ for column, type_ in columns.items() if column != "column_a"}
    return _record(name, "An entry of a book.", columns), _record(f"{name}Change", "What is to stand there.", body)


def _record(name: str, words: str, columns: dict[str, Any]) -> type:
    return record(type(name, (), {"__doc__": words, "__annotations__": columns}))


@contextmanager
def ledgers(folder: Path) -> Iterator[Live]:
    """A server with that many types."""
    text = (
        "from bench.documentation import MODULES, made\n\nglobals().update({f'm{n}': made(n) for n in range(MODULES)})"
    )
    entries = {f"ledger{number:02d}": f"m{number}" for number in range(MODULES)}
    with serving(folder, "ledgers", text, entries) as server:
        yield server


def size_of(schema: GraphQLSchema) -> tuple[int, int]:
    """How many object types are declared by records, and how many fields these have."""
    types = [
        each
        for each in schema.type_map.values()
        if isinstance(each, GraphQLObjectType)
        and each.name.startswith("Ledger")
        and "edges" not in each.fields
        and "cursor" not in each.fields
    ]
    return len(types), sum(len(each.fields) for each in types)


def _selections() -> Iterator[str]:
    """Selections, all different, of everything but one resource of a module: no cache has seen them."""
    for number in count():
        yield " ".join(
            f"{api}:ledger{each:02d}" for each in range(MODULES) if each != number % MODULES for api in _APIS
        )


_APIS: Final = ("rest", "gql")


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def projections(schema: GraphQLSchema) -> list[float]:
    """Seconds of each projection on nearly all."""
    chosen = _selections()
    return [_timed(lambda: projected(schema, frozenset(next(chosen).split()))) for _ in range(_TIMES)]


def pages(server: Live, page: str) -> tuple[list[float], list[float], int]:
    """Seconds of a page for selections that are new, seconds when it is kept, and its bytes."""
    with httpx2.Client(base_url=server.issuer, timeout=30) as client:
        client.get(page)  # templates are compiled when they are first wanted
        chosen = _selections()
        size = 0

        def shown(scope: str) -> None:
            nonlocal size
            answer = client.get(page, params={"scope": scope})
            if answer.status_code != 200:
                raise RuntimeError(f"{page} answered {answer.status_code}")
            size = len(answer.content)

        fresh = [_timed(lambda: shown(next(chosen))) for _ in range(_TIMES)]
        kept = next(chosen)
        shown(kept)
        return fresh, [_timed(lambda: shown(kept)) for _ in range(_TIMES)], size


def main() -> int:
    """Measure, print; the exit code."""
    operations = [each for number in range(MODULES) for each in made(number).operations]
    schema = schema_of(operations)
    types, fields = size_of(schema)
    print(f"{types} types, {fields} fields, {len(operations)} operations")
    taken = projections(schema)
    late = median(taken) > MUST_PROJECT
    print(f"{'projection, new':30}{_told(taken)}")
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name, ledgers(Path(name)) as server:
        for page in ("/docs/graphql", "/docs/rest"):
            fresh, kept, size = pages(server, page)
            late = late or median(fresh) > MUST_SHOW
            print(f"{page + ', new':30}{_told(fresh)}, {size / 1_000:.0f} kB")
            print(f"{page + ', kept':30}{_told(kept)}")
    return int(late)


def _told(taken: list[float]) -> str:
    return f"{median(taken) * 1_000:8.1f} ms, at most {max(taken) * 1_000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
