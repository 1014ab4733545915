"""Real calls: telephones on loopback, and a Kamailio that asks Scopekeeper where each call is to go."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.interop.sip.forged import forged
from tests.interop.sip.kamailio import DOMAIN, HERE, OUTSIDE, Kamailio, kamailio
from tests.interop.sip.phones import Phone, call, phone, register
from tests.live import Live, felt, live
from tests.waiting import until

SCOPES: Final = "gql:callforward:read gql:donotdisturb:read gql:blacklist:read rest:cdr:write"
"""All that the telephone server may."""

SETTING: Final = (
    "rest:extensions:write rest:callforward:write rest:donotdisturb:write rest:blacklist:write rest:cdr:read"
)
"""What the tests may: to set, and to see the records."""

TELEPHONES: Final = {"1001": "answer", "1002": "answer", "1003": "busy", "1004": "ring"}
"""What becomes of calls to them. 1005 is an extension whose telephone is not there."""
AWAY: Final = "1005"
FRIEND: Final = "+4930555100"
"""Somebody outside."""


@dataclass(frozen=True, slots=True)
class House:
    """A telephone server that works for a Scopekeeper, and telephones."""

    folder: Path
    server: Live
    environ: dict[str, str] = field(repr=False)
    """What a telephone server is told of it."""
    sip: Kamailio
    phones: dict[str, Phone]
    token: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Our REST API, as an administrator's application."""
        answer = httpx2.request(
            method,
            f"{self.server.issuer}/api/rest{path}",
            json=body,
            headers={"authorization": f"Bearer {self.token}"},
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def forward(self, extension: str, **forwards: object) -> None:
        """Say where the extension's calls go."""
        self.ask("PUT", f"/callforward/users/{extension}", forwards)

    def call(self, callee: str, scenario: str = "call", **caller: str) -> str:
        """Call, and be answered, or what the scenario expects. The Call-ID."""
        return call(self.folder, self.sip, callee, scenario, **caller)

    def rang(self, ident: str) -> list[str]:
        """Which telephones the call came to, in order."""
        invited = [(found.moment, number) for number, each in self.phones.items() if (found := each.invite(ident))]
        return [number for _, number in sorted(invited)]

    def record(self, ident: str) -> dict[str, Any]:
        """The call's record, once it is there."""

        def look() -> dict[str, Any] | None:
            found = self.ask("GET", "/cdr/calls?limit=500")["items"]
            return next((each for each in found if each["uid"] == ident), None)

        return until(look)

    def said(self) -> str:
        """The telephone server's log."""
        return self.sip.log.read_text()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("calls")
    with ExitStack() as stack:
        server = stack.enter_context(live(folder, sample=False))
        steward = server.json("app", "add", "Steward", "--type", "m2m", "--scope", SETTING)
        own = server.json("app", "add", "Telephone server", "--type", "m2m", "--scope", SCOPES)
        phones = {number: stack.enter_context(phone(folder, number, does)) for number, does in TELEPHONES.items()}
        gateway = stack.enter_context(phone(folder, FRIEND, "answer", OUTSIDE))
        environ = {
            "KEEPER_URL": server.issuer,
            "KEEPER_CLIENT_ID": own["client_id"],
            "KEEPER_CLIENT_SECRET": own["client_secret"],
        }
        sip = stack.enter_context(kamailio(folder / "kamailio", gateway.port, environ))
        made = House(folder, server, environ, sip, {**phones, FRIEND: gateway}, server.token(steward))
        for number in (*TELEPHONES, AWAY):
            made.ask("POST", "/extensions", {"extension": number, "name": f"Phone {number}"})
        for each in phones.values():
            register(folder, sip, each)
        yield made


@pytest.fixture(autouse=True)
def nothing_is_set(house: House) -> None:
    for number in (*TELEPHONES, AWAY):
        house.ask("DELETE", f"/callforward/users/{number}")
        house.ask("DELETE", f"/donotdisturb/users/{number}")


def test_a_call_is_forwarded_after_a_put_and_not_before(house: House) -> None:
    assert house.rang(house.call("1001")) == ["1001"]
    house.forward("1001", unconditional="1002")
    felt(lambda: house.rang(house.call("1001")), ["1002"])
    house.ask("DELETE", "/callforward/users/1001")
    felt(lambda: house.rang(house.call("1001")), ["1001"])


def test_the_forwarded_call_says_whence_it_comes(house: House) -> None:
    house.forward("1001", unconditional="1003")
    house.forward("1003", busy=FRIEND)
    ident = house.call("1001")
    assert house.rang(ident) == ["1003", FRIEND]
    invited = house.phones[FRIEND].invite(ident)
    assert invited is not None
    assert invited.header("Diversion") == (
        "<sip:1003@pbx.example.com>;reason=user-busy, <sip:1001@pbx.example.com>;reason=unconditional"
    )
    record = house.record(ident)
    assert (record["forwarded_by"], record["forwarded_to"]) == ("1001", FRIEND)


def test_who_is_busy_is_busy_unless_the_call_goes_on(house: House) -> None:
    assert house.rang(house.call("1003", "486")) == ["1003"]
    house.forward("1003", busy="1002")
    assert house.rang(house.call("1003")) == ["1003", "1002"]


def test_who_does_not_answer_rings_for_as_long_as_the_ring_timer_says(house: House) -> None:
    house.forward("1004", unavailable="1002", ring_timer=2)
    began = time.monotonic()
    assert house.rang(house.call("1004")) == ["1004", "1002"]
    assert 1.9 <= time.monotonic() - began < 10  # Kamailio counts in sixteenths of a second


def test_a_ring_timer_of_minus_one_rings_until_the_caller_gives_up(house: House) -> None:
    house.forward("1004", unavailable="1002", ring_timer=-1)
    ident = house.call("1004", "give_up")
    assert house.rang(ident) == ["1004"]
    assert house.record(ident)["disposition"] == "cancelled"


def test_whose_telephone_is_not_there_does_not_answer(house: House) -> None:
    assert house.rang(house.call(AWAY, "480")) == []
    house.forward(AWAY, unavailable="1002")
    assert house.rang(house.call(AWAY)) == ["1002"]


def test_who_is_not_to_be_disturbed_is_busy(house: House) -> None:
    house.ask("PUT", "/donotdisturb/users/1001", {"enabled": True})
    assert house.rang(house.call("1001", "486")) == []
    house.forward("1001", busy="1002")
    assert house.rang(house.call("1001")) == ["1002"]
    house.forward("1001", busy="1002", unconditional="1004", ring_timer=2)
    house.forward("1004", unavailable=FRIEND, ring_timer=1)
    assert house.rang(house.call("1001")) == ["1004", FRIEND]


def test_who_is_blacklisted_is_not_put_through(house: House) -> None:
    nuisance = "+4930901899"
    assert house.rang(house.call("1001", caller=nuisance, address=OUTSIDE)) == ["1001"]
    house.ask("POST", "/blacklist/numbers", {"number": nuisance})
    try:
        refused = house.call("1001", "603", caller=nuisance, address=OUTSIDE)
        assert house.rang(refused) == []
        assert house.record(refused)["disposition"] == "failed"
        house.ask("PATCH", "/blacklist/settings", {"destination": {"extension": "1002"}})
        assert house.rang(house.call("1001", caller=nuisance, address=OUTSIDE)) == ["1002"]
        assert house.rang(house.call("1001")) == ["1001"]
    finally:
        house.ask("DELETE", f"/blacklist/numbers/{nuisance}")
        house.ask("PATCH", "/blacklist/settings", {"destination": None})


def test_who_shows_no_number_is_put_through_unless_the_blacklist_says_otherwise(house: House) -> None:
    assert house.rang(house.call("1001", caller="anonymous", address=OUTSIDE)) == ["1001"]
    house.ask("PATCH", "/blacklist/settings", {"block_unknown": True})
    try:
        assert house.rang(house.call("1001", "603", caller="anonymous", address=OUTSIDE)) == []
    finally:
        house.ask("PATCH", "/blacklist/settings", {"block_unknown": False})


def test_calls_do_not_go_round_for_ever(house: House) -> None:
    house.forward("1003", busy=AWAY)
    house.forward(AWAY, unavailable="1003")
    ident = house.call("1003", "482")
    invited = [each for each in house.phones["1003"].messages(ident) if each.first.startswith("INVITE")]
    assert 1 < len(invited) <= 10


def test_who_calls_from_outside_is_led_outside_by_a_forward_alone(house: House) -> None:
    assert house.rang(house.call(FRIEND)) == [FRIEND]
    assert house.rang(house.call(FRIEND, "404", caller="5550100", address=OUTSIDE)) == []
    house.forward("1001", unconditional=FRIEND)
    assert house.rang(house.call("1001", caller="5550100", address=OUTSIDE)) == [FRIEND]


def test_what_is_no_number_is_nobodys(house: House) -> None:
    made_up = ("1001'", "10%2201", "1001}", "$rU", "%23", "1" * 33)
    calls = [house.call("1001", caller=number, address=OUTSIDE) for number in made_up]
    assert [house.rang(house.call(number, "404", address=OUTSIDE)) for number in made_up] == [[]] * len(made_up)
    assert [house.record(ident)["caller"] for ident in calls] == [None] * len(made_up)


def test_a_call_to_what_no_record_can_say_leaves_one_that_does_not_say_it(house: House) -> None:
    unsayable = ("10%2001", "caf%C3%A9", "%FF", "1" * 65, "%01", "%00")
    calls = [forged(house.sip, OUTSIDE, number) for number in unsayable]
    assert [status for _, status in calls] == [404] * len(unsayable)
    assert [house.record(ident)["callee"] for ident, _ in calls] == [None] * len(unsayable)


def test_a_call_leaves_a_record_whatever_its_caller_names_it(house: House) -> None:
    before = len(house.ask("GET", "/cdr/calls?limit=500")["items"])
    for name in ("two words", "caf\u00e9", "x" * 300):
        forged(house.sip, OUTSIDE, "5550100", ident=name)
    until(lambda: len(house.ask("GET", "/cdr/calls?limit=500")["items"]) == before + 3)


@pytest.mark.parametrize("address", [HERE, OUTSIDE])
def test_who_pretends_that_a_call_is_under_way_is_not_put_through(house: House, address: str) -> None:
    for number in ("1001", FRIEND):
        at = f"{HERE if number == '1001' else OUTSIDE}:{house.phones[number].port}"
        route = f"Route: <sip:{house.sip.address};lr>\r\n"
        ident, status = forged(house.sip, address, number, at=at, tag="made-up", more=route)
        assert (status, house.rang(ident)) == (481, [])


def test_who_calls_from_outside_has_no_telephone_call_others(house: House) -> None:
    ident = house.call("1001", "transfer", address=OUTSIDE)
    assert [each for each in house.phones["1001"].messages(ident) if each.first.startswith("REFER")] == []
    assert house.record(ident)["disposition"] == "answered"


@pytest.mark.parametrize("joined", [", ", "\r\nDiversion: "])
def test_a_call_that_goes_round_over_the_gateway_is_ended(house: House, joined: str) -> None:
    for forwards, told in ((9, 480), (10, 482)):
        diverted = joined.join([f"<sip:1001@{DOMAIN}>;reason=unconditional"] * forwards)
        ident, status = forged(house.sip, OUTSIDE, AWAY, more=f"Diversion: {diverted}\r\n")
        assert status == told
        assert house.record(ident)["disposition"] == ("no_answer" if told == 480 else "failed")


def test_what_is_no_address_is_refused(house: House) -> None:
    assert house.rang(house.call("1001", "400", caller='1"1', address=OUTSIDE)) == []


def test_a_call_leaves_a_record(house: House) -> None:
    house.forward("1001", unconditional="1002")
    inside = house.record(house.call("1001", caller="1004"))
    assert inside["caller"] == inside["caller_extension"] == "1004"
    assert (inside["callee"], inside["callee_extension"]) == ("1001", "1002")
    assert (inside["direction"], inside["disposition"]) == ("internal", "answered")
    assert inside["started"] <= inside["answered_at"] <= inside["ended"]
    from_outside = house.record(house.call("1003", "486", caller="1004", address=OUTSIDE))
    assert (from_outside["caller"], from_outside["caller_extension"]) == ("1004", None)
    assert (from_outside["direction"], from_outside["disposition"]) == ("inbound", "busy")
    out = house.record(house.call(FRIEND, caller="1002"))
    assert (out["direction"], out["callee_extension"]) == ("outbound", None)


def test_a_revoked_token_is_replaced_within_the_call(house: House) -> None:
    house.forward("1001", unconditional="1002")
    house.call("1001")
    [own] = [each for each in house.server.json("app", "list") if each["name"] == "Telephone server"]
    house.server.json("token", "revoke", "--app", own["client_id"], "--yes")
    assert house.rang(house.call("1001")) == ["1002"]


def test_calls_go_on_while_scopekeeper_is_away_and_their_records_come_later(house: House) -> None:
    house.forward("1001", unconditional="1002")
    house.server.kill()
    ident = house.call("1001")
    assert house.rang(ident) == ["1001"]
    assert f"{ident}: no answer about 1001: the call goes on as if nothing were set" in house.said()
    house.server.start()
    assert house.record(ident)["disposition"] == "answered"
    until(lambda: house.rang(house.call("1001")) == ["1002"])


def test_calls_do_not_wait_for_a_scopekeeper_that_does_not_answer(house: House) -> None:
    house.server.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert [house.rang(house.call("1001")) for _ in range(3)] == [["1001"]] * 3
        assert time.monotonic() - began < 10
    finally:
        house.server.signal(signal.SIGCONT)
    house.forward("1001", unconditional="1002")
    until(lambda: house.rang(house.call("1001")) == ["1002"])


def test_who_gives_up_before_the_answer_is_there_is_not_put_through(house: House) -> None:
    house.forward("1001", unconditional="1002")
    until(lambda: house.rang(house.call("1001")) == ["1002"])  # it asks again, where it was left alone
    house.server.signal(signal.SIGSTOP)
    try:
        ident = house.call("1001", "give_up_at_once")
    finally:
        house.server.signal(signal.SIGCONT)
    assert house.rang(ident) == []
    assert house.record(ident)["disposition"] == "cancelled"


def test_a_record_outlives_the_telephone_server(house: House) -> None:
    folder = house.folder / "another"
    house.server.kill()
    with kamailio(folder, house.phones[FRIEND].port, house.environ) as sip:
        ident = call(house.folder, sip, "1001", "404", address=OUTSIDE)
        assert "the call goes on" in sip.log.read_text()
    house.server.start()
    with kamailio(folder, house.phones[FRIEND].port, house.environ):
        assert house.record(ident)["disposition"] == "failed"
