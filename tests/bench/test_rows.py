"""What the capacity guide reckons with is measured: every kind of row that a request of its installations writes."""

from bench.capacity import WRITES
from bench.many import Many, fill
from bench.rows import measured
from tests.postgres import a_database


def test_every_kind_of_row_that_the_guide_reckons_with_is_written_and_weighed() -> None:
    with a_database() as database:
        fill(database, Many(2_000, 1_800_000_000))
        found = measured(database, 210)
    assert {kind for write in WRITES.values() for kind in write.kinds + write.over} == found.keys()
    assert all(each.log > 0 for each in found.values())
    assert found["grant"].log > found["token"].log
    assert found["rotation"].log > found["token"].log
