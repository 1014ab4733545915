"""Settings: what is there for every key, and kept only where it says something."""

from dataclasses import field

import pytest

from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Settings, record
from scopekeeper.sdk.data import Work
from tests.fixtures_data import DictData


@record
class Bell:
    """How a bell is rung."""

    bell: str
    ropes: list[str] = field(default_factory=list)
    loud: bool = True


@record
class Tuned:
    """How a bell sounds."""

    bell: str
    pitch: int
    loud: bool = True


def module() -> ApiModule:
    return ApiModule("bells", title="Bells", read="See the bells", write="Ring the bells")


async def test_what_says_something_is_stored_and_what_says_nothing_is_not() -> None:
    table = module().table(Bell, key="bell")
    data, settings = DictData([table]), Settings(table)

    async def told(work: Work) -> list[str]:
        await data.commit(work)
        return [key for key, _ in await data.page(table, None, {}, None, 10)]

    def caller(work: Work) -> Caller:
        return Caller(client_id="a", scopes=(), api="rest", data=data, work=work)

    work = Work()
    assert await settings.get(caller(work), "tenor") == Bell("tenor")
    assert await settings.keep(caller(work), Bell("tenor", ["long"])) == Bell("tenor", ["long"])
    assert await told(work) == ["tenor"]
    work = Work()
    assert await settings.get(caller(work), "tenor") == Bell("tenor", ["long"])
    assert await settings.keep(caller(work), Bell("tenor", [])) == Bell("tenor")
    assert await told(work) == []
    work = Work()
    assert await settings.clear(caller(work), "tenor") == Bell("tenor")
    assert not work.writes


def test_a_field_without_a_default_stops_the_start() -> None:
    with pytest.raises(DeclarationError, match="^bells: 'pitch' needs a default: whoever has no row reads it$"):
        Settings(module().table(Tuned, key="bell"))
