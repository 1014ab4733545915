"""What a line of a file means: of our own export, and of Asterisk."""

import time
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scopekeeper.modules.cdr.formats import asterisk, ours
from scopekeeper.modules.cdr.records import Kept
from scopekeeper.sdk import Invalid

BERLIN = ZoneInfo("Europe/Berlin")
MASTER: dict[str, str] = {
    "accountcode": "sales",
    "src": "+4930123456",
    "dst": "100",
    "dcontext": "from-trunk",
    "clid": '"Dora ""D"" Example" <+4930123456>',
    "channel": "PJSIP/trunk-00000001",
    "dstchannel": "PJSIP/1001-00000002",
    "lastapp": "Dial",
    "lastdata": "PJSIP/1001/sip:secret@192.0.2.7,20",
    "start": "2026-11-29 23:24:01",
    "answer": "2026-11-29 23:24:11",
    "end": "2026-11-29 23:26:31",
    "duration": "150",
    "billsec": "140",
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
}


def master(*more: str, zone: tzinfo = UTC, **cells: str) -> Kept:
    line = [*(MASTER | cells).values(), *more]
    begun = asterisk(line, zone)
    assert not begun.headed
    return begun.read(line)


def path_of(cells: dict[str, str]) -> str:
    line = list((MASTER | cells).values())
    with pytest.raises(Invalid) as refused:
        asterisk(line, UTC).read(line)
    return refused.value.path


def test_a_line_of_master_csv() -> None:
    call = master("1793053441.17", "a note", zone=BERLIN, clid='"Dora Example" <+4930123456>')
    assert (call.uid, call.started) == ("1793053441.17", datetime(2026, 11, 29, 22, 24, 1, tzinfo=UTC))
    assert call.ended == datetime(2026, 11, 29, 22, 26, 31, tzinfo=UTC)
    assert call.answered_at == datetime(2026, 11, 29, 22, 24, 11, tzinfo=UTC)
    assert (call.caller, call.caller_name, call.caller_extension) == ("+4930123456", "Dora Example", None)
    assert (call.callee, call.callee_extension) == ("100", "1001")
    assert (call.direction.value, call.disposition.value) == ("inbound", "answered")
    assert (call.duration, call.talk_seconds) == (150, 140)
    assert (call.account_code, call.note, call.application) == ("sales", "a note", "Dial")
    assert (call.caller_owner, call.callee_owner) == (None, None)
    assert call.id.startswith("20261129T222401000-")


@pytest.mark.parametrize(
    ("more", "uid", "note", "linked"),
    [
        (["1793053441.17"], "1793053441.17", None, None),
        (["pbx-1793053441.17"], "pbx-1793053441.17", None, None),
        (["a note"], None, "a note", None),
        (["1793053441.17", ""], "1793053441.17", None, None),
        (["acme", "1793053441.16", "7"], None, None, "1793053441.16"),
        (["1793053441.17", "acme", "1793053441.16", "7"], "1793053441.17", None, "1793053441.16"),
        (["1793053441.17", "a note", "", "1793053441.16", "7"], "1793053441.17", "a note", "1793053441.16"),
    ],
)
def test_what_master_csv_may_have_behind(
    more: list[str], uid: str | None, note: str | None, linked: str | None
) -> None:
    call = master(*more)
    assert call.uid == uid or (uid is None and call.uid.startswith("line-"))
    assert (call.note, call.linked) == (note, linked)


def test_a_line_without_a_uniqueid_is_the_same_record_each_time() -> None:
    assert master() == master()
    assert master().id != master(dst="101").id


@pytest.mark.parametrize(
    ("said", "told"),
    [("NO ANSWER", "no_answer"), ("BUSY", "busy"), ("FAILED", "failed"), ("CONGESTION", "failed"), ("busy", "busy")],
)
def test_what_was_not_answered_has_no_talk(said: str, told: str) -> None:
    call = master(disposition=said, answer="", billsec="7")
    assert (call.disposition.value, call.answered_at, call.talk_seconds) == (told, None, 0)


@pytest.mark.parametrize(
    ("channel", "destination", "dialled", "direction", "extensions"),
    [
        ("PJSIP/trunk-1", "PJSIP/1001-2", "100", "inbound", (None, "1001")),
        ("PJSIP/1001-1", "PJSIP/trunk-2", "030123456", "outbound", ("1001", None)),
        ("PJSIP/1001-1", "SIP/4930123456-2", "030123456", "outbound", ("1001", None)),
        ("SIP/1001-1", "Local/1002@from-internal-00000003;1", "1002", "internal", ("1001", "1002")),
        ("PJSIP/1001-1", "", "*97", "internal", ("1001", None)),
        ("PJSIP/1001-1", "", "1002", "internal", ("1001", None)),
        ("DAHDI/12-1", "", "s", "inbound", (None, None)),
        ("IAX2/office-77", "IAX2/201-a", "201", "inbound", (None, "201")),
    ],
)
def test_the_ends_tell_the_direction(
    channel: str, destination: str, dialled: str, direction: str, extensions: tuple[str | None, str | None]
) -> None:
    call = master(channel=channel, dstchannel=destination, dst=dialled)
    assert (call.direction.value, (call.caller_extension, call.callee_extension)) == (direction, extensions)


def test_the_night_on_which_the_clock_goes_back_makes_no_call_shorter() -> None:
    call = master(zone=BERLIN, start="2026-10-25 02:59:30", end="2026-10-25 02:01:30", duration="120", billsec="100")
    assert call.ended == datetime(2026, 10, 25, 1, 1, 30, tzinfo=UTC)


def test_nothing_of_dial_strings_is_kept() -> None:
    assert "secret" not in repr(master())


@pytest.mark.parametrize(
    ("cells", "path"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": ""}, "start"),
        ({"duration": "-1"}, "duration"),
        ({"duration": "1e3"}, "duration"),
        ({"billsec": "x"}, "billsec"),
        ({"disposition": "GONE"}, "disposition"),
        ({"disposition": ""}, "disposition"),
        ({"src": "two words"}, "caller"),
        ({"src": "1" * 65}, "caller"),
        ({"start": "1850-01-01 00:00:00"}, "started"),
        ({"start": "9999-12-31 23:59:59"}, "started"),
        ({"start": "9999-12-31 23:59:59-01:00", "duration": "999999999"}, "started"),
        ({"start": "0001-01-01 00:00:00+01:00"}, "started"),
    ],
)
def test_a_line_that_makes_no_sense_says_where(cells: dict[str, str], path: str) -> None:
    assert path_of(cells) == path


@pytest.mark.parametrize("clid", ["A" + " " * 100_000 + "B", "<" * 100_000, '"' * 100_000, "<>" * 50_000])
def test_a_name_that_is_made_to_be_hard_to_read_is_read_at_once(clid: str) -> None:
    began = time.process_time()
    assert path_of({"clid": clid, "disposition": "GONE"}) == "disposition"
    with suppress(Invalid):
        master(clid=clid)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("clid", "name"),
    [('""D"" <1>', '"D"'), ("Dora<1>", "Dora"), ("A <b> <1>", "A <b>"), ("1001", None), ("<1>", None), ("A <1", None)],
)
def test_the_name_stands_before_the_number(clid: str, name: str | None) -> None:
    assert master(clid=clid).caller_name == name


def test_a_line_of_another_length_is_refused() -> None:
    line = list(MASTER.values())
    begun = asterisk(line, UTC)
    for wrong in (line[:-1], line + ["x"] * 6, []):
        with pytest.raises(Invalid, match="columns"):
            begun.read(wrong)
    with pytest.raises(Invalid, match="16 to 21 columns"):
        asterisk(["a", "b"], UTC)


def test_the_table_of_calls_with_a_line_of_names() -> None:
    cells = dict.fromkeys(
        ("clid", "dcontext", "channel", "lastapp", "lastdata", "accountcode", "userfield"), "NULL"
    ) | {
        "calldate": "2026-11-29 23:24:01",
        "src": "+4930123456",
        "dst": "100",
        "dstchannel": "PJSIP/1001-00000002",
        "duration": "150",
        "billsec": "140",
        "disposition": "ANSWERED",
        "uniqueid": "1793053441.17",
        "did": "+4930555100",
        "recordingfile": "/var/spool/2026/in.wav",
        "cnam": "Dora",
        "dst_cnam": "Reception",
        "linkedid": "\\N",
    }
    begun = asterisk([each.upper() for each in cells], BERLIN)
    assert begun.headed
    call = begun.read(list(cells.values()))
    assert call.started == datetime(2026, 11, 29, 22, 24, 1, tzinfo=UTC)
    assert (call.did, call.recording, call.caller_name, call.callee_name) == (
        "+4930555100",
        "in.wav",
        "Dora",
        "Reception",
    )
    assert (call.account_code, call.linked, call.note) == (None, None, None)


OURS: dict[str, Any] = {
    "uid": "17.1",
    "started": "2026-11-29T22:24:01.123Z",
    "ended": "2026-11-29T22:26:31Z",
    "direction": "inbound",
    "disposition": "busy",
}


def test_our_own_export_is_read_whatever_the_order_of_its_columns() -> None:
    for columns in (list(OURS), list(OURS)[::-1]):
        call = ours(columns, BERLIN).read([OURS[each] for each in columns])
        assert (call.uid, call.duration) == ("17.1", 149)


def test_empty_cells_are_nothing_and_words_are_words() -> None:
    told = OURS | {"caller": "NULL", "caller_name": "\\N", "duration": "7", "account_code": ""}
    call = ours(list(told), UTC).read(list(told.values()))
    assert (call.caller, call.caller_name, call.duration, call.account_code) == ("NULL", "\\N", 7, None)


def test_what_stands_behind_an_apostrophe_for_spreadsheets_is_what_it_was() -> None:
    told = OURS | {"caller": "+4930123456", "callee": "'+*#", "caller_name": "''=Ann", "callee_name": "'Ann"}
    told["note"] = "'\uff1d1+1"
    call = ours(list(told), UTC).read(list(told.values()))
    assert (call.caller, call.callee, call.caller_name, call.callee_name) == ("+4930123456", "+*#", "'=Ann", "'Ann")
    assert call.note == "\uff1d1+1"


@pytest.mark.parametrize("columns", [["uid", "started"], [*OURS, "owner"], [*OURS, "caller_owner"], []])
def test_another_file_is_no_export_of_ours(columns: list[str]) -> None:
    with pytest.raises(Invalid):
        ours(columns, UTC)


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"started": "253402300800"}, ""),
        ({"duration": "long"}, "duration"),
        ({"ended": "2026-11-29T22:26:31"}, "ended"),
        ({"id": "another"}, "id"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named(told: dict[str, str], path: str) -> None:
    cells = OURS | told
    with pytest.raises(Invalid) as refused:
        ours(list(cells), UTC).read(list(cells.values()))
    assert refused.value.path == path
